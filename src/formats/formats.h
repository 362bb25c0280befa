/*
 * Formats: takes files of other tools like manifests. A format is recognised by what is in the file:
 *
 *     NACK resources          apiVersion: jetstream.nats.io/…, and Kubernetes lists of them
 *     JSON of the nats CLI    configurations of streams and consumers, alone or as `info --json` prints them
 *     terraform show -json    format_version and terraform_version
 *
 * This comes after the readers of YAML and JSON and before overlays. A foreign document becomes the nodes of a manifest,
 * with the positions of the foreign file.
 *
 *     struct formats formats;
 *     formats_init(&formats, arena, stream, diags);
 *     for (each layer) {
 *         for (each file) {
 *             if (format_check_text(source, diags)) continue;
 *             for (each document)
 *                 if (!formats_take(&formats, source, document)) it is a manifest of ours
 *             use(formats_end_file(&formats));
 *         }
 *         layer = formats_end_layer(&formats, layer, below);
 *     }
 *     formats_finish(&formats, root);
 */
#ifndef FORMATS_FORMATS_H
#define FORMATS_FORMATS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"
#include "field/field.h"
#include "syntax/node.h"

extern const struct diag_code code_format;
extern const struct diag_code code_crd_default;
extern const struct diag_code code_not_here;
extern const struct diag_code code_left_out;
extern const struct diag_code code_key_left_out; /* of foreign.h and of each format */

enum format_section {
    SECTION_STREAMS,
    SECTION_KEY_VALUES,
    SECTION_OBJECT_STORES,
    SECTIONS,
};

/* A consumer. Its stream may be in any file, so it is put there when the layer ends. */
struct loose_consumer {
    const char *stream;
    size_t use; /* as `use` of the formats */
    struct srcpos stream_pos;
    struct member consumer;
};

/* Where the server of a NACK resource is: an Account that is named, or a connection like a manifest's. */
struct connection_use {
    const char *name;    /* of the connection, if there are several */
    const char *account; /* NULL: `connection` */
    struct node *connection;
    struct srcpos pos;
};

/* An object, and where it is. */
struct placed {
    enum format_section section;
    const char *
        name; /* in the manifest: "NAME", or "CONNECTION/NAME" where another connection has that one already */
    size_t use;
};

struct formats {
    struct arena *arena;
    struct diags *diags;
    const char
        *stream; /* the stream of all configurations (--stream), whatever they say; NULL: what they say */
    bool found_by_search; /* a bare configuration has to look like one */

    size_t use; /* of the document that is being taken: its place in `uses`, from 1 on; 0: it does not say */

    /* of the current file */
    VEC(struct member) found[SECTIONS];
    VEC(struct member) left_out; /* key: a kind; key_pos: the first document of that kind */
    size_t left_out_documents;

    /* of the current layer */
    VEC(struct loose_consumer) consumers;

    /* of all layers */
    struct srcpos first; /* the first foreign document; without a source until there is one */
    struct map
        /* Objects that a foreign file describes, by name, the stream's of buckets, or resource_key(). */
        complete;
    struct map placeholders; /* streams that only consumers name: name to struct placeholder */
    struct node *owners;     /* list: the projects of the objects that were written down with their marks */
    struct map owned;        /* those objects: "ORDERS", "ORDERS > billing" */
    struct map accounts;     /* NACK's Accounts, by name; of nack_connection.c */
    VEC(struct connection_use) uses;
    struct map placed; /* "SECTION/NAME" to struct placed */
};

void formats_init(struct formats *formats, struct arena *arena, const char *stream, struct diags *diags);

/*
 * Reports texts that cannot be read at all, and returns -1 for them: templates, charts, kustomizations, Terraform's own language,
 * an empty .json.
 */
int format_check_text(const struct source *source, struct diags *diags);

/* Is it what makes its folder a Helm chart or a kustomization, of which another tool makes resources? */
bool format_is_rendered(const struct source *source);

/*
 * JSON that a directory has may be anybody's: is this file such, found by a pattern that does not speak of JSON, and neither a
 * manifest nor of one of the formats, as far as it can be read? So is a kustomization that only lists what lies beside it.
 */
bool format_is_spare(struct arena *arena, const struct source *source, const char *pattern);

/* Takes a document that is in one of the formats. False when it is not. */
bool formats_take(struct formats *formats, const struct source *source, const struct node *document);

/* The file's foreign documents as one document of a manifest; NULL if there were none. */
struct node *formats_end_file(struct formats *formats);
/*
 * Adds the layer's foreign consumers to their streams, and returns the layer. `below` are the layers before it; both may
 * be NULL.
 */
struct node *formats_end_layer(struct formats *formats, struct node *layer, const struct node *below);
/* Called when all layers are merged: decides which streams are external, and whose all is, and adds the connection. */
void formats_finish(struct formats *formats, struct node *root);

/*
 * Does a foreign file describe the object? Then it is complete, and `defaults` do not apply to it. A bucket is named by
 * its stream. `consumer` may be NULL.
 */
bool formats_describe(const struct formats *formats, const char *stream, const char *consumer);

/* ---- for the files of the formats ---- */

bool nack_take(struct formats *formats, const struct node *document);
bool nats_take(struct formats *formats, const struct source *source, const struct node *document);
bool terraform_take(struct formats *formats, const struct node *document);

/* "streams", "key_values", … */
const char *formats_section_key(enum format_section section);
/* Both keep the pointer to `object`. */
void formats_add(struct formats *formats, enum format_section section, const char *name, struct srcpos pos,
                 struct node *object);
void formats_add_consumer(struct formats *formats, const char *stream, struct srcpos stream_pos,
                          const char *name, struct srcpos pos, struct node *object);
/* Notes the project whose mark the object has, as its tool wrote it down; `object` is its name, "ORDERS" or "ORDERS > billing". */
void formats_note_owner(struct formats *formats, const struct node *written, const char *object);
/* Notes something that is not for JetStream, such as a Deployment. It is reported once for each file. */
void formats_leave_out(struct formats *formats, const char *what, struct srcpos pos);

#endif
