/*
 * Manifest: the decoded contents of the files that describe a project.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"
#include "field/value.h"
#include "kind/manifest_rows.h"

struct bucket_kind;

/* One object to manage: a stream or a consumer. A bucket is managed as its stream, and shown as a bucket. */
struct resource {
    const struct table *table;
    const char *name;                 /* on the server; for a bucket, "KV_sessions" */
    const struct bucket_kind *bucket; /* NULL for streams and consumers; see bucket.h */
    struct object *declared; /* what the manifest says: for a bucket, its own object; otherwise `config` */
    struct resource *stream; /* the consumer's stream */
    struct object *config;   /* the stream's or the consumer's configuration */
    struct srcpos pos;
    bool external; /* the stream is somebody else's */
    bool prevent_destroy;
    const struct diag_codes *lint_ignored; /* warnings that are not wanted; NULL: none */
    bool *ignored;                         /* by row: left as it is on the server; NULL: nothing */
    bool keeps_metadata;                   /* the metadata among them, but for marks: mark_keep_rest() */
    void *planned;                         /* data of plan/ */
};

struct resources {
    struct resource **items; /* sorted by name; consumers by stream, then name */
    size_t count;
    size_t capacity;
};

/* An object that stays on the server but is no longer the project's; manifest/removed.h reads these. */
struct removed {
    const char *stream;
    const char *consumer; /* NULL: the stream, with its consumers */
    struct srcpos pos;
};

struct manifest {
    /* This is one account's part of that manifest (accounts.h); NULL: it is whole. */
    const struct manifest *whole;
    const char *project;   /* NULL: none */
    struct srcpos foreign; /* the first document in another tool's format; without a source: there is none */
    struct object *root;
    const struct node *servers; /* as servers.h reads them, in the order written; NULL: there are none */
    struct resources streams;
    struct resources consumers;
    struct map streams_by_name;  /* to struct resource */
    struct map consumers_by_key; /* "STREAM consumer", as resource_key() makes it, to struct resource */
    VEC(struct removed *) removed;
    struct map removed_by_key; /* a stream's name, or resource_key(), to struct removed */
    const char *
        /* Of manifest/accounts.h: the one that this part of a manifest is about; NULL: the default one. */
        connection;
};

/* The table and the name by which people know the resource. For a bucket, they are the bucket's own. */
const struct table *resource_kind(const struct resource *resource);
const char *resource_shown_name(const struct resource *resource);

/* The resource's name for people: "stream ORDERS" or "consumer ORDERS > billing". */
const char *resource_label(struct arena *arena, const struct table *table, const char *stream,
                           const char *name);
/* The file that is read if none is named. */
#define MANIFEST_USUAL "natsform.yaml"

#endif
