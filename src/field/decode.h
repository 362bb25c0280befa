/*
 * Decode: from a node tree to an object, by the field table.
 *
 * Two forms. A manifest is what people write: units, choices and ranges are checked, unknown keys are errors
 * with "did you mean", null is the default. The wire is what a server sent: nanoseconds and bytes, unknown keys are counted and kept
 * (in object->node), nothing is checked, and a value of a type that the row does not expect is taken as text.
 */
#ifndef FIELD_DECODE_H
#define FIELD_DECODE_H

#include "base/diag.h"
#include "field/value.h"

extern const struct diag_code code_server_owned;

/*
 * Reads `node`. `name` is the key under which the object stands, or NULL; it fills the table's identity row. With FORM_MANIFEST
 * problems go to `diags`, and what could be read is still returned; with FORM_WIRE there are none and
 * `diags` may be NULL. Never NULL: a node that is no map gives an empty object.
 */
struct object *object_decode(struct arena *arena, const struct table *table, const char *name,
                             const struct node *node, enum form form, struct diags *diags);

/*
 * One member of what a server sent, without its object. Returns its row, and fills *ret_value, which is absent for null; NULL when
 * the table knows no such field. `*next` is 0 for the first member of a map, and kept from one to the other.
 */
const struct field *member_decode(struct arena *arena, const struct table *table, const struct member *member,
                                  size_t *next, struct value *ret_value);

/* One value as a manifest spells it, such as a row's fallback. The text must be right. */
void value_from_text(struct arena *arena, const struct field *field, const char *text,
                     struct value *ret_value);

#endif
