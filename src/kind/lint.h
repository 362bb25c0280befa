/*
 * Lint: the warnings and notes that an object has switched off, by their codes.
 */
#ifndef KIND_LINT_H
#define KIND_LINT_H

#include "base/diag.h"
#include "field/value.h"

struct diag_codes {
    const struct diag_code **items;
    size_t count;
    size_t capacity;
};

/*
 * The codes that an object of a manifest has ignored; NULL when it has none. What is no code, or is one that cannot be
 * ignored, is reported.
 */
const struct diag_codes *lint_read(struct arena *arena, const struct object *declared, struct diags *diags);

/* `ignored` may be NULL. */
bool lint_ignores(const struct diag_codes *ignored, const struct diag_code *code);
/* Forgets those of the diagnostics from `first` on that are ignored. */
void lint_forget(const struct diag_codes *ignored, struct diags *diags, size_t first);

#endif
