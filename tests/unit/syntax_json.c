/* Unit tests of syntax/json.h. */
#include "syntax/json.h"

#include <string.h>

#include "unit/render.h"
#include "unit/suites.h"

struct json_case {
    const char *text;
    const char *expected;
};

static struct arena arena;
static struct diags diags;
static struct strbuf out;

static void setup(void)
{
    arena_init(&arena);
    diags_init(&diags);
}

static void teardown(void)
{
    strbuf_release(&out);
    diags_release(&diags);
    arena_release(&arena);
}

static const struct source reply = {"stream ORDERS on server", NULL, 0};

static struct node *read_text(const char *text)
{
    return json_read(&arena, text, strlen(text), &reply, &diags);
}

static const struct json_case accepted[] = {
    {"{}", "{}"},
    {" [ ] \r\n\t", "[]"},
    {"1", "1"},
    {"\"\"", "\"\""},
    {"null", "null"},
    {"[true, false, null, \"true\"]", "[true, false, null, \"true\"]"},
    /* numbers, as they are written */
    {"[0, -0, 10, 1.50, 1e3, 1E+3, -1.5e-3]", "[0, -0, 10, 1.50, 1e3, 1E+3, -1.5e-3]"},
    {"[9007199254740993, 18446744073709551615, -9223372036854775808, 1209600000000000]",
     "[9007199254740993, 18446744073709551615, -9223372036854775808, 1209600000000000]"},
    {"[1.2096e+15, 123456789012345678901234567890]", "[1.2096e+15, 123456789012345678901234567890]"},
    /* digits in strings and keys are not numbers */
    {"{\"1\": \"2\", \"a\\\"3\": \"-4\"}", "{1: \"2\", a\"3: \"-4\"}"},
    /* strings */
    {"\"a\\u003e \\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"a> \"\\/\b\f\n\r\t\""},
    {"\"\\u00e9\\u20ac\\ud83d\\ude00 \303\251\"", "\"\303\251\342\202\254\360\237\230\200 \303\251\""},
    {"\"\\u007f \177\"", "\"\177 \177\""},
    /* no string can pose as a number, nor hide that it begins with a control byte */
    {"[\"\\u00011\", \"\\u0001\", \"\\u0002\", \"\\u0002x\", \"\\u0003\"]",
     "[\"\0011\", \"\001\", \"\002\", \"\002x\", \"\003\"]"},
    {"{\"\\u0001\": 1, \"\\u00021\": \"\\u0041\"}", "{\001: 1, \0021: \"A\"}"},
    /* of duplicate keys the last one wins, in the first one's place */
    {"{\"a\": 1, \"b\": 2, \"a\": {\"c\": 3}}", "{a: {c: 3}, b: 2}"},
    {"{\"\": {\"\": []}}", "{: {: []}}"},
};

START_TEST(reads)
{
    const struct node *node = read_text(accepted[_i].text);
    ck_assert_ptr_nonnull(node);
    render_node(&out, node);
    ck_assert_str_eq(strbuf_text(&out), accepted[_i].expected);
    ck_assert_ptr_eq(node->pos.source, &reply);
    ck_assert_uint_eq(node->pos.line, 0);
    ck_assert_uint_eq(diags.list.count, 0);
}
END_TEST

