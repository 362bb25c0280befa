/* Unit tests of base/instant.h. */
#include "base/instant.h"

#include "unit/suites.h"

struct instant_case {
    const char *text;
    int64_t seconds;
    int32_t nanos;
    const char *formatted;
};

static const struct instant_case accepted[] = {
    {"1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"},
    {"1969-12-31T23:59:59Z", -1, 0, "1969-12-31T23:59:59Z"},
    {"1969-12-31T23:59:59.5Z", -1, 500000000, "1969-12-31T23:59:59.5Z"},
    {"2026-01-31T12:00:00Z", 1769860800, 0, "2026-01-31T12:00:00Z"},
    {"2026-01-31T12:00:00+00:00", 1769860800, 0, "2026-01-31T12:00:00Z"},
    {"2026-01-31T14:30:00+02:30", 1769860800, 0, "2026-01-31T12:00:00Z"},
    {"2026-01-31T00:00:00-12:00", 1769860800, 0, "2026-01-31T12:00:00Z"},
    {"2026-02-01T11:59:00+23:59", 1769860800, 0, "2026-01-31T12:00:00Z"},
    {"2024-02-29T23:59:59.123456789Z", 1709251199, 123456789, "2024-02-29T23:59:59.123456789Z"},
    {"2000-02-29T00:00:00.100Z", 951782400, 100000000, "2000-02-29T00:00:00.1Z"},
    {"2000-03-01T00:00:00.000000001Z", 951868800, 1, "2000-03-01T00:00:00.000000001Z"},
    {"2000-12-31T00:00:00.0Z", 978220800, 0, "2000-12-31T00:00:00Z"},
    {"0001-01-01T00:00:00Z", -62135596800, 0, "0001-01-01T00:00:00Z"}, /* Go's zero time */
    {"0400-02-29T00:00:00Z", -49539340800, 0, "0400-02-29T00:00:00Z"},
    {"9999-12-31T23:59:59.999999999Z", 253402300799, 999999999, "9999-12-31T23:59:59.999999999Z"},
};

START_TEST(reads_and_formats)
{
    const struct instant_case *c = &accepted[_i];
    struct arena arena;
    struct instant instant = {0};
    struct instant again = {0};
    arena_init(&arena);
    ck_assert_msg(instant_parse(c->text, &instant), "%s", c->text);
    ck_assert_int_eq(instant.seconds, c->seconds);
    ck_assert_int_eq(instant.nanos, c->nanos);
    ck_assert_str_eq(instant_format(&arena, instant), c->formatted);
    ck_assert(instant_parse(c->formatted, &again));
    ck_assert_int_eq(instant_compare(instant, again), 0);
    arena_release(&arena);
}
END_TEST

static const char *const rejected[] = {
    "",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-01-31 12:00:00Z",
    "2026-01-31t12:00:00z",
    "2026-1-31T12:00:00Z",
    "2026-01-31T12:00Z",
    "2026-01-31T12:00:00.Z",
    "2026-01-31T12:00:00.1234567890Z",
    "2026-01-31T12:00:00,5Z",
    "2026-01-31T12:00:00ZZ",
    "2026-01-31T12:00:00Z ",
    "2026-01-31T12:00:00+0200",
    "2026-01-31T12:00:00+02",
    "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00+02:60",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T23:59:60Z",
    "2026-00-31T12:00:00Z",
    "2026-13-31T12:00:00Z",
    "2026-01-00T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2025-02-29T12:00:00Z",
    "1900-02-29T12:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01", /* year 0 in UTC */
    "9999-12-31T23:59:00-00:01", /* year 10000 in UTC */
    "12026-01-31T12:00:00Z",
    "-026-01-31T12:00:00Z",
};

START_TEST(refuses)
{
    struct instant instant = {.seconds = 42};
    ck_assert_msg(!instant_parse(rejected[_i], &instant), "%s", rejected[_i]);
    ck_assert_int_eq(instant.seconds, 42);
}
END_TEST

START_TEST(every_day_there_and_back)
{
    struct arena arena;
    arena_init(&arena);
    int64_t day = -719162;
    bool good = true;
    for (; good && day <= 2932896; day += 97) {
        struct instant instant = {.seconds = day * 86400 + 86399};
        struct instant back = {0};
        good = instant_parse(instant_format(&arena, instant), &back) && back.seconds == instant.seconds;
        arena_reset(&arena);
    }
    ck_assert_msg(good, "day %lld", (long long)(day - 97));
    arena_release(&arena);
}
END_TEST

START_TEST(compares)
{
    static const struct instant ordered[] = {{-5, 0}, {-5, 1}, {0, 0}, {0, 999999999}, {1, 0}};
    for (int a = 0; a < 5; a++) {
        for (int b = 0; b < 5; b++) {
            int order = instant_compare(ordered[a], ordered[b]);
            ck_assert_int_eq((order > 0) - (order < 0), (a > b) - (a < b));
        }
    }
}
END_TEST

#define COUNT(cases) ((int)(sizeof(cases) / sizeof((cases)[0])))

Suite *base_instant_suite(void)
{
    Suite *suite = suite_create("base/instant");
    TCase *tests = tcase_create("instant");
    tcase_add_loop_test(tests, reads_and_formats, 0, COUNT(accepted));
    tcase_add_loop_test(tests, refuses, 0, COUNT(rejected));
    tcase_add_test(tests, every_day_there_and_back);
    tcase_add_test(tests, compares);
    suite_add_tcase(suite, tests);
    return suite;
}
