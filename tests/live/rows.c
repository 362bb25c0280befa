/*
 * Walks every row of the field tables against every server version: what natsform says to a state of an object, or to
 * a change of it, is what the server does (support/trials.c says how each is tried, support/bench.c how word and deed are
 * compared). A new row of a plain type needs nothing here; one whose type says too little (support/rows.h) fails until it has
 * a case.
 */
#include <check.h>
#include <nats/nats.h>
#include <string.h>

#include "kind/kinds.h"
#include "support/bench.h"
#include "support/suite.h"
#include "support/trials.h"
#include "support/trip.h"

#define PUSH "deliver_subject: push.row"
#define LASTS "inactive_threshold: 3600000000000" /* what is not durable would go after 5 s */

static const struct row_case cases[] = {
    {"stream.num_replicas", NULL, {"num_replicas: 1", "num_replicas: 3"}},
    {"stream.placement.tags", NULL, {"", "tags: [ssd]", "tags: [ssd, big]"}},
    {"stream.mirror.name", NULL, {"name: ORIGIN", "name: OTHER"}},
    {"stream.mirror.filter_subject", NULL, {"", "filter_subject: origin.a", "filter_subject: origin.b"}},
    {"stream.mirror.subject_transforms.src", NULL, {"src: origin.a", "src: origin.b"}},
    {"stream.sources", NULL, {"", "sources: [{name: ORIGIN}]", "sources: [{name: ORIGIN}, {name: OTHER}]"}},
    {"stream.sources.name", NULL, {"name: ORIGIN", "name: OTHER"}},
    {"stream.sources.filter_subject", NULL, {"", "filter_subject: origin.a", "filter_subject: origin.b"}},
    {"stream.sources.subject_transforms.src", NULL, {"src: origin.a", "src: origin.b"}},
    {"stream.republish.src", "subjects: [row.>]", {"src: row.a", "src: row.b"}},
    {"stream.mirror_direct", "mirror: {name: NOWHERE}", {0}},
    {"stream.discard_new_per_subject", "discard: new, max_msgs_per_subject: 5", {0}},
    {"stream.subject_delete_marker_ttl", NULL, {0}},
    {"stream.subject_delete_marker_ttl", "allow_msg_ttl: true, allow_rollup_hdrs: true", {0}},
    {"stream.metadata", NULL, {"", "metadata: {team: a}", "metadata: {team: b, more: c}"}},
    {"consumer.durable_name", LASTS, {"durable_name: " ROW_CONSUMER, "durable_name: ''"}},
    {"consumer.description", NULL, {0}},
    {"consumer.description", "deliver_policy: by_start_time, opt_start_time: '2024-01-01T00:00:00Z'", {0}},
    {"consumer.deliver_policy",
     "filter_subject: home.a",
     {"deliver_policy: all", "deliver_policy: last", "deliver_policy: new",
      "deliver_policy: by_start_sequence, opt_start_seq: 5",
      "deliver_policy: by_start_time, opt_start_time: '2024-01-01T00:00:00Z'",
      "deliver_policy: last_per_subject"}},
    {"consumer.opt_start_seq", "deliver_policy: by_start_sequence", {"opt_start_seq: 5", "opt_start_seq: 6"}},
    {"consumer.opt_start_time",
     "deliver_policy: by_start_time",
     {"opt_start_time: '2024-01-01T00:00:00Z'", "opt_start_time: '2024-01-02T00:00:00+01:00'"}},
    {"consumer.ack_policy", NULL, {"ack_policy: none", "ack_policy: all", "ack_policy: explicit"}},
    {"consumer.ack_policy",
     PUSH ", flow_control: true, idle_heartbeat: 1000000000",
     {"ack_policy: none", "ack_policy: explicit", "ack_policy: flow_control"}},
    {"consumer.backoff",
     "max_deliver: 5",
     {"", "backoff: [1000000000, 2000000000]", "backoff: [2000000000, 1000000000]"}},
    {"consumer.filter_subject",
     NULL,
     {"", "filter_subject: home.a", "filter_subjects: [home.a, home.c]", "filter_subject: home.b"}},
    {"consumer.filter_subjects",
     NULL,
     {"", "filter_subjects: [home.a, home.b]", "filter_subjects: [home.b, home.c]"}},
    {"consumer.rate_limit_bps", PUSH, {0}},
    {"consumer.max_ack_pending",
     NULL,
     {"", "max_ack_pending: 10", "max_ack_pending: -1", "max_ack_pending: 5000"}},
    {"consumer.flow_control", PUSH ", idle_heartbeat: 1000000000", {0}},
    {"consumer.idle_heartbeat", PUSH, {0}},
    {"consumer.deliver_subject", NULL, {"", "deliver_subject: push.a", "deliver_subject: push.b"}},
    {"consumer.deliver_group", PUSH, {0}},
    {"consumer.num_replicas", NULL, {"", "num_replicas: 1", "num_replicas: 3"}},
    {"consumer.metadata", NULL, {"", "metadata: {team: a}", "metadata: {team: b, more: c}"}},
    {"consumer.pause_until",
     NULL,
     {"", "pause_until: '2099-01-01T00:00:00Z'", "pause_until: '2099-06-01T12:00:00+02:00'"}},
    {"consumer.priority_groups",
     "priority_policy: overflow",
     {"priority_groups: [a]", "priority_groups: [b]", "priority_groups: [a, b]"}},
    {"consumer.priority_policy",
     NULL,
     {"", "priority_policy: overflow, priority_groups: [a]",
      "priority_policy: pinned_client, priority_groups: [a]",
      "priority_policy: prioritized, priority_groups: [a]"}},
    {"consumer.priority_timeout", "priority_policy: pinned_client, priority_groups: [a]", {0}},
    {"consumer.direct", PUSH ", durable_name: '', " LASTS, {0}},
    {"consumer.sourcing", PUSH ", idle_heartbeat: 1000000000, flow_control: true", {0}},
};

