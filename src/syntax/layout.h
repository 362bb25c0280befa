/*
 * Layout: where everything in a YAML text stands, to the byte, for those who change a text without reading it anew as a whole. Unlike
 * nodes, a layout has nothing resolved: aliases are aliases, merge keys are keys.
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
    const char *key; /* NULL when it is no scalar */
    size_t key_start;
    size_t key_end;
    struct layout *value;
};

struct layout {
    enum layout_type type;
    bool flow;          /* a list or map with brackets */
    bool in_flow;       /* stands in one */
    const char *anchor; /* NULL when it has none */
    const char *text;   /* of a scalar, as read; of an alias, its name */
    size_t start;       /* bytes of the source, without anchor and tag */
    size_t end;         /* of a list or map without brackets, the end of what stands last in it */
    size_t count;
    union {
        struct layout **items;
        struct layout_entry *entries;
    };
};

struct layouts {
    struct layout **items; /* a document each */
    size_t count;
};

/* The text must have been read by yaml_read() without a fault. Returns 0, or -1 when it cannot be read after all. */
int layout_read(struct arena *arena, const struct source *source, struct layouts *ret_layouts);

/* The entry of a map with that key, or NULL; also when it is no map. */
const struct layout_entry *layout_entry(const struct layout *map, const char *key);

bool layout_is_scalar(const struct layout *layout);

/* Where the line of a byte begins, and where it ends: at its newline, before a carriage return, or at the end of the text. */
size_t layout_line_start(const struct source *source, size_t offset);
size_t layout_line_end(const struct source *source, size_t offset);

#endif
