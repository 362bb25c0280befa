/*
 * Marks in metadata; see mark.h. A mark is a key of the object's metadata, so it survives every client and tool that does not know of it.
 */
#include "plan/mark.h"

#include <string.h>

#include "base/text.h"
#include "field/digest.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "syntax/node.h"

DIAG_CODE(
    code_foreign, .name = "foreign", CODE_ERROR(EXIT_REFUSED),
    .doc = "The object bears the mark of another project, which owns it.",
    .why = "Two projects that manage one object undo each other's changes.", .example = "project: chat",
    .remedy =
        "Let one project have it: take it out of this manifest, or release it in the other one by 'removed:'.");

DIAG_CODE(
    code_copied_mark, .name = "copied-mark", CODE_NOTE,
    .doc = "The object has a mark in its metadata that is of another object, and counts for nothing.",
    .why = "'nats stream copy', 'nats consumer copy' and a restore under another name copy the metadata. So "
           "somebody made the object by hand, and no project owns it.",
    .example = "nats stream copy ORDERS COPY",
    .remedy = "Nothing is to be done. 'removed:' with the object's name takes the mark off.");

DIAG_CODE(
    code_old_mark, .name = "old-mark", CODE_NOTE,
    .doc =
        "The mark is of an earlier natsform and does not say which object it is of, so --prune leaves the object.",
    .why = "It may be a copy that somebody made by hand: other tools copy the metadata along.",
    .example = "metadata: {natsform.project: chat}, without natsform.object",
    .remedy = "Put the object back into the manifest and apply: that renews the mark. Or delete it by hand.");

/* Before 2.10 objects have no metadata, and so no marks. */
static unsigned metadata_id(const struct table *table)
{
    return table == &stream_table ? STREAM_METADATA : CONSUMER_METADATA;
}

static struct value *metadata_of(const struct object *object)
{
    return object_value(object, metadata_id(object->table));
}

const char *mark_text(const struct live_object *live, const char *key)
{
    const struct field *field = table_field_by_id(live->table, metadata_id(live->table));
    const struct node *mark = node_get(node_get(live->config, field->name), key);
    return mark && mark->type == NODE_SCALAR ? mark->text : NULL;
}

/* Between the names of a stream and its consumer; no name has a space. */
static const char between[] = " > ";

static bool names(const char *object, const struct live_object *live)
{
    const char *name = object;
    if (live->stream) {
        size_t length = strlen(live->stream);
        if (strncmp(object, live->stream, length) != 0 || !text_begins(object + length, between))
            return false;
        name += length + strlen(between);
    }
    return strcmp(name, live->name) == 0;
}

enum mark_kind mark_kind(const struct live_object *live)
{
    const char *object = mark_text(live, MARK_OBJECT);
    if (!mark_text(live, MARK_PROJECT))
        return MARK_NONE;
    if (!object)
        return MARK_NAMELESS;
    return names(object, live) ? MARK_OWN : MARK_COPIED;
}

const char *mark_owner(const struct live_object *live)
{
    return mark_kind(live) == MARK_COPIED ? NULL : mark_text(live, MARK_PROJECT);
}

bool mark_protects(const struct live_object *live)
{
    return mark_owner(live) && mark_text(live, MARK_PROTECTED);
}

static bool is_mark(const char *key)
{
    return text_begins(key, MARK_PREFIX);
}

bool mark_remains(const struct live_object *live)
{
    const struct field *field = table_field_by_id(live->table, metadata_id(live->table));
    const struct node *metadata = node_get(live->config, field->name);
    bool any = false;
    for (size_t i = 0; metadata && metadata->type == NODE_MAP && i < metadata->count && !any; i++)
        any = is_mark(metadata->members[i].key);
    return any && mark_kind(live) == MARK_NONE;
}

static const char *object_of(struct arena *arena, const struct resource *resource)
{
    return resource->stream ? arena_printf(arena, "%s%s%s", resource->stream->name, between, resource->name)
                            : resource->name;
}

