/*
 * Encode: from an object back to a node tree, for the wire or for people.
 */
#ifndef FIELD_ENCODE_H
#define FIELD_ENCODE_H

#include "field/decode.h"
#include "field/value.h"

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
 * Sets the record of the revision in the body of a create or an update. If `revision` is NULL, an earlier record is
 * removed, because the object will not be what that revision says.
 */
void object_encode_revision(struct arena *arena, const struct table *table, struct node *body,
                            const char *revision);

/* For people: all fields that differ from their static default, in the order of the table. */
struct node *object_encode_manifest(struct arena *arena, const struct object *object);

#endif
