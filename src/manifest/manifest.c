/* What a manifest is made of, how its layers are merged, and its accounts; see manifest.h. */
#include "manifest/manifest.h"

#include <string.h>

#include "base/map.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/vec.h"
#include "field/check.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"

/*
 * ---- recognise ----
 * What tells a manifest from any other file.
 */

static bool is_in_name(char byte)
{
    return byte == '_' || byte == '-' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* `streams:`, `"streams" :` */
static bool has_key(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = strstr(text, key); at; at = strstr(at + 1, key)) {
        const char *behind = at + length;
        behind += *behind == '"' || *behind == '\'';
        if ((at == text || !is_in_name(at[-1])) && behind[strspn(behind, " \t")] == ':')
            return true;
    }
    return false;
}

bool recognise_text(const char *text)
{
    bool found = strstr(text, "jetstream") || strstr(text, "subjects");
    for (size_t i = 0; !found && i < manifest_table.count; i++)
        found = has_key(text, manifest_table.fields[i].name);
    return found;
}

bool recognise_document(const struct node *document)
{
    bool found = false;
    for (size_t i = 0; document->type == NODE_MAP && !found && i < document->count; i++) {
        const char *key = document->members[i].key;
        found = strncmp(key, EXTENSION_PREFIX, strlen(EXTENSION_PREFIX)) == 0 ||
                table_field(&manifest_table, key) || table_suggest(&manifest_table, key);
    }
    return found || (document->type == NODE_MAP && document->count == 0);
}

/*
 * ---- removed ----
 * Objects to forget or to delete. It is the last step of loading, because all defined objects must be known.
 */

static const char *key_of(struct arena *arena, const char *stream, const char *consumer)
{
    return consumer ? resource_key(arena, stream, consumer) : stream;
}

/* Does the manifest define the object? An external stream does not count. */
static const struct resource *find_defined(struct arena *arena, const struct manifest *manifest,
                                           const struct removed *removed)
{
    if (removed->consumer)
        return map_get(&manifest->consumers_by_key, resource_key(arena, removed->stream, removed->consumer));
    const struct resource *stream = map_get(&manifest->streams_by_name, removed->stream);
    return stream && !stream->external ? stream : NULL;
}

static void add(struct arena *arena, struct manifest *manifest, struct removed removed, struct diags *diags)
{
    const struct resource *defined = find_defined(arena, manifest, &removed);
    if (defined) {
        struct diag *diag =
            diag_add(diags, &code_conflict, removed.pos, "%s is both defined and removed",
                     resource_label(&diags->arena, resource_kind(defined),
                                    removed.consumer ? removed.stream : NULL, resource_shown_name(defined)));
        diag_note(diags, diag, defined->pos, "defined here");
        diag_hint(diags, diag, "take out one of the two");
        return;
    }
    struct removed *kept = ARENA_NEW(arena, struct removed);
    *kept = removed;
    /* 'removed' is collected from all files, and two of them may name the same object. */
    if (!map_get(&manifest->removed_by_key, key_of(arena, removed.stream, removed.consumer)))
        VEC_PUSH(arena, &manifest->removed, kept);
    map_put(&manifest->removed_by_key, key_of(arena, removed.stream, removed.consumer), kept);
}

/* A stream or a bucket: the list's items have the same two rows. NULL: the decoder has reported it. */
static const char *name_of(const struct object *item)
{
    return object_text(item, REMOVED_NAME);
}

static void add_streams(struct arena *arena, struct manifest *manifest, const struct value_list *list,
                        const struct bucket_kind *kind, struct diags *diags)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct object *item = list->items[i].object;
        const char *name = name_of(item);
        if (name)
            add(arena, manifest,
                (struct removed){.stream = kind ? bucket_stream_name(arena, kind, name) : name,
                                 .pos = list->items[i].node->pos,
                                 .deletes = object_flag(item, REMOVED_DELETE)},
                diags);
    }
}

static void add_all(struct arena *arena, struct manifest *manifest, const struct object *root,
                    struct diags *diags)
{
    const struct value_list *consumers = object_list(root, REMOVED_CONSUMERS);
    add_streams(arena, manifest, object_list(root, REMOVED_STREAMS), NULL, diags);
    add_streams(arena, manifest, object_list(root, REMOVED_KEY_VALUES), &key_value_kind, diags);
    add_streams(arena, manifest, object_list(root, REMOVED_OBJECT_STORES), &object_store_kind, diags);
    for (size_t i = 0; i < consumers->count; i++) {
        const struct object *consumer = consumers->items[i].object;
        const char *stream = object_text(consumer, REMOVED_CONSUMER_STREAM);
        const char *name = object_text(consumer, REMOVED_CONSUMER_NAME);
        if (stream && name) /* otherwise the decoder has reported it */
            add(arena, manifest,
                (struct removed){stream, name, consumers->items[i].node->pos,
                                 object_flag(consumer, REMOVED_CONSUMER_DELETE)},
                diags);
    }
}

