/*
 * The stream: one row per field of nats-server 2.15.1's StreamConfig, and natsform's own keys. Update rules and defaults
 * were measured on 2.9.10, 2.10.27 and 2.15.1; tests/live walks every row against each of them.
 */
#include "kind/kinds.h"

#include <stdlib.h>

#include "base/diag.h"
#include "base/row.h"
#include "field/subject.h"
#include "field/value.h"

enum { DESCRIPTION_MOST = 4096, METADATA_MOST = 128 * 1024 };

#define V_2_12_5 VERSION(2, 12, 5)

/* Rows that the server refuses to change, with its own words. */
#define NEVER(text)                                                                                          \
    {                                                                                                        \
        {                                                                                                    \
            .policy = UPDATE_NEVER, .err_code = 10052, .says = (text)                                        \
        }                                                                                                    \
    }
#define LATCH(text)                                                                                          \
    {                                                                                                        \
        {                                                                                                    \
            .policy = UPDATE_LATCH, .err_code = 10052, .says = (text)                                        \
        }                                                                                                    \
    }

/* ---- defaults that depend ---- */

/* A stream without subjects has its own name for one, unless its messages come from a mirror or sources. */
static void derive_subjects(struct arena *arena, const struct object *self, const struct surroundings *around,
                            struct value *value)
{
    (void)around;
    const char *name = object_text(self, STREAM_NAME);
    if (object_has(self, STREAM_MIRROR, NULL) || object_has(self, STREAM_SOURCES, NULL) || !name)
        return;
    value->type = VALUE_LIST;
    value->list = ARENA_NEW(arena, struct value_list);
    value_list_add(arena, value->list, (struct value){.type = VALUE_TEXT, .text = name});
}

/*
 * The server's default is 2m, or max_age if that is shorter. Mirrors have none, and from 2.14 on streams with sources
 * have none either.
 */
static void derive_duplicate_window(struct arena *arena, const struct object *self,
                                    const struct surroundings *around, struct value *value)
{
    (void)arena;
    int64_t window = 120 * SECOND;
    int64_t max_age = object_integer(self, STREAM_MAX_AGE);
    if (object_has(self, STREAM_MIRROR, NULL))
        return;
    if (object_has(self, STREAM_SOURCES, NULL) && version_has(around->version, V_2_14))
        return;
    value->type = VALUE_INT;
    value->integer = max_age > 0 && max_age < window ? max_age : window;
}

/* The stream that a mirror copies; NULL if it is not known. */
static const struct object *find_origin(const struct object *self, const struct surroundings *around)
{
    const struct object *mirror = object_object(self, STREAM_MIRROR);
    const char *name = mirror ? object_text(mirror, ORIGIN_NAME) : NULL;
    if (!name || object_has(mirror, ORIGIN_EXTERNAL, NULL) || !around->find_stream)
        return NULL;
    return around->find_stream(around->context, name);
}

/* A server sets a mirror's mirror_direct to the allow_direct of its origin at each create and update, if it sees the origin. */
static void derive_mirror_direct(struct arena *arena, const struct object *self,
                                 const struct surroundings *around, struct value *value)
{
    (void)arena;
    const struct object *origin = find_origin(self, around);
    if (!origin)
        return;
    value->type = VALUE_BOOL;
    value->boolean = object_flag(origin, STREAM_ALLOW_DIRECT);
}

/* ---- the rows ---- */

static const struct choice retentions[] = {
    {.name = "limits", .doc = "Messages stay until a limit removes them."},
    {.name = "interest", .doc = "Messages stay until every consumer has acknowledged them."},
    {.name = "workqueue", .doc = "Messages stay until one consumer has acknowledged them."},
    {0},
};

static const struct choice discards[] = {
    {.name = "old", .doc = "At a limit, the oldest messages go."},
    {.name = "new", .doc = "At a limit, new messages are refused."},
    {0},
};

const struct choice storage_choices[] = {
    {.name = "file", .doc = "On disk."},
    {.name = "memory", .doc = "In memory: gone when the last replica stops."},
    {0},
};

