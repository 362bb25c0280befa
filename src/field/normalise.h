/*
 * Normalise: brings both sides of a comparison into the form that the target server would return.
 *
 * In a wanted object, implied fields are set, defaults are filled in, and different spellings of the same meaning become
 * one. In a live object, only what the server leaves out or spells differently is changed; no defaults are derived.
 */
#ifndef FIELD_NORMALISE_H
#define FIELD_NORMALISE_H

#include "base/diag.h"
#include "field/value.h"

extern const struct diag_code code_implied;

/*
 * Sets what the implications say. A field that was given another value is reported as code_implied, once per object when diags is
 * not NULL. Runs before object_check().
 */
void object_imply(struct arena *arena, struct object *wanted, struct diags *diags);

/* Fills the defaults of a wanted object that was checked, in its surroundings. */
void object_normalise_wanted(struct arena *arena, struct object *wanted, const struct surroundings *around);

/* Brings what a server answered into the same form. Times of FIELD_PASSES that are before `now` are removed. */
void object_normalise_live(struct arena *arena, struct object *live, struct instant now);
/* The same for one value of a live object, which may be absent. Spellings that involve several fields stay as they are. */
void value_normalise_live(struct arena *arena, const struct field *field, struct value *value,
                          struct instant now);

/* Does the live value count, because nobody has asked for another one and the server may choose it? */
bool value_is_servers_choice(const struct field *field, const struct value *wanted, const struct value *live);

#endif
