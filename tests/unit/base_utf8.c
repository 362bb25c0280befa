/* Unit tests of base/utf8.h. */
#include "base/utf8.h"

#include <string.h>

#include "support/scratch.h"
#include "unit/suites.h"

struct check_case {
    const char *text;
    size_t length;
    enum utf8_fault fault;
    size_t offset; /* of a fault */
    size_t count;  /* of characters, when there is none */
};

#define TEXT(literal) (literal), sizeof(literal) - 1

static const struct check_case check_cases[] = {
    {TEXT(""), UTF8_OK, 0, 0},
    {TEXT("plain\ttext\r\n"), UTF8_OK, 0, 12},
    {TEXT("\xC2\x80\xDF\xBF"), UTF8_OK, 0, 2},
    {TEXT("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"), UTF8_OK, 0, 4},
    {TEXT("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), UTF8_OK, 0, 2},
    {TEXT("a\xF0\x9F\x98\x80z"), UTF8_OK, 0, 3},
    {TEXT("ab\x80"), UTF8_INVALID, 2, 0},
    {TEXT("\xC0\x80"), UTF8_INVALID, 0, 0},
    {TEXT("\xC1\xBF"), UTF8_INVALID, 0, 0},
    {TEXT("a\xC3"), UTF8_INVALID, 1, 0},
    {TEXT("a\xC3z"), UTF8_INVALID, 1, 0},
    {TEXT("\xE0\x9F\xBF"), UTF8_INVALID, 0, 0},
    {TEXT("\xE2\x82"), UTF8_INVALID, 0, 0},
    {TEXT("\xE2\x82z"), UTF8_INVALID, 0, 0},
    {TEXT("\xED\xA0\x80"), UTF8_INVALID, 0, 0}, /* a surrogate */
    {TEXT("\xF0\x8F\xBF\xBF"), UTF8_INVALID, 0, 0},
    {TEXT("\xF4\x90\x80\x80"), UTF8_INVALID, 0, 0}, /* beyond U+10FFFF */
    {TEXT("\xF5\x80\x80\x80"), UTF8_INVALID, 0, 0},
    {TEXT("\xFF"), UTF8_INVALID, 0, 0},
    {TEXT("a\0b"), UTF8_NUL, 1, 0},
    {TEXT("\xC3\xA9\x01"), UTF8_CONTROL, 2, 0},
    {TEXT("\x1B[0m"), UTF8_CONTROL, 0, 0},
    {TEXT("a\x7F"), UTF8_CONTROL, 1, 0},
};

START_TEST(checks)
{
    const struct check_case *c = &check_cases[_i];
    size_t offset = 99;
    ck_assert_int_eq(utf8_check(c->text, c->length, &offset), c->fault);
    if (c->fault == UTF8_OK)
        ck_assert_uint_eq(utf8_count(c->text, c->length), c->count);
    else
        ck_assert_uint_eq(offset, c->offset);
}
END_TEST

START_TEST(every_code_point_there_and_back)
{
    uint32_t code_point = 1;
    bool good = true;
    for (; good && code_point <= 0x10FFFF; code_point++) {
        char text[4] = {0};
        size_t length = utf8_encode(code_point, text);
        bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        good =
            utf8_sequence(text, length) == (surrogate ? 0 : length) && utf8_sequence(text, length - 1) == 0;
    }
    ck_assert_msg(good, "U+%04X", (unsigned)(code_point - 1));
}
END_TEST

START_TEST(encodes)
{
    char text[4];
    ck_assert_uint_eq(utf8_encode('a', text), 1);
    ck_assert_mem_eq(text, "a", 1);
    ck_assert_uint_eq(utf8_encode(0xE9, text), 2);
    ck_assert_mem_eq(text, "\xC3\xA9", 2);
    ck_assert_uint_eq(utf8_encode(0x20AC, text), 3);
    ck_assert_mem_eq(text, "\xE2\x82\xAC", 3);
    ck_assert_uint_eq(utf8_encode(0x1F600, text), 4);
    ck_assert_mem_eq(text, "\xF0\x9F\x98\x80", 4);
}
END_TEST

START_TEST(shows)
{
    static const char *const cases[][2] = {
        {"plain \xC3\xA9 \xF0\x9F\x98\x80", "plain \xC3\xA9 \xF0\x9F\x98\x80"},
        {"\x1b[2J\n\t\x7f", "\\x1b[2J\\n\\x09\\x7f"},
        {"\xC2\x9B\xC2\xAD", "\\u009b\\u00ad"},
        {"\xE2\x80\xAE\xE2\x80\x8B", "\\u202e\\u200b"},
        {"\xF3\xA0\x81\x81", "\\U000e0041"},
        {"\xFF\xE2\x80", "\\xff\\xe2\\x80"}, /* no UTF-8 */
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_str_eq(utf8_shown(test_arena(), cases[i][0]), cases[i][1]);
    ck_assert(!utf8_has_unseen("a\x1b\n\xC3\xA9\xFF"));
    ck_assert(utf8_has_unseen("a\xE2\x80\xAE"));
}
END_TEST

Suite *base_utf8_suite(void)
{
    Suite *suite = suite_create("base/utf8");
    TCase *tests = tcase_create("utf8");
    tcase_add_loop_test(tests, checks, 0, (int)(sizeof(check_cases) / sizeof(check_cases[0])));
    tcase_add_test(tests, every_code_point_there_and_back);
    tcase_add_test(tests, encodes);
    tcase_add_test(tests, shows);
    suite_add_tcase(suite, tests);
    return suite;
}
