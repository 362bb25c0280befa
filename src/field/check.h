/*
 * Check: what can be checked about one object by itself and without a server: constraints between its fields, and
 * whether a version of the server has the fields and choices that it uses. Rules between objects are in rules/.
 */
#ifndef FIELD_CHECK_H
#define FIELD_CHECK_H

#include "base/diag.h"
#include "field/value.h"

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
