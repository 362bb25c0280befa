/* Merging of trees by table; see overlay.h. Stands between reading files and decoding the manifest. */
#include "kind/overlay.h"

#include <string.h>

struct overlay {
    struct arena *arena;
    enum overlay_rule rule;
    struct diags *diags;
};

static struct node *merge_maps(const struct overlay *overlay, const struct table *table, const struct field *of,
                               struct node *below, struct node *above);

static bool has_item(const struct node *list, const struct node *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->type == NODE_SCALAR && item->type == NODE_SCALAR &&
            strcmp(list->items[i]->text, item->text) == 0)
            return true;
    return false;
}

static struct node *add_items(const struct overlay *overlay, const struct node *below, const struct node *above)
{
    struct node *list = node_list(overlay->arena);
    list->pos = above->pos;
    for (size_t i = 0; i < below->count; i++)
        node_append(overlay->arena, list, below->items[i]);
    for (size_t i = 0; i < above->count; i++)
        if (!has_item(list, above->items[i]))
            node_append(overlay->arena, list, above->items[i]);
    return list;
}

static void defined_twice(const struct overlay *overlay, const struct member *first, const struct member *second)
{
    struct diag *diag = diag_add(overlay->diags, DIAG_DEFINED_TWICE, second->key_pos, "'%s' is defined twice", second->key);
    diag_note(overlay->diags, diag, first->key_pos, "first defined here");
    if (srcpos_compare(first->key_pos, second->key_pos) == 0)
        diag_hint(overlay->diags, diag, "the file is included twice");
}

/* May the two values stand side by side when files are included? Only maps of named things and sections may. */
static bool merges_side_by_side(const struct field *field)
{
    return field && field->type == FIELD_OBJECT && (field->flags & FIELD_OURS) && field->shape == SHAPE_MAP;
}

static struct node *merge_member(const struct overlay *overlay, const struct field *field, const struct member *below,
                                 const struct member *above)
{
    struct node *old = below->value;
    struct node *new = above->value;
    bool maps = old->type == NODE_MAP && new->type == NODE_MAP;
    bool lists = old->type == NODE_LIST && new->type == NODE_LIST;
    if (overlay->rule == OVERLAY_INCLUDES && !merges_side_by_side(field) && !node_is_null(old)) {
        defined_twice(overlay, below, above);
        return old;
    }
    if (maps)
        return merge_maps(overlay, field ? field->object : NULL, field, old, new);
    if (lists && overlay->rule == OVERLAY_FILES && field && !(field->flags & FIELD_ORDERED))
        return add_items(overlay, old, new);
    return new;
}

/* In a map by name (`of` has SHAPE_MAP) every key is one object of `table`; otherwise keys are the table's rows. */
static struct node *merge_maps(const struct overlay *overlay, const struct table *table, const struct field *of,
                               struct node *below, struct node *above)
{
    bool by_name = of && of->shape == SHAPE_MAP;
    struct field item = {.type = FIELD_OBJECT, .object = table};
    struct node *merged = node_map(overlay->arena);
    merged->pos = overlay->rule == OVERLAY_INCLUDES ? below->pos : above->pos;
    merged->count = below->count;
    merged->members = arena_grow(overlay->arena, below->members, below->count, below->count + above->count + 1,
                                 sizeof(struct member));
    for (size_t i = 0; i < above->count; i++) {
        const struct member *member = &above->members[i];
        size_t at = 0;
        while (at < below->count && strcmp(below->members[at].key, member->key) != 0)
            at++;
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

struct node *overlay_maps(struct arena *arena, const struct table *table, struct node *below, struct node *above,
                          enum overlay_rule rule, struct diags *diags)
{
    const struct overlay overlay = {.arena = arena, .rule = rule, .diags = diags};
    return merge_maps(&overlay, table, NULL, below, above);
}
