/*
 * Kinds: what JetStream holds. One file per kind has its table; the ids below are only for fields that code
 * refers to, and stand in the order of the rows.
 */
#ifndef KIND_KINDS_H
#define KIND_KINDS_H

#include "field/field.h"

enum stream_field {
    STREAM_NAME = 1,
    STREAM_DESCRIPTION,
    STREAM_SUBJECTS,
    STREAM_RETENTION,
    STREAM_MAX_CONSUMERS,
    STREAM_MAX_MSGS,
    STREAM_MAX_BYTES,
    STREAM_MAX_AGE,
    STREAM_MAX_MSGS_PER_SUBJECT,
    STREAM_MAX_MSG_SIZE,
    STREAM_DISCARD,
    STREAM_STORAGE,
    STREAM_NUM_REPLICAS,
    STREAM_NO_ACK,
    STREAM_DUPLICATE_WINDOW,
    STREAM_PLACEMENT,
    STREAM_MIRROR,
    STREAM_SOURCES,
    STREAM_COMPRESSION,
    STREAM_FIRST_SEQ,
    STREAM_SUBJECT_TRANSFORM,
    STREAM_REPUBLISH,
    STREAM_ALLOW_DIRECT,
    STREAM_MIRROR_DIRECT,
    STREAM_DISCARD_NEW_PER_SUBJECT,
    STREAM_SEALED,
    STREAM_DENY_DELETE,
    STREAM_DENY_PURGE,
    STREAM_ALLOW_ROLLUP_HDRS,
    STREAM_CONSUMER_LIMITS,
    STREAM_ALLOW_MSG_TTL,
    STREAM_SUBJECT_DELETE_MARKER_TTL,
    STREAM_ALLOW_MSG_COUNTER,
    STREAM_ALLOW_ATOMIC,
    STREAM_ALLOW_MSG_SCHEDULES,
    STREAM_PERSIST_MODE,
    STREAM_ALLOW_BATCHED,
    STREAM_METADATA,
    STREAM_EXTERNAL,
    STREAM_LIFECYCLE,
    STREAM_RENAMED_FROM,
    STREAM_LINT,
    STREAM_CONNECTION,
    STREAM_CONSUMERS,
};

enum transform_field {
    TRANSFORM_SRC = 1,
    TRANSFORM_DEST,
};

enum origin_field {
    ORIGIN_NAME = 1,
    ORIGIN_START_SEQ,
    ORIGIN_START_TIME,
    ORIGIN_FILTER_SUBJECT,
    ORIGIN_TRANSFORMS,
    ORIGIN_EXTERNAL,
    ORIGIN_CONSUMER,
};

/* A transform of its own, as far as these go. */
enum republish_field {
    REPUBLISH_SRC = TRANSFORM_SRC,
    REPUBLISH_DEST,
};

enum external_field {
    EXTERNAL_API = 1,
    EXTERNAL_DELIVER,
};

enum placement_field {
    PLACEMENT_CLUSTER = 1,
    PLACEMENT_TAGS,
};

enum delivery_field {
    DELIVERY_NAME = 1,
    DELIVERY_SUBJECT,
};

enum limits_field {
    LIMITS_INACTIVE_THRESHOLD = 1,
    LIMITS_MAX_ACK_PENDING,
};

enum lifecycle_field {
    LIFECYCLE_PREVENT_DESTROY = 1,
    LIFECYCLE_IGNORE,
    LIFECYCLE_ALLOW_DATA_LOSS,
    LIFECYCLE_ON_IMMUTABLE,
};

enum allow_data_loss_field {
    ALLOW_DATA_LOSS_UNTIL = 1,
};

enum lint_field {
    LINT_IGNORE = 1,
};

