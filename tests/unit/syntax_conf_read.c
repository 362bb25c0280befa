/*
 * Unit tests of the reader of nats-server configurations: syntax/conf.h, conf_read(). That it reads as the servers do is for
 * tests/live/conf.c; here is what it says, where, and what it is asked for.
 */
#include <inttypes.h>
#include <string.h>

#include "syntax/conf.h"
#include "unit/render.h"
#include "unit/suites.h"

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

static const char *look_up(void *context, const char *name)
{
    static const char *const values[][2] = {{"PASS", "s3cr3t word"},
                                            {"SELF", "$SELF"},
                                            {"OK", "fine"},
                                            {"NUMBER", "64MB"},
                                            {"MAP", "{a: [b, 'c']}"}};
    (void)context;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(values[i][0], name) == 0)
            return values[i][1];
    return NULL;
}

static int read_beside(void *context, struct arena *of, const char *path, struct source *ret_source,
                       const char **ret_error)
{
    static const char *const files[][2] = {
        {"etc/loop.conf", "a: 1\ninclude loop.conf\n"},
        {"etc/bad.conf", "\na: [\n"},
        {"etc/good.conf", "b: 2\nport: 1\n"},
        {"auth/x.conf", "user: x\ninclude 'y/../../etc/./good.conf'\n"},
    };
    (void)context;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i][0], path) != 0)
            continue;
        *ret_source = (struct source){arena_strdup(of, path), files[i][1], strlen(files[i][1])};
        return 0;
    }
    *ret_error = "no such file or directory";
    return -1;
}

static const struct conf_world whole = {.read = read_beside, .lookup = look_up};

static int read_as(struct conf *conf, struct source *source, const char *text, const struct conf_world *world)
{
    *source = (struct source){"etc/server.conf", text, strlen(text)};
    return conf_read(&arena, source, world, &diags, conf);
}

/* ---- what is said ---- */

struct said_case {
    const char *text;
    int result;
    const char *said;
};

