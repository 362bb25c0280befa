/* Marks in metadata; see mark.h. */
#include "plan/mark.h"

#include <string.h>

#include "kind/kinds.h"

static unsigned metadata_id(const struct table *table)
{
    return table == &stream_table ? STREAM_METADATA : CONSUMER_METADATA;
}

struct value *mark_metadata(const struct object *object)
{
    return object_value(object, metadata_id(object->table));
}

const char *mark_owner(const struct object *object)
{
    const struct value *mark = value_map_get(mark_metadata(object), MARK_PROJECT);
    return mark && mark->type == VALUE_TEXT ? mark->text : NULL;
}

const char *mark_of_live(const struct live_object *live, const char *key)
{
    const struct field *field = table_field_by_id(live->table, metadata_id(live->table));
    const struct node *mark = node_get(node_get(live->config, field->name), key);
    return mark && mark->type == NODE_SCALAR ? mark->text : NULL;
}

void mark_wanted(struct arena *arena, const struct resource *resource, const char *project)
{
    struct value *metadata = mark_metadata(resource->config);
    value_map_put_text(arena, metadata, MARK_PROJECT, project);
    if (resource->prevent_destroy)
        value_map_put_text(arena, metadata, MARK_PROTECTED, MARK_ON);
    metadata->given = true;
}

bool mark_remove(struct arena *arena, struct object *object)
{
    struct value *metadata = mark_metadata(object);
    struct value_map *rest = ARENA_NEW(arena, struct value_map);
    if (metadata->type != VALUE_MAP)
        return false;
    rest->pairs = ARENA_ARRAY(arena, struct value_pair, metadata->map->count);
    for (size_t i = 0; i < metadata->map->count; i++)
        if (strncmp(metadata->map->pairs[i].key, MARK_PREFIX, strlen(MARK_PREFIX)) != 0)
            rest->pairs[rest->count++] = metadata->map->pairs[i];
    bool any = rest->count < metadata->map->count;
    metadata->map = rest;
    return any;
}
