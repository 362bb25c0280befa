/*
 * Round trips: what a manifest says reaches the server, and comes back as nothing left to do, on every server version.
 * All fields at once, each of them changed behind natsform's back, and integers beyond what a double holds.
 */
#include <check.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "kind/kinds.h"
#include "support/rows.h"
#include "support/run.h"
#include "support/samples.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

/* ---- every field ---- */

/* The paths of all fields that a configuration sets, as rows have them. */
static void collect(struct map *paths, const char *above, const struct table *table,
                    const struct node *config)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct field *field = table_field(table, config->members[i].key);
        struct node *value = config->members[i].value;
        const char *path = arena_printf(test_arena(), "%s.%s", above, field->name);
        map_put(paths, path, value);
        if (field->object && value->type == NODE_MAP)
            collect(paths, path, field->object, value);
        for (size_t j = 0; field->object && value->type == NODE_LIST && j < value->count; j++)
            collect(paths, path, field->object, value->items[j]);
    }
}

struct coverage {
    uint32_t version;
    struct map paths;
};

static void check_covered(void *context, const struct spot *spot)
{
    const struct coverage *coverage = context;
    bool known = true;
    for (const struct spot *up = spot; up; up = up->above)
        known &= since_holds(up->field->since, coverage->version);
    if (known && !(spot->field->flags & (FIELD_IDENTITY | FIELD_INTERNAL)))
        ck_assert_msg(map_get(&coverage->paths, spot->path) != NULL, "no sample has %s", spot->path);
}

START_TEST(samples_have_every_field)
{
    struct coverage coverage = {.version = version_number(version_at(_i))};
    map_init(&coverage.paths, test_arena());
    for (size_t i = 0; i < sample_count; i++)
        collect(&coverage.paths, sample_table(&samples[i])->noun, sample_table(&samples[i]),
                sample_config(&samples[i], coverage.version));
    rows_walk(&stream_table, check_covered, &coverage);
    rows_walk(&consumer_table, check_covered, &coverage);
}
END_TEST

/* The server's word for every sample, but for what changes by itself. */
static const char *configs_text(const struct server_fixture *server)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < sample_count; i++) {
        struct raw_reply info = raw_info(server, samples[i].stream, samples[i].consumer);
        strbuf_addf(&text, "%s %s\n", node_get(info.root, "created")->text, config_json(info.config));
    }
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    return copy;
}

static void check_every_field(const char *version, const char *project)
{
    struct server_fixture *server = fixture_start(version, NULL);
    const char *path = samples_manifest(version_number(version), project);
    must_apply(server, path);
    for (size_t i = 0; i < sample_count; i++) {
        const struct node *sent = sample_config(&samples[i], version_number(version));
        struct raw_reply info = raw_info(server, samples[i].stream, samples[i].consumer);
        bool marked = project && node_get(sent, "metadata");
        ck_assert_msg(marked || config_holds(sample_table(&samples[i]), sent, info.config),
                      "%s\nis on %s\n%s", config_json(sent), version, config_json(info.config));
    }
    const char *before = configs_text(server);
    must_be_in_sync(server, path);
    must_round_trip(server, path);
    ck_assert_str_eq(configs_text(server), before);
    fixture_stop(server);
}

START_TEST(every_field)
{
    check_every_field(version_at(_i), NULL);
}
END_TEST

START_TEST(every_field_of_a_project)
{
    check_every_field(version_at(_i), "samples");
}
END_TEST

/* ---- drift: each field that can change, changed behind natsform's back ---- */

