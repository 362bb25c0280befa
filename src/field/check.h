/* Check: what follows from the fields of one object: defaults, the form in which two are compared, and what is wrong with them. */
#ifndef FIELD_CHECK_H
#define FIELD_CHECK_H

#include "base/diag.h"
#include "field/value.h"

/*
 * ---- normalise ----
 * Brings both sides of a comparison into the form that the target server would return.
 *
 * In a wanted object, implied fields are set, defaults are filled in, and different spellings of the same meaning become
 * one. In a live object, only what the server leaves out or spells differently is changed; no defaults are derived.
 */

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

/*
 * ---- check ----
 * What can be checked about one object by itself and without a server: constraints between its fields, and
 * whether a version of the server has the fields and choices that it uses. Rules between objects are in rules/.
 */

extern const struct diag_code code_unsupported;

/* Reports every violation. Call it after object_imply() and before normalisation. */
void object_check(const struct object *wanted, const struct surroundings *around, struct diags *diags);

/* Does the version have all given fields and choices, except those that only say the default? */
bool object_fits_version(const struct object *wanted, uint32_t version);

/*
 * Reports each given field or choice that the version lacks, unless it only says the default. The message names the
 * first version that has it. `label` is the object in words, such as "stream 'ORDERS'".
 */
void object_check_version(const struct object *wanted, const struct surroundings *around, const char *label,
                          struct diags *diags);

#endif
