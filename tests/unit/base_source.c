/* Unit tests of base/source.h. */
#include "base/source.h"

#include <string.h>

#include "unit/suites.h"

struct line_case {
    const char *text;
    uint32_t line;
    const char *expected; /* NULL: there is no such line */
};

static const struct line_case line_cases[] = {
    {"one\ntwo\n\nfour", 1, "one"},
    {"one\ntwo\n\nfour", 2, "two"},
    {"one\ntwo\n\nfour", 3, ""},
    {"one\ntwo\n\nfour", 4, "four"},
    {"one\ntwo\n\nfour", 5, NULL},
    {"one\ntwo\n\nfour", 0, NULL},
    {"one\r\ntwo\r\n", 1, "one"},
    {"one\r\ntwo\r\n", 2, "two"},
    {"one\r\ntwo\r\n", 3, ""},
    {"one\r\ntwo\r\n", 4, NULL},
    {"a\rb", 1, "a\rb"},
    {"", 1, ""},
    {"", 2, NULL},
    {"\r", 1, ""},
    {NULL, 1, NULL},
};

START_TEST(lines)
{
    const struct line_case *c = &line_cases[_i];
    struct source source = {"x.yaml", c->text, c->text ? strlen(c->text) : 0};
    size_t length = 99;
    const char *line = source_line(&source, c->line, &length);
    ck_assert_int_eq(line == NULL, c->expected == NULL);
    if (!c->expected)
        return;
    ck_assert_uint_eq(length, strlen(c->expected));
    ck_assert_mem_eq(line, c->expected, length);
}
END_TEST

START_TEST(line_of_no_source)
{
    size_t length;
    ck_assert_ptr_null(source_line(NULL, 1, &length));
}
END_TEST

START_TEST(positions_in_order)
{
    static const struct source a = {"a.yaml", "", 0};
    static const struct source a_again = {"a.yaml", "", 0}; /* read twice: still the same file */
    static const struct source b = {"b.yaml", "", 0};
    static const struct srcpos ordered[] = {
        {NULL, 9, 9, 0, NULL},     {&a, 0, 0, 0, "unwritten"}, {&a, 1, 5, 0, NULL},
        {&a_again, 1, 6, 9, NULL}, {&a, 2, 1, 0, NULL},        {&b, 0, 0, 0, NULL},
    };
    int count = (int)(sizeof(ordered) / sizeof(ordered[0]));
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            int order = srcpos_compare(ordered[i], ordered[j]);
            ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}
END_TEST

Suite *base_source_suite(void)
{
    Suite *suite = suite_create("base/source");
    TCase *tests = tcase_create("source");
    tcase_add_loop_test(tests, lines, 0, (int)(sizeof(line_cases) / sizeof(line_cases[0])));
    tcase_add_test(tests, line_of_no_source);
    tcase_add_test(tests, positions_in_order);
    suite_add_tcase(suite, tests);
    return suite;
}
