/*
 * The parts that streams and buckets are made of: origins, placement, republishing, transforms, limits. Their rows, too,
 * are nats-server 2.15.1's.
 */
#include "kind/kinds.h"

#include <string.h>

#include "base/diag.h"
#include "base/row.h"
#include "field/subject.h"
#include "field/value.h"

static DIAG_CODE(
    code_transform, .name = "transform", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A destination of subjects that no server can make out of the source, or not one of that version.",
    .why =
        "A server refuses a destination that uses wildcards the source has not, or functions it does not know.",
    .example = "subject_transform: {src: a.*, dest: b.$2}",
    .remedy = "Count the wildcards of the source from 1, and look which version has the function.");

static const struct field transform_fields[] = {
    ROW(.name = "src", .id = TRANSFORM_SRC, .nack = "source", .terraform = "source", .type = FIELD_SUBJECT,
        .flags = FIELD_KEY, .doc = "Subjects to rewrite; all when left out.", .example = "orders.*.new"),
    ROW(.name = "dest", .id = TRANSFORM_DEST, .terraform = "destination", .type = FIELD_TEXT,
        .flags = FIELD_KEY,
        .doc =
            "What they become: wildcards by {{wildcard(1)}} or $1, and functions such as {{partition(3,1)}}.",
        .example = "new.{{wildcard(1)}}"),
};

const struct table transform_table = {
    .noun = "subject transform",
    .doc = "Rewrites subjects.",
    TABLE_FIELDS(transform_fields),
};

/* A server does not look whether anybody answers there: a wrong prefix is accepted, and nothing is ever copied. */
static const struct field external_fields[] = {
    ROW(.name = "api", .nack = "../externalApiPrefix", .id = EXTERNAL_API, .type = FIELD_LITERAL,
        .flags = FIELD_KEY, .doc = "API prefix under which the other account or domain is reached.",
        .example = "$JS.hub.API"),
    ROW(.name = "deliver", .nack = "../externalDeliverPrefix", .id = EXTERNAL_DELIVER, .type = FIELD_LITERAL,
        .doc = "Prefix of the subjects on which the origin delivers.", .example = "deliver.hub"),
};

static void check_external(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    const char *api = object_text(self, EXTERNAL_API);
    (void)around;
    if (!api || strcmp(api, "$JS.API") != 0)
        return;
    struct diag *diag =
        diag_add(diags, &code_conflict, object_pos(self, EXTERNAL_API),
                 "'%s' is the API of the account itself", table_field_by_id(self->table, EXTERNAL_API)->name);
    diag_note(diags, diag, (struct srcpos){0}, "the server answers with error 10021");
    diag_hint(diags, diag, "an origin of the same account needs no '%s'", self->table->noun);
}

static const struct table external_table = {
    .noun = "external origin",
    .doc = "Reaches a stream of another account or JetStream domain.",
    TABLE_FIELDS(external_fields),
    .check = check_external,
};

/*
 * A server accepts a consumer that is not there or acknowledges otherwise. Nothing is copied then, and only STREAM.INFO
 * says why (10214 of mirrors, 10217 of sources; 2.15.1).
 */
static const struct field delivery_fields[] = {
    ROW(.name = "name", .id = DELIVERY_NAME, .type = FIELD_NAME, .flags = FIELD_REQUIRED | FIELD_KEY,
        .doc = "The durable consumer on the origin; it must have ack_policy flow_control."),
    ROW(.name = "deliver_subject", .id = DELIVERY_SUBJECT, .type = FIELD_LITERAL, .flags = FIELD_REQUIRED,
        .doc = "The subject on which that consumer delivers."),
};

static const struct table delivery_table = {
    .noun = "origin's consumer",
    .doc = "Reads the origin through a durable consumer made beforehand.",
    TABLE_FIELDS(delivery_fields),
};

static const struct field origin_fields[] = {
    ROW(.name = "name", .id = ORIGIN_NAME, .type = FIELD_NAME, .flags = FIELD_REQUIRED | FIELD_KEY,
        .doc = "Name of the stream to copy from.", .example = "ORDERS"),
    /* Not a part of what a source is known by: changed on a live source, it does nothing. */
    ROW(.name = "opt_start_seq", .terraform = "start_seq", .id = ORIGIN_START_SEQ, .type = FIELD_UNSIGNED,
        .doc = "Sequence in the origin to start from; only used when copying starts."),
    ROW(.name = "opt_start_time", .terraform = "start_time", .id = ORIGIN_START_TIME, .type = FIELD_TIME,
        .doc = "Time in the origin to start from; only used when copying starts."),
    ROW(.name = "filter_subject", .id = ORIGIN_FILTER_SUBJECT, .type = FIELD_SUBJECT, .flags = FIELD_KEY,
        .doc = "Copies only messages of these subjects.", .example = "orders.eu.>"),
    /* 2.9 drops it: keys of a bucket's source then arrive under the other bucket's subjects, where no client looks. */
    ROW(.name = "subject_transforms", .terraform = "subject_transform", .id = ORIGIN_TRANSFORMS,
        .type = FIELD_OBJECT, .shape = SHAPE_LIST, .flags = FIELD_ORDERED | FIELD_KEY,
        .object = &transform_table, .since = {V_2_10},
        .doc = "Selects and rewrites subjects on the way; instead of filter_subject."),
    ROW(.name = "external", .id = ORIGIN_EXTERNAL, .type = FIELD_OBJECT, .flags = FIELD_KEY,
        .object = &external_table, .doc = "Where the origin is, when it is in another account or domain."),
    ROW(.name = "consumer", .nack = NOT_IN_NACK, .id = ORIGIN_CONSUMER, .type = FIELD_OBJECT,
        .flags = FIELD_KEY, .object = &delivery_table, .since = {V_2_14},
        .doc = "A durable consumer on the origin to read through, instead of one that the server makes."),
};