static const struct said_case said_cases[] = {
    {"port: 4222\nport: 4223", 0,
     "2:1+4 misread: key 'port' stands twice, and nats-server drops the first\n"
     "  note 1:1+4: the first is here\n"},
    {"cluster {name: x}\ncluster {port: 1}", 0,
     "2:1+7 misread: key 'cluster' stands twice, and nats-server drops the first\n"
     "  note 1:1+7: the first is here; the blocks are not merged\n"},
    {"Port: 1\nport: 2", -1,
     "2:1+4 duplicate-key: keys 'Port' and 'port' are one option, and nats-server takes either value by chance\n"
     "  note 1:1+4: the other is here\n"},
    {"a: {B: 1, b: 2}", -1,
     "1:11+1 duplicate-key: keys 'B' and 'b' are one option, and nats-server takes either value by chance\n"
     "  note 1:5+1: the other is here\n"},
    {"accounts: {B: 1, b: 2}", 0, ""},
    {"port: 1\nPORT: 1", 0, ""},
    {"cluster{\n  port: 1\n}", -1,
     "1:1+8 misread: the bracket is part of key 'cluster{' to nats-server; put a blank before it\n"
     "2:9+1 syntax: expected a new line, ',' or ';', not '1'\n"
     "  hint: text with blanks needs quotes\n"},
    {"cluster {\n  port: 1", -1, "1:9+1 syntax: '{' is not closed\n"},
    {"routes: [1, 2]", -1,
     "1:9+1 syntax: '[' is not closed\n"
     "  hint: a number right before ']' makes it part of a word: put a blank between them\n"},
    {"a: \"open", -1, "1:4+5 syntax: a string without its closing quote\n"},
    {"a: 'open\n\n", -1, "1:4+0 syntax: a string without its closing quote\n"},
    {"a: (\nabc", -1,
     "1:4+1 syntax: a block string without an end\n"
     "  hint: it ends with ')' alone on a line, and lines end with LF only\n"},
    {"a: x\"\\y\"", -1,
     "1:6+2 syntax: an escape that nats-server does not know: it has \\t, \\n, \\r, \\\", \\\\ and \\x41\n"
     "  hint: single quotes leave backslashes alone\n"},
    {"a: \"\\u0041\"", -1,
     "1:5+2 syntax: an escape that nats-server does not know: it has \\t, \\n, \\r, \\\", \\\\ and \\x41\n"
     "  hint: single quotes leave backslashes alone\n"},
    {"a: \"\\x4g\"", -1, "1:5+3 syntax: '\\x' needs two hexadecimal digits\n"},
    {"a: \"\\x00\"", -1, "1:5+4 encoding: a string with a NUL byte\n"},
    {"a: \"\\xff\"", -1,
     "1:4+6 encoding: a string that is not UTF-8\n"
     "  hint: servers take any bytes here, and manifests do not\n"},
    {"\"k", -1, "1:1+0 syntax: a key without its closing quote\n"},
    {"a b c", -1,
     "1:5+1 syntax: expected a new line, ',' or ';', not 'c'\n"
     "  hint: text with blanks needs quotes\n"},
    {"a: 1 GB", -1,
     "1:6+1 syntax: expected a new line, ',' or ';', not 'G'\n"
     "  hint: text with blanks needs quotes\n"},
    {"a: 1.5GB", -1,
     "1:7+1 syntax: expected a new line, ',' or ';', not 'G'\n"
     "  hint: text with blanks needs quotes\n"},
    {"a: .5", -1,
     "1:4+0 syntax: a number begins with a digit\n"
     "  hint: put it into quotes when it is a string\n"},
    {"a: 5.", -1,
     "1:4+2 syntax: a number has digits on both sides of its point\n"
     "  hint: put it into quotes when it is a string\n"},
    {"a: 1Kbi", -1,
     "1:4+4 syntax: a unit that nats-server does not know, and it would drop the number\n"
     "  hint: units are K, M, G, T, P and E for powers of 1000; with B, i or iB for powers of 1024\n"},
    {"a: 10EB", -1,
     "1:4+4 range: a number that does not fit 64 bits, and nats-server would take it for another\n"},
    {"a: 9223372036854775808", -1,
     "1:4+19 range: a number that does not fit 64 bits\n"
     "  hint: put it into quotes when it is a string\n"},
    {"a: -x", -1,
     "1:4+1 syntax: a hyphen begins a number, and no digit follows\n"
     "  hint: put it into quotes when it is a string\n"},
    {"a: 12-34", -1,
     "1:4+2 syntax: digits and a hyphen begin a date such as 2024-01-31T23:59:59Z\n"
     "  hint: put it into quotes when it is a string\n"},
    {"a: 2024-02-30T00:00:00Z", -1,
     "1:4+20 range: there is no such date\n"
     "  hint: put it into quotes when it is a string\n"},
    {"a: 4e2x9", 0,
     "1:6+1 older-servers: nats-server before 2.15 refuses this: expected a new line, ',' or ';', not '2'\n"},
    {"a:\n1", -1,
     "1:3+0 syntax: the value of 'a' has to begin on this line\n"
     "  hint: without a colon the value may stand on the next line\n"},
    {"a", -1,
     "1:1+1 syntax: key 'a' has no value\n"
     "  note 0:0+0: nats-server 2.9 takes it, and drops what it cannot read\n"},
    {"{ a: 1", -1,
     "1:1+1 syntax: '{' is not closed\n"
     "  note 0:0+0: nats-server 2.9 takes it, and drops what it cannot read\n"},
    {"{ a", -1,
     "1:3+1 syntax: key 'a' has no value\n"
     "  note 0:0+0: nats-server 2.9 takes it, and drops what it cannot read\n"},
    {"a: {b:}", -1, "1:5+1 syntax: key 'b' has no value\n"},
    {"a: {b: , c: 1}", -1, "1:5+1 syntax: key 'b' has no value\n"},
    {"a: 1,, b: 2", -1,
     "1:6+1 syntax: expected a key, not ','\n"
     "  hint: one ',' or ';' is enough\n"},
    {"a: [,1]", -1,
     "1:5+1 syntax: expected a value or ']', not ','\n"
     "  hint: one ',' is enough\n"},
    {"a: $NONE", -1,
     "1:4+5 variable: variable 'NONE' is no key above and not set\n"
     "  hint: keys count from the line after them on, and not in files that are included; text that begins with '$' needs quotes\n"},
    {"a: $SELF", -1, "1:4+5 variable: variable 'SELF' refers to itself\n"},
    {"a: $PASS", -1,
     "1:4+5 variable: nats-server cannot read the value of variable 'PASS'\n"
     "  hint: text needs quotes inside the value: PASS='\"\xE2\x80\xA6"
     "\"'\n"},
    {"a: $OK", 0, ""},
    {"a: $SYS", -1,
     "1:4+4 variable: variable 'SYS' is no key above and not set\n"
     "  hint: keys count from the line after them on, and not in files that are included; text that begins with '$' needs quotes\n"},
    {"a: $2b$11$xyz", -1,
     "1:4+10 variable: a bcrypt hash without quotes, which nats-server takes for a variable\n"
     "  hint: only those that begin with $2a$ may go without\n"},
    {"include missing.conf", -1,
     "1:1+20 file: cannot read the included file 'etc/missing.conf': no such file or directory\n"
     "  hint: paths are looked up from the folder of the file that includes, absolute ones too\n"},
    {"include loop.conf", -1,
     "2:1+17 limit: file 'etc/loop.conf' includes itself, or is included too deep\n"
     "  hint: nats-server would crash on it\n"},
    {"include bad.conf", -1,
     "2:4+1 syntax: '[' is not closed\n"
     "  hint: a number right before ']' makes it part of a word: put a blank between them\n"},
    {"include 9.conf", -1,
     "1:9+1 syntax: expected a path after 'include', not '9'\n"
     "  hint: put the path into quotes; 'include' as a key needs quotes or a colon right behind it\n"},
    {"include", -1,
     "1:1+7 syntax: key 'include' has no value\n"
     "  note 0:0+0: nats-server 2.9 takes it, and drops what it cannot read\n"},
    {"a: 1 }", 0, "1:6+1 misread: '}' has no counterpart, and nats-server does not mind\n"},
    {"a: 1\n}\n", 0, "2:1+1 misread: '}' has no counterpart, and nats-server does not mind\n"},
    {"a: 1\n}\nb: 2\n", -1, "2:1+1 syntax: '}' closes nothing\n"},
    {"}", 0, "1:1+1 misread: '}' has no counterpart, and nats-server does not mind\n"},
    {"/ x", -1, "1:1+0 syntax: a comment begins with '#' or '//'\n"},
    {"a: 1 / b", -1, "1:6+0 syntax: a comment begins with '#' or '//'\n"},
    {"a: 1\n}\n{b: 2}", -1, "2:1+1 syntax: '}' closes nothing\n"},
    {"\xEF\xBB\xBF"
     "a: 1",
     -1,
     "1:1+0 encoding: the text begins with a byte order mark, which nats-server takes for part of the first key\n"
     "  hint: save the file as UTF-8 without a byte order mark\n"},
    {"= 1", -1, "1:1+1 syntax: expected a key, not '='\n"},
    {"a: {[: 1}", -1, "1:5+1 syntax: expected a key, not '['\n"},
    {"\xC3\xA9"
     ": \xC3\xBC"
     " \xC3\xB6",
     -1,
     "1:6+1 syntax: expected a new line, ',' or ';', not '\xC3\xB6"
     "'\n"
     "  hint: text with blanks needs quotes\n"},
};

