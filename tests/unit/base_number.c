/* Unit tests of base/number.h. */
#include "base/number.h"

#include "unit/suites.h"

struct signed_case {
    const char *text;
    bool ok;
    int64_t value;
};

static const struct signed_case signed_cases[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"7", true, 7},
    {"-7", true, -7},
    {"007", true, 7},
    {"9007199254740993", true, 9007199254740993}, /* 2^53 + 1: not a double */
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"18446744073709551616", false, 0},
    {"99999999999999999999999", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"--1", false, 0},
    {"+1", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1.0", false, 0},
    {"1e3", false, 0},
    {"0x1", false, 0},
    {"1_000", false, 0},
};

START_TEST(signed_integers)
{
    const struct signed_case *c = &signed_cases[_i];
    int64_t value = 42;
    ck_assert_msg(number_parse_i64(c->text, &value) == c->ok, "'%s'", c->text);
    ck_assert_int_eq(value, c->ok ? c->value : 42);
}
END_TEST

struct unsigned_case {
    const char *text;
    bool ok;
    uint64_t value;
};

static const struct unsigned_case unsigned_cases[] = {
    {"0", true, 0},
    {"18446744073709551615", true, UINT64_MAX},
    {"18446744073709551616", false, 0},
    {"28446744073709551615", false, 0},
    {"-1", false, 0},
    {"", false, 0},
    {"1k", false, 0},
};

START_TEST(unsigned_integers)
{
    const struct unsigned_case *c = &unsigned_cases[_i];
    uint64_t value = 42;
    ck_assert_msg(number_parse_u64(c->text, &value) == c->ok, "'%s'", c->text);
    ck_assert_uint_eq(value, c->ok ? c->value : 42);
}
END_TEST

START_TEST(scanning_stops_behind_the_digits)
{
    const char *text = "12h30m";
    const char *cursor = text;
    uint64_t value = 0;
    ck_assert(number_scan_u64(&cursor, &value));
    ck_assert_uint_eq(value, 12);
    ck_assert_ptr_eq(cursor, text + 2);
    ck_assert(!number_scan_u64(&cursor, &value));
    ck_assert_ptr_eq(cursor, text + 2);
    cursor = text = "99999999999999999999s";
    ck_assert(!number_scan_u64(&cursor, &value));
    ck_assert_ptr_eq(cursor, text);
    ck_assert_uint_eq(value, 12);
}
END_TEST

struct product_case {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    bool ok;
    uint64_t value;
};

static const struct product_case product_cases[] = {
    {3, 4, 5, true, 17},
    {0, UINT64_MAX, 0, true, 0},
    {UINT64_MAX, 1, 0, true, UINT64_MAX},
    {UINT64_MAX, 1, 1, false, 0},
    {UINT64_MAX / 2 + 1, 2, 0, false, 0},
    {UINT64_MAX / 10, 10, 5, true, UINT64_MAX},
    {UINT64_MAX / 10, 10, 6, false, 0},
};

START_TEST(products_do_not_overflow)
{
    const struct product_case *c = &product_cases[_i];
    uint64_t value = 42;
    ck_assert(number_mul_add(c->a, c->b, c->c, &value) == c->ok);
    ck_assert_uint_eq(value, c->ok ? c->value : 42);
}
END_TEST

struct numeric_case {
    const char *text;
    bool numeric;
};

static const struct numeric_case numeric_cases[] = {
    {"0", true},     {"-1", true},    {"+1", true},      {"1.5", true}, {"1.", true},     {".5", true},
    {"1e3", true},   {"1E+3", true},  {"-1.5e-3", true}, {"007", true}, {"", false},      {"-", false},
    {".", false},    {"1e", false},   {"1e+", false},    {"e3", false}, {"1.2.3", false}, {"1s", false},
    {"0x1f", false}, {".inf", false}, {"nan", false},    {" 1", false}, {"1 ", false},    {"1,5", false},
};

START_TEST(numeric_texts)
{
    const struct numeric_case *c = &numeric_cases[_i];
    ck_assert_msg(number_is_numeric(c->text) == c->numeric, "'%s'", c->text);
}
END_TEST

#define COUNT(cases) ((int)(sizeof(cases) / sizeof((cases)[0])))

Suite *base_number_suite(void)
{
    Suite *suite = suite_create("base/number");
    TCase *tests = tcase_create("number");
    tcase_add_loop_test(tests, signed_integers, 0, COUNT(signed_cases));
    tcase_add_loop_test(tests, unsigned_integers, 0, COUNT(unsigned_cases));
    tcase_add_test(tests, scanning_stops_behind_the_digits);
    tcase_add_loop_test(tests, products_do_not_overflow, 0, COUNT(product_cases));
    tcase_add_loop_test(tests, numeric_texts, 0, COUNT(numeric_cases));
    suite_add_tcase(suite, tests);
    return suite;
}
