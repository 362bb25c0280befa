/*
 * The rows that mean something else in a cluster, as rows.c has them for a server alone: copies and their place.
 */
#include <check.h>

#include "kind/kinds.h"
#include "support/bench.h"
#include "support/suite.h"
#include "support/trip.h"

static const struct row_case cases[] = {
    {"stream.num_replicas", NULL, {"num_replicas: 1", "num_replicas: 3"}},
    {"stream.placement", NULL, {"", "placement: {cluster: " ROW_CLUSTER "}"}},
    {"stream.placement.cluster", NULL, {"tags: [ssd], cluster: ''", "tags: [ssd]"}},
    {"stream.placement.tags", NULL, {"", "tags: [ssd]", "tags: [ssd, big]"}},
    {"consumer.num_replicas", NULL, {"", "num_replicas: 1", "num_replicas: 3"}},
};

static void check_row(void *context, const struct spot *spot)
{
    const struct bench *bench = context;
    if (row_case_next(bench->cases, spot->path, NULL))
        bench_check_row(context, spot);
}

START_TEST(every_case_has_a_row)
{
    (void)_i;
    row_cases_check(ROW_CASES(cases));
}
END_TEST

START_TEST(every_row_of_clusters)
{
    struct cluster_fixture *cluster =
        cluster_start_with(version_at(_i), ROW_CLUSTER, "server_tags: [ssd, big]");
    struct bench bench;
    bench_start(&bench, cluster->nodes[0], ROW_CASES(cases), true);
    rows_walk(&stream_table, check_row, &bench);
    rows_walk(&consumer_table, check_row, &bench);
    bench_end(&bench);
    cluster_stop(cluster);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = every_case_has_a_row, .each_version = true},
        {.test = every_row_of_clusters, .each_version = true},
    };
    return suite_run("rows_cluster", tests, sizeof(tests) / sizeof(tests[0]));
}