static const struct drift {
    const char *stream;
    const char *consumer;
    const char *member;
} drifts[] = {
    {"FULL", NULL, "description: another"},
    {"FULL", NULL, "subjects: [full.a, full.b]"},
    {"FULL", NULL, "retention: limits"},
    {"FULL", NULL, "max_consumers: 99"},
    {"FULL", NULL, "max_msgs: 999"},
    {"FULL", NULL, "max_bytes: 999999"},
    {"FULL", NULL, "max_age: 3599" SECONDS},
    {"FULL", NULL, "max_msgs_per_subject: 9"},
    {"FULL", NULL, "max_msg_size: 9999"},
    {"FILE", NULL, "discard: new"},
    {"FULL", NULL, "num_replicas: 3"},
    {"FULL", NULL, "no_ack: false"},
    {"FULL", NULL, "duplicate_window: 59" SECONDS},
    {"FULL", NULL, "placement: {cluster: east, tags: [ssd]}"},
    {"SOURCES", NULL, "sources: [{name: ORIGIN}]"},
    {"FILE", NULL, "compression: none"},
    {"FULL", NULL, "first_seq: 99"},
    {"FULL", NULL, "subject_transform: {src: full.a, dest: full.y}"},
    {"FULL", NULL, "republish: {src: full.a, dest: copy.full}"},
    {"FULL", NULL, "allow_direct: false"},
    {"AFAR", NULL, "mirror_direct: false"},
    {"FULL", NULL, "discard_new_per_subject: false"},
    {"FILE", NULL, "allow_rollup_hdrs: false"},
    {"FULL", NULL, "consumer_limits: {inactive_threshold: 7200" SECONDS ", max_ack_pending: 1999}"},
    {"MARKERS", NULL, "subject_delete_marker_ttl: 59" SECONDS},
    {"BATCHES", NULL, "allow_atomic: false"},
    {"BATCHES", NULL, "allow_batched: false"},
    {"FULL", NULL, "metadata: {team: a}"},
    {"HOME", "pull", "durable_name: ''"},
    {"HOME", "pull", "description: another"},
    {"HOME", "pull", "ack_wait: 9" SECONDS},
    {"HOME", "pull", "max_deliver: 4"},
    {"HOME", "waits", "backoff: [1" SECONDS ", 3" SECONDS "]"},
    {"HOME", "waits", "filter_subject: home.b"},
    {"HOME", "pull", "filter_subjects: [home.a, home.c]"},
    {"HOME", "push", "rate_limit_bps: 999999"},
    {"HOME", "pull", "sample_freq: '60'"},
    {"HOME", "pull", "max_ack_pending: 49"},
    {"HOME", "pull", "headers_only: false"},
    {"HOME", "pull", "max_batch: 9"},
    {"HOME", "pull", "max_expires: 4" SECONDS},
    {"HOME", "pull", "max_bytes: 999"},
    {"HOME", "push", "deliver_subject: push.b"},
    {"HOME", "push", "deliver_group: another"},
    {"HOME", "pull", "inactive_threshold: 3599" SECONDS},
    {"HOME", "pull", "num_replicas: 0"},
    {"HOME", "pull", "mem_storage: false"},
    {"HOME", "pull", "metadata: {a: c}"},
    {"HOME", "pull", "pause_until: '2099-01-01T01:00:00Z'"},
    {"HOME", "pull", "priority_groups: [b]"},
    {"HOME", "pull", "priority_policy: overflow"},
    {"HOME", "pull", "priority_timeout: 59" SECONDS},
};

enum { DRIFTS = sizeof(drifts) / sizeof(drifts[0]) };

static const struct field *drifting_field(const struct drift *drift)
{
    const struct table *table = drift->consumer ? &consumer_table : &stream_table;
    return table_field(table, config_read(drift->member)->members[0].key);
}

/* Can somebody change it, and natsform change it back, on a server alone? */
static bool can_drift(const struct field *field, uint32_t version)
{
    enum update_policy policy = field_update_rule(field, version)->policy;
    return since_holds(field->since, version) && policy != UPDATE_NEVER && policy != UPDATE_LATCH &&
           policy != UPDATE_REMOVE && policy != UPDATE_CLUSTERED && policy != UPDATE_FREEZES;
}

static void check_drifts(void *context, const struct spot *spot)
{
    const struct coverage *coverage = context;
    bool tested = false;
    for (size_t i = 0; i < DRIFTS; i++)
        tested |= drifting_field(&drifts[i]) == spot->field;
    if (!spot->above && can_drift(spot->field, coverage->version) &&
        !(spot->field->flags & (FIELD_IDENTITY | FIELD_INTERNAL)))
        ck_assert_msg(tested, "no drift of %s", spot->path);
}

START_TEST(drifts_are_of_every_field)
{
    struct coverage coverage = {.version = version_number(version_at(_i))};
    rows_walk(&stream_table, check_drifts, &coverage);
    rows_walk(&consumer_table, check_drifts, &coverage);
}
END_TEST

