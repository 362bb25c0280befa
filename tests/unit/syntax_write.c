/* Unit tests of the YAML writer: syntax/yaml.h, yaml_write(). */
#include <string.h>

#include "syntax/yaml.h"
#include "unit/render.h"
#include "unit/suites.h"

struct write_case {
    const char *read;
    const char *written;
};

static const struct write_case cases[] = {
    {"a: 1\n"
     "b: text\n"
     "c: \"1\"\n"
     "d: 'true'\n"
     "e: ~\n"
     "f:\n"
     "g: \"\"\n"
     "h: True\n"
     "i: null\n",
     "a: 1\n"
     "b: text\n"
     "c: '1'\n"
     "d: 'true'\n"
     "e: ~\n"
     "f: null\n"
     "g: ''\n"
     "h: True\n"
     "i: null\n"},
    {"a: no\n"
     "b: yes\n"
     "c: on\n"
     "d: Off\n"
     "e: y\n"
     "f: 0x1F\n"
     "g: 1_000\n"
     "h: 12:30\n"
     "i: 2001-01-01\n"
     "j: .inf\n"
     "k: =\n"
     "l: \"<<\"\n"
     "m: 0o17\n",
     "a: 'no'\n"
     "b: 'yes'\n"
     "c: 'on'\n"
     "d: 'Off'\n"
     "e: 'y'\n"
     "f: '0x1F'\n"
     "g: '1_000'\n"
     "h: '12:30'\n"
     "i: '2001-01-01'\n"
     "j: '.inf'\n"
     "k: '='\n"
     "l: '<<'\n"
     "m: '0o17'\n"},
    {"a: 1.5e3\n"
     "b: 1h30m\n"
     "c: 7d\n"
     "d: 1.2.3\n"
     "e: 127.0.0.1\n"
     "f: +1\n"
     "g: 22:99\n"
     "h: 10GiB\n"
     "i: noon\n",
     "a: 1.5e3\n"
     "b: 1h30m\n"
     "c: 7d\n"
     "d: 1.2.3\n"
     "e: 127.0.0.1\n"
     "f: +1\n"
     "g: 22:99\n"
     "h: 10GiB\n"
     "i: noon\n"},
    {"no: 1\n"
     "\"1\": 2\n"
     "\"\": 3\n"
     "\"<<\": 4\n"
     "\"a: b\": 5\n"
     "null: 6\n"
     "\"x\\ny\": 7\n",
     "'no': 1\n"
     "'1': 2\n"
     "'': 3\n"
     "'<<': 4\n"
     "'a: b': 5\n"
     "'null': 6\n"
     "? \"x\\ny\"\n"
     ": 7\n"},
    {"subjects: [chat.>, user.*, \"*.x\", '>', \"1\"]\n"
     "backoff: [1s, 10s]\n"
     "empty: []\n"
     "nothing: {}\n",
     "subjects: [chat.>, user.*, '*.x', '>', '1']\n"
     "backoff: [1s, 10s]\n"
     "empty: []\n"
     "nothing: {}\n"},
    {"a: [aaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccc, d]\n"
     "b: [aaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccc, dd]\n",
     "a: [aaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccc, d]\n"
     "b:\n"
     "- aaaaaaaaaaaaaaaaaaaaaaaa\n"
     "- bbbbbbbbbbbbbbbbbbbbbbbb\n"
     "- cccccccccccccccccccc\n"
     "- dd\n"},
    {"a: [[1, 2], {b: c}]\n"
     "d:\n"
     "- e: f\n"
     "  g: [h]\n",
     "a:\n"
     "- [1, 2]\n"
     "- b: c\n"
     "d:\n"
     "- e: f\n"
     "  g: [h]\n"},
    {"a: |\n"
     "  two\n"
     "  lines\n"
     "b: |-\n"
     "  no newline\n"
     "  at the end\n"
     "c: \"blank \\nat an end\"\n"
     "d: \"x\\n\\ny\"\n"
     "e: \"\\n\"\n"
     "f: \" x\\ny\"\n"
     "g: [\"x\\ny\"]\n",
     "a: |\n"
     "  two\n"
     "  lines\n"
     "b: |-\n"
     "  no newline\n"
     "  at the end\n"
     "c: \"blank \\nat an end\"\n"
     "d: \"x\\n\\ny\"\n"
     "e: \"\\n\"\n"
     "f: \" x\\ny\"\n"
     "g:\n"
     "- |-\n"
     "  x\n"
     "  y\n"},
    {"a: \"tab\\t\"\n"
     "b: \"bell\\a\"\n"
     "c: \"x\\r\\ny\"\n"
     "d: ' lead'\n"
     "e: \"it's\"\n"
     "f: '\"'\n"
     "g: \"a: b\"\n"
     "h: \"# c\"\n"
     "i: \"a #b\"\n"
     "j: \"-\"\n"
     "k: \"- x\"\n"
     "l: \"@x\"\n"
     "m: \"{x}\"\n"
     "o: \"---\"\n",
     "a: \"tab\\t\"\n"
     "b: \"bell\\a\"\n"
     "c: \"x\\r\\ny\"\n"
     "d: ' lead'\n"
     "e: it's\n"
     "f: '\"'\n"
     "g: 'a: b'\n"
     "h: '# c'\n"
     "i: 'a #b'\n"
     "j: '-'\n"
     "k: '- x'\n"
     "l: '@x'\n"
     "m: '{x}'\n"
     "o: '---'\n"},
    {"a: \"\360\237\230\200 \303\251 \357\243\277 \360\220\200\200\"\n"
     "\"\360\237\230\200\": [\360\237\230\200]\n"
     "b: \"\342\200\250\"\n"
     "c: \"\\\\U0001F600\"\n"
     "d: \"\\N\\n\"\n",
     "a: \360\237\230\200 \303\251 \357\243\277 \360\220\200\200\n"
     "\360\237\230\200: [\360\237\230\200]\n"
     "b: \"\\L\"\n"
     "c: \\U0001F600\n"
     "d: \"\\N\\n\"\n"},
    {"a: \"x\\u202Ey\"\n"
     "\"k\\u200B\": ['\u2066', \"\\U000E0041\", plain, \"null\\u00AD\"]\n"
     "b: \"two\\nlines \\u202E\"\n"
     "c: \"\\uFEFF \\U0001F600 \\x9B \\uF8FF \\u202E\"\n",
     "a: \"x\\u202ey\"\n"
     "\"k\\u200b\":\n- \"\\u2066\"\n- \"\\U000e0041\"\n- plain\n- \"null\\u00ad\"\n"
     "b: \"two\\nlines \\u202e\"\n"
     "c: \"\\uFEFF \U0001F600 \\x9B \uF8FF \\u202e\"\n"},
    {"just text\n", "just text\n"},
    {"\"two\\nlines\\n\"", "|\n"
                           "  two\n"
                           "  lines\n"},
    {"- a\n"
     "- - b\n"
     "  - c: d\n"
     "- {}\n",
     "- a\n"
     "- - b\n"
     "  - c: d\n"
     "- {}\n"},
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

static struct node *read_text(const char *text)
{
    struct documents documents;
    struct source *source = ARENA_NEW(&arena, struct source);
    *source = (struct source){"x.yaml", text, strlen(text)};
    ck_assert_int_eq(yaml_read(&arena, source, &diags, &documents), 0);
    ck_assert_uint_eq(documents.count, 1);
    return documents.items[0];
}

/* And what is written is read, and written the same way again. */
START_TEST(writes)
{
    struct strbuf once = {0};
    struct strbuf twice = {0};
    yaml_write(&once, read_text(cases[_i].read));
    ck_assert_str_eq(strbuf_text(&once), cases[_i].written);
    yaml_write(&twice, read_text(strbuf_text(&once)));
    ck_assert_str_eq(strbuf_text(&twice), cases[_i].written);
    strbuf_release(&once);
    strbuf_release(&twice);
}
END_TEST

START_TEST(appends)
{
    struct strbuf out = {0};
    strbuf_adds(&out, "# head\n");
    yaml_write(&out, read_text("{a: 1}"));
    yaml_write(&out, read_text("{b: 2}"));
    ck_assert_str_eq(strbuf_text(&out), "# head\na: 1\nb: 2\n");
    strbuf_release(&out);
}
END_TEST

/* Plain text that only code can make: it is quoted where it would be read as something else. */
START_TEST(nodes_made_by_code)
{
    static const char expected[] = "a: 'x: y'\nb: '{'\nc: '*.x'\nd: ' '\ne: \"\\x01\"\nf: '?'\n";
    struct strbuf out = {0};
    struct node *map = node_map(&arena);
    static const char *const texts[] = {"x: y", "{", "*.x", " ", "\x01", "\xFF"};
    for (size_t i = 0; i < 6; i++)
        node_put(&arena, map, arena_printf(&arena, "%c", (int)('a' + i)),
                 node_scalar(&arena, texts[i], false));
    yaml_write(&out, map);
    ck_assert_str_eq(strbuf_text(&out), expected);
    strbuf_release(&out);
}
END_TEST

Suite *syntax_write_suite(void)
{
    Suite *suite = suite_create("syntax/yaml_write");
    TCase *tests = tcase_create("write");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, writes, 0, (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(tests, appends);
    tcase_add_test(tests, nodes_made_by_code);
    suite_add_tcase(suite, tests);
    return suite;
}
