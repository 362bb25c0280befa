/*
 * `apply --wait` on clusters: it ends when replicas are current and mirrors and sources hear from their origins, and says what is not
 * ready when its time is over.
 */
#include <check.h>
#include <string.h>

#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

static const char ready[] = "streams:\n"
                            "  S: {subjects: [s], num_replicas: 3, consumers: {c: {ack_policy: explicit}}}\n"
                            "  M: {mirror: {name: S}, num_replicas: 3}\n"
                            "  A: {sources: [{name: M}]}\n"
                            "  B1: {subjects: [b1]}\n"
                            "  B2: {subjects: [b2]}\n"
                            "  B3: {subjects: [b3]}\n"
                            "  B4: {subjects: [b4]}\n"
                            "key_values: {k: {num_replicas: 3}}\n";
START_TEST(until_all_is_ready)
{
    struct cluster_fixture *cluster = cluster_start(version_at(_i), "c");
    const char *url = cluster->nodes[0]->url, *path = manifest(ready);
    struct run run = RUN("apply", "--yes", "--wait", "-f", path, "-s", url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "All of it is ready.\n");
    /* There is nothing to change any more, and it waits all the same. */
    run = RUN("apply", "--yes", "--wait-timeout", "5m", "-f", path, "-s", url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "All of it is ready.\n");
    cluster_stop(cluster);
}
END_TEST

START_TEST(what_is_not_ready)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct run run = RUN(
        "apply", "--yes", "--wait-timeout", "10ms", "-f",
        manifest(
            "streams:\n  M: {mirror: {name: NOPE}}\n  A: {sources: [{name: GONE}]}\n  B: {subjects: [b]}\n"),
        "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "error: stream M is not ready: its mirror of 'NOPE'");
    ck_assert_contains(run.err, "error: stream A is not ready: its source 'GONE'");
    ck_assert_contains(run.err, "[not-usable]\n");
    ck_assert_lacks(run.err, "stream B is");
}
END_TEST

/* A server of three is away: what has a replica there says so, by the server's name, whether or not all answer that are only there. */
START_TEST(a_server_less)
{
    struct cluster_fixture *cluster = cluster_start(version_at(_i), "c");
    const char *path = manifest(ready);
    ck_assert_exit(RUN("apply", "--yes", "-f", path, "-s", cluster->nodes[0]->url), 0);
    fixture_shut_down(cluster->nodes[2]);
    struct run run;
    struct patience patience = {0};
    do {
        run = RUN("apply", "--yes", "--wait-timeout", "10ms", "-f", path, "-s", cluster->nodes[0]->url);
        ck_assert_msg(patience_lasts(&patience), "%s", run.err);

    } while (
        !strstr(run.err, "stream S is not ready: 2 of 3 replicas are current, and not that of n3") ||
        !strstr(run.err, "consumer S > c is not ready: 2 of 3 replicas are current, and not that of n3"));
    ck_assert_exit(run, 1);
    fixture_restart(cluster->nodes[2], NULL);
    ck_assert_exit(RUN("apply", "--yes", "--wait", "-f", path, "-s", cluster->nodes[0]->url), 0);
    cluster_stop(cluster);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = until_all_is_ready, .each_version = true},
        {.test = what_is_not_ready, .each_version = true},
        {.test = a_server_less, .each_version = true},
    };
    return suite_run("wait", tests, sizeof(tests) / sizeof(tests[0]));
}
