/*
 * The configuration language of nats-server, in and out.
 *
 * It is read as the servers read it, with all their ways: the last of two equal keys counts, `2m` is two million, and
 * `$NAME` is the value of that key in an enclosing map, or else an environment variable.
 *
 * An error is what no supported server reads, and what all of them read as something useless that it does not look like.
 * A warning is what some servers refuse, and what people hardly ever mean.
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
    /* Of maps and lists; less than YAML_MOST_DEPTH, so that it fits a manifest. */
    CONF_MOST_DEPTH = 60,
    CONF_MOST_NODES = 500 * 1000, /* a variable's value counts each time it is used */
    CONF_MOST_INCLUDES = 16,      /* in each other */
};

/* What the text refers to. */
struct conf_world {
    /* Reads an included file. Its path is the including file's folder and what the include says, without . and .. where possible.
     Returns 0, or -1 with a reason. NULL: nothing can be included. */
    int (*read)(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
    /* What to do about a file that cannot be read; NULL: a hint that says where it was looked for. */
    const char *unread_hint;
    /* Looks a variable of the environment up. NULL: such variables stay open, as empty strings that are listed in `open`. */
    vars_lookup *lookup;
    void *context;
    /* Numbers with a unit (`64MB`) stay as they are written. Otherwise they become plain numbers. */
    bool keep_units;
};

/* An empty scalar that stands for a variable of the environment. */
struct conf_open {
    struct node *node;
    const char *name;
};

/* A key that some variable refers to, and its place. Servers accept such a key even if they know no option of that name. */
struct conf_definition {
    const char *key;
    struct srcpos pos;
};

/* A place in the text as a text, to look it up in a map. A key that variables copy keeps its place. */
const char *conf_definition_key(struct arena *arena, struct srcpos pos);

struct conf {
    struct node *root; /* a map, as far as it could be read */
    VEC(struct conf_open) open;
    VEC(struct conf_definition) definitions;
};

/*
 * Reads the text of `source`, which must live as long as the arena. Strings become quoted scalars; numbers, true and
 * false become plain ones. Values of environment variables are marked as expanded, and no message shows them. Keys stay as
 * they are written. Returns 0, or -1 if there was an error.
 */
int conf_read(struct arena *arena, const struct source *source, const struct conf_world *world,
              struct diags *diags, struct conf *ret_conf);

/* The value of an integer, with a unit or without: 67108864 for "64MB". False if it is no integer, or does not fit 64 bits. */
bool conf_number(const char *text, int64_t *ret_number);

/*
 * Appends the map as configuration text that means the same to every server from 2.9 on. Each line has one `key: value` or one
 * item; blocks and lists are indented by two spaces. Quoted scalars are strings, and any bytes in them stay inside the quotes.
 * Plain scalars are written without quotes if they are integers of 64 bits, decimal fractions, or true or false as YAML spells
 * them. All others are strings, so the caller has to turn units such as `1GB` into numbers. A member that is null is left out.
 *
 * Returns 0, or -1 with diagnostics at the nodes' positions if the language cannot say something: a key with a control byte
 * or with both kinds of quotes, or null in a list. Then some text may have been added already.
 */
int conf_write(struct strbuf *out, const struct node *map, struct diags *diags);

#endif
