/*
 * Variables in scalars: ${NAME}, ${NAME:-default}, ${NAME:?message}, and $$ for a dollar sign.
 *
 * A variable that is set to nothing takes its default too. A default may itself hold variables; values are
 * not looked into. A '$' before anything but '{' or '$' stands for itself, so that subjects such as
 * $JS.EVENT.> need no escape. Keys are left alone. The tree is rewritten in place, before anything is typed;
 * a plain scalar stays plain, so that ${REPLICAS} can be a number. To expand a tree twice is to expand it
 * once.
 */
#ifndef SYNTAX_VARS_H
#define SYNTAX_VARS_H

#include "base/arena.h"
#include "base/diag.h"
#include "syntax/node.h"

/* The value of a variable, or NULL when it is not set. */
typedef const char *vars_lookup(void *context, const char *name);

/* Returns 0, or -1 when a variable is not set, is declared required, or is not well-formed. */
int vars_expand(struct arena *arena, struct node *node, vars_lookup *lookup, void *context,
                struct diags *diags);

/* The other way: doubles the dollar signs that would begin a variable, so that expansion gives the texts as they are. */
void vars_escape(struct arena *arena, struct node *node);

#endif
