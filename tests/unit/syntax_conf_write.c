/* Unit tests of the writer of nats-server configurations: syntax/conf.h, conf_write(). */
#include <string.h>

#include "syntax/conf.h"
#include "syntax/yaml.h"
#include "unit/render.h"
#include "unit/suites.h"

struct write_case {
    const char *read; /* YAML */
    const char *written;
};

static const struct write_case cases[] = {
    {"{}", ""},
    {"port: 4222\n"
     "server_name: dev\n"
     "jetstream: {store_dir: ./data, max_mem: 64, nothing: ~, limits: {}}\n"
     "cluster: {routes: ['nats://a:1', \"nats://b:2\"], accounts: [], pairs: [[1, 2], {a: {b: 1}}]}\n",
     "port: 4222\n"
     "server_name: \"dev\"\n"
     "jetstream: {\n"
     "  store_dir: \"./data\"\n"
     "  max_mem: 64\n"
     "  limits: {}\n"
     "}\n"
     "cluster: {\n"
     "  routes: [\n"
     "    \"nats://a:1\"\n"
     "    \"nats://b:2\"\n"
     "  ]\n"
     "  accounts: []\n"
     "  pairs: [\n"
     "    [\n"
     "      1\n"
     "      2\n"
     "    ]\n"
     "    {\n"
     "      a: {\n"
     "        b: 1\n"
     "      }\n"
     "    }\n"
     "  ]\n"
     "}\n"},
    /* what is bare: YAML's booleans, integers of 64 bits, decimal fractions; and what only looks like it */
    {"a: [true, False, TRUE, 'true', yes, 'on']\n"
     "b: [0, -1, 007, 9223372036854775807, -9223372036854775808, '1']\n"
     "c: [9223372036854775808, +1, 1_000, 0x10, 1K, 4e2, 1e9, 2m]\n"
     "d: [1.5, -0.25, .5, 5., 1.5e3, 1.2.3, 1.5s, '1.5', 1.00000000000000000000000000000000000000]\n"
     "e: [2024-01-01T00:00:00Z, 12-34, -abc, -, $X, .inf]\n",
     "a: [\n  true\n  false\n  true\n  \"true\"\n  \"yes\"\n  \"on\"\n]\n"
     "b: [\n  0\n  -1\n  7\n  9223372036854775807\n  -9223372036854775808\n  \"1\"\n]\n"
     "c: [\n  \"9223372036854775808\"\n  \"+1\"\n  \"1_000\"\n  \"0x10\"\n  \"1K\"\n  \"4e2\"\n  \"1e9\"\n  \"2m\"\n]\n"
     "d: [\n  1.5\n  -0.25\n  \".5\"\n  \"5.\"\n  \"1.5e3\"\n  \"1.2.3\"\n  \"1.5s\"\n  \"1.5\"\n"
     "  1.00000000000000000000000000000000000000\n]\n"
     "e: [\n  \"2024-01-01T00:00:00Z\"\n  \"12-34\"\n  \"-abc\"\n  \"-\"\n  \"$X\"\n  \".inf\"\n]\n"},
    /* no text leaves its quotes */
    {"a: ''\n"
     "b: '\"'\n"
     "c: '\\'\n"
     "d: '\\\"}'\n"
     "e: \"x\\ny\\r\\tz\"\n"
     "f: \"\\e\\x01\\x7F\"\n"
     "g: \"it's } ] # // $A ( ) \xC3\xA9\\N\"\n"
     "h: '\\x41'\n",
     "a: \"\"\n"
     "b: \"\\\"\"\n"
     "c: \"\\\\\"\n"
     "d: \"\\\\\\\"}\"\n"
     "e: \"x\\ny\\r\\tz\"\n"
     "f: \"\\x1b\\x01\\x7f\"\n"
     "g: \"it's } ] # // $A ( ) \xC3\xA9\xC2\x85\"\n"
     "h: \"\\\\x41\"\n"},
    /* keys */
    {"a-b: 1\n"
     "chat.>: 1\n"
     "chat.*: 1\n"
     "a$b: 1\n"
     "_x9: 1\n"
     "$SYS: 1\n"
     "9x: 1\n"
     "'': 1\n"
     "include: 1\n"
     "Include: 1\n"
     "includes: 1\n"
     "a b: 1\n"
     "'a:b': 1\n"
     "'a=b': 1\n"
     "'a{': 1\n"
     "'}': 1\n"
     "'#': 1\n"
     "\xC3\xA9: 1\n"
     "it's: 1\n"
     "'a\"b': 1\n"
     "'a\\b': 1\n"
     "\"O'Neil\\\"s\": 1\n",
     "a-b: 1\n"
     "chat.>: 1\n"
     "chat.*: 1\n"
     "a$b: 1\n"
     "_x9: 1\n"
     "\"$SYS\": 1\n"
     "\"9x\": 1\n"
     "\"\": 1\n"
     "\"include\": 1\n"
     "\"Include\": 1\n"
     "includes: 1\n"
     "\"a b\": 1\n"
     "\"a:b\": 1\n"
     "\"a=b\": 1\n"
     "\"a{\": 1\n"
     "\"}\": 1\n"
     "\"#\": 1\n"
     "\"\xC3\xA9\": 1\n"
     "\"it's\": 1\n"
     "'a\"b': 1\n"
     "\"a\\b\": 1\n"
     "O'Neil\"s: 1\n"},
};

