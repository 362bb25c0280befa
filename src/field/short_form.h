/*
 * Minimal: a live object as a person would write it: only what is not the default anyway, in natural units. What a manifest says
 * in these few words, normalised for the same server, is the live object again.
 */
#ifndef FIELD_SHORT_FORM_H
#define FIELD_SHORT_FORM_H

#include "field/value.h"

/*
 * `live` is normalised (live_decode()); `around` is what will surround the object in the manifest. Rows in `without`, one flag a
 * row, are left out (NULL: none); so are the server's own and natsform's own metadata. Dollar signs that would begin a variable
 * are doubled.
 */
struct node *object_encode_minimal(struct arena *arena, const struct object *live,
                                   const struct surroundings *around, const bool *without);

/* One value as the manifest would say it; its dollar signs are doubled too. */
struct node *value_encode_minimal(struct arena *arena, const struct field *field, const struct value *value);

/* Names of live members that no row knows, however deep ("a, sources.b"), or NULL. */
const char *object_unknown_names(struct arena *arena, const struct object *live);

#endif
