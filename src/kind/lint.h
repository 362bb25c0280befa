/*
 * Lint: which warnings and notes are not wanted of an object, by their codes.
 */
#ifndef KIND_LINT_H
#define KIND_LINT_H

#include "base/diag.h"
#include "field/value.h"

/*
 * The codes that an object of a manifest has ignored, by code; NULL when it has none. What is no code, or is one that cannot be ignored, is
 * reported.
 */
const bool *lint_read(struct arena *arena, const struct object *declared, struct diags *diags);

/* Forgets those of the diagnostics from `first` on that are ignored. `ignored` may be NULL. */
void lint_forget(const bool *ignored, struct diags *diags, size_t first);

#endif