static const struct constraint origin_constraints[] = {
    {ORIGIN_FILTER_SUBJECT, NULL, CONSTRAINT_EXCLUDES, ORIGIN_TRANSFORMS, NULL, {0}, 10144},
    {ORIGIN_CONSUMER, NULL, CONSTRAINT_EXCLUDES, ORIGIN_FILTER_SUBJECT, NULL, {0}, 10215},
    {ORIGIN_CONSUMER, NULL, CONSTRAINT_EXCLUDES, ORIGIN_START_SEQ, NULL, {0}, 10215},
    {ORIGIN_CONSUMER, NULL, CONSTRAINT_EXCLUDES, ORIGIN_START_TIME, NULL, {0}, 10215},
};

/* As client libraries write it, which make the other of it. */
static const struct key_hint origin_hints[] = {
    {"domain", "a JetStream domain is reached by 'external: {api: $JS.", ".API}'"},
    {0},
};

/* ---- transforms ---- */

void check_transform(const struct object *transform, enum transform_use use, uint32_t version, int err_code,
                     struct diags *diags)
{
    const char *destination = object_text(transform, TRANSFORM_DEST);
    const char *fault =
        transform_fault(&diags->arena, object_text(transform, TRANSFORM_SRC), destination, use, version);
    bool old = use != TRANSFORM_REPUBLISH && !version_has(version, V_2_11);
    if (!fault || object_value(transform, TRANSFORM_SRC)->refused)
        return;
    struct diag *diag =
        diag_add(diags, &code_transform, object_pos(transform, TRANSFORM_DEST), "'%s': '%s' %s",
                 table_field_by_id(transform->table, TRANSFORM_DEST)->name, destination, fault);
    diag_note(diags, diag, (struct srcpos){0}, "the server answers with error %d", old ? 10049 : err_code);
}

/* A source without a subject takes all of them, and servers do not see that it overlaps. */
static bool overlap(const struct object *a, const struct object *b,
                    bool (*collide)(const char *, const char *))
{
    const char *one = object_text(a, TRANSFORM_SRC);
    const char *other = object_text(b, TRANSFORM_SRC);
    return one && other && *one && *other && (collide(one, other) || collide(other, one));
}

static void check_overlaps(const struct object *self, bool (*collide)(const char *, const char *),
                           int err_code, struct diags *diags)
{
    const struct value_list *transforms = object_list(self, ORIGIN_TRANSFORMS);
    for (size_t i = 1; i < transforms->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct object *one = transforms->items[j].object;
            const struct object *other = transforms->items[i].object;
            if (!overlap(one, other, collide))
                continue;
            struct diag *diag =
                diag_add(diags, &code_conflict, object_pos(other, TRANSFORM_SRC),
                         "'%s' overlaps with '%s' of the same %s", object_text(other, TRANSFORM_SRC),
                         object_text(one, TRANSFORM_SRC), self->table->noun);
            diag_note(diags, diag, object_pos(one, TRANSFORM_SRC), "'%s' is here",
                      object_text(one, TRANSFORM_SRC));
            diag_note(diags, diag, (struct srcpos){0}, "the server answers with error %d", err_code);
        }
}

static void check_transforms(const struct object *self, enum transform_use use, uint32_t version,
                             int err_code, struct diags *diags)
{
    const struct value_list *transforms = object_list(self, ORIGIN_TRANSFORMS);
    for (size_t i = 0; i < transforms->count; i++)
        check_transform(transforms->items[i].object, use, version, err_code, diags);
}

/* Mirrors refuse transforms whose sources share any subject. Sources refuse them only if one includes the other. */
static void check_mirror(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    check_transforms(self, TRANSFORM_MIRROR, around->version, 10154, diags);
    check_overlaps(self, subjects_collide, 10152, diags);
}

