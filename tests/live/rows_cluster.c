/*
 * The rows that mean something else in a cluster, as rows.c has them for a server alone: copies and their place.
 */
#include <check.h>

#include "kind/kinds.h"
#include "support/bench.h"
#include "support/suite.h"
#include "support/trials.h"
#include "support/trip.h"

static const struct row_case cases[] = {
    {"stream.num_replicas", NULL, {"num_replicas: 1", "num_replicas: 3"}},
    {"stream.placement", NULL, {"", "placement: {cluster: " ROW_CLUSTER "}"}},
    {"stream.placement.cluster", NULL, {"tags: [ssd], cluster: ''", "tags: [ssd]"}},
    {"stream.placement.tags", NULL, {"", "tags: [ssd]", "tags: [ssd, big]"}},
    {"consumer.num_replicas", NULL, {"", "num_replicas: 1", "num_replicas: 3"}},
};

static void add_row(void *context, const struct spot *spot)
{
    const struct trials *trials = context;
    if (row_case_next(trials->bench->cases, spot->path, NULL))
        trials_add_row(context, spot);
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
    struct trials trials = {.bench = &bench};
    bench_start(&bench, cluster->nodes[0], ROW_CASES(cases), true);
    rows_walk(&stream_table, add_row, &trials);
    trials_check(&trials);
    rows_walk(&consumer_table, add_row, &trials);
    trials_check(&trials);
    bench_end(&bench);
    ck_assert_uint_ge(bench.states, 2 * bench.rows);
    ck_assert_uint_ge(bench.changes, bench.rows);
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
