/*
 * Round trips: what a manifest says reaches the server, and comes back as nothing left to do, on every server version.
 * All fields at once, nothing but names, values that are equal in meaning, integers beyond what a double holds, what
 * servers fill in, and each field that somebody changes behind natsform's back.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "kind/kinds.h"
#include "kind/version.h"
#include "support/config.h"
#include "support/rows.h"
#include "support/run.h"
#include "support/scratch.h"

static const char *version_at(int index)
{
    size_t count = 0;
    return server_versions(&count)[index];
}

static uint32_t number_of(const char *version)
{
    uint32_t number = 0;
    ck_assert(version_parse(version, &number));
    return number;
}

static bool is_old(const struct server_fixture *server)
{
    return number_of(server->version) < VERSION(2, 10, 0);
}

/* ---- natsform, as a user runs it ---- */

static const char *manifest(const char *text)
{
    return write_file(test_directory(), "natsform.yaml", text);
}

static struct run apply(const struct server_fixture *server, const char *path)
{
    return RUN("apply", "--yes", "-s", server->url, "-f", path);
}

static void must_apply(const struct server_fixture *server, const char *path)
{
    struct run run = apply(server, path);
    ck_assert_exit(run, 0);
}

static void must_be_in_sync(const struct server_fixture *server, const char *path)
{
    struct run run = RUN("plan", "--detailed-exitcode", "-s", server->url, "-f", path);
    ck_assert_msg(run.exit_code == 0, "on %s, exit code %d:\n%s\n%s%s", server->version, run.exit_code,
                  read_file(path), run.out, run.err);
}

/* Applies it; the plan after that is empty, and another apply does nothing. */
static void must_round_trip(const struct server_fixture *server, const char *path)
{
    must_apply(server, path);
    must_be_in_sync(server, path);
    struct run again = apply(server, path);
    ck_assert_exit(again, 0);
    ck_assert_str_eq(again.err, "");
}

static void must_create(const struct server_fixture *server, const char *stream, const char *consumer,
                        const char *config)
{
    struct raw_reply reply = raw_create(server, stream, consumer, config_read(config));
    ck_assert_msg(!reply.err_code, "%s: %s", config, reply.description);
}

/* What the server has: the raw text. */
static const char *info_text(const struct server_fixture *server, const char *stream, const char *consumer)
{
    const char *subject = consumer
                              ? arena_printf(test_arena(), "$JS.API.CONSUMER.INFO.%s.%s", stream, consumer)
                              : arena_printf(test_arena(), "$JS.API.STREAM.INFO.%s", stream);
    const char *text = raw_request(server, subject, "");
    ck_assert_msg(text && *text, "%s: no answer", subject);
    return text;
}

/* ---- every field ---- */

#define SECONDS "000000000"

