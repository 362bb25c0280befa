/*
 * Diagnostics for people: position, message, the line with a caret, notes and hint.
 */
#ifndef VIEW_DIAGNOSTICS_H
#define VIEW_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "view/style.h"

/* Sorts and prints all diagnostics. Equal ones, which an alias or defaults can cause, are printed once. */
void view_diagnostics(const struct style *style, struct diags *diags);

#endif
