/*
 * Short form: a live object as a person would write it: without defaults, and in natural units. If a manifest says this,
 * and it is normalised for the same server, the result is the live object again.
 */
#ifndef FIELD_SHORT_FORM_H
#define FIELD_SHORT_FORM_H

#include "field/value.h"

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

#endif
