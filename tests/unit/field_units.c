/* Unit tests of field/value.h. */
#include "field/value.h"

#include "unit/suites.h"
#include "unit/world.h"

#define US INT64_C(1000)
#define MS (1000 * US)
#define S (1000 * MS)
#define MIN (60 * S)
#define H (60 * MIN)
#define D (24 * H)
#define KI INT64_C(1024)

struct parse_case {
    const char *text;
    enum units_fault fault;
    int64_t value;
};

static const struct parse_case durations[] = {
    {"0", UNITS_OK, 0},
    {"0s", UNITS_OK, 0},
    {"0.0s", UNITS_OK, 0},
    {"1ns", UNITS_OK, 1},
    {"1us", UNITS_OK, US},
    {"1\xC2\xB5s", UNITS_OK, US}, /* both letters that look like a mu */
    {"1\xCE\xBCs", UNITS_OK, US},
    {"250ms", UNITS_OK, 250 * MS},
    {"30s", UNITS_OK, 30 * S},
    {"2m", UNITS_OK, 2 * MIN},
    {"24h", UNITS_OK, D},
    {"7d", UNITS_OK, 7 * D},
    {"400d", UNITS_OK, 400 * D},
    {"2w", UNITS_OK, 14 * D},
    {"1h30m", UNITS_OK, H + 30 * MIN},
    {"1w1d1h1m1s1ms1us1ns", UNITS_OK, 8 * D + H + MIN + S + MS + US + 1},
    {"1.5s", UNITS_OK, 1500 * MS},
    {"0.5h", UNITS_OK, 30 * MIN},
    {"1.000000001s", UNITS_OK, S + 1},
    {"1.0000000010s", UNITS_OK, S + 1},
    {"0.1d", UNITS_OK, 144 * MIN},
    {"1.5h0.5m", UNITS_OK, 90 * MIN + 30 * S},
    {"007s", UNITS_OK, 7 * S},
    {"120m", UNITS_OK, 2 * H},
    {"9007199254740993ns", UNITS_OK, INT64_C(9007199254740993)}, /* 2^53 + 1: no double holds it */
    {"9223372036854775807ns", UNITS_OK, INT64_MAX},
    {"106751d", UNITS_OK, 106751 * D},
    {"106751d23h47m16s854ms775us807ns", UNITS_OK, INT64_MAX},
    {"9223372036.854775807s", UNITS_OK, INT64_MAX},

    {"9223372036854775808ns", UNITS_TOO_BIG, 0},
    {"9223372036.854775808s", UNITS_TOO_BIG, 0},
    {"106751d23h47m16s854ms775us808ns", UNITS_TOO_BIG, 0},
    {"106752d", UNITS_TOO_BIG, 0},
    {"18446744073709551615w", UNITS_TOO_BIG, 0},
    {"99999999999999999999s", UNITS_TOO_BIG, 0},
    {"-1", UNITS_NEGATIVE, 0},
    {"-5m", UNITS_NEGATIVE, 0},
    {"-", UNITS_NEGATIVE, 0},
    {"5", UNITS_NO_UNIT, 0},
    {"00", UNITS_NO_UNIT, 0},
    {"0.0", UNITS_NO_UNIT, 0},
    {"1.5", UNITS_NO_UNIT, 0},
    {"1h30", UNITS_NO_UNIT, 0},
    {"1.5ns", UNITS_INEXACT, 0},
    {"0.0000000001s", UNITS_INEXACT, 0},
    {"1.00000000000000000000s", UNITS_INEXACT, 0}, /* a divisor of 65 bits */
    {"", UNITS_MALFORMED, 0},
    {"s", UNITS_MALFORMED, 0},
    {"forever", UNITS_MALFORMED, 0},
    {"5 s", UNITS_MALFORMED, 0},
    {" 5s", UNITS_MALFORMED, 0},
    {"5s ", UNITS_MALFORMED, 0},
    {"5S", UNITS_MALFORMED, 0},
    {"5sec", UNITS_MALFORMED, 0},
    {"5M", UNITS_MALFORMED, 0},
    {"1m1h", UNITS_MALFORMED, 0},
    {"1s1s", UNITS_MALFORMED, 0},
    {"1h-30m", UNITS_MALFORMED, 0},
    {"+5s", UNITS_MALFORMED, 0},
    {".5s", UNITS_MALFORMED, 0},
    {"5.s", UNITS_MALFORMED, 0},
    {"1.2.3s", UNITS_MALFORMED, 0},
    {"1e3s", UNITS_MALFORMED, 0},
    {"0x10s", UNITS_MALFORMED, 0},
    {"1y", UNITS_MALFORMED, 0},
    {"1\xC2\xB5", UNITS_MALFORMED, 0},
    {"1\xC2", UNITS_MALFORMED, 0},
};

