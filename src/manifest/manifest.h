/*
 * Manifest: what the files that describe a project say, decoded.
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
    const char *name;                 /* on the server: "KV_sessions" of a bucket */
    const struct bucket_kind *bucket; /* NULL for streams and consumers; see bucket.h */
    struct object *declared; /* what the manifest says: the bucket's own object; otherwise `config` */
    struct resource *stream; /* of a consumer */
    struct object *config;
    struct srcpos pos;
    bool external; /* a stream that is somebody else's */
    bool prevent_destroy;
    const struct diag_codes *lint_ignored; /* warnings that are not wanted; NULL: none */
    bool *ignored;                         /* by row: left as it is on the server; NULL: nothing */
    void *planned;                         /* plan/'s own */
};

struct resources {
    struct resource **items; /* sorted by name; consumers by stream, then name */
    size_t count;
    size_t capacity;
};

/* An object that stays on the server and is no longer the project's; manifest/removed.h reads them. */
struct removed {
    const char *stream;
    const char *consumer; /* NULL: the stream, with its consumers */
    struct srcpos pos;
};

struct manifest {
    const struct manifest *whole; /* of a part for one connection (manifest/accounts.h); NULL: it is whole */
    const char *project;          /* NULL when there is none */
    struct srcpos foreign; /* the first document of another tool's; without a source when there is none */
    struct object *root;
    const struct node *servers; /* as servers.h reads them, in the order written; NULL: there are none */
    struct resources streams;
    struct resources consumers;
    struct map streams_by_name;  /* to struct resource */
    struct map consumers_by_key; /* "STREAM consumer", as resource_key() makes it, to struct resource */
    VEC(struct removed *) removed;
    struct map removed_by_key; /* a stream's name, or resource_key(), to struct removed */
    const char *
        connection; /* of manifest/accounts.h: the one that this part of a manifest is about; NULL: the default one */
};

/* The table and the name by which people know the resource: a bucket's own. */
const struct table *resource_kind(const struct resource *resource);
const char *resource_shown_name(const struct resource *resource);

/* "stream ORDERS" or "consumer ORDERS > billing": for people. */
const char *resource_label(struct arena *arena, const struct table *table, const char *stream,
                           const char *name);
/* The file that is read when none is named. */
#define MANIFEST_USUAL "natsform.yaml"

#endif
