/*
 * The key-value bucket: one row per setting that the official clients offer (ADR-8), under the names that they share, and the
 * settings of the stream that they fix.
 */
#include "kind/bucket.h"

#include <string.h>

#include "base/diag.h"
#include "base/row.h"
#include "field/value.h"
#include "kind/kinds.h"

enum { BUCKET_MOST = 252, DESCRIPTION_MOST = 4096, METADATA_MOST = 128 * 1024, HISTORY_MOST = 64 };

/*
 * 252 bytes and "KV_" are the 255 that a stream's name may have. Servers know no limit of history; clients take 64 at
 * most.
 */
static const struct field key_value_fields[] = {
    ROW(.name = "bucket", .terraform = "name", .id = KEY_VALUE_BUCKET, .type = FIELD_BUCKET,
        .flags = FIELD_IDENTITY, .most = BUCKET_MOST,
        .doc =
            "The bucket's name; in a manifest, the key that it stands under. Its stream is KV_ and the name.",
        .example = "sessions"),
    ROW(.name = "description", .stream_field = STREAM_DESCRIPTION, .type = FIELD_TEXT,
        .most = DESCRIPTION_MOST, .doc = "What the bucket is for, in at most 4096 bytes.",
        .example = "Sessions of the web shop"),
    ROW(.name = "history", .stream_field = STREAM_MAX_MSGS_PER_SUBJECT, .type = FIELD_COUNT,
        .flags = FIELD_SEND_DEFAULT, .least = 1, .most = HISTORY_MOST, .fallback = "1",
        .risk = RISK_TRIMS_SUBJECTS, .doc = "How many values of each key are kept, 1 to 64.", .example = "5"),
    ROW(.name = "ttl", .stream_field = STREAM_MAX_AGE, .type = FIELD_DURATION, .least = 100 * MILLISECOND,
        .most = INT64_MAX, .risk = RISK_TRIMS_AGE, .doc = "How long a value stays; 0 is forever.",
        .example = "1h"),
    ROW(.name = "limit_marker_ttl", .id = KEY_VALUE_LIMIT_MARKER_TTL,
        .stream_field = STREAM_SUBJECT_DELETE_MARKER_TTL, .type = FIELD_DURATION, .least = SECOND,
        .most = INT64_MAX, .since = {V_2_11},
        .doc =
            "Tells watchers that ttl removed a key, by a marker that stays for this long; also lets keys have a "
            "lifetime of their own. The stream's subject_delete_marker_ttl.",
        .example = "1m"),
    ROW(.name = "max_bytes", .terraform = "max_bucket_size", .stream_field = STREAM_MAX_BYTES,
        .type = FIELD_SIZE, .flags = FIELD_UNLIMITED, .least = 1, .most = INT64_MAX, .fallback = "unlimited",
        .risk = RISK_TRIMS_BYTES, .doc = "How many bytes the bucket may hold; the server reserves them.",
        .example = "1GiB"),
    ROW(.name = "max_value_size", .stream_field = STREAM_MAX_MSG_SIZE, .type = FIELD_SIZE,
        .flags = FIELD_UNLIMITED, .least = 1, .most = INT32_MAX, .fallback = "unlimited",
        .doc = "Largest value, headers included, that the bucket accepts.", .example = "64KiB"),
    ROW(.name = "storage", .stream_field = STREAM_STORAGE, .type = FIELD_CHOICE, .choices = storage_choices,
        .fallback = "file", .doc = "Where values are kept."),
    ROW(.name = "num_replicas", .nack = "replicas", .terraform = "replicas",
        .stream_field = STREAM_NUM_REPLICAS, .type = FIELD_COUNT, .least = 0, .most = 5, .fallback = "1",
        .doc = "How many servers of the cluster hold a copy, 1 to 5."),
    ROW(.name = "placement", .stream_field = STREAM_PLACEMENT, .type = FIELD_OBJECT,
        .flags = FIELD_EMPTY_IS_NONE, .object = &placement_table,
        .doc = "Where in a cluster the bucket lives."),
    ROW(.name = "compression", .stream_field = STREAM_COMPRESSION, .type = FIELD_BOOL, .since = {V_2_10},
        .doc = "Compresses values on disk (S2)."),
    ROW(.name = "republish", .stream_field = STREAM_REPUBLISH, .type = FIELD_OBJECT,
        .object = &republish_table, .doc = "Publishes values again on another subject as they are put."),
    ROW(.name = "mirror", .id = KEY_VALUE_MIRROR, .stream_field = STREAM_MIRROR, .type = FIELD_OBJECT,
        .object = &bucket_mirror_table, .risk = RISK_IRREVERSIBLE,
        .doc = "The bucket that this one is a read-only copy of; what is put goes to that one."),
    ROW(.name = "sources", .id = KEY_VALUE_SOURCES, .stream_field = STREAM_SOURCES, .type = FIELD_OBJECT,
        .shape = SHAPE_LIST, .object = &bucket_source_table, .since = {V_2_10},
        .doc =
            "Buckets whose values are copied into this one, under the same keys unless subject_transforms say otherwise."),
    ROW(.name = "metadata", .nack = NOT_IN_NACK, .id = KEY_VALUE_METADATA, .stream_field = STREAM_METADATA,
        .type = FIELD_TEXT, .shape = SHAPE_MAP, .most = METADATA_MOST, .since = {V_2_10},
        .doc = "Notes of your own, as text by name; '_nats.' and 'natsform.' names are taken."),
    ROW(.name = "lifecycle", .id = KEY_VALUE_LIFECYCLE, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &lifecycle_table, .doc = "How natsform treats the bucket."),
    ROW(.name = "renamed_from", .id = KEY_VALUE_RENAMED_FROM, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc =
            "The name that the bucket had: it gets this one, with all that is in it. Afterwards the line may stay.",
        .example = "OLD_NAME"),
    ROW(.name = "lint", .id = KEY_VALUE_LINT, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &lint_table, .doc = "Which warnings about the bucket are not wanted."),
    ROW(.name = "connection", .id = KEY_VALUE_CONNECTION, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc = "Which of 'connections' leads to the bucket's account. Default: 'connection'.",
        .example = "billing"),
};

