/*
 * Buckets: key-value buckets and object stores. On a server, each is a stream. The official clients fix its name, its
 * subjects and some settings. The other settings are the rows of the bucket's own table; each names the stream's row
 * that it sets (`stream_field`).
 *
 *     const struct bucket_kind *kind = &key_value_kind;
 *     struct object *stream = bucket_expand(arena, kind, bucket);      what a client would create
 *     struct object *bucket = bucket_of_stream(arena, live, version);  the same back, or NULL: the stream is no bucket
 *
 * Planning, applying and the rules see the stream; people see the bucket.
 */
#ifndef KIND_BUCKET_H
#define KIND_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field/value.h"

/* A setting of the stream that every bucket of the kind has. */
struct bucket_setting {
    unsigned field;    /* of the stream */
    const char *value; /* as a manifest spells it */
    unsigned when;     /* only if this field of the stream is on; 0: always */
    unsigned unless;   /* not if this field is on; 0: always */
};

struct bucket_kind {
    const struct table *table;
    const char *prefix;          /* of the stream's name: "KV_" */
    const char *subject_prefix;  /* "$KV." */
    const char *subject_ends[3]; /* what follows the bucket's name: ".>"; ends with NULL */
    const struct bucket_setting *settings;
    size_t setting_count;
    unsigned lifecycle; /* ids of the bucket's rows */
    unsigned metadata;
    unsigned renamed_from;
};

extern const struct bucket_kind key_value_kind;
extern const struct bucket_kind object_store_kind;
extern const struct bucket_kind *const bucket_kinds[];
extern const size_t bucket_kind_count;

/* The kind with that table, or NULL: for streams and consumers. */
const struct bucket_kind *bucket_kind_of(const struct table *table);

/* "KV_sessions" for "sessions". */
const char *bucket_stream_name(struct arena *arena, const struct bucket_kind *kind, const char *bucket);

/*
 * The kind of bucket that the stream would be by its name, and the bucket's name (a part of `stream`); or NULL. A stream
 * may have the name of a bucket without being one.
 */
const struct bucket_kind *bucket_kind_by_stream(const char *stream, const char **ret_bucket);

/*
 * The stream for a bucket. Its values point to the bucket's nodes, so they have the manifest's positions. Settings that
 * clients fix have the position of the bucket. The bucket must have a name; it need not be normalised.
 */
struct object *bucket_expand(struct arena *arena, const struct bucket_kind *kind,
                             const struct object *bucket);

/* The bucket's fields, read from a stream, which need not be normalised. What a bucket cannot say is left out. */
struct object *bucket_collapse(struct arena *arena, const struct bucket_kind *kind,
                               const struct object *stream);

/*
 * A live value differs from the wanted one. Is it right for a bucket all the same? Clients set deny_delete, allow_direct
 * and duplicate_window differently, message TTLs cannot be switched off again, and sealing sets other fields too.
 */
bool bucket_tolerates(const struct object *wanted, const struct object *live, const struct field *field);
/* What a sealed stream has besides. Made anew without the seal, it has none of it. */
bool bucket_follows_from_sealing(const struct field *field);

/* If a field of the bucket is ignored, the stream's fields that it sets are ignored too. Sets their flags. */
void bucket_ignore(const struct field *row, bool *ignored);

/*
 * The bucket that a live stream is, whichever client made it. NULL if it is none, or has settings that a bucket of a
 * manifest could not have: then a plan of the result would not be empty. `live` must be decoded and normalised
 * (live_decode()), with natsform's own metadata still in it.
 */
struct object *bucket_of_stream(struct arena *arena, const struct object *live, uint32_t version);

/*
 * The field as people know it: the bucket's row that sets the stream's field or, if all buckets have the same value, the
 * stream's field itself. `kind` is NULL for streams.
 */
const struct field *bucket_shown_field(const struct bucket_kind *kind, const struct field *field);

#endif