static void check_source(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    check_transforms(self, TRANSFORM_SOURCE, around->version, 10146, diags);
    check_overlaps(self, subject_is_subset, 10147, diags);
}

const struct table mirror_table = {
    .noun = "mirror",
    .doc = "Makes the stream an exact, read-only copy of another one.",
    TABLE_FIELDS(origin_fields),
    TABLE_CONSTRAINTS(origin_constraints),
    .key_hints = origin_hints,
    .check = check_mirror,
};

const struct table source_table = {
    .noun = "source",
    .doc = "A stream whose messages are copied into this one.",
    TABLE_FIELDS(origin_fields),
    TABLE_CONSTRAINTS(origin_constraints),
    .key_hints = origin_hints,
    .check = check_source,
};

/* The same rows for buckets: a name is a bucket's, and KV_ is put before it as the official clients do. */
const struct table bucket_mirror_table = {
    .noun = "bucket mirror",
    .word = "bucket_mirror",
    .doc =
        "Makes the bucket an exact, read-only copy of another one; name is that bucket's, with or without KV_.",
    TABLE_FIELDS(origin_fields),
    TABLE_CONSTRAINTS(origin_constraints),
    .key_hints = origin_hints,
};

const struct table bucket_source_table = {
    .noun = "bucket source",
    .word = "bucket_source",
    .doc =
        "A bucket whose values are copied into this one. With subject_transforms, name is any stream's and taken as it is; "
        "with none at all ('[]'), subjects stay as they are.",
    TABLE_FIELDS(origin_fields),
    TABLE_CONSTRAINTS(origin_constraints),
    .key_hints = origin_hints,
};

static const struct field placement_fields[] = {
    ROW(.name = "cluster", .terraform = "../placement_cluster", .id = PLACEMENT_CLUSTER, .type = FIELD_TEXT,
        .doc = "Name of the cluster to live in.", .example = "east"),
    /* Servers compare tags without case. */
    ROW(.name = "tags", .terraform = "../placement_tags", .id = PLACEMENT_TAGS, .type = FIELD_TEXT,
        .shape = SHAPE_LIST, .flags = FIELD_ANY_CASE,
        .doc = "Tags that each chosen server must have; '!tag' excludes (2.12).", .example = "[ssd]"),
    ROW(.name = "preferred", .nack = NOT_IN_NACK, .terraform = "../placement_preferred", .type = FIELD_TEXT,
        .flags = FIELD_INTERNAL, .since = {V_2_11},
        .doc = "Only for asking a leader to step down; streams may not have it."),
};

const struct table placement_table = {
    .noun = "placement",
    .doc = "Where in a cluster the stream lives.",
    TABLE_FIELDS(placement_fields),
};

static const struct field republish_fields[] = {
    ROW(.name = "src", .id = REPUBLISH_SRC, .nack = "source", .terraform = "../republish_source",
        .type = FIELD_SUBJECT, .fallback = ">", .doc = "Subjects of stored messages to publish again."),
    /* White space in it passes on 2.10.27 and 2.15.1, and makes a subject that nobody can use. */
    ROW(.name = "dest", .id = REPUBLISH_DEST, .nack = "destination", .terraform = "../republish_destination",
        .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
        .doc =
            "The subject to publish them on, with $1 for wildcards; without one, a server publishes nothing and after "
            "any update everything.",
        .example = "copy.>"),
    ROW(.name = "headers_only", .nack = NOT_IN_NACK, .terraform = "../republish_headers_only",
        .type = FIELD_BOOL, .doc = "Publishes the headers without the payload."),
};

/* Its subject and destination are the rows of a transform. */
static void check_republish(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    check_transform(self, TRANSFORM_REPUBLISH, around->version, 10052, diags);
}

const struct table republish_table = {
    .noun = "republish",
    .doc = "Publishes stored messages again on another subject.",
    TABLE_FIELDS(republish_fields),
    .check = check_republish,
};

/*
 * Checked against every consumer of the stream, whoever made it (10069). A durable consumer that leaves
 * inactive_threshold out inherits it, and really goes.
 */
static const struct field limits_fields[] = {
    ROW(.name = "inactive_threshold", .terraform = "../inactive_threshold", .id = LIMITS_INACTIVE_THRESHOLD,
        .type = FIELD_DURATION,
        .doc =
            "Longest inactive_threshold of a consumer, and the default of those that leave it out, durable ones too.",
        .example = "1h"),
    ROW(.name = "max_ack_pending", .terraform = "../max_ack_pending", .id = LIMITS_MAX_ACK_PENDING,
        .type = FIELD_COUNT, .least = 1, .most = INT64_MAX,
        .doc = "Largest max_ack_pending of a consumer, and the default of those that leave it out.",
        .example = "100"),
};

const struct table limits_table = {
    .noun = "consumer limits",
    .doc = "Bounds and defaults for the stream's consumers.",
    TABLE_FIELDS(limits_fields),
};
