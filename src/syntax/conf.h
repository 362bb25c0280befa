/*
 * The configuration language of nats-server, out. What is written means the same to every server from 2.9 on.
 */
#ifndef SYNTAX_CONF_H
#define SYNTAX_CONF_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "syntax/node.h"

/*
 * Appends the map as configuration text: one `key: value` a line, blocks and lists indented by two spaces, their items a line
 * each. Quoted scalars are strings. Plain ones are written bare when they are true or false in a spelling of YAML's, integers
 * of 64 bits or decimal fractions, and are strings otherwise: units such as `1GB` are for the caller to work out. Whatever the bytes
 * of a string, they stay inside its quotes. A member that is null is left out.
 *
 * Returns 0, or -1 with diagnostics at the nodes' positions when something cannot be said in that language: a key with a
 * control byte or with both kinds of quotes, null in a list. Text may have been added then too.
 */
int conf_write(struct strbuf *out, const struct node *map, struct diags *diags);

#endif