START_TEST(test_said)
{
    const struct said_case *row = &said_cases[_i];
    struct conf conf;
    struct source source;
    struct strbuf said = {0};
    ck_assert_int_eq(read_as(&conf, &source, row->text, &whole), row->result);
    render_diags(&said, &diags);
    ck_assert_str_eq(strbuf_text(&said), row->said);
    strbuf_release(&said);
}
END_TEST

/* ---- what is read, and where it stands ---- */

struct tree_case {
    const char *text;
    const char *tree;
    bool positions;
    bool open;  /* nobody asks the environment */
    bool units; /* they stay */
};

static const struct tree_case tree_cases[] = {
    {.text = "a: 1\n  b {c: [x, 'y z' ], \xC3\xA9: \"\\n\"}\n# \xFF\nd: true\n",
     .tree = "{a@1:1+1: 1@1:4+1, b@2:3+1: {c@2:6+1: [\"x\"@2:10+1, \"y z\"@2:13+5]@2:9+1, \xC3\xA9"
             "@2:22+1: \"\n\"@2:25+4}@2:5+1, d@4:1+1: true@4:4+4}@1:1+0",
     .positions = true},
    {.text = "include good.conf\nport: 2\nc: $b\nauth { include ../auth/x.conf }\n",
     .tree = "{b: 2, port: 2, c: 2, auth: {user: \"x\", b: 2, port: 1}} defined b@1:1"},
    {.text = "include good.conf\nc: $b\n",
     .tree = "{b@1:1+1: 2@1:4+1, port@2:1+4: 1@2:7+1, c@2:1+1: 2@2:4+2}@1:1+0 defined b@1:1",
     .positions = true},
    {.text = "a: 64MB, b: 2m, c: 1k5, d: -1KiB, e: 007, f: 1.50, g: YES, h: 2024-01-01T00:00:00Z, i: 10s",
     .tree =
         "{a: 67108864, b: 2000000, c: \"1k5\", d: -1024, e: 7, f: 1.50, g: true, h: \"2024-01-01T00:00:00Z\", i: \"10s\"}"},
    {.text = "a: 64MB, b: 2m, c: 1k5, d: -1KiB, e: 007",
     .tree = "{a: 64MB, b: 2m, c: \"1k5\", d: -1KiB, e: 7}",
     .units = true},
    {.text = "a: $NUMBER, b: $NUMBER", .tree = "{a: 67108864, b: 67108864}"},
    {.text = "a: $NUMBER\nb: [$X, $NUMBER ], c: $a, d: $2a$11$x",
     .tree =
         "{a: , b: [, ], c: , d: \"$2a$11$x\"} open NUMBER@1:4 open X@2:5 open NUMBER@2:9 open NUMBER@2:23 defined a@1:1",
     .open = true},
    {.text = "X: {a: 1, b: $a}\ny: $X\nz: {X: 2, w: $X}\n",
     .tree = "{X: {a: 1, b: 1}, y: {a: 1, b: 1}, z: {X: 2, w: 2}} defined a@1:5 defined X@1:1 defined X@3:5"},
    {.text = "", .tree = "{}"},
};

