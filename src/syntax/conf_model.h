/*
 * Conf model: what the files that read configurations share; see conf.h.
 *
 * One `struct conf_text` is one text from its first byte to its last: a file, an included file, a variable's value. All
 * of them belong to one `struct conf_parser`.
 */
#ifndef SYNTAX_CONF_MODEL_H
#define SYNTAX_CONF_MODEL_H

#include "base/map.h"
#include "syntax/conf.h"

extern const struct diag_code code_older_servers;

/* Servers whose readers differ, oldest first. */
enum conf_dialect {
    CONF_2_9,  /* an opening brace around everything means nothing; a key at the end may have no value */
    CONF_2_10, /* 4e2x9 is an error still */
    CONF_NEWEST,
};

struct conf_parser {
    struct arena *arena;
    const struct conf_world *world;
    struct diags *diags;
    struct conf *conf;
    enum conf_dialect dialect;
    struct map *files;  /* by path: struct source; read once for all dialects */
    struct map defined; /* by conf_definition_key() */
    size_t nodes;
    size_t bytes;
};

/* A map that is being read, and those around it: where variables are looked up. */
struct conf_scope {
    struct node *map;
    const char *key;  /* that the map belongs to; NULL at the top */
    struct map index; /* place + 1 by key */
    const struct conf_scope *outer;
};

struct conf_text {
    struct conf_parser *parser;
    const struct source *source;
    const char *path; /* of the file, without . and ..; "" for a variable's value */
    size_t at;
    int depth; /* of maps and lists */
    /* where it came from: the file that includes it, or the text with the variable */
    const struct conf_text *outer;
    const char *variable;    /* whose value it is; NULL: a file */
    struct srcpos reference; /* of that variable */
    struct srcpos odd_key;   /* the last key that ends with a bracket */
    const char *odd_text;
    bool failed; /* the fault was told; nothing after it is read */
    /* the place last looked for, so that the next is found from there */
    size_t mark;
    uint32_t mark_line;
    uint32_t mark_column;
};

/* The byte `ahead`; -1 at the end. */
int conf_byte(const struct conf_text *text, size_t ahead);
/* The length of the blank here, as Go's unicode.IsSpace has it; 0 when there is none. */
size_t conf_blank(const struct conf_text *text);
/* Tab or space, the only blanks between a value and its end. */
void conf_skip_line_blanks(struct conf_text *text);
bool conf_at_newline(const struct conf_text *text);

/* The stretch from that byte to where the text stands. */
struct srcpos conf_pos(struct conf_text *text, size_t start);

/* The first fault of the text; for a variable's value, without showing it. Returns NULL. */
void *conf_fail(struct conf_text *text, size_t start, const struct diag_code *code, const char *hint,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A scalar from `start` to here. */
struct node *conf_scalar(struct conf_text *text, size_t start, const char *value, bool quoted);
/* Counts nodes. False, with a fault, when they are too many. */
bool conf_count(struct conf_text *text, size_t start, size_t nodes);

/* ---- conf_scalar.c: a value that is no list and no map ---- */

/* At the first byte of the value. `*ret_variable` is the name when it is one, and then the result is NULL. */
struct node *conf_read_scalar(struct conf_text *text, const char **ret_variable);

/* ---- conf_vars.c ---- */

struct node *conf_resolve(struct conf_text *text, const struct conf_scope *scope, const char *name,
                          size_t start);

/* ---- conf_read.c ---- */

/* The whole text, as the members of the scope's map. */
void conf_read_members(struct conf_text *text, struct conf_scope *scope);
/* The member of that key; NULL when the map does not have it. */
const struct member *conf_scope_get(const struct conf_scope *scope, const char *key);

#endif
