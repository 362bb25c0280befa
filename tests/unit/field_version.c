/* Unit tests of field/field.h. */
#include "field/field.h"

#include "unit/suites.h"
#include "unit/world.h"

struct version_case {
    const char *text;
    uint32_t version; /* 0: not a version */
    const char *whole;
    const char *brief;
};

static const struct version_case versions[] = {
    {"2.9.10", VERSION(2, 9, 10), "2.9.10", "2.9.10"},
    {"2.10.27", VERSION(2, 10, 27), "2.10.27", "2.10.27"},
    {"2.15.1", VERSION(2, 15, 1), "2.15.1", "2.15.1"},
    {"2.10", VERSION(2, 10, 0), "2.10.0", "2.10"},
    {"2", VERSION(2, 0, 0), "2.0.0", "2.0"},
    {"v2.15.0-RC.1", VERSION(2, 15, 0), "2.15.0", "2.15"},
    {"2.15.0-dev", VERSION(2, 15, 0), "2.15.0", "2.15"},
    {"2.12.3+build.5", VERSION(2, 12, 3), "2.12.3", "2.12.3"},
    {"2.10-beta", VERSION(2, 10, 0), "2.10.0", "2.10"},
    {"1023.1023.1023", VERSION(1023, 1023, 1023), "1023.1023.1023", "1023.1023.1023"},
    {"", 0, NULL, NULL},
    {"v", 0, NULL, NULL},
    {"latest", 0, NULL, NULL},
    {"2.", 0, NULL, NULL},
    {"2..1", 0, NULL, NULL},
    {"2.10.", 0, NULL, NULL},
    {"2.10.1.1", 0, NULL, NULL},
    {"2.x", 0, NULL, NULL},
    {" 2.10", 0, NULL, NULL},
    {"2.10 ", 0, NULL, NULL},
    {"-2.10", 0, NULL, NULL},
    {"2.1024.0", 0, NULL, NULL},
    {"99999999999999999999.0", 0, NULL, NULL},
};

START_TEST(reads_and_writes)
{
    const struct version_case *at = &versions[_i];
    uint32_t version = 0;
    ck_assert_msg(version_parse(at->text, &version) == (at->version != 0), "'%s'", at->text);
    ck_assert_uint_eq(version, at->version);
    if (!version)
        return;
    ck_assert_str_eq(version_format(&world.arena, version, false), at->whole);
    ck_assert_str_eq(version_format(&world.arena, version, true), at->brief);
}
END_TEST

START_TEST(compares)
{
    ck_assert(version_has(VERSION(2, 10, 0), VERSION(2, 10, 0)));
    ck_assert(version_has(VERSION(2, 10, 1), VERSION(2, 10, 0)));
    ck_assert(version_has(VERSION(2, 10, 0), VERSION(2, 9, 1023)));
    ck_assert(version_has(VERSION(3, 0, 0), VERSION(2, 15, 1)));
    ck_assert(version_has(VERSION(2, 9, 10), 0));
    ck_assert(!version_has(VERSION(2, 9, 10), VERSION(2, 10, 0)));
    ck_assert(!version_has(VERSION(2, 12, 4), VERSION(2, 12, 5)));
    ck_assert(version_has(VERSION_UNKNOWN, VERSION(2, 15, 1))); /* taken as the newest */
}
END_TEST

Suite *field_version_suite(void)
{
    Suite *suite = suite_create("field/version");
    TCase *tests = tcase_create("version");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, reads_and_writes, 0, COUNT_OF(versions));
    tcase_add_test(tests, compares);
    suite_add_tcase(suite, tests);
    return suite;
}