/* Objects that have every field between them, in the wire's units. Several, as some fields exclude each other. */
static const struct sample {
    const char *stream;
    const char *consumer;
    const char *config;
} samples[] = {
    {"ORIGIN", NULL, "subjects: [origin.>], allow_direct: true"},
    {"OTHER", NULL, "subjects: [other.>]"},
    {"HOME", NULL, "subjects: [home.>]"},
    {"FULL", NULL,
     "description: 'all of it: <\xc3\xbc> & \"more\"', subjects: [full.a, full.b, 'full.*.c'], retention: interest, "
     "max_consumers: 100, max_msgs: 1000, max_bytes: 1000000, max_age: 3600" SECONDS
     ", max_msgs_per_subject: 10, "
     "max_msg_size: 10000, discard: new, discard_new_per_subject: true, storage: memory, num_replicas: 1, no_ack: true, "
     "duplicate_window: 60" SECONDS ", placement: {cluster: east, tags: [ssd, big]}, first_seq: 100, "
     "subject_transform: {src: full.a, dest: full.z}, republish: {src: full.a, dest: copy.full, headers_only: true}, "
     "allow_direct: true, deny_delete: true, deny_purge: true, "
     "consumer_limits: {inactive_threshold: 7200" SECONDS
     ", max_ack_pending: 2000}, metadata: {team: a, note: 'b c'}"},
    {"FILE", NULL, "storage: file, compression: s2, allow_rollup_hdrs: true, duplicate_window: 120" SECONDS},
    {"SEALED", NULL, "sealed: true, discard: new, deny_delete: true, deny_purge: true"},
    {"MIRROR", NULL, "mirror: {name: ORIGIN, opt_start_seq: 5, filter_subject: origin.a}"},
    {"AFAR", NULL,
     "mirror: {name: FAR, opt_start_time: '2024-01-01T00:00:00+01:00', external: {api: $JS.hub.API, deliver: to.hub}, "
     "subject_transforms: [{src: far.a, dest: near.a}, {src: far.b, dest: near.b}]}, mirror_direct: true"},
    {"FED", NULL, "mirror: {name: OTHER, consumer: {name: feed, deliver_subject: feed.fed}}"},
    {"SOURCES", NULL,
     "sources: [{name: ORIGIN, opt_start_seq: 7, filter_subject: origin.a}, "
     "{name: OTHER, opt_start_time: '2024-01-01T00:00:00.123456789Z', "
     "subject_transforms: [{src: other.a, dest: sourced.a}, {src: other.b, dest: sourced.b}]}, "
     "{name: FAR, external: {api: $JS.far.API, deliver: to.far}}, "
     "{name: HOME, consumer: {name: feed, deliver_subject: feed.sources}}]"},
    {"MARKERS", NULL,
     "allow_msg_ttl: true, subject_delete_marker_ttl: 60" SECONDS ", allow_rollup_hdrs: true"},
    {"COUNTER", NULL, "allow_msg_counter: true"},
    {"SCHEDULES", NULL, "allow_msg_schedules: true, allow_rollup_hdrs: true"},
    {"BATCHES", NULL, "allow_atomic: true, allow_batched: true"},
    {"ASYNC", NULL, "persist_mode: async"},
    {"HOME", "pull",
     "durable_name: pull, description: pulls, deliver_policy: by_start_sequence, opt_start_seq: 5, ack_policy: explicit, "
     "ack_wait: 10" SECONDS ", max_deliver: 5, filter_subjects: [home.a, home.b], replay_policy: original, "
     "sample_freq: 50%, max_waiting: 100, max_ack_pending: 50, headers_only: true, max_batch: 10, "
     "max_expires: 5" SECONDS ", max_bytes: 1000, inactive_threshold: 3600" SECONDS ", num_replicas: 1, "
     "mem_storage: true, metadata: {a: b}, pause_until: '2099-01-01T01:00:00+01:00', priority_groups: [a], "
     "priority_policy: pinned_client, priority_timeout: 60" SECONDS},
    {"HOME", "late",
     "deliver_policy: by_start_time, opt_start_time: '2024-01-01T00:00:00Z', ack_policy: all"},
    {"HOME", "waits",
     "ack_policy: all, filter_subject: home.a, max_deliver: 5, backoff: [1" SECONDS ", 2" SECONDS
     ", 1" SECONDS "]"},
    {"HOME", "push",
     "ack_policy: none, deliver_subject: push.a, deliver_group: group, flow_control: true, idle_heartbeat: 5" SECONDS
     ", rate_limit_bps: 1000000"},
    {"HOME", "flow",
     "ack_policy: flow_control, deliver_subject: push.flow, flow_control: true, idle_heartbeat: 1" SECONDS},
    {"HOME", "passing", "durable_name: '', ack_policy: explicit, inactive_threshold: 60" SECONDS},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static const struct table *table_of(const struct sample *sample)
{
    return sample->consumer ? &consumer_table : &stream_table;
}

static bool is_known(const struct field *field, const struct node *value, uint32_t version)
{
    const struct choice *choice = field->type == FIELD_CHOICE ? field_choice(field, value->text) : NULL;
    return version_has(version, field->since) && (!choice || version_has(version, choice->since));
}

/* The part of a configuration that a server of that version knows. */
static struct node *known_part(const struct table *table, const struct node *config, uint32_t version)
{
    struct node *known = config_read("");
    for (size_t i = 0; i < config->count; i++) {
        const struct field *field = table_field(table, config->members[i].key);
        struct node *value = config->members[i].value;
        ck_assert_msg(field != NULL, "there is no row '%s'", config->members[i].key);
        if (!is_known(field, value, version))
            continue;
        if (field->object && value->type == NODE_MAP)
            value = known_part(field->object, value, version);
        for (size_t j = 0; field->object && value->type == NODE_LIST && j < value->count; j++)
            value->items[j] = known_part(field->object, value->items[j], version);
        node_put(test_arena(), known, field->name, value);
    }
    return known;
}

static struct node *config_of(const struct sample *sample, uint32_t version)
{
    return known_part(table_of(sample), config_read(sample->config), version);
}

/* Streams with their consumers, as a manifest spells them. */
static const char *manifest_of_samples(uint32_t version, const char *project)
{
    struct node *streams = config_read("");
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        struct node *spelled = config_spell(table_of(sample), config_of(sample, version));
        if (!sample->consumer) {
            node_put(test_arena(), spelled, "consumers", config_read(""));
            node_put(test_arena(), streams, sample->stream, spelled);
        } else {
            node_put(test_arena(), node_get(node_get(streams, sample->stream), "consumers"), sample->consumer,
                     spelled);
        }
    }
    struct node *root = config_read(project ? arena_printf(test_arena(), "project: %s", project) : "");
    node_put(test_arena(), root, "streams", streams);
    return manifest(config_json(root));
}

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
        known &= version_has(coverage->version, up->field->since);
    if (known && !(spot->field->flags & (FIELD_IDENTITY | FIELD_INTERNAL)))
        ck_assert_msg(map_get(&coverage->paths, spot->path) != NULL, "no sample has %s", spot->path);
}

