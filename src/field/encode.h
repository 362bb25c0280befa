/* Encode: values as the trees of requests and of manifests, where they may be short, and in the units that they were written in. */
#ifndef FIELD_ENCODE_H
#define FIELD_ENCODE_H

#include "field/decode.h"
#include "field/value.h"

/*
 * ---- encode ----
 * From an object back to a node tree, for the wire or for people.
 */

/* Writes one value in the form: nanoseconds or "7d". Never NULL: an absent value is a plain null. */
struct node *value_encode(struct arena *arena, const struct field *field, const struct value *value,
                          enum form form);

/* The body of a create request: everything that was given, and defaults that are natsform's and not the server's. */
struct node *object_encode_create(struct arena *arena, const struct object *wanted);

/*
 * The body of an update: what the server has (`live->node`, with all members that no row knows), overlaid with the rows
 * whose wanted value differs. Rows whose flag in `keep` is set stay as they are on the server.
 */
struct node *object_encode_update(struct arena *arena, const struct object *wanted, const struct object *live,
                                  const bool *keep);

/* Does a live object have the record of this revision or, if that is NULL, no record? */
bool object_records_revision(const struct object *live, const char *revision);

/*
 * Sets the record of the revision in the body of a create or an update, with the digest of what the object will be. If `revision` is NULL, an earlier record is
 * removed, because the object will not be what that revision says.
 */
void object_encode_revision(struct arena *arena, const struct table *table, struct node *body,
                            const char *revision, const char *digest);

/* For people: all fields that differ from their static default, in the order of the table. */
struct node *object_encode_manifest(struct arena *arena, const struct object *object);

/*
 * ---- short form ----
 * A live object as a person would write it: without defaults, and in natural units. If a manifest says this,
 * and it is normalised for the same server, the result is the live object again.
 */

/*
 * `live` must be normalised (live_decode()). `around` is what will surround the object in the manifest. Rows whose flag
 * in `without` is set are left out (NULL: none), and so is metadata of the server and of natsform. Dollar signs that
 * would begin a variable are doubled.
 */
struct node *object_encode_minimal(struct arena *arena, const struct object *live,
                                   const struct surroundings *around, const bool *without);

/* Writes one value as a manifest would say it, with dollar signs doubled too. */
struct node *value_encode_minimal(struct arena *arena, const struct field *field, const struct value *value);

/* The names of all live members that no row knows, at any depth, such as "a, sources.b"; NULL: none. */
const char *object_unknown_names(struct arena *arena, const struct object *live);

/*
 * ---- same units ----
 * Writes a live value in the units of the old text, if that is exact: 7d becomes 8d, 168h becomes 192h, 1GiB
 * becomes 2GiB.
 */

/* `old` is the old text; NULL: there is none. An absent value is written as a word: 0, unlimited, null. */
struct node *value_respell(struct arena *arena, const struct field *field, const struct value *value,
                           const char *old);

/*
 * ---- value text ----
 * Values in one line of words, for plans and messages.
 */

/* As a manifest spells it, in flow style; "(none)" or false when absent, "(secret)" for a secret. */
const char *value_text(struct arena *arena, const struct field *field, const struct value *value);
/* The same of a part of a value. */
const char *node_text_of(struct arena *arena, const struct node *node);

#endif
