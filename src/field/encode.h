/*
 * Encode: from an object back to a node tree, for the wire or for people.
 */
#ifndef FIELD_ENCODE_H
#define FIELD_ENCODE_H

#include "field/decode.h"
#include "field/value.h"

/* One value in the spelling of the form: nanoseconds or "7d". Never NULL; absent is a plain null. */
struct node *value_encode(struct arena *arena, const struct field *field, const struct value *value,
                          enum form form);

/* Everything that was given, and the defaults that are natsform's own: the body of a create request. */
struct node *object_encode_create(struct arena *arena, const struct object *wanted);

/*
 * The body of an update: what the server has (`live->node`, with all it holds that no row knows), overlaid with the rows whose
 * wanted value differs. Rows in `keep`, one flag a row, stay as they are on the server.
 */
struct node *object_encode_update(struct arena *arena, const struct object *wanted, const struct object *live,
                                  const bool *keep);

/* Does a live object bear the record of this revision, or of none when it is NULL? */
bool object_records_revision(const struct object *live, const char *revision);

/*
 * Sets the record of the revision in the metadata of the body of a create or an update, or takes out an earlier one when `revision` is
 * NULL: what the object will be is not from there any more.
 */
void object_encode_revision(struct arena *arena, const struct table *table, struct node *body,
                            const char *revision);

/* For people: every row that says something other than its static default, in the table's order. */
struct node *object_encode_manifest(struct arena *arena, const struct object *object);

#endif