static const struct constraint key_value_constraints[] = {
    {KEY_VALUE_MIRROR, NULL, CONSTRAINT_EXCLUDES, KEY_VALUE_SOURCES, NULL, {0}, 10031},
    {KEY_VALUE_MIRROR, NULL, CONSTRAINT_EXCLUDES, KEY_VALUE_LIMIT_MARKER_TTL, NULL, {0}, 10052},
};

/*
 * Clients put a transform between two buckets, and a server does not accept a transform together with a filter. So an
 * origin of a bucket has no filter.
 */
static void check_key_value(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    const struct value_list *sources = object_list(self, KEY_VALUE_SOURCES);
    const struct field *filter = table_field_by_id(&bucket_source_table, ORIGIN_FILTER_SUBJECT);
    const struct field *transforms = table_field_by_id(&bucket_source_table, ORIGIN_TRANSFORMS);
    (void)around;
    for (size_t i = 0; i < sources->count; i++) {
        const struct object *source = sources->items[i].object;
        const char *name = object_text(source, ORIGIN_NAME);
        bool plain = !object_value_of(source, transforms)->given && !object_object(source, ORIGIN_EXTERNAL);
        if (!name || !self->name || !plain || !object_has(source, ORIGIN_FILTER_SUBJECT, NULL))
            continue;
        bool prefixed = strncmp(name, key_value_kind.prefix, strlen(key_value_kind.prefix)) == 0;
        struct diag *diag = diag_add(diags, &code_conflict, object_pos(source, ORIGIN_FILTER_SUBJECT),
                                     "'%s' cannot stand in a source of a key-value bucket: keys move by '%s'",
                                     filter->name, transforms->name);
        diag_hint(diags, diag, "write 'name: %s%s, %s: [{src: %s, dest: $KV.%s.…}]' instead",
                  prefixed ? "" : key_value_kind.prefix, name, transforms->name,
                  object_text(source, ORIGIN_FILTER_SUBJECT), self->name);
    }
}

const struct table key_value_table = {
    .noun = "key-value bucket",
    .word = "key_value",
    .doc = "Stores values by key.",
    .sets = &stream_table,
    TABLE_FIELDS(key_value_fields),
    TABLE_CONSTRAINTS(key_value_constraints),
    .check = check_key_value,
};

static const struct bucket_setting key_value_settings[] = {
    {STREAM_DISCARD, "new", 0, 0},
    {STREAM_ALLOW_ROLLUP_HDRS, "true", 0, 0},
    {STREAM_DENY_DELETE, "true", 0, 0},
    {STREAM_ALLOW_DIRECT, "true", 0, 0},
    {STREAM_MIRROR_DIRECT, "true", STREAM_MIRROR, 0},
    {STREAM_ALLOW_MSG_TTL, "true", STREAM_SUBJECT_DELETE_MARKER_TTL, 0},
};

const struct bucket_kind key_value_kind = {
    .table = &key_value_table,
    .prefix = "KV_",
    .subject_prefix = "$KV.",
    .subject_ends = {".>"},
    .settings = key_value_settings,
    .setting_count = sizeof(key_value_settings) / sizeof(key_value_settings[0]),
    .lifecycle = KEY_VALUE_LIFECYCLE,
    .metadata = KEY_VALUE_METADATA,
    .renamed_from = KEY_VALUE_RENAMED_FROM,
};
