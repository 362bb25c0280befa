/*
 * Marks in metadata; see mark.h. A mark is a key of the object's metadata, so it survives every client and tool
 * that does not know of it.
 */
#include "plan/mark.h"

#include "base/text.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"

DIAG_CODE(
    code_foreign, .name = "foreign", CODE_ERROR(EXIT_REFUSED),
    .doc = "The object bears the mark of another project, which owns it.",
    .why = "Two projects that manage one object undo each other's changes.", .example = "project: chat",
    .remedy =
        "Let one project have it: take it out of this manifest, or release it in the other one by 'removed:'.");

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

bool mark_lend(struct arena *arena, const struct resource *resource, const char *project, struct object *live)
{
    struct value *metadata = mark_metadata(live);
    if (mark_owner(live))
        return false;
    value_map_put_text(arena, metadata, MARK_PROJECT, project);
    if (resource->prevent_destroy)
        value_map_put_text(arena, metadata, MARK_PROTECTED, MARK_ON);
    return true;
}

static bool is_mark(const char *key)
{
    return text_begins(key, MARK_PREFIX);
}

void mark_keep_rest(struct arena *arena, struct resource *resource, const struct object *live,
                    const char *project)
{
    struct value *wanted = mark_metadata(resource->config);
    const struct value *there = mark_metadata(live);
    bool *ignored = resource->ignored;
    size_t row = (size_t)(wanted - resource->config->values);
    if (!resource->keeps_metadata && (!ignored || !ignored[row]))
        return;
    resource->keeps_metadata = true;
    ignored[row] = false;
    *wanted = (struct value){.type = VALUE_ABSENT};
    for (size_t i = 0; there->type == VALUE_MAP && i < there->map->count; i++) {
        const struct value_pair *pair = &there->map->pairs[i];
        if (!is_mark(pair->key) && pair->value->type == VALUE_TEXT)
            value_map_put_text(arena, wanted, arena_strdup(arena, pair->key),
                               arena_strdup(arena, pair->value->text));
    }
    mark_wanted(arena, resource, project);
}

bool mark_remove(struct arena *arena, struct object *object)
{
    struct value *metadata = mark_metadata(object);
    struct value_map *rest = ARENA_NEW(arena, struct value_map);
    if (metadata->type != VALUE_MAP)
        return false;
    rest->pairs = ARENA_ARRAY(arena, struct value_pair, metadata->map->count);
    for (size_t i = 0; i < metadata->map->count; i++)
        if (!is_mark(metadata->map->pairs[i].key))
            rest->pairs[rest->count++] = metadata->map->pairs[i];
    bool any = rest->count < metadata->map->count;
    metadata->map = rest;
    return any;
}
