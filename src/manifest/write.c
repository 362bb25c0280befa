/*
 * From a manifest to one document; see write.h. Fields of the server are written from their values, in natural units.
 * natsform's own keys are written as they were.
 */
#include "manifest/write.h"

#include <limits.h>
#include <string.h>

#include "base/conceal.h"
#include "field/check.h"
#include "field/encode.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "manifest/servers.h"
#include "syntax/vars.h"

#define NO_CHILDREN UINT_MAX

struct writer {
    struct arena *arena;
    const struct manifest *manifest;
    const struct surroundings *around;
    struct map *secrets;
};

static const char *key_of(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

static const struct object *find_stream(void *context, const char *name)
{
    const struct manifest *manifest = context;
    const struct resource *stream = map_get(&manifest->streams_by_name, name);
    return stream && !stream->external ? stream->config : NULL;
}

/* ---- objects ---- */

/*
 * Must a default be written? For some fields a plan accepts more live values if the field is left out, so leaving it out
 * would change the meaning.
 */
static bool is_kept(const struct field *field, const struct value *value)
{
    return value->given && value->type != VALUE_ABSENT &&
           (field->flags & (FIELD_SERVER_LOWERS | FIELD_SERVER_FILLS));
}

static struct node *own_key(const struct writer *writer, const struct node *node)
{
    struct node *copy = node_copy(writer->arena, node);
    vars_escape(writer->arena, copy);
    return copy;
}

/*
 * Writes fields in the order of the rows: first the server's, then natsform's own. `children` are left out: they are
 * resources themselves.
 */
static struct node *encode_object(const struct writer *writer, const struct resource *resource,
                                  const struct surroundings *around, unsigned children)
{
    struct object *config = resource->declared;
    const struct table *table = config->table;
    if (resource->bucket) /* the check has normalised only its stream */
        object_normalise_wanted(writer->arena, config, around);
    /* What is at its default is left out: a manifest says what it means. */
    struct node *few = resource->external ? node_map(writer->arena)
                                          : object_encode_minimal(writer->arena, config, around, NULL);
    struct node *map = node_map(writer->arena);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct node *node = node_get(few, field->name);
        if (field->flags & FIELD_OURS)
            node = field->id == children ? NULL : node_get(config->node, field->name);
        else if (!node && !resource->external && is_kept(field, &config->values[i]))
            node = value_encode_minimal(writer->arena, field, &config->values[i]);
        if (node && !node_is_null(node))
            node_put(writer->arena, map, field->name,
                     (field->flags & FIELD_OURS) ? own_key(writer, node) : node);
    }
    return map;
}

static struct node *encode_consumers(const struct writer *writer, const struct resource *stream)
{
    struct node *map = node_map(writer->arena);
    struct surroundings around = *writer->around;
    /* Defaults of a consumer follow its stream's limits. */
    around.stream = stream->external ? NULL : stream->config;
    for (size_t i = 0; i < writer->manifest->consumers.count; i++) {
        const struct resource *consumer = writer->manifest->consumers.items[i];
        if (consumer->stream == stream)
            node_put(writer->arena, map, consumer->name,
                     encode_object(writer, consumer, &around, NO_CHILDREN));
    }
    return map;
}

/* Under its key, which may say the connection already. */
static void put_object(const struct writer *writer, struct node *map, const struct resource *resource,
                       struct node *node)
{
    const char *key = accounts_key_of(writer->arena, resource);
    if (strcmp(key, resource_shown_name(resource)) != 0)
        node_remove(node, key_of(&stream_table, STREAM_CONNECTION));
    node_put(writer->arena, map, key, node);
}

static struct node *encode_streams(const struct writer *writer)
{
    struct node *map = node_map(writer->arena);
    for (size_t i = 0; i < writer->manifest->streams.count; i++) {
        const struct resource *stream = writer->manifest->streams.items[i];
        if (stream->bucket)
            continue;
        struct node *node = encode_object(writer, stream, writer->around, STREAM_CONSUMERS);
        struct node *consumers = encode_consumers(writer, stream);
        if (consumers->count)
            node_put(writer->arena, node, key_of(&stream_table, STREAM_CONSUMERS), consumers);
        put_object(writer, map, stream, node);
    }
    return map;
}

static struct node *encode_buckets(const struct writer *writer, const struct bucket_kind *kind)
{
    struct node *map = node_map(writer->arena);
    for (size_t i = 0; i < writer->manifest->streams.count; i++) {
        const struct resource *bucket = writer->manifest->streams.items[i];
        if (bucket->bucket == kind)
            put_object(writer, map, bucket, encode_object(writer, bucket, writer->around, NO_CHILDREN));
    }
    return map;
}

/* ---- everything else ---- */

/* Is it secret? A URL may have a password in it, and the text of a key may stand anywhere. */
static bool is_secret(const struct field *field, const struct node *node)
{
    return (field->flags & FIELD_SECRET) ||
           (node->type == NODE_SCALAR &&
            (conceal_is_needed(node->text) || (strstr(node->text, "://") && strchr(node->text, '@'))));
}

static struct node *without_secrets(const struct writer *writer, const struct field *of, const char *path,
                                    const struct node *node)
{
    if (!of->object || node->type != NODE_MAP)
        return own_key(writer, node);
    struct node *map = node_map(writer->arena);
    for (size_t i = 0; i < node->count; i++) {
        const struct member *member = &node->members[i];
        const char *below = arena_printf(writer->arena, "%s.%s", path, member->key);
        const struct field *field = of->shape == SHAPE_MAP ? NULL : table_field(of->object, member->key);
        struct field item = {.name = member->key, .object = of->object}; /* an object in a map by names */
        if (field && is_secret(field, member->value))
            map_put(writer->secrets, below, (void *)(uintptr_t)1);
        else
            node_put(writer->arena, map, member->key,
                     without_secrets(writer, field ? field : &item, below, member->value));
    }
    return map;
}

static struct node *encode_section(const struct writer *writer, const struct field *field,
                                   const struct node *given)
{
    switch (field->id) {
    case MANIFEST_STREAMS:
        return encode_streams(writer);
    case MANIFEST_KEY_VALUES:
        return encode_buckets(writer, &key_value_kind);
    case MANIFEST_OBJECT_STORES:
        return encode_buckets(writer, &object_store_kind);
    case MANIFEST_SERVERS:
        return own_key(writer, servers_without_secrets(writer->arena, given, writer->secrets));
    default:
        return without_secrets(writer, field, field->name, given);
    }
}

struct node *manifest_encode(struct arena *arena, const struct manifest *manifest, struct map *ret_secrets)
{
    const struct surroundings around = {
        .version = VERSION_UNKNOWN,
        .find_stream = find_stream,
        .context = (void *)(uintptr_t)manifest,
    };
    const struct writer writer = {arena, manifest, &around, ret_secrets};
    struct node *root = node_map(arena);
    map_init(ret_secrets, arena);
    for (size_t i = 0; i < manifest_table.count; i++) {
        const struct field *field = &manifest_table.fields[i];
        const struct node *given = node_get(manifest->root->node, field->name);
        bool resolved = field->id == MANIFEST_INCLUDE || field->id == MANIFEST_DEFAULTS;
        if (!given || node_is_null(given) || resolved)
            continue;
        node_put(arena, root, field->name, encode_section(&writer, field, given));
    }
    return root;
}
