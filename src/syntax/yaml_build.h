/*
 * Builds nodes from libyaml's events. Here are the rules for unique keys, anchors, aliases and merge keys, and the limits.
 *
 *     struct yaml_builder builder;
 *     yaml_builder_init(&builder, arena, source, diags);
 *     while (...) if (yaml_builder_take(&builder, &event)) break;
 *     use(builder.documents);
 *     yaml_builder_release(&builder);
 */
#ifndef SYNTAX_YAML_BUILD_H
#define SYNTAX_YAML_BUILD_H

#include <yaml.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"
#include "syntax/cursor.h"
#include "syntax/node.h"
#include "syntax/yaml.h"

struct yaml_anchor {
    struct node *node;
    size_t size;   /* keys and values, with aliases expanded */
    size_t height; /* levels of collections in it, with aliases expanded */
    bool open;     /* it is still being read, so an alias to it would be a loop */
};

enum yaml_next {
    YAML_NEXT_KEY,
    YAML_NEXT_VALUE,
    YAML_NEXT_MERGE,   /* the value of '<<' */
    YAML_NEXT_DROPPED, /* the value of a key that was refused */
};

/* A list or map whose end has not been reached. */
struct yaml_open {
    struct node *node;
    bool flow;                  /* with brackets */
    struct yaml_anchor *anchor; /* NULL: none */
    size_t size;
    size_t height;
    size_t first; /* number of its first entry in `pending` */

    /* of a map */
    enum yaml_next next;
    const char *key;
    struct srcpos key_pos;
    struct node *merge;
    struct srcpos merge_pos; /* line 0 until there is a '<<' */
    struct map *index;       /* key to number in `pending` + 1; NULL while there are few keys */
};

struct yaml_builder {
    struct arena *arena;  /* of the nodes */
    struct arena scratch; /* of all that only the building needs */
    struct diags *diags;
    struct cursor cursor;
    VEC(struct member) pending; /* entries of the open collections, innermost last */
    struct yaml_open open[YAML_MOST_DEPTH];
    size_t depth;
    struct map anchors; /* of the document, by name */
    size_t nodes;
    size_t aliased; /* how many of them aliases added */
    struct node *root;
    VEC(struct node *) documents;
};

void yaml_builder_init(struct yaml_builder *builder, struct arena *arena, const struct source *source,
                       struct diags *diags);
void yaml_builder_release(struct yaml_builder *builder);

/* The innermost collection that is open, if it has brackets; otherwise NULL. */
const struct node *yaml_builder_open_bracket(const struct yaml_builder *builder);

/*
 * Takes the next event. Returns -1 if reading has to stop. Other faults are reported, and reading goes on.
 */
int yaml_builder_take(struct yaml_builder *builder, const yaml_event_t *event);

#endif