static const struct choice compressions[] = {
    {.name = "none", .doc = "As they are."},
    {.name = "s2", .since = {V_2_10}, .doc = "S2, block by block; only newly written blocks."},
    {0},
};

static const struct choice persist_modes[] = {
    {.name = "default", .doc = "Acknowledged after the write."},
    {.name = "async",
     .since = {V_2_12},
     .doc = "Acknowledged before the write reaches the disk: faster, and lossy in a crash."},
    {0},
};

static const struct field stream_fields[] = {
    ROW(.name = "name", .id = STREAM_NAME, .type = FIELD_NAME, .flags = FIELD_IDENTITY,
        .updates = {{.policy = UPDATE_NEVER,
                     .err_code = 10056,
                     .says = "stream name in subject does not match request"}},
        .doc = "The stream's name; in a manifest, the key that it stands under.", .example = "ORDERS"),
    ROW(.name = "description", .id = STREAM_DESCRIPTION, .type = FIELD_TEXT, .most = DESCRIPTION_MOST,
        .doc = "What the stream is for, in at most 4096 bytes.", .example = "Orders of all regions"),
    /* A change is about new messages alone: those that are stored stay, under their old subjects. */
    ROW(.name = "subjects", .id = STREAM_SUBJECTS, .type = FIELD_SUBJECT, .shape = SHAPE_LIST,
        .derive = derive_subjects, .fallback_doc = "the stream's name; none with mirror or sources",
        .doc = "Subjects whose messages the stream stores.", .example = "[orders.>]"),
    /*
     * From limits to interest, 2.15.1 drops at once what no consumer wants. 2.10.27 keeps it until a consumer has come
     * and gone.
     */
    ROW(.name = "retention", .id = STREAM_RETENTION, .type = FIELD_CHOICE, .choices = retentions,
        .fallback = "limits",
        .updates = {{.policy = UPDATE_NEVER,
                     .err_code = 10052,
                     .says = "stream configuration update can not change retention policy"},
                    {.since = V_2_10,
                     .policy = UPDATE_KEEP_CHOICE,
                     .choice = CHOICE_WORKQUEUE,
                     .err_code = 10052,
                     .says =
                         "stream configuration update can not change retention policy to/from workqueue"}},
        .risk = RISK_DROPS_UNWANTED, .doc = "When messages go."),
    /*
     * Temporary consumers count, too. From 2.15 on "unlimited" means the server's limits.default_max_consumers, which
     * is 1000 unless it is configured; the stream's configuration still says -1.
     */
    ROW(.name = "max_consumers", .id = STREAM_MAX_CONSUMERS, .type = FIELD_COUNT, .flags = FIELD_UNLIMITED,
        .least = 1, .most = INT64_MAX, .fallback = "unlimited",
        .updates = {{.policy = UPDATE_NEVER,
                     .err_code = 10052,
                     .says = "stream configuration update can not change MaxConsumers"},
                    {.since = V_2_12_5, .policy = UPDATE_FREE}},
        .doc = "How many consumers the stream may have."),
    /*
     * Lowered, with 'discard: old' the oldest go at once. With 'discard: new' they stay on 2.10.27 and 2.15.1, and go
     * on 2.9.10.
     */
    ROW(.name = "max_msgs", .id = STREAM_MAX_MSGS, .type = FIELD_COUNT, .flags = FIELD_UNLIMITED, .least = 1,
        .most = INT64_MAX, .fallback = "unlimited", .risk = RISK_TRIMS_MESSAGES,
        .doc = "How many messages the stream may hold."),
    /* An update is checked against the account's limit for what it adds alone (10047). */
    ROW(.name = "max_bytes", .id = STREAM_MAX_BYTES, .type = FIELD_SIZE, .flags = FIELD_UNLIMITED, .least = 1,
        .most = INT64_MAX, .fallback = "unlimited", .risk = RISK_TRIMS_BYTES,
        .doc = "How many bytes the stream may hold; the server reserves them.", .example = "10GiB"),
    /* Lowered, messages go at once on 2.9.10 and 2.15.1, some time later on 2.10.27. */
    ROW(.name = "max_age", .id = STREAM_MAX_AGE, .type = FIELD_DURATION, .least = 100 * MILLISECOND,
        .most = INT64_MAX, .risk = RISK_TRIMS_AGE, .doc = "How long a message stays; 0 is forever.",
        .example = "7d"),
    /* Lowered, messages go at once on 2.15.1, some time later on 2.9.10 and 2.10.27. */
    ROW(.name = "max_msgs_per_subject", .id = STREAM_MAX_MSGS_PER_SUBJECT, .type = FIELD_COUNT,
        .flags = FIELD_UNLIMITED, .least = 1, .most = INT64_MAX, .fallback = "unlimited",
        .risk = RISK_TRIMS_SUBJECTS, .doc = "How many messages of each subject the stream may hold."),
    ROW(.name = "max_msg_size", .id = STREAM_MAX_MSG_SIZE, .type = FIELD_SIZE, .flags = FIELD_UNLIMITED,
        .least = 1, .most = INT32_MAX, .fallback = "unlimited",
        .doc = "Largest message, headers included, that the stream accepts.", .example = "1MiB"),
    /*
     * From 'new' to 'old', a stream above its limits is trimmed to them (2.10.27, 2.15.1). Servers take the words in
     * any case.
     */
    ROW(.name = "discard", .id = STREAM_DISCARD, .type = FIELD_CHOICE, .flags = FIELD_ANY_CASE,
        .choices = discards, .fallback = "old", .doc = "What goes when a limit is reached."),
    ROW(.name = "storage", .nack_fallback = "memory", .id = STREAM_STORAGE, .type = FIELD_CHOICE,
        .choices = storage_choices, .fallback = "file",
        .updates = NEVER("stream configuration update can not change storage type"),
        .doc = "Where messages are kept."),
    /*
     * A single server before 2.15 accepts 3 in an update and reports it, and has one copy as before. At creation it
     * refuses (10074).
     */
    ROW(.name = "num_replicas", .nack = "replicas", .terraform = "replicas", .id = STREAM_NUM_REPLICAS,
        .type = FIELD_COUNT, .least = 0, .most = 5, .fallback = "1",
        .updates = {{.policy = UPDATE_FREE},
                    {.since = V_2_15,
                     .policy = UPDATE_CLUSTERED,
                     .err_code = 10074,
                     .says = "replicas > 1 not supported in non-clustered mode"}},
        .doc = "How many servers of the cluster hold a copy, 1 to 5."),
    ROW(.name = "no_ack", .terraform = "!ack", .id = STREAM_NO_ACK, .type = FIELD_BOOL,
        .doc = "Stores messages without acknowledging them to the publisher."),
    /*
     * The server's own limits.duplicate_window lowers it. A longer one than max_age is refused (10052), so the two
     * change together.
     */
    ROW(.name = "duplicate_window", .id = STREAM_DUPLICATE_WINDOW, .type = FIELD_DURATION,
        .flags = FIELD_SERVER_LOWERS, .least = 100 * MILLISECOND, .most = INT64_MAX,
        .derive = derive_duplicate_window,
        .fallback_doc =
            "2m, or max_age when that is shorter; none for mirrors, and from 2.14 none with sources",
        .doc = "How long message ids are remembered to drop duplicates; at most max_age."),
    /* A change moves the stream. Together with a change of num_replicas it is refused (10123). */
    ROW(.name = "placement", .id = STREAM_PLACEMENT, .type = FIELD_OBJECT, .flags = FIELD_EMPTY_IS_NONE,
        .object = &placement_table, .doc = "Where in a cluster the stream lives."),
    /* Without its mirror, a stream becomes one of its own, for good: nothing makes it a mirror again (10055). */
    ROW(.name = "mirror", .id = STREAM_MIRROR, .type = FIELD_OBJECT, .object = &mirror_table,
        .updates = {{.policy = UPDATE_NEVER,
                     .err_code = 10055,
                     .says = "stream mirror configuration can not be updated"},
                    {.since = V_2_12,
                     .policy = UPDATE_REMOVE,
                     .err_code = 10055,
                     .says = "stream mirror configuration can not be updated"}},
        .risk = RISK_IRREVERSIBLE, .doc = "The stream that this one is a read-only copy of."),
    /*
     * A server knows a source by name, filter, transforms and external API. With another one of these it is another
     * source, and is copied from its first message on once more (2.10.27, 2.15.1; not 2.9.10).
     */
    ROW(.name = "sources", .terraform = "source", .id = STREAM_SOURCES, .type = FIELD_OBJECT,
        .shape = SHAPE_LIST, .object = &source_table,
        .doc = "Streams whose messages are copied into this one."),
    ROW(.name = "compression", .id = STREAM_COMPRESSION, .type = FIELD_CHOICE, .choices = compressions,
        .fallback = "none", .since = {V_2_10}, .doc = "How message blocks are compressed on disk."),
    /* Servers accept and show a change of it, and do nothing. */
    ROW(.name = "first_seq", .nack = "firstSequence", .id = STREAM_FIRST_SEQ, .type = FIELD_UNSIGNED,
        .since = {V_2_10},
        .doc = "Sequence of the first message of a new stream; later changes have no effect."),
    ROW(.name = "subject_transform", .id = STREAM_SUBJECT_TRANSFORM, .type = FIELD_OBJECT,
        .object = &transform_table, .since = {V_2_10},
        .doc = "Rewrites the subjects of messages before they are stored."),
    ROW(.name = "republish", .id = STREAM_REPUBLISH, .type = FIELD_OBJECT, .object = &republish_table,
        .updates = {{.policy = UPDATE_NEVER,
                     .err_code = 10052,
                     .says = "stream configuration update can not change RePublish"},
                    {.since = V_2_10, .policy = UPDATE_FREE}},
        .doc = "Publishes stored messages again on another subject."),
    ROW(.name = "allow_direct", .id = STREAM_ALLOW_DIRECT, .type = FIELD_BOOL,
        .doc = "Lets every replica answer direct gets."),
    ROW(.name = "mirror_direct", .id = STREAM_MIRROR_DIRECT, .type = FIELD_BOOL, .flags = FIELD_SERVER_FILLS,
        .derive = derive_mirror_direct, .fallback_doc = "the origin's allow_direct",
        .doc =
            "Lets the mirror answer direct gets for its origin; the server sets it to the origin's allow_direct."),
    ROW(.name = "discard_new_per_subject", .nack = "discardPerSubject", .id = STREAM_DISCARD_NEW_PER_SUBJECT,
        .type = FIELD_BOOL, .since = {VERSION(2, 9, 1)},
        .doc = "Refuses new messages of a subject that has reached max_msgs_per_subject."),
    /* A new stream cannot be sealed (10052): it is created, and sealed by an update right after. */
    ROW(.name = "sealed", .id = STREAM_SEALED, .type = FIELD_BOOL, .flags = FIELD_LATER,
        .updates = LATCH("stream configuration update can not unseal a sealed stream"),
        .risk = RISK_IRREVERSIBLE, .doc = "Closes the stream for good: no message comes or goes any more."),
    ROW(.name = "deny_delete", .id = STREAM_DENY_DELETE, .type = FIELD_BOOL,
        .updates = LATCH("stream configuration update can not cancel deny message deletes"),
        .risk = RISK_IRREVERSIBLE, .doc = "Forbids deleting single messages."),
    ROW(.name = "deny_purge", .id = STREAM_DENY_PURGE, .type = FIELD_BOOL,
        .updates = LATCH("stream configuration update can not cancel deny purge"), .risk = RISK_IRREVERSIBLE,
        .doc = "Forbids purging."),
    ROW(.name = "allow_rollup_hdrs", .nack = "allowRollup", .id = STREAM_ALLOW_ROLLUP_HDRS,
        .type = FIELD_BOOL, .doc = "Lets a message with a Nats-Rollup header replace earlier ones."),
    ROW(.name = "consumer_limits", .id = STREAM_CONSUMER_LIMITS, .type = FIELD_OBJECT,
        .flags = FIELD_EMPTY_IS_NONE, .object = &limits_table, .since = {V_2_10},
        .doc = "Bounds and defaults for the stream's consumers."),
    /* Servers before 2.11 drop it, and the TTL of a message is then a header that nobody reads. */
    ROW(.name = "allow_msg_ttl", .id = STREAM_ALLOW_MSG_TTL, .type = FIELD_BOOL, .since = {V_2_11},
        .updates = LATCH("message TTL status can not be disabled"), .risk = RISK_IRREVERSIBLE,
        .doc = "Lets messages carry a lifetime of their own in a Nats-TTL header."),
    ROW(.name = "subject_delete_marker_ttl", .id = STREAM_SUBJECT_DELETE_MARKER_TTL, .type = FIELD_DURATION,
        .least = SECOND, .most = INT64_MAX, .since = {V_2_11},
        .doc = "Leaves a marker for this long where max_age removed the last message of a subject.",
        .example = "1m"),
    ROW(.name = "allow_msg_counter", .id = STREAM_ALLOW_MSG_COUNTER, .type = FIELD_BOOL, .since = {V_2_12},
        .updates = NEVER("stream configuration update can not change message counter setting"),
        .doc = "Makes every subject a counter, moved by Nats-Incr headers."),
    ROW(.name = "allow_atomic", .nack = "allowAtomicPublish", .id = STREAM_ALLOW_ATOMIC, .type = FIELD_BOOL,
        .since = {V_2_12}, .doc = "Allows publishing batches that are stored wholly or not at all."),
    ROW(.name = "allow_msg_schedules", .id = STREAM_ALLOW_MSG_SCHEDULES, .type = FIELD_BOOL,
        .since = {V_2_12}, .updates = LATCH("message schedules can not be disabled"),
        .risk = RISK_IRREVERSIBLE, .doc = "Lets messages be published later or on a schedule."),
    ROW(.name = "persist_mode", .id = STREAM_PERSIST_MODE, .type = FIELD_CHOICE, .choices = persist_modes,
        .fallback = "default", .since = {V_2_12},
        .updates = NEVER("stream configuration update can not change persist mode"),
        .doc = "When a message is acknowledged: after the write or before."),
    ROW(.name = "allow_batched", .nack = NOT_IN_NACK, .id = STREAM_ALLOW_BATCHED, .type = FIELD_BOOL,
        .since = {V_2_14}, .doc = "Allows publishing in fast batches with one acknowledgement."),
    /* From 2.11 on the server adds keys that begin with "_nats."; 2.9 drops all of it. */
    ROW(.name = "metadata", .id = STREAM_METADATA, .type = FIELD_TEXT, .shape = SHAPE_MAP,
        .most = METADATA_MOST, .since = {V_2_10},
        .doc = "Notes of your own, as text by name; '_nats.' and 'natsform.' names are taken."),
    ROW(.name = "external", .id = STREAM_EXTERNAL, .type = FIELD_BOOL, .flags = FIELD_OURS,
        .doc = "The stream is somebody else's; only the consumers listed here are managed."),
    ROW(.name = "lifecycle", .id = STREAM_LIFECYCLE, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &lifecycle_table, .doc = "How natsform treats the stream."),
    ROW(.name = "renamed_from", .id = STREAM_RENAMED_FROM, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc =
            "The name that the stream had: it gets this one, with all that is in it. Afterwards the line may stay.",
        .example = "OLD_NAME"),
    ROW(.name = "lint", .id = STREAM_LINT, .type = FIELD_OBJECT, .flags = FIELD_OURS, .object = &lint_table,
        .doc = "Which warnings about the stream are not wanted."),
    ROW(.name = "connection", .id = STREAM_CONNECTION, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc = "Which of 'connections' leads to the stream's account. Default: 'connection'.",
        .example = "billing"),
    ROW(.name = "consumers", .id = STREAM_CONSUMERS, .type = FIELD_OBJECT, .shape = SHAPE_MAP,
        .flags = FIELD_OURS, .object = &consumer_table, .doc = "The stream's consumers by name."),
};