START_TEST(samples_have_every_field)
{
    struct coverage coverage = {.version = number_of(version_at(_i))};
    map_init(&coverage.paths, test_arena());
    for (size_t i = 0; i < SAMPLES; i++)
        collect(&coverage.paths, table_of(&samples[i])->noun, table_of(&samples[i]),
                config_of(&samples[i], coverage.version));
    rows_walk(&stream_table, check_covered, &coverage);
    rows_walk(&consumer_table, check_covered, &coverage);
}
END_TEST

/* The server's word for every sample, but for what changes by itself. */
static const char *configs_text(const struct server_fixture *server)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < SAMPLES; i++) {
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
    const char *path = manifest_of_samples(number_of(version), project);
    must_apply(server, path);
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct node *sent = config_of(&samples[i], number_of(version));
        struct raw_reply info = raw_info(server, samples[i].stream, samples[i].consumer);
        bool marked = project && node_get(sent, "metadata");
        ck_assert_msg(marked || config_holds(table_of(&samples[i]), sent, info.config), "%s\nis on %s\n%s",
                      config_json(sent), version, config_json(info.config));
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
    {"HOME", "pull", "sample_freq: '50'"},
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
    return version_has(version, field->since) && policy != UPDATE_NEVER && policy != UPDATE_LATCH &&
           policy != UPDATE_REMOVE && policy != UPDATE_CLUSTERED;
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
    struct coverage coverage = {.version = number_of(version_at(_i))};
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
    if (field_update_rule(drifting_field(drift), number_of(server->version))->policy == UPDATE_SEPARATE)
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
    uint32_t version = number_of(server->version);
    const char *path = manifest_of_samples(version, NULL);
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

/* ---- nothing but names ---- */

START_TEST(nothing_but_names)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_round_trip(server, manifest("streams: {A: {consumers: {c: }}, B: }\n"));
    must_round_trip(server, manifest("project: names\nstreams: {A: {consumers: {c: }}, B: , C: }\n"));
    must_round_trip(server, manifest("project: names\nstreams: {D: {consumers: {c: {durable_name: ''}}}}\n"));
    fixture_stop(server);
}
END_TEST

/* ---- equal in meaning ---- */

