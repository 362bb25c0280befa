/*
 * Manifest: the decoded contents of the files that describe a project.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/map.h"
#include "base/vec.h"
#include "field/field.h"
#include "field/value.h"
#include "kind/manifest_rows.h"
#include "syntax/node.h"

struct bucket_kind;

/* What a change does that no server makes in place. */
enum on_immutable {
    ON_IMMUTABLE_REFUSE,
    ON_IMMUTABLE_MIGRATE,  /* the object is made anew, with all that is in it */
    ON_IMMUTABLE_RECREATE, /* and without */
};

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
    enum on_immutable on_immutable;
    const char *renamed_from;              /* the name that it had on the server; NULL: it had none */
    struct instant allow_loss_until;       /* changes may destroy messages until then; 0: they may not */
    const struct diag_codes *lint_ignored; /* warnings that are not wanted; NULL: none */
    bool *ignored;                         /* by row: left as it is on the server; NULL: nothing */
    bool keeps_metadata;                   /* the metadata among them, but for marks: mark_keep_rest() */
    void *planned;                         /* data of plan/ */
};

struct resources {
    struct resource **items; /* sorted by name, once for each account; consumers by stream, then name */
    size_t count;
    size_t capacity;
};

/* An object that is no longer the project's: it stays on the server, or is deleted. */
struct removed {
    const char *stream;
    const char *consumer; /* NULL: the stream, with its consumers */
    struct srcpos pos;
    bool deletes; /* with its messages */
};

struct manifest {
    /* This is one account's part of that manifest; NULL: it is whole. */
    const struct manifest *whole;
    const char *project;   /* NULL: none */
    struct srcpos foreign; /* the first document in another tool's format; without a source: there is none */
    struct object *root;
    const struct node *servers; /* as servers.h reads them, in the order written; NULL: there are none */
    struct resources streams;
    struct resources consumers;
    struct map streams_by_name;  /* to struct resource */
    struct map consumers_by_key; /* "STREAM consumer", as resource_key() makes it, to struct resource */
    bool renames;                /* something in it has its old name on the server yet: `renamed_from` */
    VEC(struct removed *) removed;
    struct map removed_by_key; /* a stream's name, or resource_key(), to struct removed */
    const char *
        /* Of manifest/manifest.h: the one that this part of a manifest is about; NULL: the default one. */
        connection;
};

/* The table and the name by which people know the resource. For a bucket, they are the bucket's own. */
const struct table *resource_kind(const struct resource *resource);
const char *resource_shown_name(const struct resource *resource);

/* The resource's name for programs: "stream.ORDERS", "consumer.ORDERS.billing". */
const char *resource_address(struct arena *arena, const struct table *table, const char *stream,
                             const char *name);
/* And for people: "stream ORDERS" or "consumer ORDERS > billing". */
const char *resource_label(struct arena *arena, const struct table *table, const char *stream,
                           const char *name);
/* The file that is read if none is named. */
#define MANIFEST_USUAL "natsform.yaml"

/*
 * ---- recognise ----
 * Is a file meant to be a manifest? What is not may be anything that a slip or an include reached, such as a
 * key, and no message shows what is in it.
 */

/* By the text alone, before it is read: does it have a key of a manifest, or speak of JetStream? */
bool recognise_text(const char *text);
/* A document of ours has at least one key that is one of a manifest's, nearly one, or the user's own (x-). */
bool recognise_document(const struct node *document);

/*
 * ---- removed ----
 * Objects that a manifest lets go without deleting them, or deletes.
 *
 *     removed:
 *       streams: [OLD]                            with the project's consumers of it
 *       streams: [{name: OLD, delete: true}]      with its messages
 *       consumers: [{stream: ORDERS, name: audit}]
 */

/* Fills manifest->removed. An object that is also defined is an error, and so is a manifest without a project. */
void removed_collect(struct arena *arena, struct manifest *manifest, struct diags *diags);

/* Does it ask to delete one of them? */
bool removed_deletes(const struct manifest *manifest);

/*
 * The entry that lets an object go, or NULL. `consumer` is NULL for a stream. A stream takes its consumers along, unless
 * the manifest has it as `external`.
 */
const struct removed *removed_find(const struct manifest *manifest, struct arena *scratch, const char *stream,
                                   const char *consumer);

/*
 * ---- overlay ----
 * Lays one tree over another, before anything is decoded. The field tables say what merges and what is replaced.
 */

enum overlay_rule {
    /* For `-f a -f b`, as in Compose: maps merge, sets gain the items that they lack, all else is replaced; null resets. */
    OVERLAY_FILES,
    /* For `defaults` under an object: maps merge; otherwise the object's own value counts if there is one. */
    OVERLAY_DEFAULTS,
};

/* Returns a new map: `above` laid over `below`, which both stay as they are. */
struct node *overlay_maps(struct arena *arena, const struct table *table, struct node *below,
                          struct node *above, enum overlay_rule rule);

/*
 * The maps of files of one layer, side by side in a new map: maps merge, anything said twice is code_defined_twice. All
 * at once, because each merge copies what it merges.
 */
struct node *overlay_side_by_side(struct arena *arena, const struct table *table, struct node *const *maps,
                                  size_t count, struct diags *diags);

/*
 * ---- accounts ----
 * Divides a manifest for several accounts into parts, one for each connection that its objects name.
 *
 *     struct accounts accounts;
 *     accounts_split(arena, manifest, &accounts);
 *     for (size_t i = 0; i < accounts.parts.count; i++)
 *         … accounts.parts.items[i] is a manifest of its own …
 *
 * A part has the streams, consumers and buckets of one account, that account's `connection`, and everything else of the
 * whole manifest. So rules between objects are checked within each account.
 */

struct accounts {
    VEC(struct manifest *)
    parts; /* first that of the default connection, if it has objects; then the others by name */
};

/*
 * In the tree of a manifest with `connections`, "billing/ORDERS" becomes ORDERS with the connection 'billing', so that several accounts
 * may have an object of one name: no server takes a slash in a name. Afterwards one key may be there several times.
 */
void accounts_read_keys(struct arena *arena, struct node *root, struct diags *diags);

/* Checks that all connections that objects name are defined, and say where they lead. */
void accounts_check(const struct manifest *manifest, struct diags *diags);

/* The name of the connection of a stream or a bucket; NULL: the default one. */
const char *accounts_connection_of(const struct resource *stream);
/* The key that it has in the manifest: its own name, or "billing/ORDERS" if that is how it says its connection. */
const char *accounts_key_of(struct arena *arena, const struct resource *stream);
/* Are these names of connections equal? NULL is the default one. */
bool accounts_same(const char *a, const char *b);

/*
 * A manifest without `connections` is its own only part. A connection without objects has a part too, because there may
 * be objects to prune.
 */
void accounts_split(struct arena *arena, struct manifest *manifest, struct accounts *ret_accounts);

/* The part of that name (NULL: of the default connection). NULL if there is none. */
struct manifest *accounts_part(struct arena *arena, struct manifest *manifest, const char *connection);

#endif
