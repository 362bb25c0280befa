/*
 * Decode: from a node tree to an object, by the field table.
 *
 * There are two forms. A manifest is what people write: units, choices and ranges are checked, unknown keys are errors
 * with "did you mean", and null is the default. The wire is what a server sent: nanoseconds and bytes. There nothing is
 * checked, unknown keys are counted and kept (in object->node), and a value of an unexpected type is taken as text.
 */
#ifndef FIELD_DECODE_H
#define FIELD_DECODE_H

#include "base/diag.h"
#include "field/value.h"

extern const struct diag_code code_server_owned;

/*
 * Reads `node`. `name` is the object's key, or NULL; it becomes the value of the table's identity row. With
 * FORM_MANIFEST problems go to `diags`, and all that could be read is returned. With FORM_WIRE there are no problems,
 * and `diags` may be NULL. Never returns NULL: a node that is no map gives an empty object.
 */
struct object *object_decode(struct arena *arena, const struct table *table, const char *name,
                             const struct node *node, enum form form, struct diags *diags);

/*
 * Reads one member of what a server sent, without its object. Returns its row and fills *ret_value (absent for null).
 * NULL if the table does not know the field. Set `*next` to 0 before the first member of a map, and do not change it
 * between members.
 */
const struct field *member_decode(struct arena *arena, const struct table *table, const struct member *member,
                                  size_t *next, struct value *ret_value);

struct decoder;

/* One scalar, as the one type of the row. False when it is none: that is said. */
bool value_read_scalar(const struct decoder *decoder, const struct field *field, const struct node *node,
                       struct value *value);

/* One value as a manifest spells it, such as a row's fallback. The text must be right. */
void value_from_text(struct arena *arena, const struct field *field, const char *text,
                     struct value *ret_value);

#endif
