/*
 * Check: what can be known of one object alone, offline: constraints between its fields, and whether a server of a given
 * version has the fields and choices it uses. Rules between objects live in rules/.
 */
#ifndef FIELD_CHECK_H
#define FIELD_CHECK_H

#include "base/diag.h"
#include "field/value.h"

extern const struct diag_code code_unsupported;

/* After object_imply(), before normalisation. Reports every violation. */
void object_check(const struct object *wanted, const struct surroundings *around, struct diags *diags);

/* Does the version have every given field and choice that says something other than the default? */
bool object_fits_version(const struct object *wanted, uint32_t version);

/*
 * Reports each given field or choice that the version lacks and that says something other than the default,
 * naming the first version that has it. `label` is the object in words, such as "stream 'ORDERS'".
 */
void object_check_version(const struct object *wanted, const struct surroundings *around, const char *label,
                          struct diags *diags);

#endif
