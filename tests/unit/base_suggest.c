/* Unit tests of base/suggest.h. */
#include "base/suggest.h"

#include "unit/suites.h"

static const char *const names[] = {
    "max_age",     "max_bytes", "max_msgs", "num_replicas", "storage", "subjects", "retention",
    "description", "ack_wait",  "no_ack",   "mirror",       "sources", "ttl",      NULL};

struct suggest_case {
    const char *wanted;
    const char *best;
};

static const struct suggest_case cases[] = {
    {"max-age", "max_age"},
    {"MAX_AGE", "max_age"},
    {"maxage", "max_age"},
    {"max_gae", "max_age"},
    {"max_byte", "max_bytes"},
    {"storag", "storage"},
    {"sotrage", "storage"},
    {"subject", "subjects"},
    {"num_replica", "num_replicas"},
    {"desc", "description"}, /* the beginning of a name is near enough */
    {"num", "num_replicas"},
    {"nu", NULL},
    {"ttx", "ttl"},
    {"replicas", "num_replicas"},
    {"frobnicate", NULL},
    {"x", NULL},
    {"", NULL},
    {"a-name-that-is-so-very-much-longer-than-any-name-of-a-field-could-ever-be", NULL},
};

START_TEST(nearest_name)
{
    struct suggestion near = {.wanted = cases[_i].wanted};
    for (size_t i = 0; names[i]; i++)
        suggestion_consider(&near, names[i]);
    if (cases[_i].best)
        ck_assert_pstr_eq(near.best, cases[_i].best);
    else
        ck_assert_pstr_eq(near.best, NULL);
}
END_TEST

Suite *base_suggest_suite(void)
{
    Suite *suite = suite_create("base/suggest");
    TCase *tests = tcase_create("suggest");
    tcase_add_loop_test(tests, nearest_name, 0, (int)(sizeof(cases) / sizeof(cases[0])));
    suite_add_tcase(suite, tests);
    return suite;
}
