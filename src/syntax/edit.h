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

/* Appends the text as it is after the edits. Returns -1 when two of them overlap. */
int edits_apply(const struct edits *edits, struct strbuf *out);

/* The text on one line that reads back as the node, for a value between brackets (`in_flow`) or not. */
const char *edit_spell(struct arena *arena, const struct node *node, bool in_flow);

/*
 * These add the edits for one change. Each returns NULL, or why it cannot be done there without touching anything else (lower case).
 */

/* A scalar or an alias becomes the node, in the style of quoting that it had. */
const char *edit_scalar(struct edits *edits, const struct layout_entry *entry, const struct layout *old,
                        const struct node *value);
/* A new entry behind the entry number `after` of the map (an empty map has none: 0). */
const char *edit_add_entry(struct edits *edits, const struct layout *map, size_t after, const char *key,
                           const struct node *value);
/*
 * Lines of text as the last entries of a map that has lines of its own (`map`), or of one that does not exist yet below the empty value
 * of an entry (`empty`). The lines are indented by `indent` blanks, which become those of the place.
 */
const char *edit_add_lines(struct edits *edits, const struct layout *map, const struct layout_entry *empty,
                           const char *lines, size_t indent);
/* Lines, indented as they are, behind everything else. */
void edit_append(struct edits *edits, const char *lines);
/* A new last item of a list. */
const char *edit_add_item(struct edits *edits, const struct layout *list, const struct node *value);
/* `leading`: all items before it are removed too. */
const char *edit_remove_item(struct edits *edits, const struct layout *list, size_t index, bool leading);
/* Where there is nothing yet behind "NAME:", a map with one entry. */
const char *edit_begin_map(struct edits *edits, const struct layout_entry *empty, const char *key,
                           const struct node *value);

#endif
