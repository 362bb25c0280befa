/*
 * The configuration language of nats-server, in and out.
 *
 * It is read as the servers read it, their ways included: the last of two equal keys counts, `2m` is two million, a `$NAME` is
 * what that key of an enclosing map says, or else the environment. What no supported server reads, or what each of them reads as something
 * else than it looks like and to no use, is an error; what some refuse, and what people hardly mean, is a warning.
 */
#ifndef SYNTAX_CONF_H
#define SYNTAX_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "syntax/node.h"
#include "syntax/vars.h"

extern const struct diag_code code_misread;

enum {
    CONF_MOST_BYTES = 16 * 1024 * 1024, /* of one file, and of all together */
    CONF_MOST_DEPTH = 60,               /* of maps and lists: what is read fits a manifest */
    CONF_MOST_NODES = 500 * 1000,       /* variables as often as they are used */
    CONF_MOST_INCLUDES = 16,            /* in each other */
};

/* What the text refers to. */
struct conf_world {
    /* A file that is included, by its path: the including file's folder and what it says, without . and .. where possible. Returns 0, or
       -1 with a reason. NULL: there are no files. */
    int (*read)(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
    const char *unread_hint; /* what to do about a file that cannot be read; NULL: where it was looked for */
    /* The environment. NULL: its variables stay open, as empty strings in `open`. */
    vars_lookup *lookup;
    void *context;
    /* Numbers with a unit (`64MB`) stay as they are written; else they are worked out. */
    bool keep_units;
};

/* A scalar in place of a variable of the environment. */
struct conf_open {
    struct node *node;
    const char *name;
};

/* A key that a variable refers to, where it is written: servers do not mind when they know no such option. */
struct conf_definition {
    const char *key;
    struct srcpos pos;
};

/* The place as a key of a map: a key's own, however often variables repeat it. */
const char *conf_definition_key(struct arena *arena, struct srcpos pos);

struct conf {
    struct node *root; /* a map, as far as it could be read */
    VEC(struct conf_open) open;
    VEC(struct conf_definition) definitions;
};

/*
 * Reads the text of `source`, which must live as long as the arena. Strings are quoted scalars; numbers, true and
 * false are plain ones; values of the environment are marked as expanded, and no message repeats them. Keys are as
 * they are written. Returns 0, or -1 when there was an error.
 */
int conf_read(struct arena *arena, const struct source *source, const struct conf_world *world,
              struct diags *diags, struct conf *ret_conf);

/* "64MB" as 67108864: an integer of that language, with its unit or without. False when it is none, or does not fit 64 bits. */
bool conf_number(const char *text, int64_t *ret_number);

/*
 * Appends the map as configuration text that means the same to every server from 2.9 on: one `key: value` a line, blocks and
 * lists indented by two spaces, their items a line each. Quoted scalars are strings. Plain ones are written bare when they
 * are true or false in a spelling of YAML's, integers of 64 bits or decimal fractions, and are strings otherwise: units such
 * as `1GB` are for the caller to work out. Whatever the bytes of a string, they stay inside its quotes. A member that is null
 * is left out.
 *
 * Returns 0, or -1 with diagnostics at the nodes' positions when something cannot be said in that language: a key with a
 * control byte or with both kinds of quotes, null in a list. Text may have been added then too.
 */
int conf_write(struct strbuf *out, const struct node *map, struct diags *diags);

#endif
