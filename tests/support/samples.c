/* Objects that have every field between them; see samples.h. Several, as some fields exclude each other. */
#include "support/samples.h"

#include <check.h>

#include "kind/kinds.h"
#include "support/config.h"
#include "support/scratch.h"
#include "support/trip.h"

const struct sample samples[] = {
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
    {"HOME", "passing", "durable_name: '', ack_policy: explicit, inactive_threshold: 3600" SECONDS},
};

const size_t sample_count = sizeof(samples) / sizeof(samples[0]);

const struct table *sample_table(const struct sample *sample)
{
    return sample->consumer ? &consumer_table : &stream_table;
}

static bool is_known(const struct field *field, const struct node *value, uint32_t version)
{
    const struct choice *choice = field->type == FIELD_CHOICE ? field_choice(field, value->text) : NULL;
    return since_holds(field->since, version) && (!choice || since_holds(choice->since, version));
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

struct node *sample_config(const struct sample *sample, uint32_t version)
{
    return known_part(sample_table(sample), config_read(sample->config), version);
}

const char *samples_manifest(uint32_t version, const char *project)
{
    struct node *streams = config_read("");
    for (size_t i = 0; i < sample_count; i++) {
        const struct sample *sample = &samples[i];
        struct node *spelled = config_spell(sample_table(sample), sample_config(sample, version));
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