/*
 * What the server sets by itself when another field is on. A manifest that says otherwise is told, because the server
 * would not: it overwrites the value without a word.
 */
static const struct implication stream_implications[] = {
    {STREAM_SUBJECT_DELETE_MARKER_TTL, NULL, STREAM_ALLOW_MSG_TTL, "true"},
    {STREAM_SUBJECT_DELETE_MARKER_TTL, NULL, STREAM_ALLOW_ROLLUP_HDRS, "true"},
    {STREAM_SUBJECT_DELETE_MARKER_TTL, NULL, STREAM_DENY_PURGE, "false"},
    {STREAM_ALLOW_MSG_SCHEDULES, NULL, STREAM_ALLOW_ROLLUP_HDRS, "true"},
    {STREAM_ALLOW_MSG_SCHEDULES, NULL, STREAM_DENY_PURGE, "false"},
    {STREAM_SEALED, NULL, STREAM_MAX_AGE, "0"},
    {STREAM_SEALED, NULL, STREAM_DISCARD, "new"},
    {STREAM_SEALED, NULL, STREAM_DENY_DELETE, "true"},
    {STREAM_SEALED, NULL, STREAM_DENY_PURGE, "true"},
    {STREAM_SEALED, NULL, STREAM_ALLOW_ROLLUP_HDRS, "false"},
};

