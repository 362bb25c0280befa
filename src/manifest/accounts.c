/*
 * Dividing a manifest by connection; see accounts.h. Objects are not copied: each part only has lists of its own
 * that point to them.
 */
#include "manifest/accounts.h"

#include <string.h>

#include "base/suggest.h"
#include "field/check.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/names.h"

static DIAG_CODE(code_connection, .name = "connection", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "An object names a connection that is not defined, or one that leads nowhere.",
                 .why = "An object goes to the account that its connection leads to, and to no other.",
                 .example = "streams: {ORDERS: {connection: shpo}}",
                 .remedy = "Name a connection that 'connections:' defines.");

/* The id of the row `connection` in this kind of object. */
static unsigned connection_id(const struct table *table)
{
    if (table == &key_value_table)
        return KEY_VALUE_CONNECTION;
    return table == &object_store_table ? OBJECT_STORE_CONNECTION : STREAM_CONNECTION;
}

static const struct value *connection_value(const struct resource *stream)
{
    return object_value_of(
        stream->declared, table_field_by_id(stream->declared->table, connection_id(stream->declared->table)));
}

const char *accounts_connection_of(const struct resource *stream)
{
    const struct value *value = connection_value(stream);
    return value->type == VALUE_TEXT && *value->text ? value->text : NULL;
}

static const struct value_pair *find_pair(const struct manifest *manifest, const char *name)
{
    const struct value *connections = object_value(manifest->root, MANIFEST_CONNECTIONS);
    for (size_t i = 0; connections->type == VALUE_MAP && i < connections->map->count; i++)
        if (strcmp(connections->map->pairs[i].key, name) == 0)
            return &connections->map->pairs[i];
    return NULL;
}

static void refuse_unknown(const struct manifest *manifest, const struct resource *stream, const char *name,
                           struct diags *diags)
{
    const struct value *connections = object_value(manifest->root, MANIFEST_CONNECTIONS);
    struct suggestion near = {.wanted = name};
    const struct value *value = connection_value(stream);
    struct diag *diag = diag_add(diags, &code_connection, value->node ? value->node->pos : stream->pos,
                                 "there is no connection '%s'", name);
    for (size_t i = 0; connections->type == VALUE_MAP && i < connections->map->count; i++)
        suggestion_consider(&near, connections->map->pairs[i].key);
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
    else
        diag_hint(diags, diag, "define it in '%s'",
                  table_field_by_id(&manifest_table, MANIFEST_CONNECTIONS)->name);
}

/* A named connection must say itself where it leads: flags, environment and the selected context are for the default one. */
static void check_place(const struct value_pair *pair, struct diags *diags)
{
    const struct object *connection = pair->value->object;
    const char *url = object_text(connection, CONNECTION_URL);
    const char *context = object_text(connection, CONNECTION_CONTEXT);
    if ((url && *url) || (context && *context))
        return;
    diag_error(diags, &code_connection, pair->key_pos, "connection '%s' needs '%s' or '%s'", pair->key,
               table_field_by_id(connection->table, CONNECTION_URL)->name,
               table_field_by_id(connection->table, CONNECTION_CONTEXT)->name);
}

void accounts_check(const struct manifest *manifest, struct diags *diags)
{
    const struct value *connections = object_value(manifest->root, MANIFEST_CONNECTIONS);
    const struct surroundings around = {.version = VERSION_UNKNOWN};
    const struct object *usual = object_object(manifest->root, MANIFEST_CONNECTION);
    if (usual)
        object_check(usual, &around, diags);
    for (size_t i = 0; connections->type == VALUE_MAP && i < connections->map->count; i++) {
        const struct value_pair *pair = &connections->map->pairs[i];
        if (pair->value->type != VALUE_OBJECT)
            continue;
        check_place(pair, diags);
        object_check(pair->value->object, &around, diags);
    }
    for (size_t i = 0; i < manifest->streams.count; i++) {
        const struct resource *stream = manifest->streams.items[i];
        const char *name = accounts_connection_of(stream);
        if (name && !find_pair(manifest, name))
            refuse_unknown(manifest, stream, name, diags);
    }
}

/* NULL is the default connection, which is not any named one. */
bool accounts_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A copy of the whole manifest's root with another `connection`. */
static struct object *root_of(struct arena *arena, const struct manifest *whole, const char *connection)
{
    size_t size = sizeof(struct object) + whole->root->table->count * sizeof(struct value);
    struct object *root = arena_alloc(arena, size);
    memcpy(root, whole->root, size);
    if (connection)
        *object_value(root, MANIFEST_CONNECTION) = *find_pair(whole, connection)->value;
    return root;
}

static struct manifest *part_of(struct arena *arena, const struct manifest *whole, const char *connection)
{
    struct manifest *part = ARENA_NEW(arena, struct manifest);
    *part = *whole;
    part->whole = whole;
    part->connection = connection;
    part->root = root_of(arena, whole, connection);
    part->streams = part->consumers = (struct resources){0};
    map_init(&part->streams_by_name, arena);
    map_init(&part->consumers_by_key, arena);
    for (size_t i = 0; i < whole->streams.count; i++) {
        struct resource *stream = whole->streams.items[i];
        if (!accounts_same(accounts_connection_of(stream), connection))
            continue;
        VEC_PUSH(arena, &part->streams, stream);
        map_put(&part->streams_by_name, stream->name, stream);
    }
    for (size_t i = 0; i < whole->consumers.count; i++) {
        struct resource *consumer = whole->consumers.items[i];
        if (!accounts_same(accounts_connection_of(consumer->stream), connection))
            continue;
        VEC_PUSH(arena, &part->consumers, consumer);
        map_put(&part->consumers_by_key, resource_key(arena, consumer->stream->name, consumer->name),
                consumer);
    }
    return part;
}

void accounts_split(struct arena *arena, struct manifest *manifest, struct accounts *ret_accounts)
{
    const struct value *connections = object_value(manifest->root, MANIFEST_CONNECTIONS);
    *ret_accounts = (struct accounts){0};
    if (connections->type != VALUE_MAP || connections->map->count == 0) {
        VEC_PUSH(arena, &ret_accounts->parts, manifest);
        return;
    }
    struct manifest *part = part_of(arena, manifest, NULL);
    /*
     * The default connection counts only if something is there for it, or if it is written: a manifest may have named
     * ones only.
     */
    if (part->streams.count || object_object(manifest->root, MANIFEST_CONNECTION))
        VEC_PUSH(arena, &ret_accounts->parts, part);
    for (size_t i = 0; i < connections->map->count; i++) {
        part = part_of(arena, manifest, connections->map->pairs[i].key);
        VEC_PUSH(arena, &ret_accounts->parts, part);
    }
}