void removed_collect(struct arena *arena, struct manifest *manifest, struct diags *diags)
{
    const struct object *root = object_object(manifest->root, MANIFEST_REMOVED);
    map_init(&manifest->removed_by_key, arena);
    if (!root)
        return;
    add_all(arena, manifest, root, diags);
    if (manifest->project || manifest->removed.count == 0)
        return;
    struct diag *diag =
        diag_add(diags, &code_required, object_pos(manifest->root, MANIFEST_REMOVED), "'%s' needs '%s'",
                 table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name,
                 table_field_by_id(&manifest_table, MANIFEST_PROJECT)->name);
    diag_hint(diags, diag, "it is about what a project owns");
}

bool removed_deletes(const struct manifest *manifest)
{
    bool any = false;
    for (size_t i = 0; i < manifest->removed.count; i++)
        any |= manifest->removed.items[i]->deletes;
    return any;
}

const struct removed *removed_find(const struct manifest *manifest, struct arena *scratch, const char *stream,
                                   const char *consumer)
{
    if (manifest->removed.count == 0)
        return NULL;
    const struct removed *found = map_get(&manifest->removed_by_key, key_of(scratch, stream, consumer));
    /* A stream that is let go takes its consumers along, unless the stream is in the manifest as somebody else's. */
    if (found || !consumer || map_get(&manifest->streams_by_name, stream))
        return found;
    return map_get(&manifest->removed_by_key, stream);
}

/*
 * ---- overlay ----
 * Merging trees by their tables. This comes after reading files and before decoding.
 */

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

/*
 * ---- accounts ----
 * Dividing a manifest by connection. Objects are not copied: each part only has lists of its own
 * that point to them.
 */

static DIAG_CODE(code_connection, .name = "connection", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "An object names a connection that is not defined, or one that leads nowhere.",
                 .why = "An object goes to the account that its connection leads to, and to no other.",
                 .example = "streams: {ORDERS: {connection: shpo}}",
                 .remedy = "Name a connection that 'connections:' defines.");

/* ---- keys that say the account ---- */

/* The object with the connection in it; NULL if it says another one itself. */
static struct node *with_connection(struct arena *arena, const struct member *member, const char *connection,
                                    struct diags *diags)
{
    const char *row = table_field_by_id(&stream_table, STREAM_CONNECTION)->name; /* of buckets, too */
    const struct node *said = node_get(member->value, row);
    struct node *object = node_is_null(member->value) ? node_map(arena) : node_copy(arena, member->value);
    struct node *place = node_scalar(arena, connection, true);
    if (said && !node_is_null(said) && !(said->type == NODE_SCALAR && strcmp(said->text, connection) == 0)) {
        struct diag *diag = diag_add(diags, &code_conflict, said->pos,
                                     "'%s' is another connection than that of '%s'", row, member->key);
        diag_hint(diags, diag, "leave '%s' out, or take '%s/' out of the key", row, connection);
        return NULL;
    }
    place->pos = object->pos = member->key_pos;
    node_put(arena, object, row, place);
    return object;
}

static void read_key(struct arena *arena, struct member *member, struct diags *diags)
{
    const char *slash = strchr(member->key, '/');
    bool is_object = member->value->type == NODE_MAP || node_is_null(member->value);
    if (!slash || slash == member->key || !slash[1] || !is_object)
        return; /* the decoder reports it */
    const char *connection = arena_strndup(arena, member->key, (size_t)(slash - member->key));
    struct node *object = with_connection(arena, member, connection, diags);
    member->value = object ? object : member->value;
    member->key = slash + 1;
}

void accounts_read_keys(struct arena *arena, struct node *root, struct diags *diags)
{
    static const unsigned sections[] = {MANIFEST_STREAMS, MANIFEST_KEY_VALUES, MANIFEST_OBJECT_STORES};
    if (!node_get(root, table_field_by_id(&manifest_table, MANIFEST_CONNECTIONS)->name))
        return;
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        struct node *section = node_get(root, table_field_by_id(&manifest_table, sections[i])->name);
        for (size_t j = 0; section && section->type == NODE_MAP && j < section->count; j++)
            read_key(arena, &section->members[j], diags);
    }
}

/* ---- dividing ---- */

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

const char *accounts_key_of(struct arena *arena, const struct resource *stream)
{
    const char *name = resource_shown_name(stream);
    const struct value *value = connection_value(stream);
    bool in_key = value->node && srcpos_compare(value->node->pos, stream->pos) == 0;
    return in_key ? arena_printf(arena, "%s/%s", value->text, name) : name;
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

struct manifest *accounts_part(struct arena *arena, struct manifest *manifest, const char *connection)
{
    struct accounts accounts;
    accounts_split(arena, manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++)
        if (accounts_same(accounts.parts.items[i]->connection, connection))
            return accounts.parts.items[i];
    return NULL;
}

/* ---- manifest ---- */

const struct table *resource_kind(const struct resource *resource)
{
    return resource->bucket ? resource->bucket->table : resource->table;
}

const char *resource_shown_name(const struct resource *resource)
{
    return resource->bucket ? resource->declared->name : resource->name;
}

const char *resource_address(struct arena *arena, const struct table *table, const char *stream,
                             const char *name)
{
    return arena_printf(arena, "%s.%s%s%s", table_word(table), stream ? stream : "", stream ? "." : "", name);
}

const char *resource_label(struct arena *arena, const struct table *table, const char *stream,
                           const char *name)
{
    if (stream)
        return arena_printf(arena, "%s %s > %s", table->noun, stream, name);
    return arena_printf(arena, "%s %s", table->noun, name);
}
