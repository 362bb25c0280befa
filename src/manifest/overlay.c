/* Merging trees by their tables; see overlay.h. This comes after reading files and before decoding. */
#include "manifest/overlay.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"

struct overlay {
    struct arena *arena;
    enum overlay_rule rule;
    struct diags *diags;
};

static struct node *merge_maps(const struct overlay *overlay, const struct table *table,
                               const struct field *of, struct node *below, struct node *above);

/* Two maps in a list are the same item if their key rows are equal, such as a source's name and filter. */
static bool same_item(const struct field *field, const struct node *a, const struct node *b)
{
    if (!field->object || a->type != NODE_MAP || b->type != NODE_MAP)
        return node_equal(a, b);
    for (size_t i = 0; i < field->object->count; i++) {
        const struct field *row = &field->object->fields[i];
        if ((row->flags & FIELD_KEY) && !node_equal(node_get(a, row->name), node_get(b, row->name)))
            return false;
    }
    return true;
}

static struct node *add_items(const struct overlay *overlay, const struct field *field,
                              const struct node *below, const struct node *above)
{
    struct node *list = node_list(overlay->arena);
    list->pos = above->pos;
    for (size_t i = 0; i < below->count; i++)
        node_append(overlay->arena, list, below->items[i]);
    for (size_t i = 0; i < above->count; i++) {
        size_t at = 0;
        while (at < below->count && !same_item(field, below->items[at], above->items[i]))
            at++;
        if (at < below->count)
            list->items[at] = above->items[i];
        else
            node_append(overlay->arena, list, above->items[i]);
    }
    return list;
}

static void defined_twice(const struct overlay *overlay, const struct member *first,
                          const struct member *second)
{
    struct diag *diag =
        diag_add(overlay->diags, &code_defined_twice, second->key_pos, "'%s' is defined twice", second->key);
    diag_note(overlay->diags, diag, first->key_pos, "first defined here");
    if (srcpos_compare(first->key_pos, second->key_pos) == 0)
        diag_hint(overlay->diags, diag, "the file is included twice");
}

/* May two included files both have this field? Only maps of named objects, and fields that collect, may be in several. */
static bool merges_side_by_side(const struct field *field)
{
    if (field && (field->flags & FIELD_COLLECTS))
        return true;
    bool maps = field && (field->type == FIELD_OBJECT || field->type == FIELD_TREE);
    return maps && (field->flags & FIELD_OURS) && field->shape == SHAPE_MAP;
}

/* If two values have different shapes, the one with the wrong shape is kept, so that the decoder reports it. */
static struct node *wrong_one(const struct field *field, struct node *old, struct node *new)
{
    enum node_type right = field->shape == SHAPE_LIST ? NODE_LIST : NODE_MAP;
    return old->type == right ? new : old;
}

static struct node *merge_member(const struct overlay *overlay, const struct field *field,
                                 const struct member *below, const struct member *above)
{
    struct node *old = below->value;
    struct node *new = above->value;
    bool maps = old->type == NODE_MAP && new->type == NODE_MAP;
    bool lists = old->type == NODE_LIST && new->type == NODE_LIST;
    bool nothing = field && field->name && (node_is_null(old) || node_is_null(new));
    if (overlay->rule == OVERLAY_INCLUDES && nothing)
        return node_is_null(new) ? old : new; /* an empty "streams:" does not take anything away */
    if (overlay->rule == OVERLAY_INCLUDES && !merges_side_by_side(field)) {
        defined_twice(overlay, below, above);
        return old;
    }
    if (overlay->rule == OVERLAY_INCLUDES && lists && field->shape == SHAPE_LIST)
        return add_items(overlay, field, old, new);
    if (overlay->rule == OVERLAY_INCLUDES && !maps)
        return wrong_one(field, old, new);
    if (maps)
        return merge_maps(overlay, field ? field->object : NULL, field, old, new);
    if (lists && overlay->rule == OVERLAY_FILES && field && !(field->flags & FIELD_ORDERED))
        return add_items(overlay, field, old, new);
    return new;
}

/* The number of the member with the key; the map's `count` if there is none. For large maps an index is made. */
static size_t find_member(const struct node *map, struct map *index, struct arena *arena, const char *key)
{
    enum { FEW = 16 };
    if (map->count > FEW && !index->arena) {
        map_init(index, arena);
        for (size_t i = 0; i < map->count; i++)
            map_put(index, map->members[i].key, &map->members[i]);
    }
    if (index->arena) {
        const struct member *found = map_get(index, key);
        return found ? (size_t)(found - map->members) : map->count;
    }
    size_t at = 0;
    while (at < map->count && !text_is(map->members[at].key, key))
        at++;
    return at;
}

/* Merges two maps. If `of` has SHAPE_MAP, each key is the name of an object of `table`. Otherwise keys are fields of `table`. */
static struct node *merge_maps(const struct overlay *overlay, const struct table *table,
                               const struct field *of, struct node *below, struct node *above)
{
    bool by_name = of && of->shape == SHAPE_MAP;
    struct field item = {.type = FIELD_OBJECT, .object = table}; /* stands for each object in a map by name */
    struct map index = {0};
    struct node *merged = node_map(overlay->arena);
    merged->pos = overlay->rule == OVERLAY_INCLUDES ? below->pos : above->pos;
    merged->count = below->count;
    merged->members = arena_grow(overlay->arena, below->members, below->count,
                                 below->count + above->count + 1, sizeof(struct member));
    for (size_t i = 0; i < above->count; i++) {
        const struct member *member = &above->members[i];
        size_t at = find_member(below, &index, overlay->arena, member->key);
        if (at == below->count) {
            merged->members[merged->count++] = *member;
            continue;
        }
        const struct field *field = by_name ? &item : table ? table_field(table, member->key) : NULL;
        struct node *value = merge_member(overlay, field, &below->members[at], member);
        merged->members[at] = overlay->rule == OVERLAY_INCLUDES ? below->members[at] : *member;
        merged->members[at].value = value;
    }
    return merged;
}

struct node *overlay_maps(struct arena *arena, const struct table *table, struct node *below,
                          struct node *above, enum overlay_rule rule, struct diags *diags)
{
    const struct overlay overlay = {.arena = arena, .rule = rule, .diags = diags};
    return merge_maps(&overlay, table, NULL, below, above);
}
