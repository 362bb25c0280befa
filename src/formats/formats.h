/*
 * Formats: files of other tools, taken as manifests. They are recognised by what is in them:
 *
 *     NACK resources          apiVersion: jetstream.nats.io/…, and Kubernetes lists of them
 *     JSON of the nats CLI    configurations of streams and consumers, bare or as `info --json` prints them
 *     terraform show -json    format_version and terraform_version
 *
 * A step between nodes and overlays: a foreign document becomes the nodes of a manifest, whose positions are those of
 * the foreign file.
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

enum format_section {
    SECTION_STREAMS,
    SECTION_KEY_VALUES,
    SECTION_OBJECT_STORES,
    SECTIONS,
};

/* A consumer, whose stream may be anywhere. */
struct loose_consumer {
    const char *stream;
    struct srcpos stream_pos;
    struct member consumer;
};

/* What a NACK resource says about where its server is: an Account by name, or a connection as a manifest has it. */
struct connection_use {
    const char *account; /* NULL: `connection` */
    struct node *connection;
    struct srcpos pos;
};

struct formats {
    struct arena *arena;
    struct diags *diags;
    const char *stream; /* that configurations without a name are of; NULL: none */

    /* of the file */
    VEC(struct member) found[SECTIONS];
    VEC(struct member) left_out; /* by kind: the key; where the first stands: key_pos */
    size_t left_out_documents;

    /* of the layer */
    VEC(struct loose_consumer) consumers;

    /* of all */
    struct srcpos first; /* foreign document; without a source until there is one */
    struct map
        complete; /* objects that a foreign file describes, by name, the stream's of buckets, or resource_key() */
    struct map placeholders; /* streams that are only known by their consumers, to struct placeholder */
    struct map accounts;     /* of NACK, by name, to struct node */
    VEC(struct connection_use) uses;
};

void formats_init(struct formats *formats, struct arena *arena, const char *stream, struct diags *diags);

/* Says so, and returns -1, when the text is in a language that cannot be read at all: templates, HCL, nothing in a .json. */
int format_check_text(const struct source *source, struct diags *diags);

/* Takes a document that is in one of the formats. False when it is not. */
bool formats_take(struct formats *formats, const struct source *source, const struct node *document);

/* What the file's documents were, as one document of ours; NULL when none was foreign. */
struct node *formats_end_file(struct formats *formats);
/* The layer with the consumers that it has, and with the streams of those. `below` are the layers before; both may be NULL. */
struct node *formats_end_layer(struct formats *formats, struct node *layer, const struct node *below);
/* When all layers are one: what is external, and the connection. */
void formats_finish(struct formats *formats, struct node *root);

/* Is the object (a bucket by its stream's name) a foreign file's? Then it is complete, and `defaults` are not for it. `consumer` may be NULL. */
bool formats_describe(const struct formats *formats, const char *stream, const char *consumer);

/* ---- for the formats ---- */

bool nack_take(struct formats *formats, const struct node *document);
bool nats_take(struct formats *formats, const struct source *source, const struct node *document);
bool terraform_take(struct formats *formats, const struct node *document);

/* Both keep `object`. */
void formats_add(struct formats *formats, enum format_section section, const char *name, struct srcpos pos,
                 struct node *object);
void formats_add_consumer(struct formats *formats, const char *stream, struct srcpos stream_pos,
                          const char *name, struct srcpos pos, struct node *object);
/* Something that is not JetStream's, such as a Deployment; said once for the file. */
void formats_leave_out(struct formats *formats, const char *what, struct srcpos pos);

#endif
