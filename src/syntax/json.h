/*
 * JSON in and out. Numbers are text both ways, so integers of 64 bits stay exact.
 */
#ifndef SYNTAX_JSON_H
#define SYNTAX_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "syntax/node.h"

enum { JSON_MOST_DEPTH = 128 };

/*
 * Reads one JSON value, strictly by RFC 8259. On failure returns NULL and adds a diagnostic at `source`, which
 * may be NULL. The diagnostic has a line and a column if `text` is the source's own. Nodes have the source but
 * no line: replies of servers need none, and files of people are read by yaml_read(), because JSON is a subset
 * of YAML. Of duplicate keys the last one wins, as in nats-server.
 */
struct node *json_read(struct arena *arena, const char *text, size_t length, const struct source *source,
                       struct diags *diags);

/*
 * The same for a page of a list that a server sent. In the items of lists in the outermost map, members with the keys
 * `unread` (up to NULL) are skipped, and only searched for their end. A plan does not need half of what servers say about
 * an object.
 */
struct node *json_read_page(struct arena *arena, const char *text, size_t length, const char *const *unread,
                            struct diags *diags);

/*
 * Appends the node. Quoted scalars are strings. Plain ones are written as what they mean: null, true and false
 * in all spellings of YAML, and numbers as they are if they are numbers in JSON ('007' and '+1' are not).
 * All others are strings. `pretty` indents by two spaces and ends with a newline.
 */
void json_write(struct strbuf *out, const struct node *node, bool pretty);
/* The same in the arena, on one line. */
const char *json_text(struct arena *arena, const struct node *node);

#endif
