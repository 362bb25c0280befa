/*
 * Diagnostics: for people with position, message, the line with a caret, notes and hint; and for programs.
 */
#ifndef VIEW_DIAGNOSTICS_H
#define VIEW_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "syntax/node.h"
#include "view/style.h"

/* Sorts and prints all diagnostics. Equal ones, which an alias or defaults can cause, are printed once. */
void view_diagnostics(const struct style *style, struct diags *diags);

/* The same for programs: appends each to the list. `connection` is the one that they are about, if there are several; or NULL. */
void diagnostics_json(struct arena *arena, struct diags *diags, const char *connection, struct node *list);

#endif
