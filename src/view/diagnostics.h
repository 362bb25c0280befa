/*
 * Diagnostics for people: position, message, the line with a caret, notes and hint.
 */
#ifndef VIEW_DIAGNOSTICS_H
#define VIEW_DIAGNOSTICS_H

#include "base/diag.h"
#include "view/style.h"

/* Sorts and prints all of them; the same one twice (by an alias, or by defaults) is printed once. */
void view_diagnostics(const struct style *style, struct diags *diags);

#endif
