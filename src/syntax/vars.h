/*
 * Variables in scalars: ${NAME}, ${NAME:-default}, ${NAME:?message}, and $$ for a dollar sign.
 *
 * A variable that is set but empty takes its default too. A default may have variables in it; values of variables
 * are not searched for more. A '$' before anything but '{' or '$' stands for itself, so subjects such as
 * $JS.EVENT.> need no escape. Keys are not changed. The tree is rewritten in place, before fields decide about
 * types; a plain scalar stays plain, so ${REPLICAS} can be a number. Expanding a tree again changes nothing.
 */
#ifndef SYNTAX_VARS_H
#define SYNTAX_VARS_H

#include "base/arena.h"
#include "base/diag.h"
#include "syntax/node.h"

/* The value of a variable; NULL if it is not set. */
typedef const char *vars_lookup(void *context, const char *name);

/* Returns 0, or -1 if a variable is not set, is required and empty, or is not well-formed. */
int vars_expand(struct arena *arena, struct node *node, vars_lookup *lookup, void *context,
                struct diags *diags);

/* The other way: doubles each dollar sign that would begin a variable, so that vars_expand() gives the same texts again. */
void vars_escape(struct arena *arena, struct node *node);

#endif
