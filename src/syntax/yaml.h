/*
 * YAML in and out, by libyaml.
 *
 * The reader knows what a manifest needs of YAML 1.2: several documents, anchors, aliases and merge keys ('<<';
 * the map's own keys win). It refuses, with position, caret and hint: duplicate keys, wrong UTF-8, NUL and control
 * bytes, tabs as indentation, keys that are not scalars, tags except the core ones, and anything beyond the limits.
 * Aliases share their nodes, and their expanded size is limited, so an alias bomb costs nothing. Between
 * brackets a '{' ends plain text, so a variable there has to be quoted: '["${NAME}"]'.
 */
#ifndef SYNTAX_YAML_H
#define SYNTAX_YAML_H

#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/idle_work.h"
#include "base/strbuf.h"
#include "syntax/node.h"

enum {
    YAML_MOST_BYTES = 16 * 1024 * 1024, /* of one text */
    YAML_MOST_DEPTH = 64,               /* with aliases expanded */
    /* Keys and values, with aliases expanded. A scalar counts as one more for each 64 bytes in it. */
    YAML_MOST_NODES = 2 * 1000 * 1000,
    /* How many of them aliases may add: this many for each one that is written, plus a fixed number. */
    YAML_MOST_ALIASED_EACH = 16,
    YAML_MOST_ALIASED_MORE = 50 * 1000,
};

struct documents {
    struct node **items; /* in order; an empty document is left out */
    size_t count;
};

/*
 * Reads the text of `source`, which must live as long as the arena, because positions point to it. Returns 0, or -1
 * if there was an error. In both cases *ret_documents is what could be read.
 */
int yaml_read(struct arena *arena, const struct source *source, struct diags *diags,
              struct documents *ret_documents);
/* The same, and calls `meanwhile` now and then: a few dozen times in a thousand objects. */
int yaml_read_with_idle_work(struct arena *arena, const struct source *source,
                             const struct idle_work *idle_work, struct diags *diags,
                             struct documents *ret_documents);

/*
 * Appends the node as one YAML document without markers. Strings that another reader could take for a number,
 * a boolean or null are quoted. Lists of scalars are written in brackets if they fit on the line.
 */
void yaml_write(struct strbuf *out, const struct node *node);

#endif
