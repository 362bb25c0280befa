/*
 * Places of objects in texts; see pull_places.h. The place where a value was read would be wrong: a value from `defaults`, an
 * anchor or a merge key is for other objects too. So the path is followed in each file, from the last to the first.
 */
#include "edit/pull_places.h"

#include <string.h>

/* Against aliases in circles, which no text has that was read before. */
enum { DEPTH_MOST = 64 };

/* ---- on lines of its own ---- */

static const struct layout *walk(const struct layout *map, const struct place *place, size_t depth)
{
    for (size_t i = 0; i < depth && map; i++) {
        const struct layout_entry *entry = layout_entry(map, place->path[i]);
        map = entry ? entry->value : NULL;
    }
    return map && map->type == LAYOUT_MAP ? map : NULL;
}

struct spot place_search(const struct pull_files *files, const struct place *place, size_t depth,
                         const char *key)
{
    struct spot none = {0};
    if (place->file) {
        const struct layout_entry *entry = key ? layout_entry(place->map, key) : NULL;
        return entry || !key ? (struct spot){place->file, place->map, entry} : none;
    }
    /* The last one is laid over the others, so its value is the one that counts. */
    for (size_t i = files->list.count; i-- > 0;) {
        struct pull_file *file = files->list.items[i];
        for (size_t j = file->layouts.count; j-- > 0;) {
            const struct layout *map = walk(file->layouts.items[j], place, depth);
            const struct layout_entry *entry = key ? layout_entry(map, key) : NULL;
            if (map && (entry || !key))
                return (struct spot){file, map, entry};
        }
    }
    return none;
}

struct place place_below(const struct place *place, const char *key)
{
    struct place lower = *place;
    if (lower.file) {
        const struct layout_entry *entry = layout_entry(lower.map, key);
        lower.map = entry ? entry->value : NULL;
    } else if (lower.depth < PATH_MOST) {
        lower.path[lower.depth++] = key;
    }
    return lower;
}

bool layout_is_null(const struct layout *layout)
{
    return layout->type == LAYOUT_PLAIN &&
           (!*layout->text || strcmp(layout->text, "~") == 0 || strcmp(layout->text, "null") == 0);
}

/* ---- through aliases and merge keys ---- */

/* The last value with that anchor before the offset. */
static const struct layout *anchored(const struct layout *layout, const char *anchor, size_t before)
{
    bool map = layout->type == LAYOUT_MAP;
    const struct layout *found = layout->anchor && strcmp(layout->anchor, anchor) == 0 ? layout : NULL;
    for (size_t i = 0; (map || layout->type == LAYOUT_LIST) && i < layout->count; i++) {
        const struct layout *child = map ? layout->entries[i].value : layout->items[i];
        const struct layout *later = child->outer < before ? anchored(child, anchor, before) : NULL;
        found = later ? later : found;
    }
    return found;
}

/* What an alias stands for; any other value is meant itself. */
static const struct layout *meant(const struct layout *document, const struct layout *layout)
{
    if (!layout || layout->type != LAYOUT_ALIAS)
        return layout;
    return anchored(document, layout->text, layout->start);
}

/* A quoted '<<' is an ordinary key. */
static const struct layout *merged(const struct source *source, const struct layout *map)
{
    const struct layout_entry *entry = layout_entry(map, "<<");
    return entry && source->text[entry->key_start] == '<' ? entry->value : NULL;
}

struct resolving {
    struct arena *arena;
    const struct source *source;
    const struct layout *document;
    int depth;
};

static const struct layout *value_said(struct resolving *resolving, const struct layout *map, const char *key)
{
    const struct layout *found = NULL;
    map = meant(resolving->document, map);
    if (!map || map->type != LAYOUT_MAP || resolving->depth >= DEPTH_MOST)
        return NULL;
    const struct layout_entry *entry = layout_entry(map, key);
    if (entry)
        return meant(resolving->document, entry->value);
    const struct layout *merge = meant(resolving->document, merged(resolving->source, map));
    resolving->depth++;
    if (merge && merge->type == LAYOUT_MAP)
        found = value_said(resolving, merge, key);
    for (size_t i = 0; merge && merge->type == LAYOUT_LIST && i < merge->count && !found; i++)
        found = value_said(resolving, merge->items[i], key);
    resolving->depth--;
    return found;
}

/* What the document says at the first `depth` keys of the place. */
static const struct layout *place_said(struct resolving *resolving, const struct place *place, size_t depth)
{
    const struct layout *value = resolving->document;
    for (size_t i = 0; i < depth && value; i++)
        value = value_said(resolving, value, place->path[i]);
    return value;
}

static struct node *as_node(struct resolving *resolving, const struct layout *layout);

static void merge_into(struct resolving *resolving, struct node *map, const struct layout *source)
{
    struct node *more = as_node(resolving, source);
    for (size_t i = 0; more->type == NODE_MAP && i < more->count; i++)
        if (!node_get(map, more->members[i].key))
            node_add(resolving->arena, map, more->members[i]);
}

static struct node *map_node(struct resolving *resolving, const struct layout *map)
{
    struct node *node = node_map(resolving->arena);
    const struct layout *merge = meant(resolving->document, merged(resolving->source, map));
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->entries[i].key;
        bool merges = key && strcmp(key, "<<") == 0 && merge;
        if (key && !merges && !node_get(node, key))
            node_put(resolving->arena, node, key, as_node(resolving, map->entries[i].value));
    }
    if (merge && merge->type == LAYOUT_MAP)
        merge_into(resolving, node, merge);
    for (size_t i = 0; merge && merge->type == LAYOUT_LIST && i < merge->count; i++)
        merge_into(resolving, node, merge->items[i]);
    return node;
}

