/*
 * Conf model: what the files that read configurations share; see conf.h.
 *
 * A `struct conf_text` is one text that is being read: a file, an included file, or a variable's value. All of them belong to
 * one `struct conf_parser`.
 */
#ifndef SYNTAX_CONF_MODEL_H
#define SYNTAX_CONF_MODEL_H

#include "base/map.h"
#include "syntax/conf.h"

extern const struct diag_code code_older_servers;

/* Servers whose readers differ, oldest first. */
enum conf_dialect {
    CONF_2_9,  /* a '{' around everything has no meaning; the last key may have no value */
    CONF_2_10, /* `4e2x9` is an error; newer servers take it for a string */
    CONF_NEWEST,
};

struct conf_parser {
    struct arena *arena;
    const struct conf_world *world;
    struct diags *diags;
    struct conf *conf;
    enum conf_dialect dialect;
    struct map *files;  /* path to struct source; each file is read once for all dialects */
    struct map defined; /* the definitions so far, by conf_definition_key() */
    size_t nodes;
    size_t bytes;
};

/* A map that is being read, and the maps around it. Variables are looked up in them, from the inside out. */
struct conf_scope {
    struct node *map;
    const char *key;  /* whose value the map is; NULL at the top */
    struct map index; /* key to place + 1 in `map` */
    const struct conf_scope *outer;
};

struct conf_text {
    struct conf_parser *parser;
    const struct source *source;
    const char *path; /* of the file, without . and ..; "" for a variable's value */
    size_t at;
    int depth; /* of maps and lists */
    /* the text that it was read for: the file that includes it, or the text that uses the variable */
    const struct conf_text *outer;
    const char *variable;    /* whose value it is; NULL: a file */
    struct srcpos reference; /* of that variable */
    struct srcpos odd_key;   /* the last key that ends with a bracket */
    const char *odd_text;
    bool failed; /* a fault was reported; the rest is not read */
    /* the place that was last asked for; the next one is searched from there */
    size_t mark;
    uint32_t mark_line;
    uint32_t mark_column;
};

/* The byte that stands `ahead` bytes from here; -1 at the end. */
int conf_byte(const struct conf_text *text, size_t ahead);
/* The length in bytes of the blank here, by Go's unicode.IsSpace; 0 if there is none. */
size_t conf_blank(const struct conf_text *text);
/* Skips tabs and spaces, the only blanks that may stand between a value and what ends it. */
void conf_skip_line_blanks(struct conf_text *text);
bool conf_at_newline(const struct conf_text *text);

/* The position of the text from byte `start` up to the current place. */
struct srcpos conf_pos(struct conf_text *text, size_t start);

/* Reports the first fault of the text; later ones are ignored. Never shows a variable's value. Returns NULL. */
void *conf_fail(struct conf_text *text, size_t start, const struct diag_code *code, const char *hint,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A scalar that was written from `start` up to here. */
struct node *conf_scalar(struct conf_text *text, size_t start, const char *value, bool quoted);
/* Counts nodes. Returns false, with a fault, if there are too many. */
bool conf_count(struct conf_text *text, size_t start, size_t nodes);

/* ---- conf_scalar.c: values that are neither lists nor maps ---- */

/* Reads the value that begins here. If it is a variable, sets `*ret_variable` to its name and returns NULL. */
struct node *conf_read_scalar(struct conf_text *text, const char **ret_variable);

/* ---- conf_vars.c ---- */

/* What variable `name` stands for. NULL with a fault if that is not known. */
struct node *conf_resolve(struct conf_text *text, const struct conf_scope *scope, const char *name,
                          size_t start);

/* ---- conf_read.c ---- */

/* Reads the whole text. Its keys become members of the scope's map. */
void conf_read_members(struct conf_text *text, struct conf_scope *scope);
/* The map's member with that key, or NULL. */
const struct member *conf_scope_get(const struct conf_scope *scope, const char *key);

#endif
