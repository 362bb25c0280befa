/* The index of subjects against the comparison of each with each. */
#include "rules/streams.h"

#include "field/subject.h"
#include "unit/suites.h"
#include "unit/world.h"

static const char *const subjects[] = {
    "a",     "b",     "a.b",   "a.*",   "a.>",   "*",     "*.b",     ">",       "a.b.c",   "a.*.c", "a.b.*",
    "*.*",   "*.*.c", "a.*.>", "*.>",   "b.>",   "a*",    "a*.b",    "a.b>",    "$JS.API", "$JS.>", "a.b.c.d",
    "a.b.>", "A",     "A.b",   "*.b.>", "a.*.*", "*.*.*", "a.b.c.>", "*.b.*.d", "x.y.z",
};

enum { SUBJECTS = sizeof(subjects) / sizeof(subjects[0]) };

static bool count(void *context, const char *subject, void *owner)
{
    size_t *found = context;
    ck_assert_ptr_nonnull(subject);
    found[*(size_t *)owner]++;
    return true;
}

START_TEST(same_as_each_with_each)
{
    struct subject_index *index = subject_index_new(&world.arena);
    size_t numbers[SUBJECTS];
    for (size_t i = 0; i < SUBJECTS; i++) {
        numbers[i] = i;
        subject_index_add(index, subjects[i], &numbers[i]);
    }
    for (size_t i = 0; i < SUBJECTS; i++) {
        size_t found[SUBJECTS] = {0};
        subject_index_find(index, subjects[i], count, found);
        for (size_t j = 0; j < SUBJECTS; j++)
            ck_assert_msg(found[j] == (size_t)subjects_collide(subjects[i], subjects[j]),
                          "%s and %s: %zu times", subjects[i], subjects[j], found[j]);
    }
}
END_TEST

static bool first_only(void *context, const char *subject, void *owner)
{
    (void)subject;
    (void)owner;
    ++*(size_t *)context;
    return false;
}

START_TEST(stops_when_told)
{
    struct subject_index *index = subject_index_new(&world.arena);
    size_t calls = 0;
    for (size_t i = 0; i < SUBJECTS; i++)
        subject_index_add(index, subjects[i], NULL);
    subject_index_find(index, "a.b.c", first_only, &calls);
    ck_assert_uint_eq(calls, 1);
    subject_index_find(index, ">", first_only, &calls);
    ck_assert_uint_eq(calls, 2);
    subject_index_find(index, "nothing.like.it.at.all", first_only, &calls);
    ck_assert_uint_eq(calls, 3); /* ">" */
}
END_TEST

Suite *rules_subject_index_suite(void)
{
    Suite *suite = suite_create("rules/subject_index");
    TCase *tests = tcase_create("subject_index");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_test(tests, same_as_each_with_each);
    tcase_add_test(tests, stops_when_told);
    suite_add_tcase(suite, tests);
    return suite;
}