static const struct json_case rejected[] = {
    {"", "at byte 1: unexpected end"},
    {"  ", "at byte 3: unexpected end"},
    {"{", "at byte 2: unexpected end"},
    {"[1, 2", "at byte 6: unexpected end"},
    {"{} {}", "at byte 4: unexpected text"},
    {"1 2", "at byte 3: unexpected text"},
    {"[1,]", "at byte 4: unexpected byte"},
    {"[,1]", "at byte 2: unexpected byte"},
    {"[1 2]", "at byte 4: expected a comma or a closing bracket"},
    {"[1, 2, \"x\" 3]", "at byte 12: expected a comma or a closing bracket"},
    {"{\"a\": 1,}", "at byte 9: a key must be a string"},
    {"{\"a\" 1}", "at byte 6: expected a colon"},
    {"{a: 1}", "at byte 2: a key must be a string"},
    {"{1: 2}", "at byte 2: a key must be a string"},
    {"{\"a\": 1, -2 : 3}", "at byte 10: a key must be a string"},
    {"{null: 1}", "at byte 2: a key must be a string"},
    {"[1}", "at byte 3: expected a comma or a closing bracket"},
    {"nul", "at byte 1: unexpected byte"},
    {"nullx", "at byte 5: unexpected text"},
    {"True", "at byte 1: unexpected byte"},
    {"NaN", "at byte 1: unexpected byte"},
    {"// x\n1", "at byte 1: unexpected byte"},
    {"'a'", "at byte 1: unexpected byte"},
    {"[1\001]", "at byte 3: expected a comma or a closing bracket"},
    {"\357\273\277{}", "at byte 1: unexpected byte"},
    {"[01]", "at byte 2: malformed number"},
    {"[-01]", "at byte 2: malformed number"},
    {"[1.]", "at byte 2: malformed number"},
    {"[.5]", "at byte 2: unexpected byte"},
    {"[+1]", "at byte 2: unexpected byte"},
    {"[-]", "at byte 2: malformed number"},
    {"[1e]", "at byte 2: malformed number"},
    {"[1e+]", "at byte 2: malformed number"},
    {"[0x10]", "at byte 3: expected a comma or a closing bracket"},
    {"[1_000]", "at byte 3: expected a comma or a closing bracket"},
    {"[-Infinity]", "at byte 2: malformed number"},
    {"[\"abc", "at byte 6: string without an end"},
    {"\"\\\"", "at byte 4: string without an end"},
    {"\"\\", "at byte 2: unknown escape"},
    {"\"\\x\"", "at byte 2: unknown escape"},
    {"\"\\u12\"", "at byte 2: malformed escape"},
    {"\"ab\\uZZZZ\"", "at byte 4: malformed escape"},
    {"\"a\\u0000b\"", "at byte 3: NUL character in a string"},
    {"{\"\\u0000\": 1}", "at byte 3: NUL character in a string"},
    {"\"\\ud83d\"", "at byte 2: half of a surrogate pair"},
    {"\"\\ude00\"", "at byte 2: half of a surrogate pair"},
    {"\"a\nb\"", "at byte 3: control byte in a string"},
    {"\"a\tb\"", "at byte 3: control byte in a string"},
    {"\"a\377\"", "at byte 3: invalid UTF-8"},
    {"\"\355\240\200\"", "at byte 2: invalid UTF-8"},
};

START_TEST(rejects)
{
    ck_assert_ptr_null(read_text(rejected[_i].text));
    const char *expected = arena_printf(&arena, "0:0+0 syntax: not valid JSON %s\n", rejected[_i].expected);
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), expected);
}
END_TEST

START_TEST(rejects_nul_byte)
{
    static const char text[] = "{}\0{}";
    ck_assert_ptr_null(json_read(&arena, text, sizeof(text) - 1, &reply, &diags));
    ck_assert_str_eq(diags.list.items[0]->message, "not valid JSON at byte 3: unexpected text");
}
END_TEST

/* When the source is the text itself, the fault has a line. */
START_TEST(places_a_fault)
{
    static const char text[] = "{\n  \"\303\251\": [01]\n}\n";
    struct source source = {"x.json", text, sizeof(text) - 1};
    ck_assert_ptr_null(json_read(&arena, text, sizeof(text) - 1, &source, &diags));
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), "2:9+1 syntax: not valid JSON at byte 12: malformed number\n");
}
END_TEST

START_TEST(needs_no_source)
{
    ck_assert_ptr_null(json_read(&arena, "[", 1, NULL, &diags));
    ck_assert_ptr_null(diags.list.items[0]->pos.source);
    ck_assert_ptr_nonnull(json_read(&arena, "[]", 2, NULL, &diags));
}
END_TEST

/* The text need not end where its memory does. */
START_TEST(reads_no_further_than_told)
{
    ck_assert_str_eq(json_read(&arena, "123456", 3, NULL, &diags)->text, "123");
    ck_assert_ptr_null(json_read(&arena, "\"ab\\u0041\"", 7, NULL, &diags));
    ck_assert_ptr_null(json_read(&arena, "true", 3, NULL, &diags));
}
END_TEST

START_TEST(depth)
{
    static const char *const opening[] = {"[", "{\"a\":"};
    static const char *const closing[] = {"]", "}"};
    static const char *const messages[] = {
        "0:0+0 limit: not valid JSON at byte 129: nested too deep\n",
        "0:0+0 limit: not valid JSON at byte 641: nested too deep\n",
    };
    struct strbuf text = {0};
    for (int i = 0; i < JSON_MOST_DEPTH; i++)
        strbuf_adds(&text, opening[_i]);
    strbuf_adds(&text, "1");
    for (int i = 0; i < JSON_MOST_DEPTH; i++)
        strbuf_adds(&text, closing[_i]);
    ck_assert_ptr_nonnull(read_text(text.text));
    strbuf_reset(&text);
    for (int i = 0; i < 1000000; i++)
        strbuf_adds(&text, opening[_i]);
    ck_assert_ptr_null(read_text(text.text));
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), messages[_i]);
    strbuf_release(&text);
}
END_TEST