enum consumer_field {
    CONSUMER_NAME = 1,
    CONSUMER_DURABLE_NAME,
    CONSUMER_DELIVER_POLICY,
    CONSUMER_OPT_START_SEQ,
    CONSUMER_OPT_START_TIME,
    CONSUMER_ACK_POLICY,
    CONSUMER_ACK_WAIT,
    CONSUMER_MAX_DELIVER,
    CONSUMER_BACKOFF,
    CONSUMER_FILTER_SUBJECT,
    CONSUMER_FILTER_SUBJECTS,
    CONSUMER_RATE_LIMIT_BPS,
    CONSUMER_SAMPLE_FREQ,
    CONSUMER_MAX_WAITING,
    CONSUMER_MAX_ACK_PENDING,
    CONSUMER_FLOW_CONTROL,
    CONSUMER_IDLE_HEARTBEAT,
    CONSUMER_MAX_BATCH,
    CONSUMER_MAX_EXPIRES,
    CONSUMER_MAX_BYTES,
    CONSUMER_DELIVER_SUBJECT,
    CONSUMER_DELIVER_GROUP,
    CONSUMER_INACTIVE_THRESHOLD,
    CONSUMER_NUM_REPLICAS,
    CONSUMER_MEM_STORAGE,
    CONSUMER_DIRECT,
    CONSUMER_SOURCING,
    CONSUMER_METADATA,
    CONSUMER_PAUSE_UNTIL,
    CONSUMER_PRIORITY_GROUPS,
    CONSUMER_PRIORITY_POLICY,
    CONSUMER_PRIORITY_TIMEOUT,
    CONSUMER_LIFECYCLE,
    CONSUMER_RENAMED_FROM,
    CONSUMER_LINT,
};

enum key_value_field {
    KEY_VALUE_BUCKET = 1,
    KEY_VALUE_LIMIT_MARKER_TTL,
    KEY_VALUE_MIRROR,
    KEY_VALUE_SOURCES,
    KEY_VALUE_METADATA,
    KEY_VALUE_LIFECYCLE,
    KEY_VALUE_RENAMED_FROM,
    KEY_VALUE_LINT,
    KEY_VALUE_CONNECTION,
};

enum object_store_field {
    OBJECT_STORE_BUCKET = 1,
    OBJECT_STORE_TTL,
    OBJECT_STORE_SEALED,
    OBJECT_STORE_METADATA,
    OBJECT_STORE_LIFECYCLE,
    OBJECT_STORE_RENAMED_FROM,
    OBJECT_STORE_LINT,
    OBJECT_STORE_CONNECTION,
};

extern const struct table key_value_table;
extern const struct table object_store_table;
extern const struct table stream_table;
extern const struct table consumer_table;
extern const struct table lifecycle_table;
extern const struct table lint_table;
extern const struct choice storage_choices[];

/* The filters of a normalised consumer; 0: it takes all. */
size_t consumer_filters(const struct object *consumer, const struct value **ret_filters);

/* Parts of streams; see stream_parts.c. */
extern const struct table transform_table;
extern const struct table mirror_table;
extern const struct table source_table;
extern const struct table bucket_mirror_table; /* the rows of mirror_table */
extern const struct table bucket_source_table; /* the rows of source_table */
extern const struct table placement_table;
extern const struct table republish_table;
extern const struct table limits_table;

/* Choices that code compares with. */
#define CHOICE_MEMORY "memory"
#define CHOICE_WORKQUEUE "workqueue"
#define CHOICE_INTEREST "interest"
#define CHOICE_LIMITS "limits"
#define CHOICE_NEW "new"
#define CHOICE_REFUSE "refuse"
#define CHOICE_MIGRATE "migrate"
#define CHOICE_RECREATE "recreate"
#define CHOICE_BY_START_SEQUENCE "by_start_sequence"
#define CHOICE_NONE "none"
#define CHOICE_ALL "all"
#define CHOICE_LAST_PER_SUBJECT "last_per_subject"
#define CHOICE_EXPLICIT "explicit"
#define CHOICE_FLOW_CONTROL "flow_control"

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

#endif
