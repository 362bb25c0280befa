/*
 * Option: a field of nats-server's configuration. Its values stay trees of nodes, in nats-server's own spelling, as many an option
 * takes more than one type (`jetstream: true`, `enabled` or a block). Rows and tables are those of field.h.
 */
#ifndef FIELD_OPTION_H
#define FIELD_OPTION_H

#include "field/field.h"
#include "syntax/node.h"

/* The choice that the value is, rather than what else the option takes; or NULL. */
const struct choice *option_choice(const struct field *option, const struct node *value);

/* What a server of that version makes of a change. */
enum reload_policy option_reload(const struct field *option, uint32_t version);

/*
 * Calls `visit` for each option of the map that has a row, and then for those in the blocks below it, whichever names and lists
 * they are under.
 */
typedef void option_visit(void *context, const struct field *option, const struct member *member);
void options_walk(const struct table *table, const struct node *map, option_visit *visit, void *context);

#endif
