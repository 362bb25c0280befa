/*
 * Edit: changes of single places in a YAML text; every other byte stays.
 *
 *     struct edits edits = {.arena = arena, .source = source, .documents = &layouts};
 *     edit_scalar(&edits, entry, old, node_scalar(arena, "8d", false));
 *     edits_apply(&edits, &out);
 *
 * Offsets are of the text before any of the edits. Edits must not overlap; those at the same place come in the order of adding.
 */
#ifndef SYNTAX_EDIT_H
#define SYNTAX_EDIT_H

#include "base/strbuf.h"
#include "syntax/edit_text.h"
#include "syntax/node.h"

/* Appends the text with all edits applied. Returns -1 if two of them overlap, or if one would change more than its place. */
int edits_apply(struct edits *edits, struct strbuf *out);
bool edits_any(const struct edits *edits);
/* Is there an edit of this value, or in it? */
bool edits_touch(const struct edits *edits, const struct layout *value);

/* The node as text on one line, which reads back as the same node. `in_flow`: the text will stand between brackets. */
const char *edit_spell(struct arena *arena, const struct node *node, bool in_flow);

/*
 * Each of these adds the edits for one change. It returns NULL, or a reason (lower case) why the change is not possible
 * there without touching anything else.
 */

/* Replaces a value by the node: text in the same kind of quotes, and null without any. */
const char *edit_value(struct edits *edits, const struct layout_entry *entry, const struct layout *old,
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
/*
 * Removes an item, or an entry of the map, with all its lines. Comments stay. If it has an anchor that is used elsewhere, what
 * it had goes to the first place that uses it.
 */
const char *edit_remove_item(struct edits *edits, const struct layout *list, size_t index);
const char *edit_remove_entry(struct edits *edits, const struct layout *map,
                              const struct layout_entry *entry);
/* Takes the anchor off a value, so that the value can change without those that use it. */
const char *edit_free_anchor(struct edits *edits, const struct layout *value);
/* Adds a map with one entry behind "NAME:", where there is no value yet. */
const char *edit_begin_map(struct edits *edits, const struct layout_entry *empty, const char *key,
                           const struct node *value);
/* An alias of a map becomes a map with all that the alias has, and the entry over it: {<<: *alias, key: value}. */
const char *edit_over_alias(struct edits *edits, const struct layout *alias, const char *key,
                            const struct node *value);

#endif