/* Each predicts an error of the server; the last number is the server's error code. */
static const struct constraint stream_constraints[] = {
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_SUBJECTS, NULL, {0}, 10034},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_SOURCES, NULL, {0}, 10031},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_FIRST_SEQ, NULL, {0}, 10143},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_ALLOW_MSG_COUNTER, NULL, {0}, 10173},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_ALLOW_ATOMIC, NULL, {0}, 10198},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_ALLOW_BATCHED, NULL, {0}, 10209},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_ALLOW_MSG_SCHEDULES, NULL, {0}, 10186},
    {STREAM_MIRROR, NULL, CONSTRAINT_EXCLUDES, STREAM_SUBJECT_DELETE_MARKER_TTL, NULL, {0}, 10052},
    {STREAM_MIRROR_DIRECT, NULL, CONSTRAINT_NEEDS, STREAM_MIRROR, NULL, {0}, 10052},
    {STREAM_DENY_PURGE, NULL, CONSTRAINT_EXCLUDES, STREAM_ALLOW_ROLLUP_HDRS, NULL, {0}, 10052},
    {STREAM_DISCARD_NEW_PER_SUBJECT, NULL, CONSTRAINT_NEEDS, STREAM_DISCARD, CHOICE_NEW, {0}, 10052},
    {STREAM_DISCARD_NEW_PER_SUBJECT, NULL, CONSTRAINT_NEEDS, STREAM_MAX_MSGS_PER_SUBJECT, NULL, {0}, 10052},
    {STREAM_ALLOW_MSG_COUNTER, NULL, CONSTRAINT_EXCLUDES, STREAM_DISCARD, CHOICE_NEW, {0}, 10052},
    {STREAM_ALLOW_MSG_COUNTER, NULL, CONSTRAINT_EXCLUDES, STREAM_ALLOW_MSG_TTL, NULL, {0}, 10052},
    /* Servers check this one from 2.12.10 and 2.14.2 on. */
    {STREAM_ALLOW_MSG_COUNTER,
     NULL,
     CONSTRAINT_EXCLUDES,
     STREAM_ALLOW_MSG_SCHEDULES,
     NULL,
     {VERSION(2, 12, 10), VERSION(2, 14, 2)},
     10052},
    {STREAM_ALLOW_MSG_COUNTER, NULL, CONSTRAINT_NEEDS, STREAM_RETENTION, CHOICE_LIMITS, {0}, 10052},
    {STREAM_ALLOW_MSG_SCHEDULES, NULL, CONSTRAINT_EXCLUDES, STREAM_SOURCES, NULL, {0}, 10187},
    {STREAM_PERSIST_MODE, "async", CONSTRAINT_EXCLUDES, STREAM_STORAGE, CHOICE_MEMORY, {0}, 10052},
    {STREAM_PERSIST_MODE, "async", CONSTRAINT_EXCLUDES, STREAM_ALLOW_ATOMIC, NULL, {0}, 10052},
};

