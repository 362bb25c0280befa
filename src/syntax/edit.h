/*
 * Edit: changes of single places in a YAML text; every other byte stays.
 *
 *     struct edits edits = {.arena = arena, .source = source};
 *     edit_scalar(&edits, entry, old, node_scalar(arena, "8d", false));
 *     edits_apply(&edits, &out);
 *
 * Offsets are of the text before any of the edits. Edits must not overlap; those at the same place come in the order of adding.
 */
#ifndef SYNTAX_EDIT_H
#define SYNTAX_EDIT_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "syntax/layout.h"
#include "syntax/node.h"

struct edit {
    size_t start;
    size_t end;
    const char *text;
    size_t order;
};

struct edits {
    struct arena *arena;
    const struct source *source; /* the text */
    VEC(struct edit) list;
};

/* Appends the text with all edits applied. Returns -1 if two of them overlap. */
int edits_apply(const struct edits *edits, struct strbuf *out);

/* The node as text on one line, which reads back as the same node. `in_flow`: the text will stand between brackets. */
const char *edit_spell(struct arena *arena, const struct node *node, bool in_flow);

/*
 * Each of these adds the edits for one change. It returns NULL, or a reason (lower case) why the change is not possible
 * there without touching anything else.
 */

/* Replaces a scalar or an alias by the node, with the same kind of quotes. */
const char *edit_scalar(struct edits *edits, const struct layout_entry *entry, const struct layout *old,
                        const struct node *value);
/* Adds an entry to the map, behind its entry number `after` (0 if the map is empty). */
const char *edit_add_entry(struct edits *edits, const struct layout *map, size_t after, const char *key,
                           const struct node *value);
/*
 * Adds lines of text as the last entries of `map`, a map without brackets. If `map` is NULL, they become a new map, as
 * the value of `empty`, an entry that has none yet. The lines are indented by `indent` blanks, which are replaced by the
 * indentation of the place.
 */
const char *edit_add_lines(struct edits *edits, const struct layout *map, const struct layout_entry *empty,
                           const char *lines, size_t indent);
/* Adds lines, with the indentation that they have, at the end of the text. */
void edit_append(struct edits *edits, const char *lines);
/* Adds an item at the end of a list. */
const char *edit_add_item(struct edits *edits, const struct layout *list, const struct node *value);
/* Removes an item. `leading`: all items before it are removed too, so the comma behind it goes and not the one before it. */
const char *edit_remove_item(struct edits *edits, const struct layout *list, size_t index, bool leading);
/* Removes an entry of the map; neither the last one of a map without brackets, nor one with a comment beside it. */
const char *edit_remove_entry(struct edits *edits, const struct layout *map,
                              const struct layout_entry *entry);
/* Adds a map with one entry behind "NAME:", where there is no value yet. */
const char *edit_begin_map(struct edits *edits, const struct layout_entry *empty, const char *key,
                           const struct node *value);

#endif