/* As many as there are subjects in a large stream; each of them twice. */
START_TEST(many_members)
{
    enum { MEMBERS = 50000 };
    struct strbuf text = {0};
    strbuf_addc(&text, '{');
    for (int i = 0; i < 2 * MEMBERS; i++)
        strbuf_addf(&text, "%s\"subject.%d\": %d", i ? "," : "", i % MEMBERS, i);
    strbuf_addc(&text, '}');
    const struct node *map = read_text(text.text);
    ck_assert_uint_eq(map->count, MEMBERS);
    ck_assert_str_eq(map->members[7].key, "subject.7");
    ck_assert_str_eq(map->members[7].value->text, "50007");
    strbuf_release(&text);
}
END_TEST

/* Strings are read by words: every byte at every place of them, and behind them. */
START_TEST(any_byte_at_any_place)
{
    enum { LONGEST = 20, BYTES = 256 };
    for (size_t length = 1; length <= LONGEST; length++) {
        for (size_t at = 0; at < length; at++) {
            for (int byte = 1; byte < BYTES; byte++) {
                char text[LONGEST + 3] = {0};
                memset(text, 'a', length + 2);
                text[0] = text[length + 1] = '"';
                text[at + 1] = (char)byte;
                bool is_plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
                const struct node *node = read_text(text);
                text[length + 1] = '\0';
                /* Check's time grows with the square of assertions. */
                if (is_plain != (node != NULL) || (node && strcmp(node->text, text + 1) != 0))
                    ck_abort_msg("byte %d at %zu of %zu", byte, at, length);
            }
        }
        arena_reset(&arena);
        diags_release(&diags);
        diags_init(&diags);
    }
}
END_TEST

/* Maps of any size have all their members, and room for more. */
START_TEST(grown_maps)
{
    enum { MOST = 70 };
    for (size_t count = 0; count < MOST; count++) {
        struct strbuf text = {0};
        strbuf_addc(&text, '{');
        for (size_t i = 0; i < count; i++)
            strbuf_addf(&text, "%s\"k%zu\":{\"v\":%zu}", i ? "," : "", i, i);
        strbuf_addc(&text, '}');
        struct node *map = read_text(text.text);
        strbuf_release(&text);
        for (size_t i = count; i < MOST; i++)
            node_put(&arena, map, arena_printf(&arena, "k%zu", i), node_scalar(&arena, "more", true));
        ck_assert_uint_eq(map->count, MOST);
        for (size_t i = 0; i < MOST; i++) {
            const char *key = arena_printf(&arena, "k%zu", i);
            ck_assert_str_eq(map->members[i].key, key);
            if (i < count)
                ck_assert_uint_eq(node_get_number(node_get(map, key), "v"), i);
            else
                ck_assert_str_eq(node_get_text(map, key), "more");
        }
    }
}
END_TEST

/* What nobody reads is passed over, whatever is in it, and only in the items of a page. */
START_TEST(passes_over)
{
    static const char *const unread[] = {"skip", "other", NULL};
    static const char *const values[] = {
        "1",
        "-1.5e3",
        "null",
        "\"\"",
        "\"a\"",
        "\"\\\"\"",
        "\"\\\\\"",
        "\"\\\\\\\"}]\"",
        "{}",
        "[]",
        "{\"skip\":{\"a\":[1,\"]\",{\"b\":\"}\"}]}}",
        " [ 1 , \",\" ] ",
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *text =
            arena_printf(&arena, "{\"skip\":1,\"items\":[{\"skip\":%s,\"keep\":{\"skip\":2},\"other\":%s}]}",
                         values[i], values[i]);
        const struct node *body = json_read_page(&arena, text, strlen(text), unread, &diags);
        ck_assert_msg(body != NULL, "%s", text);
        ck_assert_str_eq(node_get_text(body, "skip"), "1");
        const struct node *item = node_get(body, "items")->items[0];
        ck_assert_uint_eq(item->count, 1);
        ck_assert_str_eq(node_get_text(node_get(item, "keep"), "skip"), "2");
    }
    static const char open_string[] = "{\"items\":[{\"skip\":\"a\\\"";
    ck_assert_ptr_null(json_read_page(&arena, open_string, strlen(open_string), unread, &diags));
}
END_TEST

