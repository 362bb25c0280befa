/* Test programs' suites; see suite.h. */
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/server_fixture.h"

/* Where ONLY_VERSION is among the versions; -1: it is not said. */
static int only_version(void)
{
    const char *only = getenv("ONLY_VERSION");
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    for (size_t i = 0; only && i < count; i++)
        if (strcmp(versions[i], only) == 0)
            return (int)i;
    if (!only || !*only)
        return -1;
    fprintf(stderr, "ONLY_VERSION is %s, which is none of VERSIONS\n", only);
    exit(EXIT_FAILURE);
}

bool suite_has_version(size_t index)
{
    int only = only_version();
    return only < 0 || (size_t)only == index;
}

bool suite_has_rest(void)
{
    const char *said = getenv("WITH_REST");
    size_t count = 0;
    if (said)
        return *said;
    server_versions(&count);
    return suite_has_version(count - 1);
}

int suite_run_made(Suite *suite)
{
    check_set_max_msg_size(SUITE_MESSAGE_MOST);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

bool suite_takes(size_t number, size_t index, size_t count)
{
    const char *exhaustive = getenv("EXHAUSTIVE");
    return (exhaustive && *exhaustive) || number % count == index;
}

/* Those of one lane: its share of all that there is to run. */
static int run_lane(const char *name, const struct suite_test *tests, size_t count, size_t lane, size_t lanes)
{
    size_t versions = 0, number = 0;
    int only = only_version();
    server_versions(&versions);
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    suite_add_tcase(suite, all);
    for (size_t i = 0; i < count; i++) {
        int times = tests[i].times ? (int)tests[i].times : 1;
        int first = tests[i].each_version && only >= 0 ? only * times : 0;
        int last = tests[i].each_version && only < 0 ? times * (int)versions : first + times;
        bool runs = tests[i].each_version || suite_has_rest();
        for (int turn = first; runs && turn < last; turn++)
            if (number++ % lanes == lane)
                tcase_add_loop_test(all, tests[i].test, turn, turn + 1);
    }
    return suite_run_made(suite);
}

int suite_run(const char *name, const struct suite_test *tests, size_t count)
{
    return run_lane(name, tests, count, 0, 1);
}

struct lane {
    pid_t pid;
    FILE *said; /* both of its outputs */
};

static void print(FILE *said)
{
    char chunk[4096];
    size_t got = 0;
    rewind(said);
    while ((got = fread(chunk, 1, sizeof(chunk), said)) > 0)
        fwrite(chunk, 1, got, stdout);
    fclose(said);
}

static struct lane start_lane(const char *name, const struct suite_test *tests, size_t count, size_t lane,
                              size_t lanes)
{
    struct lane started = {.said = tmpfile()};
    started.pid = started.said ? fork() : -1;
    if (started.pid < 0) {
        perror("cannot start a lane");
        exit(EXIT_FAILURE);
    }
    if (started.pid == 0) {
        dup2(fileno(started.said), STDOUT_FILENO);
        dup2(fileno(started.said), STDERR_FILENO);
        exit(run_lane(name, tests, count, lane, lanes));
    }
    return started;
}

/* What they say is printed once each has ended, so that no line is in the middle of another lane's. */
int suite_run_in_lanes(const char *name, const struct suite_test *tests, size_t count, size_t lanes)
{
    struct lane list[SUITE_LANES_MOST];
    int result = EXIT_SUCCESS;
    lanes = lanes < SUITE_LANES_MOST ? lanes : SUITE_LANES_MOST;
    for (size_t i = 0; i < lanes; i++)
        list[i] = start_lane(name, tests, count, i, lanes);
    for (size_t i = 0; i < lanes; i++) {
        int status = 0;
        if (waitpid(list[i].pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            result = EXIT_FAILURE;
        print(list[i].said);
    }
    return result;
}
