/*
 * Builds nodes out of libyaml's events: members with unique keys, anchors and aliases, merge keys, limits.
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
    size_t size;   /* keys and values, aliases expanded */
    size_t height; /* collections on the longest way down, aliases expanded */
    bool open;     /* still being read: an alias to it would be a loop */
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
    struct yaml_anchor *anchor; /* NULL when it has none */
    size_t size;
    size_t height;
    size_t first; /* of its entries among the pending */

    /* of a map */
    enum yaml_next next;
    const char *key;
    struct srcpos key_pos;
    struct node *merge;
    struct srcpos merge_pos; /* line 0 until there is a '<<' */
    struct map *index;       /* key to number in `pending`, + 1; NULL while the keys are few */
};

struct yaml_builder {
    struct arena *arena;  /* of the nodes */
    struct arena scratch; /* of everything else */
    struct diags *diags;
    struct cursor cursor;
    VEC(struct member) pending; /* entries of the open collections, innermost last */
    struct yaml_open open[YAML_MOST_DEPTH];
    size_t depth;
    struct map anchors; /* of the document, by name */
    size_t nodes;
    size_t aliased; /* of these, by aliases */
    struct node *root;
    VEC(struct node *) documents;
};

void yaml_builder_init(struct yaml_builder *builder, struct arena *arena, const struct source *source,
                       struct diags *diags);
void yaml_builder_release(struct yaml_builder *builder);

/* The innermost collection with brackets whose end was not taken yet, or NULL. */
const struct node *yaml_builder_open_bracket(const struct yaml_builder *builder);

/*
 * Takes the next event. Returns -1 when the text cannot be read any further; other faults are only reported.
 */
int yaml_builder_take(struct yaml_builder *builder, const yaml_event_t *event);

#endif
