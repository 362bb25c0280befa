/*
 * Trees and diagnostics as one line of text each, so that a test asserts all of them at once.
 */
#ifndef UNIT_RENDER_H
#define UNIT_RENDER_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "syntax/node.h"

/* {a: 1, b: ["quoted", plain]}: what is in quotes is a string whatever it looks like. */
void render_node(struct strbuf *out, const struct node *node);

/* The same with positions: {a@1:1+1: 1@1:4+1}. */
void render_positions(struct strbuf *out, const struct node *node);

/*
 * In the order of their positions, each so:
 *
 *     2:1+1 duplicate-key: duplicate key 'a'
 *       note 1:1+1: first defined here
 *       hint: ...
 */
void render_diags(struct strbuf *out, struct diags *diags);

#endif