static struct row_cases all_cases(void)
{
    return ROW_CASES(cases);
}

START_TEST(every_case_has_a_row)
{
    (void)_i;
    row_cases_check(all_cases());
}
END_TEST

static void check_rows_of(const struct table *table, const char *version)
{
    struct server_fixture *server = fixture_start(version, NULL);
    struct bench bench;
    struct trials trials = {.bench = &bench};
    bench_start(&bench, server, all_cases(), false);
    rows_walk(table, trials_add_row, &trials);
    trials_check(&trials);
    bench_end(&bench);
    /* That something was tried: two states of each row at least, and most changes. */
    ck_assert_uint_ge(bench.states, 2 * bench.rows);
    ck_assert_uint_ge(bench.changes, bench.rows);
    fixture_stop(server);
}

START_TEST(every_stream_row)
{
    check_rows_of(&stream_table, version_at(_i));
}
END_TEST

START_TEST(every_consumer_row)
{
    check_rows_of(&consumer_table, version_at(_i));
}
END_TEST

/* ---- the server's own rows ---- */

/* A manifest cannot say it; what a live object has of it survives an update of something else. */
static void check_internal_row(void *context, const struct spot *spot)
{
    struct bench *bench = context;
    if (!(spot->field->flags & FIELD_INTERNAL))
        return;
    struct node *base = spot_base(spot, row_case_next(bench->cases, spot->path, NULL));
    struct node *described = config_over(base, config_read("description: described"));
    struct node *config = config_over(base, spot_state(spot, spot_member(spot, 0)));
    bench->rows++;
    bench_forget(bench, spot);
    if (!bench_rejects(bench, spot, config, "server-owned"))
        bench_complain(bench, spot, "natsform does not refuse it in a manifest");
    struct raw_reply deed = bench_create(bench, spot, config);
    if (deed.err_code || !config_holds(spot->table, config, deed.config))
        return; /* nothing on this server can have it */
    struct run run = bench_apply(bench, spot, described);
    struct raw_reply info = bench_info(bench, spot);
    if (run.exit_code != 0 || !config_holds(spot->table, config_over(described, config), info.config))
        bench_complain(bench, spot, "does not survive an update: %s%s", config_json(info.root), run.err);
    bench_forget(bench, spot);
}

