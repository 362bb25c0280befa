/*
 * Streams of a cluster that move and get another number of copies in one apply, with a consumer that gets as many: two updates, of which
 * the second waits for the first.
 */
#include <check.h>
#include <string.h>

#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

static const char more[] = "streams:\n"
                           "  S: {subjects: [s], num_replicas: 3, placement: {tags: [ssd]},\n"
                           "      consumers: {c: {ack_policy: explicit, num_replicas: 3}}}\n";
static const char fewer[] = "streams:\n"
                            "  S: {subjects: [s], num_replicas: 1, placement: {tags: [big]},\n"
                            "      consumers: {c: {ack_policy: explicit, num_replicas: 1}}}\n";

static void change_to(const struct server_fixture *server, const char *text, const char *late)
{
    const char *path = manifest(text);
    struct run run = RUN("apply", "--yes", "-f", path, "-s", server->url);
    ck_assert_exit(run, 0);
    if (late)
        ck_assert_contains(run.out, late);
    run = RUN("plan", "--detailed-exitcode", "-f", path, "-s", server->url);
    ck_assert_exit(run, 0);
}

START_TEST(moves_and_scales)
{
    struct cluster_fixture *cluster = cluster_start_with(version_at(_i), "c", "server_tags: [ssd, big]");
    change_to(cluster->nodes[0], fewer, NULL);
    change_to(cluster->nodes[0], more, "num_replicas: 1 -> 3  in a second update\n");
    change_to(cluster->nodes[0], fewer, "placement:  in a second update\n");
    change_to(cluster->nodes[0], more, "num_replicas: 1 -> 3  in a second update\n");
    cluster_stop(cluster);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = moves_and_scales, .each_version = true},
    };
    return suite_run("moves", tests, sizeof(tests) / sizeof(tests[0]));
}
