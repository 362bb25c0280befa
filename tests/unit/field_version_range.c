/* Unit tests of field/field.h. */
#include "field/field.h"

#include <string.h>

#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

#define V(minor, patch) VERSION(2, minor, patch)
#define LAST(minor) VERSION(2, minor, 1023)
#define ENDLESS UINT32_MAX

struct range_case {
    const char *text;
    uint32_t least; /* 0: it is no range */
    uint32_t most;
};

static const struct range_case ranges[] = {
    {"2.10.27", V(10, 27), V(10, 27)},
    {"v2.10.27", V(10, 27), V(10, 27)},
    {"=2.10.27", V(10, 27), V(10, 27)},
    {"2.15.0-RC.1", V(15, 0), V(15, 0)},
    {"2.12.3+build.5", V(12, 3), V(12, 3)},
    {"2.10", V(10, 0), LAST(10)},
    {"2.10.x", V(10, 0), LAST(10)},
    {"2.10.*", V(10, 0), LAST(10)},
    {"2.10-beta", V(10, 0), LAST(10)},
    {"2", V(9, 0), VERSION(2, 1023, 1023)},
    {"2.x", V(9, 0), VERSION(2, 1023, 1023)},
    {"2.9-2.12", V(9, 0), LAST(12)},
    {"2.9 - 2.12", V(9, 0), LAST(12)},
    {"2.9..2.12", V(9, 0), LAST(12)},
    {"2.9.10..2.12.3", V(9, 10), V(12, 3)},
    {"v2.9.10-v2.12.3", V(9, 10), V(12, 3)},
    {"2.10.0-RC.1 - 2.12", V(10, 0), LAST(12)},
    {">=2.10", V(10, 0), ENDLESS},
    {">= 2.10.3", V(10, 3), ENDLESS},
    {">2.10", V(11, 0), ENDLESS},
    {">2.10.27", V(10, 28), ENDLESS},
    {"<2.12", V(9, 0), LAST(11)},
    {"<=2.12", V(9, 0), LAST(12)},
    {"<=2.12.3", V(9, 0), V(12, 3)},
    {">=2.10 <2.12", V(10, 0), LAST(11)},
    {">=2.10, <2.12", V(10, 0), LAST(11)},
    {" >=2.10,<=2.10.9 ", V(10, 0), V(10, 9)},
    {"~2.10.3", V(10, 3), LAST(10)},
    {"~2.10", V(10, 0), LAST(10)},
    {"^2.10", V(10, 0), VERSION(2, 1023, 1023)},
    {"^2.10.3", V(10, 3), VERSION(2, 1023, 1023)},
    {"2.12-2.10", 0, 0},
    {">2.12 <2.12", 0, 0},
    {"2.8", 0, 0},
    {"<2.9", 0, 0},
    {"1.4.1", 0, 0},
    {"", 0, 0},
    {" ", 0, 0},
    {"latest", 0, 0},
    {"2.", 0, 0},
    {"2..", 0, 0},
    {"2.10..", 0, 0},
    {"2.9-", 0, 0},
    {"2.9 -", 0, 0},
    {"2.9-2.10-2.11", 0, 0},
    {"2.10.1.1", 0, 0},
    {"2.10 || 2.12", 0, 0},
    {"2.1024", 0, 0},
    {"x", 0, 0},
    {">=", 0, 0},
    {"=>2.10", 0, 0},
};

START_TEST(reads)
{
    const struct range_case *at = &ranges[_i];
    struct version_range range = {0};
    const char *problem = version_range_parse(at->text, &range);
    ck_assert_msg(!problem == (at->least != 0), "'%s': %s", at->text, problem ? problem : "taken");
    if (problem)
        return;
    ck_assert_msg(range.least == at->least && range.most == at->most, "'%s' is %s to %s", at->text,
                  version_format(&world.arena, range.least, false),
                  version_format(&world.arena, range.most, false));
    ck_assert(version_range_is_exact(&range) == (at->least == at->most));
}
END_TEST

START_TEST(points_are_sorted_and_inside)
{
    struct version_range range = {V(10, 5), V(12, 0)};
    struct version_points points = {0};
    version_points_add(&world.arena, &points, &range, V(12, 0));
    version_points_add(&world.arena, &points, &range, V(10, 5));
    version_points_add(&world.arena, &points, &range, V(12, 0));
    version_points_add(&world.arena, &points, &range, V(10, 0));
    version_points_add(&world.arena, &points, &range, V(12, 1));
    version_points_add(&world.arena, &points, &range, VERSION_UNKNOWN);
    version_points_add_table(&world.arena, &points, &range, &consumer_table);
    ck_assert_uint_eq(points.count, 3);
    ck_assert_uint_eq(points.items[0], V(10, 5));
    ck_assert_uint_eq(points.items[1], V(11, 0));
    ck_assert_uint_eq(points.items[2], V(12, 0));
}
END_TEST

Suite *field_version_range_suite(void)
{
    Suite *suite = suite_create("field/version_range");
    TCase *tests = tcase_create("version_range");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, reads, 0, COUNT_OF(ranges));
    tcase_add_test(tests, points_are_sorted_and_inside);
    suite_add_tcase(suite, tests);
    return suite;
}