START_TEST(test_tree)
{
    const struct tree_case *row = &tree_cases[_i];
    const struct conf_world world = {
        .read = read_beside, .lookup = row->open ? NULL : look_up, .keep_units = row->units};
    struct conf conf;
    struct source source;
    struct strbuf tree = {0};
    ck_assert_int_eq(read_as(&conf, &source, row->text, &world), 0);
    (row->positions ? render_positions : render_node)(&tree, conf.root);
    for (size_t i = 0; i < conf.open.count; i++)
        strbuf_addf(&tree, " open %s@%u:%u", conf.open.items[i].name, conf.open.items[i].node->pos.line,
                    conf.open.items[i].node->pos.column);
    for (size_t i = 0; i < conf.definitions.count; i++)
        strbuf_addf(&tree, " defined %s@%u:%u", conf.definitions.items[i].key,
                    conf.definitions.items[i].pos.line, conf.definitions.items[i].pos.column);
    ck_assert_str_eq(strbuf_text(&tree), row->tree);
    strbuf_release(&tree);
}
END_TEST

/* Values of the environment are marked, so that no message repeats them. */
START_TEST(test_expanded)
{
    struct conf conf;
    struct source source;
    ck_assert_int_eq(read_as(&conf, &source, "a: $OK\nb: $MAP\nc: fine\nd: $c\ne: $a\n", &whole), 0);
    ck_assert(node_get(conf.root, "a")->expanded);
    ck_assert(node_get(node_get(conf.root, "b"), "a")->items[1]->expanded);
    ck_assert(!node_get(conf.root, "c")->expanded);
    ck_assert(!node_get(conf.root, "d")->expanded);
    ck_assert(node_get(conf.root, "e")->expanded);
}
END_TEST

/* ---- numbers ---- */

