/*
 * Manifest: the files that describe a project, read, merged and decoded.
 *
 * Reading goes: text -> nodes -> from other tools' formats to ours (format.h) -> variables -> includes side by side -> overlays of several -f -> defaults under every
 * object -> decoding by the tables. Files are read through `struct manifest_reader`, so that they may come from a
 * directory, standard input or a Git revision.
 */
#ifndef KIND_MANIFEST_H
#define KIND_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/meanwhile.h"
#include "base/vec.h"
#include "kind/value.h"
#include "syntax/vars.h"

enum manifest_field {
    MANIFEST_PROJECT = 1,
    MANIFEST_INCLUDE,
    MANIFEST_CONNECTION,
    MANIFEST_CONNECTIONS,
    MANIFEST_DEFAULTS,
    MANIFEST_STREAMS,
    MANIFEST_KEY_VALUES,
    MANIFEST_OBJECT_STORES,
    MANIFEST_REMOVED,
    MANIFEST_SERVERS,
};

enum connection_row {
    CONNECTION_CONTEXT = 1,
    CONNECTION_URL,
    CONNECTION_USER,
    CONNECTION_PASSWORD,
    CONNECTION_TOKEN,
    CONNECTION_CREDS,
    CONNECTION_NKEY,
    CONNECTION_TLS,
    CONNECTION_DOMAIN,
    CONNECTION_API_PREFIX,
    CONNECTION_INBOX_PREFIX,
    CONNECTION_TIMEOUT,
    CONNECTION_EXPECT,
};

enum tls_row {
    TLS_CA = 1,
    TLS_CERT,
    TLS_KEY,
    TLS_FIRST,
};

enum expect_row {
    EXPECT_CLUSTER = 1,
};

enum defaults_row {
    DEFAULTS_STREAM = 1,
    DEFAULTS_CONSUMER,
    DEFAULTS_KEY_VALUE,
    DEFAULTS_OBJECT_STORE,
};

extern const struct table manifest_table;

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
    const bool *lint_ignored; /* by code: warnings that are not wanted; NULL when none is */
    bool *ignored;            /* by row: left as it is on the server; NULL when nothing is */
    void *planned;            /* plan/'s own */
};

struct resources {
    struct resource **items; /* sorted by name; consumers by stream, then name */
    size_t count;
    size_t capacity;
};

/* An object that stays on the server and is no longer the project's; kind/removed.h reads them. */
struct removed {
    const char *stream;
    const char *consumer; /* NULL: the stream, with its consumers */
    struct srcpos pos;
};

struct manifest {
    const struct manifest *whole; /* of a part for one connection (kind/accounts.h); NULL: it is whole */
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
        connection; /* of kind/accounts.h: the one that this part of a manifest is about; NULL: the default one */
};

/* Where files come from. Both return 0 or -1 with a message (lower case, without the path) in *ret_error. */
struct manifest_reader {
    /* A file's whole text, in the arena. At most YAML_MOST_BYTES + 1 bytes need to be read. */
    int (*read)(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
    /* Paths that match, sorted. A directory stands for its *.yaml and *.yml files. */
    int (*expand)(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error);
    /* The pattern that an include in a file stands for; NULL: beside that file, by its path. */
    const char *(*beside)(void *context, struct arena *arena, const char *path, const char *pattern);
    /* What to do about the last failure of read or expand, or NULL when there is nothing to say; may be NULL itself. */
    const char *(*hint)(void *context);
    void *context;
    vars_lookup *lookup; /* of variables */
    void *lookup_context;
    const char *stream; /* that configurations of the nats CLI are of when they do not say; NULL: none */
    const struct meanwhile *meanwhile; /* what else to do while a long file is read; NULL: nothing */
};

/*
 * Reads `paths`, each laid over the one before. The manifest and all its texts live in the arena. Returns NULL when
 * anything was wrong; everything that was is in `diags`.
 */
struct manifest *manifest_load(struct arena *arena, const struct manifest_reader *reader,
                               const char *const *paths, size_t count, struct diags *diags);

/* The table and the name by which people know the resource: a bucket's own. */
const struct table *resource_kind(const struct resource *resource);
const char *resource_shown_name(const struct resource *resource);

/* "stream ORDERS" or "consumer ORDERS > billing": for people. */
const char *resource_label(struct arena *arena, const struct table *table, const char *stream,
                           const char *name);
/* The key of a consumer in `consumers_by_key`. */
const char *resource_key(struct arena *arena, const char *stream, const char *consumer);

/* The file that is read when none is named. */
#define MANIFEST_USUAL "natsform.yaml"

/* Keys of the outermost map that begin so are the user's own, and nothing reads them. */
#define EXTENSION_PREFIX "x-"

/* Metadata of natsform's own: the mark of the project that owns an object, and a record that no plan compares. */
#define MARK_PREFIX "natsform."
#define MARK_PROJECT MARK_PREFIX "project"
/* That lifecycle.prevent_destroy was set when it was applied: holds when the object is gone from the manifest. */
#define MARK_PROTECTED MARK_PREFIX "prevent_destroy"
#define MARK_ON "true"
#define MARK_REVISION MARK_PREFIX "revision" /* that an object was last changed to, if it came from one */

#endif
