/*
 * Layout: the place of everything in a YAML text, in bytes, for code that changes single places of the text
 * (syntax/edit.h). Unlike nodes, a layout is not resolved: an alias stays an alias, and a merge key is a key like any
 * other.
 */
#ifndef SYNTAX_LAYOUT_H
#define SYNTAX_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/source.h"

enum layout_type {
    LAYOUT_PLAIN,
    LAYOUT_SINGLE, /* in single quotes */
    LAYOUT_DOUBLE,
    LAYOUT_BLOCK, /* literal or folded */
    LAYOUT_ALIAS,
    LAYOUT_LIST,
    LAYOUT_MAP,
};

struct layout;

struct layout_entry {
    const char *key;  /* NULL: the key is not a scalar */
    size_t key_outer; /* where the key begins with its anchor and tag */
    size_t key_start;
    size_t key_end;
    struct layout *value;
};

struct layout {
    enum layout_type type;
    bool flow;          /* a list or map with brackets */
    bool in_flow;       /* it stands inside brackets */
    const char *anchor; /* NULL: none */
    const char *text;   /* a scalar's text, without quotes and escapes; an alias's name */
    size_t outer;       /* offset in the source, before anchor and tag */
    size_t place;       /* of an entry's value: the offset behind the colon, and behind anchor and tag */
    size_t start;       /* offset in the source, behind anchor and tag, and what stands between */
    size_t end;         /* a list or map without brackets ends where the last value in it ends */
    size_t count;
    union {
        struct layout **items;
        struct layout_entry *entries;
    };
};

struct layouts {
    struct layout **items; /* one for each document */
    size_t count;
};

/* The text must have been read by yaml_read() without an error before. Returns 0, or -1 if libyaml fails all the same. */
int layout_read(struct arena *arena, const struct source *source, struct layouts *ret_layouts);

/* The map's entry with that key; NULL if there is none, or if it is no map. */
const struct layout_entry *layout_entry(const struct layout *map, const char *key);

bool layout_is_scalar(const struct layout *layout);

/* The first byte from `at` on, before `end`, that is no blank, no newline and not in a comment. */
size_t layout_skip_gap(const struct source *source, size_t at, size_t end);

/* Where the line of a byte begins. It ends at its newline, at a carriage return before that, or at the end of the text. */
size_t layout_line_start(const struct source *source, size_t offset);
size_t layout_line_end(const struct source *source, size_t offset);

#endif