/* Two spellings of a stream A, with its consumers; applied one after the other, the second has nothing to do. */
static const struct {
    uint32_t since;
    const char *one;
    const char *other;
} synonyms[] = {
    {0, "{}",
     "{subjects: [A], retention: limits, max_consumers: unlimited, max_msgs: 0, max_bytes: unlimited, "
     "max_age: 0, max_msgs_per_subject: -1, max_msg_size: unlimited, discard: old, storage: file, "
     "num_replicas: 1, no_ack: false, duplicate_window: 2m, allow_direct: false, sealed: false, "
     "deny_delete: false, deny_purge: false, allow_rollup_hdrs: false, description: '', placement: {}, "
     "sources: []}"},
    {0, "{}",
     "{subjects: null, num_replicas: 0, duplicate_window: 120s, mirror: null, mirror_direct: false}"},
    {VERSION(2, 10, 0), "{}", "{consumer_limits: {}, compression: none, first_seq: 0, metadata: {}}"},
    {VERSION(2, 11, 0), "{}", "{allow_msg_ttl: false, subject_delete_marker_ttl: 0}"},
    {VERSION(2, 12, 0), "{}", "{persist_mode: default, allow_msg_counter: false, allow_atomic: false}"},
    {0, "{discard: new}", "{discard: NEW}"},
    {0, "{max_age: 1d}", "{max_age: 24h, duplicate_window: 2m}"},
    {0, "{max_age: 1m}", "{max_age: 60s, duplicate_window: 1m}"},
    {0, "{max_age: 1.5s}", "{max_age: 1500ms}"},
    {0, "{max_bytes: 1MiB, max_msg_size: 1k}", "{max_bytes: 1048576, max_msg_size: 1000}"},
    {0, "{subjects: [a.x, a.y, a.z]}", "{subjects: [a.z, a.x, a.y]}"},
    {0, "{placement: {tags: [ssd, big]}}", "{placement: {tags: [Big, SSD]}}"},
    {0, "{sources: [{name: P}, {name: Q, filter_subject: q}]}",
     "{sources: [{name: Q, filter_subject: q}, {name: P}]}"},
    {0, "{sources: [{name: P}]}",
     "{sources: [{name: P, opt_start_seq: 0, filter_subject: ''}], subjects: []}"},
    {0, "{mirror: {name: P, opt_start_time: 2024-01-01T00:00:00Z}}",
     "{mirror: {name: P, opt_start_time: 2024-01-01T01:00:00.000+01:00}}"},
    {0, "{subjects: [a.*], republish: {dest: b.>}}", "{subjects: [a.*], republish: {src: '>', dest: b.>}}"},
    {VERSION(2, 10, 0), "{metadata: {a: x, b: y}}", "{metadata: {b: y, a: x}}"},
    {VERSION(2, 10, 0), "{consumer_limits: {max_ack_pending: 10}}",
     "{consumer_limits: {max_ack_pending: 10, inactive_threshold: 0}}"},
    {VERSION(2, 11, 0), "{subject_delete_marker_ttl: 60s}",
     "{subject_delete_marker_ttl: 1m, allow_msg_ttl: true, allow_rollup_hdrs: true, deny_purge: false}"},
    {0, "{sealed: true}", "{sealed: true, discard: new, deny_delete: true, deny_purge: true, max_age: 0}"},
    {0, "{consumers: {c: }}",
     "{consumers: {c: {durable_name: c, deliver_policy: all, ack_policy: none, max_deliver: unlimited, "
     "replay_policy: instant, max_waiting: 512, num_replicas: 0, inactive_threshold: 0, backoff: [], headers_only: false, "
     "rate_limit_bps: 0, sample_freq: '', mem_storage: false, description: '', filter_subject: ''}}}"},
    {0, "{consumers: {c: {ack_policy: explicit}}}",
     "{consumers: {c: {ack_policy: explicit, ack_wait: 30s, max_ack_pending: 1000, max_batch: 0, max_expires: 0}}}"},
    {0, "{consumers: {c: {ack_policy: explicit, max_ack_pending: -1}}}",
     "{consumers: {c: {ack_policy: explicit, max_ack_pending: unlimited}}}"},
    {0, "{consumers: {c: {ack_policy: all, backoff: [1s, 2s], max_deliver: 3}}}",
     "{consumers: {c: {ack_policy: all, backoff: [1000ms, 2s], max_deliver: 3, ack_wait: 1s}}}"},
    {0, "{consumers: {c: {deliver_policy: by_start_time, opt_start_time: 2024-01-01T00:00:00Z}}}",
     "{consumers: {c: {deliver_policy: by_start_time, opt_start_time: 2023-12-31T19:00:00-05:00}}}"},
    {VERSION(2, 10, 0), "{subjects: [a.>], consumers: {c: {filter_subject: a.x}}}",
     "{subjects: [a.>], consumers: {c: {filter_subjects: [a.x]}}}"},
    {VERSION(2, 10, 0), "{subjects: [a.>], consumers: {c: {filter_subjects: [a.x, a.y]}}}",
     "{subjects: [a.>], consumers: {c: {filter_subjects: [a.y, a.x]}}}"},
    {VERSION(2, 11, 0), "{consumers: {c: {pause_until: 2099-01-01T00:00:00Z}}}",
     "{consumers: {c: {pause_until: 2099-01-01T01:00:00+01:00}}}"},
    {VERSION(2, 11, 0), "{consumers: {c: {priority_groups: [a], priority_policy: pinned_client}}}",
     "{consumers: {c: {priority_groups: [a], priority_policy: pinned_client, priority_timeout: 2m}}}"},
    {VERSION(2, 11, 0), "{consumers: {c: }}",
     "{consumers: {c: {priority_groups: [], priority_policy: none, filter_subjects: [], metadata: {}}}}"},
    {VERSION(2, 14, 0), "{consumers: {c: {ack_policy: flow_control, deliver_subject: d}}}",
     "{consumers: {c: {ack_policy: flow_control, deliver_subject: d, flow_control: true, idle_heartbeat: 1s}}}"},
};