struct refused_case {
    const char *read;
    const char *said;
};

static const struct refused_case refused[] = {
    {"\"a\\nb\": 1\n", "1:1+6 name: a key with a control byte cannot be written for nats-server\n"},
    {"a:\n  \"\\t\": {b: 1}\n", "2:3+4 name: a key with a control byte cannot be written for nats-server\n"},
    {"\"'\\\"\": 1\n",
     "1:1+5 name: key ''\"' has both kinds of quotes and cannot be written for nats-server\n"},
    {"a: [{\"x '\\\"\": 1}]\n",
     "1:6+7 name: key 'x '\"' has both kinds of quotes and cannot be written for nats-server\n"},
    {"a: [1, null, ~]\n", "1:8+4 wrong-type: null in a list cannot be written for nats-server\n"
                          "1:14+1 wrong-type: null in a list cannot be written for nats-server\n"},
};

static struct arena arena;
static struct diags diags;

static void setup(void)
{
    arena_init(&arena);
    diags_init(&diags);
}

static void teardown(void)
{
    diags_release(&diags);
    arena_release(&arena);
}

static const struct node *read_text(struct source *source, const char *text)
{
    struct documents documents;
    *source = (struct source){"test.yaml", text, strlen(text)};
    ck_assert_int_eq(yaml_read(&arena, source, &diags, &documents), 0);
    ck_assert_uint_eq(documents.count, 1);
    return documents.items[0];
}

START_TEST(test_written)
{
    const struct write_case *row = &cases[_i];
    struct source source;
    struct strbuf out = {0};
    ck_assert_int_eq(conf_write(&out, read_text(&source, row->read), &diags), 0);
    ck_assert_uint_eq(diags.errors, 0);
    ck_assert_str_eq(strbuf_text(&out), row->written);
    strbuf_release(&out);
}
END_TEST

START_TEST(test_refused)
{
    const struct refused_case *row = &refused[_i];
    struct source source;
    struct strbuf out = {0};
    struct strbuf said = {0};
    ck_assert_int_eq(conf_write(&out, read_text(&source, row->read), &diags), -1);
    render_diags(&said, &diags);
    ck_assert_str_eq(strbuf_text(&said), row->said);
    strbuf_release(&said);
    strbuf_release(&out);
}
END_TEST

Suite *syntax_conf_write_suite(void)
{
    Suite *suite = suite_create("syntax/conf_write");
    TCase *tcase = tcase_create("conf_write");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_written, 0, (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_loop_test(tcase, test_refused, 0, (int)(sizeof(refused) / sizeof(refused[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