START_TEST(test_number)
{
    static const struct {
        const char *text;
        bool right;
        int64_t number;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"-12", true, -12},
        {"1k", true, 1000},
        {"1kB", true, 1024},
        {"-2MiB", true, -2097152},
        {"64MB", true, 67108864},
        {"3Gi", true, 3221225472},
        {"9e", true, 9000000000000000000},
        {"10e", false, 0},
        {"7EiB", true, 8070450532247928832},
        {"8EiB", false, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"00000000000000000000000000000000000001", true, 1},
        {"", false, 0},
        {"-", false, 0},
        {"k", false, 0},
        {"1kbi", false, 0},
        {"1 k", false, 0},
        {"1.5k", false, 0},
        {"+1", false, 0},
        {"1_000", false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t number = 0;
        ck_assert_msg(conf_number(rows[i].text, &number) == rows[i].right, "%s", rows[i].text);
        ck_assert_msg(number == rows[i].number, "%s is %" PRId64, rows[i].text, number);
    }
}
END_TEST

/* ---- limits ---- */

static int read_repeated(const char *before, const char *part, size_t count, const char *after)
{
    struct strbuf text = {0};
    struct conf conf;
    struct source source;
    strbuf_adds(&text, before);
    for (size_t i = 0; i < count; i++)
        strbuf_adds(&text, part);
    strbuf_adds(&text, after);
    int result = read_as(&conf, &source, arena_strndup(&arena, strbuf_text(&text), text.length), &whole);
    strbuf_release(&text);
    return result;
}

START_TEST(test_depth)
{
    ck_assert_int_eq(read_repeated("a: ", "[\n", CONF_MOST_DEPTH, "") == 0, false);
    ck_assert(diags_have(&diags, &code_syntax) && !diags_have(&diags, &code_limit));
    ck_assert_int_eq(read_repeated("a: ", "[", CONF_MOST_DEPTH + 1, ""), -1);
    ck_assert(diags_have(&diags, &code_limit));
    ck_assert_int_eq(read_repeated("a: ", "{a: ", 100 * 1000, ""), -1);
    ck_assert_int_eq(read_repeated("", "{", 100 * 1000, ""), 0);
}
END_TEST

/* Ten variables that each double the one before, and more: a small text must not fill the memory. */
START_TEST(test_bomb)
{
    struct strbuf text = {0};
    struct conf conf;
    struct source source;
    strbuf_adds(&text, "v0: [x]\n");
    for (int i = 1; i < 40; i++)
        strbuf_addf(&text, "v%d: [$v%d, $v%d ]\n", i, i - 1, i - 1);
    ck_assert_int_eq(read_as(&conf, &source, strbuf_text(&text), &whole), -1);
    ck_assert(diags_have(&diags, &code_limit));
    ck_assert_uint_lt(arena.total, 512 * 1024 * 1024);
    strbuf_release(&text);
}
END_TEST

START_TEST(test_bytes)
{
    struct conf conf;
    struct source source = {"big", arena_alloc(&arena, CONF_MOST_BYTES + 1), CONF_MOST_BYTES + 1};
    ck_assert_int_eq(conf_read(&arena, &source, &whole, &diags, &conf), -1);
    ck_assert(diags_have(&diags, &code_limit));
    source.length = 3;
    ck_assert_int_eq(conf_read(&arena, &source, &whole, &diags, &conf), -1);
    ck_assert(diags_have(&diags, &code_encoding)); /* NUL bytes */
}
END_TEST

Suite *syntax_conf_read_suite(void)
{
    Suite *suite = suite_create("syntax/conf_read");
    TCase *tcase = tcase_create("conf_read");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_said, 0, (int)(sizeof(said_cases) / sizeof(said_cases[0])));
    tcase_add_loop_test(tcase, test_tree, 0, (int)(sizeof(tree_cases) / sizeof(tree_cases[0])));
    tcase_add_test(tcase, test_expanded);
    tcase_add_test(tcase, test_number);
    tcase_add_test(tcase, test_depth);
    tcase_add_test(tcase, test_bomb);
    tcase_add_test(tcase, test_bytes);
    suite_add_tcase(suite, tcase);
    return suite;
}