/* The live configuration, without the metadata keys that are the server's own. */
static struct node *live_config(const struct server_fixture *server, const char *stream, const char *consumer)
{
    const struct node *live = raw_info(server, stream, consumer).config;
    const struct node *metadata = node_get(live, "metadata");
    struct node *config = config_over(live, config_read(""));
    struct node *kept = config_read("");
    for (size_t i = 0; metadata && i < metadata->count; i++)
        if (strncmp(metadata->members[i].key, "_nats.", 6) != 0)
            node_put(test_arena(), kept, metadata->members[i].key, metadata->members[i].value);
    if (metadata)
        node_put(test_arena(), config, "metadata", kept);
    return config;
}

/* As somebody else would: the live configuration with the member in it. The pause has a request of its own. */
static void change_behind(const struct server_fixture *server, const struct drift *drift)
{
    const struct node *member = config_read(drift->member);
    struct node *config = config_over(live_config(server, drift->stream, drift->consumer), member);
    struct raw_reply reply;
    if (field_update_rule(drifting_field(drift), version_number(server->version))->policy == UPDATE_SEPARATE)
        reply = raw_call(server,
                         arena_printf(test_arena(), "CONSUMER.PAUSE.%s.%s", drift->stream, drift->consumer),
                         config_json(member));
    else
        reply = raw_update(server, drift->stream, drift->consumer, config);
    ck_assert_msg(!reply.err_code, "%s on %s: %s", drift->member, server->version, reply.description);
}

/* The plan is to change that field of that object, and nothing else. */
static void must_plan_only(const struct server_fixture *server, const char *path, const struct drift *drift)
{
    struct run run = RUN("plan", "-o", "json", "-s", server->url, "-f", path);
    ck_assert_exit(run, 0);
    const struct node *changes = node_get(raw_reply_read(run.out).root, "resource_changes");
    ck_assert_msg(changes->count == 1, "%s on %s: %s", drift->member, server->version, run.out);
    const struct node *fields = node_get(changes->items[0], "fields");
    const char *address = drift->consumer
                              ? arena_printf(test_arena(), "consumer.%s.%s", drift->stream, drift->consumer)
                              : arena_printf(test_arena(), "stream.%s", drift->stream);
    ck_assert_str_eq(node_get(changes->items[0], "address")->text, address);
    ck_assert_msg(fields->count == 1, "%s on %s: %s", drift->member, server->version, config_json(fields));
    ck_assert_str_eq(node_get(fields->items[0], "field")->text, drifting_field(drift)->name);
}

START_TEST(every_drift_is_named_and_repaired)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    uint32_t version = version_number(server->version);
    const char *path = samples_manifest(version, NULL);
    must_apply(server, path);
    for (size_t i = 0; i < DRIFTS; i++) {
        if (!can_drift(drifting_field(&drifts[i]), version))
            continue;
        change_behind(server, &drifts[i]);
        must_plan_only(server, path, &drifts[i]);
        must_apply(server, path);
        must_be_in_sync(server, path);
    }
    fixture_stop(server);
}
END_TEST

/* ---- integers beyond what a double holds ---- */

START_TEST(integers_are_exact)
{
    struct server_fixture *server = fixture_start(version_at(_i), "jetstream: {max_file: 10000000000000000}");
    const char *path =
        manifest("streams:\n"
                 "  A:\n"
                 "    max_age: 400d\n"
                 "    max_bytes: 9007199254740993\n"
                 "    max_msgs: 9223372036854775807\n"
                 "    consumers:\n"
                 "      c: {deliver_policy: by_start_sequence, opt_start_seq: 18446744073709551615}\n");
    must_round_trip(server, path);
    const char *stream = info_text(server, "A", NULL);
    ck_assert_contains(stream, "\"max_age\":34560000000000000,");
    ck_assert_contains(stream, "\"max_bytes\":9007199254740993,");
    ck_assert_contains(stream, "\"max_msgs\":9223372036854775807,");
    ck_assert_contains(info_text(server, "A", "c"), "\"opt_start_seq\":18446744073709551615,");

    /* The neighbours are the same as doubles, and other values here. */
    struct node *config =
        config_over(live_config(server, "A", NULL),
                    config_read("max_bytes: 9007199254740992, max_msgs: 9223372036854775806"));
    ck_assert_int_eq(raw_update(server, "A", NULL, config).err_code, 0);
    struct run plan = RUN("plan", "-o", "json", "-s", server->url, "-f", path);
    ck_assert_exit(plan, 0);
    ck_assert_contains(plan.out, "\"before\": 9007199254740992,");
    ck_assert_contains(plan.out, "\"after\": 9007199254740993,");
    ck_assert_contains(plan.out, "\"before\": 9223372036854775806,");
    ck_assert_contains(plan.out, "\"after\": 9223372036854775807,");
    must_round_trip(server, path);

    raw_must(server, "CONSUMER.DELETE.A.c", "");
    must_create(server, "A", "c",
                "durable_name: c, deliver_policy: by_start_sequence, opt_start_seq: 18446744073709551614");
    plan = RUN("plan", "-o", "json", "-s", server->url, "-f", path);
    ck_assert_exit(plan, 0);
    ck_assert_contains(plan.out, "\"action\": \"migrate\""); /* it has delivered nothing yet */
    ck_assert_contains(plan.out, "\"before\": 18446744073709551614,");
    ck_assert_contains(plan.out, "\"after\": 18446744073709551615,");
    fixture_stop(server);
}
END_TEST

