/*
 * The tests' own tools: what a failed assertion leaves behind, and which tests run for which version. This program runs itself
 * with tests that fail on purpose. No server is needed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"

enum { LINES = 4000 };

static const char *self; /* this program's path */

#define LAST_LINE "this is the last line"

static const char *long_text(void)
{
    struct strbuf text = {0};
    for (int i = 0; i < LINES; i++)
        strbuf_addf(&text, "line %d of a long output\n", i);
    strbuf_adds(&text, LAST_LINE "\n");
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    return copy;
}

/* ---- tests that fail ---- */

START_TEST(lacks_a_part)
{
    (void)_i;
    ck_assert_contains(long_text(), "what is not there");
}
END_TEST

START_TEST(has_a_part)
{
    (void)_i;
    ck_assert_lacks(long_text(), "line 0 of");
}
END_TEST

START_TEST(is_another_text)
{
    (void)_i;
    ck_assert_text(long_text(), "nothing");
}
END_TEST

START_TEST(ends_otherwise)
{
    (void)_i;
    ck_assert_exit(((struct run){.exit_code = 1, .out = "", .err = long_text()}), 0);
}
END_TEST

START_TEST(differs)
{
    (void)_i;
    ck_assert_str_eq(long_text(), "");
}
END_TEST

START_TEST(says_much)
{
    (void)_i;
    ck_abort_msg("said: %s", long_text());
}
END_TEST

static const struct failing {
    const char *name;
    const TTest *const *test; /* its address is no constant */
    const char *message;
    bool whole; /* its output is there to the end */
} failing[] = {
    {"contains", &lacks_a_part, "there is no 'what is not there' in:\nline 0 of", true},
    {"lacks", &has_a_part, "there is 'line 0 of' in:\nline 0 of", true},
    {"text", &is_another_text, "the text is\nline 0 of", true},
    {"exit", &ends_otherwise, "exit code 1 instead of 0\n--- stdout\n\n--- stderr\nline 0 of", true},
    {"str_eq", &differs, "failed: long_text() == \"line 0 of", false},
    {"msg", &says_much, "said: line 0 of", false},
};

START_TEST(nothing_is_lost)
{
    const struct failing *at = &failing[_i];
    struct run run = run_natsform(
        &(struct run_options){.program = self, .arguments = (const char *const[]){"fail", at->name, NULL}});
    ck_assert_int_eq(run.exit_code, EXIT_FAILURE);
    ck_assert_contains(run.out, "0%: Checks: 1, Failures: 1, Errors: 0\n");
    ck_assert_contains(run.out, at->message);
    if (at->whole)
        ck_assert_contains(run.err, "\n    | " LAST_LINE "\n");
    ck_assert_lacks(run.err, "too long");
}
END_TEST

/* ---- versions ---- */

START_TEST(says_its_number)
{
    fprintf(stderr, "each %d\n", _i);
}
END_TEST

START_TEST(says_it_runs)
{
    fprintf(stderr, "rest %d\n", _i);
}
END_TEST

static const struct selection {
    const char *only, *rest; /* ONLY_VERSION and WITH_REST; their names alone: there is none */
    const char *ran;
} selections[] = {
    {"ONLY_VERSION", "WITH_REST", "each 0\neach 1\neach 2\neach 3\nrest 0\nrest 1\nrest 2\n"},
    {"ONLY_VERSION=", "WITH_REST", "each 0\neach 1\neach 2\neach 3\nrest 0\nrest 1\nrest 2\n"},
    {"ONLY_VERSION=1.0.0", "WITH_REST", "each 0\neach 1\n"},
    {"ONLY_VERSION=2.0.0", "WITH_REST", "each 2\neach 3\nrest 0\nrest 1\nrest 2\n"},
    {"ONLY_VERSION=1.0.0", "WITH_REST=1", "each 0\neach 1\nrest 0\nrest 1\nrest 2\n"},
    {"ONLY_VERSION=2.0.0", "WITH_REST=", "each 2\neach 3\n"},
    {"ONLY_VERSION=3.0.0", "WITH_REST", "ONLY_VERSION is 3.0.0, which is none of VERSIONS\n"},
};

/* A version at a time they run what they run all at once, each once. */
START_TEST(each_version_has_its_tests)
{
    const struct selection *at = &selections[_i];
    struct run run = run_natsform(&(struct run_options){
        .program = self,
        .arguments = (const char *const[]){"select", NULL},
        .env = (const char *const[]){"VERSIONS=1.0.0 2.0.0", at->only, at->rest, NULL}});
    ck_assert_str_eq(run.err, at->ran);
    ck_assert_int_eq(run.exit_code, strncmp(at->ran, "ONLY", 4) == 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
END_TEST

/* ---- lanes ---- */

START_TEST(fails_in_one)
{
    ck_assert_int_ne(_i, 1);
}
END_TEST

/* Each runs its share, and says its own count; one that fails fails them all. */
START_TEST(lanes_share_their_tests)
{
    (void)_i;
    struct run run = run_natsform(
        &(struct run_options){.program = self, .arguments = (const char *const[]){"lanes", NULL}});
    ck_assert_int_eq(run.exit_code, EXIT_FAILURE);
    ck_assert_contains(run.out, "100%: Checks: 2, Failures: 0, Errors: 0\n");
    ck_assert_contains(run.out, "0%: Checks: 1, Failures: 1, Errors: 0\n");
}
END_TEST

START_TEST(versions_share_points)
{
    (void)_i;
    unsetenv("EXHAUSTIVE");
    for (size_t number = 0; number < 7; number++)
        ck_assert_int_eq(suite_takes(number, 0, 3) + suite_takes(number, 1, 3) + suite_takes(number, 2, 3),
                         1);
    setenv("EXHAUSTIVE", "1", 1);
    for (size_t number = 0; number < 7; number++)
        ck_assert(suite_takes(number, 1, 3));
}
END_TEST

/* ---- the program ---- */

static int fail_as(const char *name)
{
    for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++)
        if (strcmp(failing[i].name, name) == 0)
            return suite_run(name, &(struct suite_test){.test = *failing[i].test}, 1);
    return EXIT_FAILURE;
}

/* tests/run takes the usual "true" for a sign that this program is to run for each version. */
static int select_tests(void)
{
    const struct suite_test tests[] = {
        {.test = says_its_number, .times = 2, .each_version = 1},
        {.test = says_it_runs, .times = 3},
    };
    return suite_run("selected", tests, sizeof(tests) / sizeof(tests[0]));
}

static int run_lanes(void)
{
    return suite_run_in_lanes("lanes", &(struct suite_test){.test = fails_in_one, .times = 3}, 1, 2);
}

int main(int argc, char **argv)
{
    const struct suite_test tests[] = {
        {.test = nothing_is_lost, .times = sizeof(failing) / sizeof(failing[0])},
        {.test = each_version_has_its_tests, .times = sizeof(selections) / sizeof(selections[0])},
        {.test = lanes_share_their_tests},
        {.test = versions_share_points},
    };
    if (argc == 3)
        return fail_as(argv[2]);
    if (argc == 2)
        return strcmp(argv[1], "lanes") == 0 ? run_lanes() : select_tests();
    self = realpath(argv[0], NULL);
    return suite_run("harness", tests, sizeof(tests) / sizeof(tests[0]));
}
