/*
 * Node: YAML and JSON as one tree with source positions. Everything lives in the arena it was read into.
 *
 * Scalars have no type here: `text` is what was written, and `quoted` says that it is a string, whatever it
 * looks like. The field that takes the value decides about its type. So `no` and `on` stay strings where a
 * string is wanted, and integers of 64 bits stay exact.
 */
#ifndef SYNTAX_NODE_H
#define SYNTAX_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/source.h"

enum node_type {
    NODE_SCALAR,
    NODE_LIST,
    NODE_MAP,
};

struct node;

struct member {
    const char *key;
    struct srcpos key_pos;
    struct node *value; /* never NULL */
};

struct node {
    enum node_type type;
    bool quoted;   /* scalar: it is a string, whatever it looks like */
    bool expanded; /* scalar: vars_expand() rewrote it; it may hold a secret, so messages do not show it */
    bool broken;   /* scalar: vars_expand() failed and reported it; the text has no meaning */
    struct srcpos pos;
    size_t count; /* of items or members */
    union {
        const char *text;       /* scalar; never NULL */
        struct node **items;    /* list */
        struct member *members; /* map, in the order written; keys are unique */
    };
};

struct node *node_scalar(struct arena *arena, const char *text, bool quoted);
struct node *node_list(struct arena *arena);
struct node *node_map(struct arena *arena);
void node_append(struct arena *arena, struct node *list, struct node *item);
/* Makes room for `count` items or members in an empty list or map. The caller fills them in, and sets `count`. */
void node_reserve(struct arena *arena, struct node *node, size_t count);

/* The value of a key. NULL if there is none, and if `map` is NULL or not a map. */
struct node *node_get(const struct node *map, const char *key);
/* The text of the scalar with that key; "" if there is none, and for null. */
const char *node_get_text(const struct node *map, const char *key);
/* The number with that key; 0 if there is none. */
uint64_t node_get_number(const struct node *map, const char *key);
/* Adds a member at the end of the map. The map must not have its key yet. */
void node_add(struct arena *arena, struct node *map, struct member member);
/* Replaces the value of a key in its place, or adds the key at the end. */
void node_put(struct arena *arena, struct node *map, const char *key, struct node *value);
/* The same with a string, a number, true or false. */
void node_put_text(struct arena *arena, struct node *map, const char *key, const char *text);
void node_put_number(struct arena *arena, struct node *map, const char *key, uint64_t number);
void node_put_flag(struct arena *arena, struct node *map, const char *key, bool flag);
/* Removes a key, if it is there. */
void node_remove(struct node *map, const char *key);

/* Is it null: a plain null, ~, or nothing at all, as in YAML 1.2 and JSON? */
bool node_is_null(const struct node *node);
/* Is it a plain true or false? */
bool node_is_bool(const struct node *node, bool *ret_value);
/* Would a plain scalar of this text be read as something other than a string, by YAML 1.2 or 1.1? */
bool node_text_is_special(const char *text);

/* "a map", "a list", "a string", "a number", "true", "null": for messages. */
const char *node_describe(const struct node *node);

/* Are the trees equal? The order of members does not count, and of scalars only the text does. NULL equals NULL. */
bool node_equal(const struct node *a, const struct node *b);

/* A copy with nodes of its own, which shares the texts of scalars. */
struct node *node_copy(struct arena *arena, const struct node *node);
/* A copy that shares nothing, for an arena that outlives the original's. */
struct node *node_keep(struct arena *arena, const struct node *node);

/*
 * ---- cursor ----
 * Walks over the text of a source, and turns libyaml's character indexes and byte offsets into positions.
 *
 * libyaml's own line numbers cannot be used. They follow YAML 1.1, where NEL, LS, PS and a lone CR end a line too; editors and
 * source_line() know only LF. So lines are counted here, up to the index of the character.
 */

struct cursor {
    const struct source *source;
    size_t index;  /* number of the character, without a byte order mark */
    size_t offset; /* of the character's first byte in the text */
    uint32_t line;
    uint32_t column;
};

/* Puts the cursor at the first character. The text must be valid UTF-8 as far as the cursor goes. */
void cursor_init(struct cursor *cursor, const struct source *source);

/* Goes to a character, or to the end of the text. Forward is cheap; backward starts again from the beginning. */
void cursor_seek(struct cursor *cursor, size_t index);
/* Goes to the next character, except at the end of the text. */
void cursor_step(struct cursor *cursor);

/* The byte that stands `ahead` bytes behind the cursor; NUL beyond the end. */
char cursor_byte(const struct cursor *cursor, size_t ahead);

struct srcpos cursor_pos(const struct cursor *cursor, uint32_t width);

/* The position of a byte of the text. If the source has no text, its position as a whole. */
struct srcpos cursor_pos_of_byte(const struct source *source, size_t offset);

#endif
