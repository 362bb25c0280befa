/*
 * The object store: one row per setting that the official clients offer (ADR-20), under the names that they share, and
 * the settings of the stream that they fix.
 */
#include "base/row.h"
#include "kind/bucket.h"
#include "kind/kinds.h"

enum { BUCKET_MOST = 251, DESCRIPTION_MOST = 4096, METADATA_MOST = 128 * 1024 };

/* 251 bytes and "OBJ_" are the 255 that a stream's name may have. */
static const struct field object_store_fields[] = {
    ROW(.name = "bucket", .terraform = "name", .id = OBJECT_STORE_BUCKET, .type = FIELD_BUCKET,
        .flags = FIELD_IDENTITY, .most = BUCKET_MOST,
        .doc =
            "The store's name; in a manifest, the key that it stands under. Its stream is OBJ_ and the name.",
        .example = "uploads"),
    ROW(.name = "description", .stream_field = STREAM_DESCRIPTION, .type = FIELD_TEXT,
        .most = DESCRIPTION_MOST, .doc = "What the store is for, in at most 4096 bytes.",
        .example = "What customers upload"),
    ROW(.name = "ttl", .id = OBJECT_STORE_TTL, .stream_field = STREAM_MAX_AGE, .type = FIELD_DURATION,
        .least = 100 * MILLISECOND, .most = INT64_MAX, .risk = RISK_TRIMS_AGE,
        .doc = "How long an object stays; 0 is forever.", .example = "7d"),
    ROW(.name = "max_bytes", .terraform = "max_bucket_size", .stream_field = STREAM_MAX_BYTES,
        .type = FIELD_SIZE, .flags = FIELD_UNLIMITED, .least = 1, .most = INT64_MAX, .fallback = "unlimited",
        .risk = RISK_TRIMS_BYTES, .doc = "How many bytes the store may hold; the server reserves them.",
        .example = "50GiB"),
    ROW(.name = "storage", .stream_field = STREAM_STORAGE, .type = FIELD_CHOICE, .choices = storage_choices,
        .fallback = "file", .doc = "Where objects are kept."),
    ROW(.name = "num_replicas", .nack = "replicas", .terraform = "replicas",
        .stream_field = STREAM_NUM_REPLICAS, .type = FIELD_COUNT, .least = 0, .most = 5, .fallback = "1",
        .doc = "How many servers of the cluster hold a copy, 1 to 5."),
    ROW(.name = "placement", .stream_field = STREAM_PLACEMENT, .type = FIELD_OBJECT,
        .flags = FIELD_EMPTY_IS_NONE, .object = &placement_table,
        .doc = "Where in a cluster the store lives."),
    ROW(.name = "compression", .stream_field = STREAM_COMPRESSION, .type = FIELD_BOOL, .since = {V_2_10},
        .doc = "Compresses objects on disk (S2)."),
    ROW(.name = "sealed", .nack = NOT_IN_NACK, .id = OBJECT_STORE_SEALED, .stream_field = STREAM_SEALED,
        .type = FIELD_BOOL, .risk = RISK_IRREVERSIBLE,
        .doc = "Closes the store for good: no object comes or goes any more."),
    ROW(.name = "allow_batched", .nack = NOT_IN_NACK, .stream_field = STREAM_ALLOW_BATCHED,
        .type = FIELD_BOOL, .since = {V_2_14},
        .doc = "Allows clients to put objects in fast batches with one acknowledgement."),
    ROW(.name = "metadata", .id = OBJECT_STORE_METADATA, .stream_field = STREAM_METADATA, .type = FIELD_TEXT,
        .shape = SHAPE_MAP, .most = METADATA_MOST, .since = {V_2_10},
        .doc = "Notes of your own, as text by name; '_nats.' and 'natsform.' names are taken."),
    ROW(.name = "lifecycle", .id = OBJECT_STORE_LIFECYCLE, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &lifecycle_table, .doc = "How natsform treats the store."),
    ROW(.name = "renamed_from", .id = OBJECT_STORE_RENAMED_FROM, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc =
            "The name that the store had: it gets this one, with all that is in it. Afterwards the line may stay.",
        .example = "OLD_NAME"),
    ROW(.name = "lint", .id = OBJECT_STORE_LINT, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &lint_table, .doc = "Which warnings about the store are not wanted."),
    ROW(.name = "connection", .id = OBJECT_STORE_CONNECTION, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc = "Which of 'connections' leads to the store's account. Default: 'connection'.",
        .example = "billing"),
};

static const struct implication object_store_implications[] = {
    {OBJECT_STORE_SEALED, NULL, OBJECT_STORE_TTL, "0"},
};

const struct table object_store_table = {
    .noun = "object store",
    .word = "object_store",
    .doc = "Stores objects of any size by name, in chunks.",
    .sets = &stream_table,
    TABLE_FIELDS(object_store_fields),
    TABLE_IMPLICATIONS(object_store_implications),
};

/* deny_delete stays off: clients delete the chunks of objects. */
static const struct bucket_setting object_store_settings[] = {
    {STREAM_DISCARD, "new", 0, 0},
    {STREAM_ALLOW_ROLLUP_HDRS, "true", 0, STREAM_SEALED},
    {STREAM_ALLOW_DIRECT, "true", 0, 0},
};

const struct bucket_kind object_store_kind = {
    .table = &object_store_table,
    .prefix = "OBJ_",
    .subject_prefix = "$O.",
    .subject_ends = {".C.>", ".M.>"},
    .settings = object_store_settings,
    .setting_count = sizeof(object_store_settings) / sizeof(object_store_settings[0]),
    .lifecycle = OBJECT_STORE_LIFECYCLE,
    .metadata = OBJECT_STORE_METADATA,
    .renamed_from = OBJECT_STORE_RENAMED_FROM,
};
