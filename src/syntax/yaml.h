/*
 * YAML in and out, by libyaml.
 *
 * The reader takes what a manifest needs of YAML 1.2: several documents, anchors, aliases and merge keys
 * ('<<', the map's own keys win). Refused with position, caret and hint: duplicate keys, wrong UTF-8, NUL and
 * control bytes, tabs as indentation, keys that are not scalars, tags but the core ones, and anything beyond
 * the limits. Aliases share their nodes, and their expanded size is bounded, so that an alias bomb costs
 * nothing. Between brackets a '{' ends plain text, so a variable there has to be quoted: '["${NAME}"]'.
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
    YAML_MOST_DEPTH = 64,               /* aliases expanded */
    /* Keys and values, aliases expanded; a scalar counts one more for each 64 bytes of it. */
    YAML_MOST_NODES = 2 * 1000 * 1000,
    /* Of these, aliases may add so many for each that is written, and so many more. */
    YAML_MOST_ALIASED_EACH = 16,
    YAML_MOST_ALIASED_MORE = 50 * 1000,
};

struct documents {
    struct node **items; /* in order; an empty document is left out */
    size_t count;
};

/*
 * Reads the text of `source`, which must live as long as the arena (positions refer to it). Returns 0, or -1
 * when there was any diagnostic of severity error; *ret_documents is set in both cases to what could be read.
 */
int yaml_read(struct arena *arena, const struct source *source, struct diags *diags,
              struct documents *ret_documents);
/* The same, and does something else now and then: some dozen times in a thousand objects. */
int yaml_read_with_idle_work(struct arena *arena, const struct source *source,
                             const struct idle_work *idle_work, struct diags *diags,
                             struct documents *ret_documents);

/*
 * Appends the node as one block-style YAML document without markers. Strings that another reader could take
 * for a number, boolean or null are quoted; lists of scalars that fit the line are written in flow style.
 */
void yaml_write(struct strbuf *out, const struct node *node);

#endif