static const struct parse_case sizes[] = {
    {"0", UNITS_OK, 0},
    {"1", UNITS_OK, 1},
    {"1k", UNITS_OK, 1000},
    {"1K", UNITS_OK, 1000},
    {"1kb", UNITS_OK, KI},
    {"1KB", UNITS_OK, KI},
    {"1ki", UNITS_OK, KI},
    {"1KiB", UNITS_OK, KI},
    {"20m", UNITS_OK, 20000000},
    {"20MB", UNITS_OK, 20 * KI *KI},
    {"1g", UNITS_OK, 1000000000},
    {"1GiB", UNITS_OK, KI *KI *KI},
    {"2t", UNITS_OK, INT64_C(2000000000000)},
    {"2TiB", UNITS_OK, 2 * KI *KI *KI *KI},
    {"1p", UNITS_OK, INT64_C(1000000000000000)},
    {"1PiB", UNITS_OK, KI *KI *KI *KI *KI},
    {"1.5GiB", UNITS_OK, 1536 * KI *KI},
    {"0.5k", UNITS_OK, 500},
    {"9007199254740993", UNITS_OK, INT64_C(9007199254740993)},
    {"9223372036854775807", UNITS_OK, INT64_MAX},
    {"8191PiB", UNITS_OK, 8191 * KI *KI *KI *KI *KI},

    {"9223372036854775808", UNITS_TOO_BIG, 0},
    {"8192PiB", UNITS_TOO_BIG, 0},
    {"18446744073709551616", UNITS_TOO_BIG, 0},
    {"-1", UNITS_NEGATIVE, 0},
    {"-1KiB", UNITS_NEGATIVE, 0},
    {"0.5", UNITS_INEXACT, 0},
    {"1.0001KiB", UNITS_INEXACT, 0},
    {"", UNITS_MALFORMED, 0},
    {"k", UNITS_MALFORMED, 0},
    {"1b", UNITS_MALFORMED, 0},
    {"1x", UNITS_MALFORMED, 0},
    {"1kbit", UNITS_MALFORMED, 0},
    {"1 GiB", UNITS_MALFORMED, 0},
    {"1GiB ", UNITS_MALFORMED, 0},
    {"1k1", UNITS_MALFORMED, 0},
    {"1_000", UNITS_MALFORMED, 0},
    {"1e6", UNITS_MALFORMED, 0},
    {"1EiB", UNITS_MALFORMED, 0},
};

static void check_parse(const struct parse_case *at, enum units_fault (*parse)(const char *, int64_t *))
{
    int64_t value = -77;
    enum units_fault fault = parse(at->text, &value);
    ck_assert_msg(fault == at->fault, "'%s': fault %d instead of %d", at->text, (int)fault, (int)at->fault);
    ck_assert_int_eq(value, at->fault ? -77 : at->value);
}

START_TEST(reads_durations)
{
    check_parse(&durations[_i], duration_parse);
}
END_TEST

START_TEST(reads_sizes)
{
    check_parse(&sizes[_i], size_parse);
}
END_TEST

struct format_case {
    int64_t value;
    const char *text;
};

static const struct format_case written_durations[] = {
    {0, "0"},
    {1, "1ns"},
    {US, "1us"},
    {1500 * US, "1ms500us"},
    {250 * MS, "250ms"},
    {90 * S, "1m30s"},
    {120 * S, "2m"},
    {H + 30 * MIN, "1h30m"},
    {36 * H, "1d12h"},
    {7 * D, "7d"},
    {400 * D, "400d"},
    {INT64_C(9007199254740993), "104d5h59m59s254ms740us993ns"},
    {INT64_MAX, "106751d23h47m16s854ms775us807ns"},
    {-5 * S, "-5s"},
    {INT64_MIN, "-106751d23h47m16s854ms775us808ns"},
};

static const struct format_case written_sizes[] = {
    {0, "0"},
    {1, "1"},
    {999, "999"},
    {1000, "1k"},
    {KI, "1KiB"},
    {10 * KI, "10KiB"},
    {1025, "1025"},
    {20000000, "20m"},
    {KI * KI * KI, "1GiB"},
    {3 * KI * KI * KI / 2, "1536MiB"},
    {1024000, "1024k"}, /* of powers of both, the shorter */
    {INT64_C(2000000000000), "2t"},
    {INT64_C(9007199254740993), "9007199254740993"},
    {INT64_MAX, "9223372036854775807"},
    {-1, "-1"},
};

START_TEST(writes_durations)
{
    const struct format_case *at = &written_durations[_i];
    ck_assert_str_eq(duration_format(&world.arena, at->value), at->text);
}
END_TEST

START_TEST(writes_sizes)
{
    const struct format_case *at = &written_sizes[_i];
    ck_assert_str_eq(size_format(&world.arena, at->value), at->text);
}
END_TEST

/* Whatever is written reads back to the same number: around every power of two, and multiples of units. */
START_TEST(comes_back)
{
    static const int64_t factors[] = {1, US, MS, S, MIN, H, D, KI, KI * KI, 1000000};
    for (int bit = 0; bit < 63; bit++) {
        for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
            for (int64_t step = -1; step <= 1; step++) {
                int64_t back = -1;
                int64_t value = (INT64_C(1) << bit) / factors[i] * factors[i] + step;
                if (value < 0)
                    continue;
                ck_assert_int_eq(duration_parse(duration_format(&world.arena, value), &back), UNITS_OK);
                ck_assert_int_eq(back, value);
                ck_assert_int_eq(size_parse(size_format(&world.arena, value), &back), UNITS_OK);
                ck_assert_int_eq(back, value);
            }
        }
    }
}
END_TEST

Suite *field_units_suite(void)
{
    Suite *suite = suite_create("field/units");
    TCase *tests = tcase_create("units");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, reads_durations, 0, COUNT_OF(durations));
    tcase_add_loop_test(tests, reads_sizes, 0, COUNT_OF(sizes));
    tcase_add_loop_test(tests, writes_durations, 0, COUNT_OF(written_durations));
    tcase_add_loop_test(tests, writes_sizes, 0, COUNT_OF(written_sizes));
    tcase_add_test(tests, comes_back);
    suite_add_tcase(suite, tests);
    return suite;
}