static void check_synonyms(const struct server_fixture *server, const char *one, const char *other)
{
    const char *first = manifest(arena_printf(test_arena(), "streams: {A: %s}\n", one));
    const char *second = manifest(arena_printf(test_arena(), "streams: {A: %s}\n", other));
    must_round_trip(server, first);
    must_be_in_sync(server, second);
    raw_must(server, "STREAM.DELETE.A", "");
}

START_TEST(equal_in_meaning)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (!version_has(number_of(server->version), synonyms[i].since))
            continue;
        check_synonyms(server, synonyms[i].one, synonyms[i].other);
        check_synonyms(server, synonyms[i].other, synonyms[i].one);
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
    ck_assert_exit(plan, 3);
    ck_assert_contains(plan.out, "\"before\": 18446744073709551614,");
    ck_assert_contains(plan.out, "\"after\": 18446744073709551615,");
    fixture_stop(server);
}
END_TEST

/* ---- what servers fill in ---- */

START_TEST(server_limits_lower_defaults)
{
    struct server_fixture *server = fixture_start(
        version_at(_i),
        "jetstream: {limits: {max_ack_pending: 500, max_request_batch: 10, duplicate_window: 60s}}");
    must_round_trip(server, manifest("streams: {A: {consumers: {c: {ack_policy: explicit}}}}\n"));
    ck_assert_contains(info_text(server, "A", NULL), "\"duplicate_window\":60000000000,");
    ck_assert_contains(info_text(server, "A", "c"), "\"max_ack_pending\":500,");
    ck_assert_contains(info_text(server, "A", "c"), "\"max_batch\":10,");
    /* Another field is updated, and the server's choices stay. */
    must_round_trip(
        server,
        manifest("streams: {A: {max_msgs: 5, consumers: {c: {ack_policy: explicit, description: x}}}}\n"));
    ck_assert_contains(info_text(server, "A", NULL), "\"duplicate_window\":60000000000,");
    ck_assert_contains(info_text(server, "A", "c"), "\"max_batch\":10,");
    fixture_stop(server);
}
END_TEST

START_TEST(stream_limits_are_inherited)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *limits = "{inactive_threshold: 3600000000000, max_ack_pending: 50}";
    if (!is_old(server)) {
        must_round_trip(
            server, manifest("streams: {A: {consumer_limits: {inactive_threshold: 1h, max_ack_pending: 50}, "
                             "consumers: {c: {ack_policy: explicit}, p: {durable_name: ''}}}}\n"));
        ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":3600000000000,");
        ck_assert_contains(info_text(server, "A", "c"), "\"max_ack_pending\":50,");
        must_round_trip(
            server, manifest("streams: {A: {consumer_limits: {inactive_threshold: 2h, max_ack_pending: 60}, "
                             "consumers: {c: {ack_policy: explicit}, p: {durable_name: ''}}}}\n"));
        ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":7200000000000,");
        must_create(server, "B", NULL, arena_printf(test_arena(), "consumer_limits: %s", limits));
        must_round_trip(server,
                        manifest("streams: {B: {external: true, consumers: {c: {ack_policy: explicit}, "
                                 "d: {ack_policy: explicit, max_ack_pending: 7}}}}\n"));
        ck_assert_contains(info_text(server, "B", "c"), "\"max_ack_pending\":50,");
        ck_assert_contains(info_text(server, "B", "d"), "\"inactive_threshold\":3600000000000,");
    }
    fixture_stop(server);
}
END_TEST