/* A server takes any value here and overwrites it. The manifest would differ from the server for ever. */
static void check_mirror_direct(const struct object *self, const struct surroundings *around,
                                struct diags *diags)
{
    const struct object *origin = find_origin(self, around);
    const struct value *direct = object_value(self, STREAM_MIRROR_DIRECT);
    if (!origin || !direct->given || direct->boolean == object_flag(origin, STREAM_ALLOW_DIRECT))
        return;
    struct diag *diag = diag_add(
        diags, &code_conflict, direct->node->pos, "the server sets '%s' to '%s' of the origin, which is %s",
        table_field_by_id(&stream_table, STREAM_MIRROR_DIRECT)->name,
        table_field_by_id(&stream_table, STREAM_ALLOW_DIRECT)->name, direct->boolean ? "false" : "true");
    diag_note(diags, diag, object_pos(origin, STREAM_ALLOW_DIRECT), "the origin is here");
    diag_hint(diags, diag, "leave it out");
}

/* Checks that compare numbers or lists. A constraint row can only say that a field is on or off. */
static void check_stream(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    const struct object *transform = object_object(self, STREAM_SUBJECT_TRANSFORM);
    check_mirror_direct(self, around, diags);
    if (transform)
        check_transform(transform, TRANSFORM_STREAM, around->version, 10156, diags);
    int64_t window = object_integer(self, STREAM_DUPLICATE_WINDOW);
    int64_t max_age = object_integer(self, STREAM_MAX_AGE);
    if (max_age > 0 && window > max_age)
        diag_error(diags, &code_conflict, object_pos(self, STREAM_DUPLICATE_WINDOW),
                   "'%s' of %s is longer than '%s' of %s",
                   table_field_by_id(&stream_table, STREAM_DUPLICATE_WINDOW)->name,
                   duration_format(&diags->arena, window),
                   table_field_by_id(&stream_table, STREAM_MAX_AGE)->name,
                   duration_format(&diags->arena, max_age));
    bool schedules = object_has(self, STREAM_ALLOW_MSG_SCHEDULES, NULL);
    const struct value *discard = object_value(self, STREAM_DISCARD);
    if (schedules && discard->given && object_has(self, STREAM_DISCARD, CHOICE_NEW))
        diag_error(diags, &code_conflict, discard->node->pos, "'%s: %s' cannot stand together with '%s'",
                   table_field_by_id(&stream_table, STREAM_DISCARD)->name, CHOICE_NEW,
                   table_field_by_id(&stream_table, STREAM_ALLOW_MSG_SCHEDULES)->name);
    if (object_has(self, STREAM_PERSIST_MODE, "async") && object_integer(self, STREAM_NUM_REPLICAS) > 1)
        diag_error(diags, &code_conflict, object_pos(self, STREAM_PERSIST_MODE),
                   "'%s: async' cannot stand together with more than one replica",
                   table_field_by_id(&stream_table, STREAM_PERSIST_MODE)->name);
}

const struct table stream_table = {
    .noun = "stream",
    .doc = "Stores the messages of its subjects.",
    TABLE_FIELDS(stream_fields),
    TABLE_IMPLICATIONS(stream_implications),
    TABLE_CONSTRAINTS(stream_constraints),
    .check = check_stream,
};