/* The name is the key in the manifest. The server takes another one in a request for a mistake, or overrides it. */
static void check_identity_row(void *context, const struct spot *spot)
{
    struct bench *bench = context;
    if (!(spot->field->flags & FIELD_IDENTITY))
        return;
    struct node *base = spot_base(spot, NULL);
    struct node *renamed = config_over(base, spot_state(spot, spot_member(spot, 0)));
    bench->rows++;
    bench_forget(bench, spot);
    bench_create(bench, spot, base);
    if (!bench_rejects(bench, spot, renamed, "conflict"))
        bench_complain(bench, spot, "natsform does not refuse a name other than the key");
    struct raw_reply deed = bench_update(bench, spot, renamed);
    if (deed.err_code != spot->field->updates[0].err_code)
        bench_complain(bench, spot, "the server answers %d '%s'", deed.err_code, deed.description);
    if (!deed.err_code && strcmp(node_get(deed.config, spot->field->name)->text, ROW_CONSUMER) != 0)
        bench_complain(bench, spot, "the server renames: %s", config_json(deed.config));
    bench_forget(bench, spot);
}

/* Lists leave a direct consumer out; so there are enough others for natsform to ask by name, and that shows it. */
START_TEST(the_servers_own_rows)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct bench bench;
    bench_start(&bench, server, all_cases(), false);
    ck_assert(!raw_create(server, ROW_HOME, "one", config_read("durable_name: one")).err_code);
    ck_assert(!raw_create(server, ROW_HOME, "two", config_read("durable_name: two")).err_code);
    rows_walk(&stream_table, check_internal_row, &bench);
    rows_walk(&stream_table, check_identity_row, &bench);
    rows_walk(&consumer_table, check_internal_row, &bench);
    rows_walk(&consumer_table, check_identity_row, &bench);
    bench_end(&bench);
    fixture_stop(server);
}
END_TEST

/* ---- what no row can say: deliver_subject stays while somebody listens on it ---- */

START_TEST(a_bound_deliver_subject_stays)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const struct field *field = table_field_by_id(&consumer_table, CONSUMER_DELIVER_SUBJECT);
    const struct spot spot = {.table = &consumer_table, .field = field, .path = "consumer.deliver_subject"};
    struct node *before = config_over(spot_base(&spot, NULL), config_read("deliver_subject: push.a"));
    struct node *after = config_over(spot_base(&spot, NULL), config_read("deliver_subject: push.b"));
    struct bench bench;
    natsConnection *connection = NULL;
    natsSubscription *listener = NULL;
    bench_start(&bench, server, all_cases(), false);
    ck_assert(!bench_create(&bench, &spot, before).err_code);
    ck_assert_int_eq(natsConnection_ConnectTo(&connection, server->url), NATS_OK);
    ck_assert_int_eq(natsConnection_SubscribeSync(&listener, connection, "push.a"), NATS_OK);
    ck_assert_int_eq(natsConnection_Flush(connection), NATS_OK);

    struct verdict verdict = bench_ask(&bench, &spot, after);
    struct raw_reply deed = bench_update(&bench, &spot, after);
    ck_assert_int_eq(deed.err_code, 10013);
    ck_assert_msg(bench_agrees(&spot, &verdict, &deed, false, after), "natsform %s, the server says %d\n%s",
                  word_text(verdict.word), deed.err_code, verdict.err);
    ck_assert_contains(verdict.err, "nats-server ");
    ck_assert_contains(verdict.err, deed.description);

    natsSubscription_Destroy(listener);
    ck_assert_int_eq(natsConnection_Flush(connection), NATS_OK);
    ck_assert_exit(bench_apply(&bench, &spot, after), 0);
    natsConnection_Destroy(connection);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = every_case_has_a_row, .each_version = true},
        {.test = every_stream_row, .each_version = true},
        {.test = every_consumer_row, .each_version = true},
        {.test = the_servers_own_rows, .each_version = true},
        {.test = a_bound_deliver_subject_stays, .each_version = true},
    };
    return suite_run("rows", tests, sizeof(tests) / sizeof(tests[0]));
}