/* A mirror takes its origin's allow_direct over, whenever it is created or updated. */
START_TEST(mirrors_follow_their_origin)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_round_trip(server, manifest("streams: {O: {allow_direct: true}, M: {mirror: {name: O}}}\n"));
    ck_assert_contains(info_text(server, "M", NULL), "\"mirror_direct\":true,");
    must_round_trip(server, manifest("streams: {O: {allow_direct: false}, M: {mirror: {name: O}}}\n"));
    ck_assert_contains(info_text(server, "M", NULL), "\"mirror_direct\":false,");
    must_round_trip(server,
                    manifest("streams: {O: {allow_direct: true}, M: {mirror: {name: O}, max_msgs: 5}}\n"));
    ck_assert_contains(info_text(server, "M", NULL), "\"mirror_direct\":true,");

    /* An origin that the manifest does not have, or has as somebody else's. */
    must_create(server, "THEIRS", NULL, "allow_direct: true");
    must_round_trip(server, manifest("streams: {N: {mirror: {name: THEIRS}}}\n"));
    ck_assert_contains(info_text(server, "N", NULL), "\"mirror_direct\":true,");
    must_round_trip(
        server, manifest("streams: {THEIRS: {external: true}, N: {mirror: {name: THEIRS}, max_msgs: 5}}\n"));
    fixture_stop(server);
}
END_TEST

/* ---- objects that others made ---- */

/* The old way to make a durable leaves its name out of its configuration on servers before 2.12.5. */
START_TEST(consumers_without_a_name)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *body =
        "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}";
    must_create(server, "A", NULL, "");
    raw_must(server, "CONSUMER.DURABLE.CREATE.A.c", body);
    bool named = number_of(server->version) >= VERSION(2, 12, 5);
    ck_assert_int_eq(node_get(raw_info(server, "A", "c").config, "name") != NULL, named);
    must_be_in_sync(server, manifest("streams: {A: {consumers: {c: {ack_policy: explicit}}}}\n"));
    must_round_trip(server,
                    manifest("streams: {A: {consumers: {c: {ack_policy: explicit, max_deliver: 3}}}}\n"));
    fixture_stop(server);
}
END_TEST

/* Before 2.12 a server keeps a negative limit as it was sent. */
START_TEST(negative_limits)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool keeps = number_of(server->version) < VERSION(2, 12, 0);
    must_create(server, "A", NULL,
                "max_msgs: -5, max_bytes: -5, max_consumers: -5, max_msg_size: -5, max_msgs_per_subject: -5");
    ck_assert_contains(info_text(server, "A", NULL), keeps ? "\"max_msgs\":-5," : "\"max_msgs\":-1,");
    must_be_in_sync(server, manifest("streams: {A: }\n"));
    must_be_in_sync(server,
                    manifest("streams: {A: {max_msgs: unlimited, max_bytes: unlimited, max_consumers: -1, "
                             "max_msg_size: 0, max_msgs_per_subject: unlimited}}\n"));
    must_round_trip(server, manifest("streams: {A: {max_age: 1h}}\n"));
    must_round_trip(server, manifest("streams: {A: {max_age: 1h, max_msgs: 7}}\n"));
    fixture_stop(server);
}
END_TEST

/* An ephemeral consumer that becomes durable keeps its threshold of 5 s until the update after that. */
START_TEST(ephemerals_become_durable)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_create(server, "A", NULL, "");
    must_create(server, "A", "c", "ack_policy: explicit");
    ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":5000000000,");
    must_round_trip(server, manifest("streams: {A: {consumers: {c: {ack_policy: explicit}}}}\n"));
    ck_assert_contains(info_text(server, "A", "c"), "\"durable_name\":\"c\",");
    ck_assert_lacks(info_text(server, "A", "c"), "inactive_threshold");
    must_round_trip(server,
                    manifest("streams: {A: {consumers: {c: {ack_policy: explicit, durable_name: ''}}}}\n"));
    ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":5000000000,");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    size_t count = 0;
    server_versions(&count);
    const TTest *const tests[] = {
        samples_have_every_field,
        drifts_are_of_every_field,
        every_field,
        every_field_of_a_project,
        every_drift_is_named_and_repaired,
        nothing_but_names,
        equal_in_meaning,
        integers_are_exact,
        server_limits_lower_defaults,
        stream_limits_are_inherited,
        mirrors_follow_their_origin,
        consumers_without_a_name,
        negative_limits,
        ephemerals_become_durable,
    };
    TCase *all = tcase_create("roundtrip");
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_loop_test(all, tests[i], 0, (int)count);
    Suite *suite = suite_create("roundtrip");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
