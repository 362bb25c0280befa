/*
 * What natsform warns of, servers take: each manifest of support/lint_cases.h is applied to each server version that has its fields, and
 * says its code, once before and once while it is applied.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "support/lint_cases.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

/* A case of a version that lacks a field, or refuses what later ones take, is another test's. */
static bool is_for(const char *path, const char *version)
{
    struct run run = RUN("validate", "-f", path, "--server-version", version);
    return run.exit_code == EXIT_DONE;
}

static bool apply(const struct server_fixture *server, const struct lint_case *at)
{
    const char *path = write_file(test_directory(), "natsform.yaml", at->fires);
    const char *code = arena_printf(test_arena(), "[%s]", at->code);
    if (!is_for(path, server->version))
        return false;
    struct run run = RUN("apply", "-s", server->url, "-f", path, "--yes");
    ck_assert_exit(run, EXIT_DONE);
    ck_assert_contains(run.err, code);
    run = RUN("plan", "-s", server->url, "-f", path, "--detailed-exitcode");
    ck_assert_exit(run, EXIT_DONE);
    run = RUN("destroy", "-s", server->url, "-f", path, "--yes");
    ck_assert_exit(run, EXIT_DONE);
    return true;
}

/* One needs a cluster, which takes any number; some are of what later versions do better. */
static bool is_left_out(const struct lint_case *at, const char *version)
{
    return strcmp(at->code, "replicas-even") == 0 || (at->version && version_number(version) > at->version);
}

START_TEST(servers_take_it)
{
    size_t count = 0;
    size_t skipped = 0;
    struct server_fixture *server = fixture_start(server_versions(&count)[_i], NULL);
    for (size_t i = 0; i < lint_case_count; i++)
        if (!is_left_out(&lint_cases[i], server->version))
            skipped += !apply(server, &lint_cases[i]);
    fixture_stop(server);
    if (_i + 1 == (int)count)
        ck_assert_uint_eq(skipped, 0);
    ck_assert_uint_lt(skipped, lint_case_count / 2);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = servers_take_it, .each_version = true},
    };
    return suite_run("lint", tests, sizeof(tests) / sizeof(tests[0]));
}
