/*
 * Edit text: a list of edits of one text, and what edits have to know of the lines around a place. What callers use is in
 * syntax/edit.h.
 */
#ifndef SYNTAX_EDIT_TEXT_H
#define SYNTAX_EDIT_TEXT_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "syntax/layout.h"

struct edit {
    size_t start;
    size_t end;
    const char *text;
    size_t order;
};

/* A new child of a list or map, behind the child with that number; or, without a text, a child that goes. */
struct edit_part {
    const struct layout *of;
    size_t index;
    const char *text;
};

/* A list or map that becomes a text on one line, such as "null". */
struct edit_whole {
    const struct layout *of;
    const char *text;
};

struct edits {
    struct arena *arena;
    const struct source *source;     /* the text */
    const struct layouts *documents; /* of the text; where anchors are looked for that are used elsewhere */
    VEC(struct edit) list;
    VEC(struct edit_part) parts;
    VEC(struct edit_whole) wholes;
};

/* Replaces the bytes from `start` to before `end`. */
void edit_put(struct edits *edits, size_t start, size_t end, const char *text);

const char *edit_newline(const struct source *source);
/* As many blanks as there are characters before the byte on its line. In "- a: 1" the entry below `a` is indented by two. */
const char *edit_indent(struct arena *arena, const struct source *source, size_t offset);
bool edit_has_byte(const struct source *source, size_t start, size_t end, const char *bytes);
/* Is there nothing but blanks before it on its line? */
bool edit_begins_line(const struct source *source, size_t offset);
/* Is the rest of the line blank, or a comment? */
bool edit_ends_line(const struct source *source, size_t offset);

/* A collection without brackets has no end of its own: it ends with the last value in it, at any depth. */
const struct layout *edit_last_of(const struct layout *layout);
/* Where a child ends. What stands behind it on its line, such as a comment, is not a part of it. */
size_t edit_end_of_entry(const struct source *source, const struct layout_entry *entry);
size_t edit_end_of_item(const struct source *source, const struct layout *item);

#endif