static struct node *as_node(struct resolving *resolving, const struct layout *layout)
{
    struct node *node;
    layout = meant(resolving->document, layout);
    if (!layout || resolving->depth >= DEPTH_MOST)
        return node_scalar(resolving->arena, "null", false);
    if (layout_is_scalar(layout))
        return node_scalar(resolving->arena, layout->text, layout->type != LAYOUT_PLAIN);
    resolving->depth++;
    if (layout->type == LAYOUT_MAP) {
        node = map_node(resolving, layout);
    } else {
        node = node_list(resolving->arena);
        for (size_t i = 0; i < layout->count; i++)
            node_append(resolving->arena, node, as_node(resolving, layout->items[i]));
    }
    resolving->depth--;
    return node;
}

static const struct layout *document_of(const struct spot *spot, const struct layout *layout)
{
    const struct layouts *layouts = &spot->file->layouts;
    const struct layout *found = layout;
    for (size_t i = 0; i < layouts->count; i++)
        if (layouts->items[i]->outer <= layout->outer)
            found = layouts->items[i];
    return found;
}

struct node *place_node(struct arena *arena, const struct spot *spot, const struct layout *layout)
{
    struct resolving resolving = {arena, &spot->file->now, document_of(spot, layout), 0};
    return as_node(&resolving, layout);
}

/* ---- layers ---- */

void place_layers(struct arena *arena, const struct pull_files *files, const struct place *place,
                  const char *key, struct layers *ret_layers)
{
    *ret_layers = (struct layers){0};
    for (size_t i = 0; i < files->list.count && !place->file; i++) {
        struct pull_file *file = files->list.items[i];
        for (size_t j = 0; j < file->layouts.count; j++) {
            struct resolving resolving = {arena, &file->now, file->layouts.items[j], 0};
            const struct layout *map = walk(file->layouts.items[j], place, place->depth);
            const struct layout *whole = place_said(&resolving, place, place->depth);
            struct layer layer = {{file, map, layout_entry(map, key)}, NULL};
            layer.said = whole ? value_said(&resolving, whole, key) : NULL;
            if (layer.said)
                VEC_PUSH(arena, &ret_layers->list, layer);
        }
    }
}

/* ---- lines of its own ---- */

/* The first map of the place in that document that has no lines of its own, as a number of keys. */
static size_t own_depth(const struct layout *document, const struct place *place)
{
    size_t depth = 0;
    while (depth < place->depth && walk(document, place, depth + 1))
        depth++;
    return depth;
}

/* What the place's key number `depth` gets as its value: all that is said there, and the new value in it. */
static struct node *new_value(struct resolving *resolving, const struct place *place, size_t depth,
                              const char *key, const struct node *value)
{
    struct arena *arena = resolving->arena;
    const struct layout *whole = place_said(resolving, place, depth + 1);
    struct node *top = whole && !layout_is_null(whole) ? as_node(resolving, whole) : node_map(arena);
    struct node *map = top;
    for (size_t i = depth + 1; i < place->depth && map->type == NODE_MAP; i++) {
        struct node *next = node_get(map, place->path[i]);
        if (!next || node_is_null(next)) {
            next = node_map(arena);
            node_put(arena, map, place->path[i], next);
        }
        map = next;
    }
    if (map->type != NODE_MAP)
        return NULL;
    if (value)
        node_put(arena, map, key, node_copy(arena, value));
    else
        node_remove(map, key);
    return top;
}

static const char *make_own_in(struct resolving *resolving, struct pull_file *file, const struct place *place,
                               const char *key, const struct node *value)
{
    size_t depth = own_depth(resolving->document, place);
    const struct layout *map = walk(resolving->document, place, depth);
    const struct layout_entry *entry = map ? layout_entry(map, place->path[depth]) : NULL;
    bool alias = entry && entry->value->type == LAYOUT_ALIAS;
    if (alias && depth + 1 == place->depth)
        return edit_over_alias(&file->edits, entry->value, key,
                               value ? value : node_scalar(resolving->arena, "null", false));
    struct node *node = new_value(resolving, place, depth + alias, key, value);
    if (!map || !node)
        return "what stands there is no map of its own";
    if (alias)
        return edit_over_alias(&file->edits, entry->value, place->path[depth + 1], node);
    if (entry)
        return layout_is_null(entry->value) ? edit_value(&file->edits, entry, entry->value, node)
                                            : "what stands there is no map of its own";
    return edit_add_entry(&file->edits, map, map->count ? map->count - 1 : 0, place->path[depth], node);
}

const char *place_make_own(struct arena *arena, const struct pull_files *files, const struct place *place,
                           const struct pull_file *only, const char *key, const struct node *value)
{
    enum { OBJECT_DEPTH = 2 }; /* its section, and its name there */
    for (size_t i = files->list.count; i-- > 0 && !place->file;) {
        struct pull_file *file = files->list.items[i];
        for (size_t j = only && file != only ? 0 : file->layouts.count; j-- > 0;) {
            struct resolving resolving = {arena, &file->now, file->layouts.items[j], 0};
            if (place_said(&resolving, place, place->depth) ||
                own_depth(resolving.document, place) >= OBJECT_DEPTH)
                return make_own_in(&resolving, file, place, key, value);
        }
    }
    return "the object has no place of its own in a manifest of natsform's form";
}

void place_part(const struct spot *spot, const struct place *place)
{
    const struct layout *value = document_of(spot, spot->map);
    for (size_t i = 0; i < place->depth && value && !place->file; i++) {
        const struct layout_entry *entry = layout_entry(value, place->path[i]);
        value = entry ? entry->value : NULL;
        if (value && value->type == LAYOUT_MAP)
            edit_free_anchor(&spot->file->edits, value);
    }
}