static const struct json_case written[] = {
    {"{}", "{}"},
    {"[]", "[]"},
    {"{\"a\": [1, {\"b\": []}], \"c\": null}", "{\"a\":[1,{\"b\":[]}],\"c\":null}"},
    {"[1209600000000000, 18446744073709551615, 1.50]", "[1209600000000000,18446744073709551615,1.50]"},
    {"[\"1\", \"true\", \"null\", \"\"]", "[\"1\",\"true\",\"null\",\"\"]"},
    {"\"\\u003c\\u003e\\u0026 \\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\"",
     "\"<>& \\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\""},
    /* what nobody would see: C1 controls, direction, blanks without width, tags */
    {"{\"\\u009b31m\": \"a\\u202eb\\u2066c\\u200bd\\ufeffe\\u2028f\\udb40\\udc41\"}",
     "{\"\\u009b31m\":\"a\\u202eb\\u2066c\\u200bd\\ufeffe\\u2028f\\udb40\\udc41\"}"},
    {"{\"k\\\"\\u0001\": \"\\u00e9\\ud83d\\ude00\"}", "{\"k\\\"\\u0001\":\"\303\251\360\237\230\200\"}"},
};

START_TEST(writes)
{
    json_write(&out, read_text(written[_i].text), false);
    ck_assert_str_eq(strbuf_text(&out), written[_i].expected);
}
END_TEST

START_TEST(writes_pretty)
{
    json_write(&out, read_text("{\"a\":[1,{\"b\":\"x\"}],\"c\":{},\"d\":[],\"e\":[[2]]}"), true);
    ck_assert_str_eq(strbuf_text(&out), "{\n"
                                        "  \"a\": [\n"
                                        "    1,\n"
                                        "    {\n"
                                        "      \"b\": \"x\"\n"
                                        "    }\n"
                                        "  ],\n"
                                        "  \"c\": {},\n"
                                        "  \"d\": [],\n"
                                        "  \"e\": [\n"
                                        "    [\n"
                                        "      2\n"
                                        "    ]\n"
                                        "  ]\n"
                                        "}\n");
}
END_TEST

struct plain_case {
    const char *text; /* of a plain scalar, as a manifest may have it */
    const char *expected;
};

static const struct plain_case plains[] = {
    {"", "null"},
    {"~", "null"},
    {"null", "null"},
    {"NULL", "null"},
    {"true", "true"},
    {"True", "true"},
    {"FALSE", "false"},
    {"no", "\"no\""},
    {"0", "0"},
    {"-1.5e3", "-1.5e3"},
    {"007", "\"007\""},
    {"+1", "\"+1\""},
    {".5", "\".5\""},
    {"1.", "\"1.\""},
    {"1s", "\"1s\""},
    {"0x1F", "\"0x1F\""},
    {".inf", "\".inf\""},
    {"1 2", "\"1 2\""},
    {"orders.>", "\"orders.>\""},
};

START_TEST(writes_plain_scalars)
{
    json_write(&out, node_scalar(&arena, plains[_i].text, false), false);
    ck_assert_str_eq(strbuf_text(&out), plains[_i].expected);
}
END_TEST

#define COUNT(cases) ((int)(sizeof(cases) / sizeof((cases)[0])))

Suite *syntax_json_suite(void)
{
    Suite *suite = suite_create("syntax/json");
    TCase *tests = tcase_create("json");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, reads, 0, COUNT(accepted));
    tcase_add_loop_test(tests, rejects, 0, COUNT(rejected));
    tcase_add_test(tests, rejects_nul_byte);
    tcase_add_test(tests, places_a_fault);
    tcase_add_test(tests, needs_no_source);
    tcase_add_test(tests, reads_no_further_than_told);
    tcase_add_loop_test(tests, depth, 0, 2);
    tcase_add_test(tests, many_members);
    tcase_add_test(tests, any_byte_at_any_place);
    tcase_add_test(tests, grown_maps);
    tcase_add_test(tests, passes_over);
    tcase_add_loop_test(tests, writes, 0, COUNT(written));
    tcase_add_test(tests, writes_pretty);
    tcase_add_loop_test(tests, writes_plain_scalars, 0, COUNT(plains));
    suite_add_tcase(suite, tests);
    return suite;
}
