/*
 * Buckets: key-value buckets and object stores. On a server each is a stream whose name, subjects and some settings the official
 * clients fix; the rest are the rows of the bucket's own table, of which each names the row of the stream that it
 * sets (`stream_field`).
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
    unsigned when;     /* only when this field of the stream is on; 0: always */
    unsigned unless;   /* not when this one is; 0: always */
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
 * By the stream's name alone: the kind, and the bucket's name in *ret_bucket (part of `stream`); or NULL. A stream may
 * have the name of a bucket without being one.
 */
const struct bucket_kind *bucket_kind_by_stream(const char *stream, const char **ret_bucket);

/*
 * The stream that the bucket is. Its values point at the bucket's nodes, so that positions are the manifest's; what the clients fix
 * stands where the bucket does. The bucket must have a name; it need not be normalised.
 */
struct object *bucket_expand(struct arena *arena, const struct bucket_kind *kind,
                             const struct object *bucket);

/* The rows of the bucket as they are in a stream, normalised or not. What they cannot say is left out. */
struct object *bucket_collapse(struct arena *arena, const struct bucket_kind *kind,
                               const struct object *stream);

/*
 * Is the live value of a field of the stream, though it differs from the wanted one, right for a bucket too? Clients set deny_delete,
 * allow_direct and duplicate_window differently, message TTLs cannot be switched off again, and sealing takes other fields along.
 */
bool bucket_tolerates(const struct object *wanted, const struct object *live, const struct field *field);

/* Marks the rows of the stream that are left as they are on the server when that row of the bucket is. */
void bucket_ignore(const struct field *row, bool *ignored);

/*
 * The bucket that a live stream is, whichever client made it, or NULL: also when it has settings that a bucket of a manifest could not
 * have, so that a plan against the result would find differences. `live` is decoded and normalised
 * (live_decode()); metadata keys of natsform's own are still in it.
 */
struct object *bucket_of_stream(struct arena *arena, const struct object *live, uint32_t version);

/*
 * How people know a field of the stream: the bucket's row that sets it, or the field itself where every bucket has the same. `bucket` is
 * NULL for streams.
 */
const struct field *bucket_shown_field(const struct bucket_kind *kind, const struct field *field);

#endif