/* ---- reading ahead ---- */

/* So many that lists come in while the manifest is still being read. */
static const char *many_streams(const char *more)
{
    enum { STREAMS = 400 };
    struct strbuf text = {0};
    strbuf_addf(&text, "streams:\n%s", more);
    for (int i = 0; i < STREAMS; i++)
        strbuf_addf(&text,
                    "  S%03d:\n    subjects: [s.%d.>]\n    storage: memory\n"
                    "    consumers: {a: {ack_policy: explicit}, b: {filter_subject: s.%d.x}}\n",
                    i, i, i);
    const char *path = manifest(strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* A guess asks for the consumers of a stream that this user may not read: that matters only if they are wanted. */
START_TEST(what_is_guessed_does_no_harm)
{
    const struct fixture_options options = {
        .version = version_at(_i),
        .login = "all:p",
        .config = "authorization { users: [ {user: all, password: p}, {user: some, password: p, permissions: "
                  "{publish: {deny: [\"$JS.API.CONSUMER.LIST.PRIVATE\"]}}} ] }\n"};
    struct server_fixture *server = fixture_start_with(&options);
    const char *all = arena_printf(test_arena(), "nats://all:p@127.0.0.1:%d", server->port);
    const char *some = arena_printf(test_arena(), "nats://some:p@127.0.0.1:%d", server->port);
    const char *path = many_streams("");
    ck_assert_exit(RUN("apply", "-s", all, "-f", path, "--yes"), 0);
    ck_assert_lacks(
        raw_request(server, "$JS.API.STREAM.CREATE.PRIVATE", "{\"name\":\"PRIVATE\",\"subjects\":[\"p\"]}"),
        "error");
    ck_assert_lacks(
        raw_request(
            server, "$JS.API.CONSUMER.DURABLE.CREATE.PRIVATE.c",
            "{\"stream_name\":\"PRIVATE\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"none\"}}"),
        "error");
    ck_assert_exit(RUN("plan", "-s", all, "-f", path, "--detailed-exitcode"), 0);
    ck_assert_exit(RUN("plan", "-s", some, "-f", path, "--detailed-exitcode"), 0);

    path = many_streams("  PRIVATE: {subjects: [p], consumers: {c: }}\n");
    ck_assert_exit(RUN("plan", "-s", all, "-f", path, "--detailed-exitcode"), 0);
    struct run refused = RUN("plan", "-s", some, "-f", path, "--detailed-exitcode");
    ck_assert_exit(refused, 1);
    ck_assert_contains(refused.err, "cannot list the consumers of stream 'PRIVATE'");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = samples_have_every_field, .each_version = true},
        {.test = every_field, .each_version = true},
        {.test = every_field_of_a_project, .each_version = true},
        {.test = drifts_are_of_every_field, .each_version = true},
        {.test = every_drift_is_named_and_repaired, .each_version = true},
        {.test = integers_are_exact, .each_version = true},
        {.test = what_is_guessed_does_no_harm, .each_version = true},
    };
    return suite_run("roundtrip", tests, sizeof(tests) / sizeof(tests[0]));
}