bool mark_is_servers(const struct live_object *live)
{
    static const char *const prefixes[] = {"$", "JS_MIRROR_", "JS_SRC_"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (text_begins(live->name, prefixes[i]))
            return true;
    return live->stream && live_is_servers(live->config);
}

void mark_put(struct arena *arena, const struct resource *resource, const char *project,
              struct object *config)
{
    struct value *metadata = metadata_of(config);
    value_map_put_text(arena, metadata, MARK_PROJECT, project);
    value_map_put_text(arena, metadata, MARK_OBJECT, object_of(arena, resource));
    /* A manifest cannot protect what was taken out of it, so the protection is in the object, too. */
    if (resource->prevent_destroy)
        value_map_put_text(arena, metadata, MARK_PROTECTED, MARK_ON);
    metadata->given = true;
}

bool mark_lend(struct arena *arena, const struct resource *resource, const char *project, const char *from,
               bool nameless, struct object *live)
{
    const struct live_object as_read = {.table = live->table,
                                        .stream = resource->stream ? resource->stream->name : NULL,
                                        .name = resource->name,
                                        .config = live->node};
    const char *owner = mark_owner(&as_read);
    bool taken = owner && from && strcmp(owner, from) == 0;
    if (owner && !taken && !(nameless && mark_kind(&as_read) == MARK_NAMELESS))
        return false;
    mark_remove(arena, live);
    mark_put(arena, resource, project, live);
    return true;
}

void mark_keep_rest(struct arena *arena, struct resource *resource, struct object *wanted,
                    const struct object *live, const char *project)
{
    struct value *metadata = metadata_of(wanted);
    const struct value *there = metadata_of(live);
    bool *ignored = resource->ignored;
    size_t row = (size_t)(metadata - wanted->values);
    if (!resource->keeps_metadata && (!ignored || !ignored[row]))
        return;
    resource->keeps_metadata = true;
    ignored[row] = false;
    *metadata = (struct value){.type = VALUE_ABSENT};
    for (size_t i = 0; there->type == VALUE_MAP && i < there->map->count; i++) {
        const struct value_pair *pair = &there->map->pairs[i];
        if (!is_mark(pair->key) && pair->value->type == VALUE_TEXT)
            value_map_put_text(arena, metadata, arena_strdup(arena, pair->key),
                               arena_strdup(arena, pair->value->text));
    }
    mark_put(arena, resource, project, wanted);
}

bool mark_remove(struct arena *arena, struct object *object)
{
    struct value *metadata = metadata_of(object);
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

struct value mark_hide(struct arena *arena, const struct value *value)
{
    if (value->type != VALUE_MAP)
        return *value;
    struct value_map *rest = ARENA_NEW(arena, struct value_map);
    rest->pairs = ARENA_ARRAY(arena, struct value_pair, value->map->count);
    for (size_t i = 0; i < value->map->count; i++)
        if (!is_mark(value->map->pairs[i].key))
            rest->pairs[rest->count++] = value->map->pairs[i];
    if (!rest->count && value->map->count)
        return (struct value){.type = VALUE_ABSENT};
    struct value copy = *value;
    copy.map = rest;
    return copy;
}

/* ---- the revision ---- */

const char *mark_digest(struct arena *arena, const char *stream, const char *name,
                        const struct object *wanted, const bool *keep, const struct object *live)
{
    const char *label = stream ? arena_printf(arena, "%s%s%s", stream, between, name) : name;
    const char *whole = object_digest(arena, label, wanted, keep, live, false);
    return arena_printf(arena, "%s %s", whole, object_digest(arena, label, wanted, keep, live, true));
}

const char *mark_stale_revision(struct arena *arena, const struct live_object *live,
                                const struct object *decoded, bool lowered)
{
    const char *revision = mark_text(live, MARK_REVISION);
    const char *record = mark_text(live, MARK_DIGEST);
    if (!revision || !record || mark_kind(live) == MARK_COPIED)
        return NULL;
    const char *now = mark_digest(arena, live->stream, live->name, decoded, NULL, NULL);
    if (strlen(record) != strlen(now))
        return revision;
    size_t second = lowered ? strcspn(now, " ") : 0;
    return strcmp(record + second, now + second) == 0 ? NULL : revision;
}

/* ---- under another name ---- */

struct live_object mark_renamed(struct arena *arena, const struct live_object *live, const char *stream,
                                const char *name)
{
    const bool is_own = mark_kind(live) == MARK_OWN;
    const char *key = table_field_by_id(live->table, metadata_id(live->table))->name;
    struct live_object renamed = live_keep(arena, live);
    struct node *config = node_copy(arena, renamed.config);
    struct node *metadata = node_get(config, key);
    renamed.stream = stream;
    renamed.name = name;
    if (!stream)
        node_put_text(arena, config, table_field_by_id(&stream_table, STREAM_NAME)->name, name);
    if (is_own)
        node_put_text(arena, metadata, MARK_OBJECT,
                      stream ? arena_printf(arena, "%s%s%s", stream, between, name) : name);
    renamed.config = config;
    return renamed;
}
