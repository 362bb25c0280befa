/* Merging trees by their tables; see overlay.h. This comes after reading files and before decoding. */
#include "manifest/overlay.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "base/vec.h"

struct overlay {
    struct arena *arena;
    enum overlay_rule rule;
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

static void add_items(struct arena *arena, const struct field *field, struct node *list,
                      const struct node *above)
{
    size_t below = list->count;
    for (size_t i = 0; i < above->count; i++) {
        size_t at = 0;
        while (at < below && !same_item(field, list->items[at], above->items[i]))
            at++;
        /* An item that is there already is replaced in its place: the order of a list is the lower layer's. */
        if (at < below)
            list->items[at] = above->items[i];
        else
            node_append(arena, list, above->items[i]);
    }
    list->pos = above->pos;
}

static struct node *merge_lists(const struct overlay *overlay, const struct field *field,
                                const struct node *below, const struct node *above)
{
    struct node *list = node_list(overlay->arena);
    for (size_t i = 0; i < below->count; i++)
        node_append(overlay->arena, list, below->items[i]);
    add_items(overlay->arena, field, list, above);
    return list;
}

static struct node *merge_member(const struct overlay *overlay, const struct field *field,
                                 const struct member *below, const struct member *above)
{
    struct node *old = below->value;
    struct node *new = above->value;
    if (old->type == NODE_MAP && new->type == NODE_MAP)
        return merge_maps(overlay, field ? field->object : NULL, field, old, new);
    if (old->type == NODE_LIST && new->type == NODE_LIST && overlay->rule == OVERLAY_FILES &&field &&
        !(field->flags & FIELD_ORDERED))
        return merge_lists(overlay, field, old, new);
    /* A scalar, and a list whose order counts, is replaced as a whole. */
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

/* What a key of a map is. If `of` has SHAPE_MAP, it is the name of an object of `table`, which *item stands for. */
static const struct field *field_of(const struct table *table, const struct field *of, const char *key,
                                    struct field *item)
{
    *item = (struct field){.type = FIELD_OBJECT, .object = table};
    if (of && of->shape == SHAPE_MAP)
        return item;
    return table ? table_field(table, key) : NULL;
}

static struct node *merge_maps(const struct overlay *overlay, const struct table *table,
                               const struct field *of, struct node *below, struct node *above)
{
    struct field item;
    struct map index = {0};
    struct node *merged = node_map(overlay->arena);
    merged->pos = above->pos;
    merged->count = below->count;
    /* A copy, because an anchor may stand for the lower map in other places, too. */
    merged->members = arena_grow(overlay->arena, below->members, below->count,
                                 below->count + above->count + 1, sizeof(struct member));
    for (size_t i = 0; i < above->count; i++) {
        const struct member *member = &above->members[i];
        size_t at = find_member(below, &index, overlay->arena, member->key);
        if (at == below->count) {
            merged->members[merged->count++] = *member;
            continue;
        }
        const struct field *field = field_of(table, of, member->key, &item);
        struct node *value = merge_member(overlay, field, &below->members[at], member);
        merged->members[at] = *member;
        merged->members[at].value = value;
    }
    return merged;
}

struct node *overlay_maps(struct arena *arena, const struct table *table, struct node *below,
                          struct node *above, enum overlay_rule rule)
{
    const struct overlay overlay = {.arena = arena, .rule = rule};
    return merge_maps(&overlay, table, NULL, below, above);
}

/* ---- side by side ---- */

struct side_by_side {
    struct arena *arena;
    struct diags *diags;
};

/* All members of one name. */
struct namesakes {
    VEC(const struct member *) list;
};

static void defined_twice(struct diags *diags, const struct member *first, const struct member *second)
{
    struct diag *diag =
        diag_add(diags, &code_defined_twice, second->key_pos, "'%s' is defined twice", second->key);
    diag_note(diags, diag, first->key_pos, "first defined here");
    if (srcpos_compare(first->key_pos, second->key_pos) == 0)
        diag_hint(diags, diag, "the file is included twice");
}

/* May two included files both have this field? Only maps of named objects, and fields that collect, may be in several. */
static bool merges_side_by_side(const struct field *field)
{
    if (field && (field->flags & FIELD_COLLECTS))
        return true;
    bool maps = field && (field->type == FIELD_OBJECT || field->type == FIELD_TREE);
    return maps && (field->flags & FIELD_OURS) && field->shape == SHAPE_MAP;
}

static struct node *merge_all(const struct side_by_side *sides, const struct table *table,
                              const struct field *of, struct node *const *maps, size_t count);

/* Values with the wrong shape are kept, so that the decoder reports them. */
static struct node *merge_values(const struct side_by_side *sides, const struct field *field,
                                 struct node *const *values, size_t count)
{
    bool list = field->shape == SHAPE_LIST;
    for (size_t i = 0; i < count; i++)
        if (values[i]->type != (list ? NODE_LIST : NODE_MAP))
            return values[i];
    if (!list)
        return merge_all(sides, field->object, field, values, count);
    struct node *all = node_list(sides->arena);
    for (size_t i = 0; i < count; i++)
        add_items(sides->arena, field, all, values[i]);
    return all;
}

/* An empty "streams:" does not take anything away. */
static struct node *merge_namesakes(const struct side_by_side *sides, const struct field *field,
                                    const struct namesakes *same)
{
    struct node **values = ARENA_ARRAY(sides->arena, struct node *, same->list.count);
    const struct member *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < same->list.count; i++) {
        const struct member *member = same->list.items[i];
        if (field && field->name && node_is_null(member->value))
            continue;
        if (first && !merges_side_by_side(field))
            defined_twice(sides->diags, first, member);
        else
            values[count++] = member->value;
        first = first ? first : member;
    }
    if (count == 0)
        return same->list.items[0]->value;
    return count == 1 ? values[0] : merge_values(sides, field, values, count);
}

static void group_members(const struct side_by_side *sides, const struct node *map, struct map *groups)
{
    for (size_t i = 0; i < map->count; i++) {
        struct namesakes *same = map_get(groups, map->members[i].key);
        if (!same) {
            same = ARENA_NEW(sides->arena, struct namesakes);
            map_put(groups, map->members[i].key, same);
        }
        VEC_PUSH(sides->arena, &same->list, &map->members[i]);
    }
}

static struct node *merge_all(const struct side_by_side *sides, const struct table *table,
                              const struct field *of, struct node *const *maps, size_t count)
{
    struct map groups; /* by key, in the order of their first members */
    struct node *merged = node_map(sides->arena);
    struct field item;
    map_init(&groups, sides->arena);
    for (size_t i = 0; i < count; i++)
        group_members(sides, maps[i], &groups);
    for (size_t i = 0; i < groups.count; i++) {
        const struct namesakes *same = groups.entries[i].value;
        struct member member = *same->list.items[0];
        if (same->list.count > 1)
            member.value = merge_namesakes(sides, field_of(table, of, member.key, &item), same);
        node_add(sides->arena, merged, member);
    }
    merged->pos = maps[0]->pos;
    return merged;
}

struct node *overlay_side_by_side(struct arena *arena, const struct table *table, struct node *const *maps,
                                  size_t count, struct diags *diags)
{
    const struct side_by_side sides = {.arena = arena, .diags = diags};
    return merge_all(&sides, table, NULL, maps, count);
}
