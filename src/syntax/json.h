/*
 * JSON in and out, with integers of 64 bits exact: numbers are text on both ways.
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
 * Reads one JSON value, by the letter of RFC 8259. On failure returns NULL and adds a diagnostic at `source`,
 * which may be NULL; it has a line and a column when `text` is the source's own. Nodes have no positions of
 * their own beyond the source: replies of servers need none, and files that people write are read by
 * yaml_read(), of which JSON is a subset. Of duplicate keys the last one wins, as in nats-server.
 */
struct node *json_read(struct arena *arena, const char *text, size_t length, const struct source *source,
                       struct diags *diags);

/*
 * The same for the page of a list that a server sent: of the items of lists in the outermost map, members with the keys
 * `unread` (up to NULL) are passed over, and not looked at beyond where they end. Half of what servers say about an
 * object is nothing that a plan asks about.
 */
struct node *json_read_page(struct arena *arena, const char *text, size_t length, const char *const *unread,
                            struct diags *diags);

/* The length of the JSON number that the text begins with, 0 when it does not. */
size_t json_number_length(const char *text);

/*
 * Appends the node. Quoted scalars are strings. Plain ones are written by what they mean: null, true and
 * false in all of YAML's spellings, numbers as they are when JSON has them ('007' and '+1' it has not), all
 * else as strings. `pretty` indents by two spaces and ends with a newline.
 */
void json_write(struct strbuf *out, const struct node *node, bool pretty);
/* The same in the arena, on one line. */
const char *json_text(struct arena *arena, const struct node *node);

#endif
