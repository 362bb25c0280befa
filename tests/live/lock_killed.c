/* What is left of the project's lock when a run that has it is killed, and when that ends. The lock's true times, no shorter ones. */
#include <check.h>
#include <signal.h>
#include <string.h>

#include "support/moment.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

enum { LEASE_IS_OVER_US = 20 * 1000000 }; /* the lock's own: no look before that finds it gone */

static void assert_marker(const struct server_fixture *server, const char *holders)
{
    const char *list = raw_request(server, "$JS.API.STREAM.LIST", "");
    ck_assert_contains(list, "natsform_lock_");
    ck_assert_contains(list, holders);
}

static bool has_consumers(const struct server_fixture *server, int count)
{
    const char *list = raw_request(server, "$JS.API.STREAM.LIST", "");
    return list && strstr(list, arena_printf(test_arena(), "\"consumer_count\":%d", count));
}

/* The lock's consumer is asked for, and not waited for. */
static void kill_once_born(struct moment *moment, pid_t pid)
{
    AWAIT(has_consumers(moment->server, 1));
    kill(pid, SIGKILL);
}

/* Killed without a word: others are kept out as long as the server keeps the consumer, and the next run takes over then. */
START_TEST(killed_holder)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *path = many_streams();
    struct moment moment = {.word = "[1/", .then = kill_once_born, .server = server};
    struct run run = moment_run_in_the_middle(&moment, server, path);
    ck_assert_int_eq(run.signal, SIGKILL);
    run = RUN("apply", "--yes", "-f", path, "-s", server->url);
    ck_assert_exit(run, 75);
    ck_assert_contains(run.err, arena_printf(test_arena(), ", pid %ld, since 20", (long)moment.pid));
    assert_marker(server, "\"consumer_count\":1");
    run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"apply", "--yes", "--lock-timeout", "10m", "-f", path, "-s",
                                           server->url, NULL},
    });
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: ");
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

/* Killed, and nobody follows: an empty stream stays, which nobody sees and the next run removes without waiting for leave. */
START_TEST(killed_for_good)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *path = many_streams();
    struct moment moment = {.word = "[1/", .then = kill_once_born, .server = server};
    moment_run_in_the_middle(&moment, server, path);
    let_pass(LEASE_IS_OVER_US);
    AWAIT(!has_consumers(server, 1)); /* the server removes the one that there was by itself */
    assert_marker(server, "\"messages\":0");
    struct run run = RUN("plan", "-f", path, "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, " to create, ");
    ck_assert_lacks(run.out, "natsform_lock_");
    run = RUN("export", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "natsform_lock_");
    must_apply(server, path); /* does not wait: --lock-timeout is for the living */
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = killed_holder, .each_version = true},
        {.test = killed_for_good, .each_version = true},
    };
    return suite_run("lock killed", tests, sizeof(tests) / sizeof(tests[0]));
}
