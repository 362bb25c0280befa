/*
 * From a live object to few words; see short_form.h. The other end of the normalisation: what that fills in is taken out here, by asking
 * the same rows for the same defaults.
 */
#include "field/short_form.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "field/decode.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "syntax/vars.h"

/* ---- rows ---- */

/* What the row's value is when nothing is written, the object being what it is otherwise. */
static struct value value_left_out(struct arena *arena, const struct object *object,
                                   const struct field *field, const struct surroundings *around)
{
    struct value value = {0};
    /* A copy without the value: the default may depend on the object's other fields. */
    struct object *probe =
        arena_grow(arena, object, 1, 1, sizeof(*object) + object->table->count * sizeof(struct value));
    *object_value_of(probe, field) = value;
    if (field->derive)
        field->derive(arena, probe, around, &value);
    if (value.type == VALUE_ABSENT && field->fallback)
        value_from_text(arena, field, field->fallback, &value);
    return value;
}

/* Zero where the default is something else has to be written; only a text has a word for it. */
static bool can_be_said(const struct field *field, const struct value *value)
{
    return value->type != VALUE_ABSENT || (field->shape == SHAPE_ONE && field->type <= FIELD_PATH);
}

static struct node *encode_metadata(struct arena *arena, const struct value *value)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < value->map->count; i++) {
        const struct value_pair *pair = &value->map->pairs[i];
        bool own =
            metadata_key_is_servers(pair->key) || strncmp(pair->key, MARK_PREFIX, strlen(MARK_PREFIX)) == 0;
        if (!own && pair->value->type == VALUE_TEXT)
            node_put(arena, map, pair->key, node_scalar(arena, pair->value->text, true));
    }
    return map->count ? map : NULL;
}

static struct node *encode_part(struct arena *arena, const struct object *part);

static struct node *encode_parts(struct arena *arena, const struct value_list *list)
{
    struct node *items = node_list(arena);
    for (size_t i = 0; i < list->count; i++)
        node_append(arena, items, encode_part(arena, list->items[i].object));
    return items;
}

/* NULL when nothing is left of it. */
static struct node *encode_value(struct arena *arena, const struct field *field, const struct value *value)
{
    if (value->type == VALUE_ABSENT)
        return node_scalar(arena, "", true);
    if (value->type == VALUE_MAP && field->type == FIELD_TEXT)
        return encode_metadata(arena, value);
    if (value->type == VALUE_OBJECT)
        return encode_part(arena, value->object);
    if (value->type == VALUE_LIST && field->type == FIELD_OBJECT)
        return encode_parts(arena, value->list);
    return value_encode(arena, field, value, FORM_MANIFEST);
}

static bool is_written(const struct field *field)
{
    return !(field->flags & (FIELD_IDENTITY | FIELD_OURS | FIELD_INTERNAL));
}

static struct node *encode_rows(struct arena *arena, const struct object *object,
                                const struct surroundings *around, const bool *without)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        const struct value *value = &object->values[i];
        if (!is_written(field) || (without && without[i]))
            continue;
        struct value fallback = value_left_out(arena, object, field, around);
        if (value_equal(field, value, &fallback) || !can_be_said(field, value))
            continue;
        struct node *node = encode_value(arena, field, value);
        if (node)
            node_put(arena, map, field->name, node);
    }
    return map;
}

/* Defaults of parts depend on nothing around them. */
static struct node *encode_part(struct arena *arena, const struct object *part)
{
    static const struct surroundings none = {.version = VERSION_UNKNOWN};
    return encode_rows(arena, part, &none, NULL);
}

struct node *object_encode_minimal(struct arena *arena, const struct object *live,
                                   const struct surroundings *around, const bool *without)
{
    struct node *map = encode_rows(arena, live, around, without);
    vars_escape(arena, map);
    return map;
}

struct node *value_encode_minimal(struct arena *arena, const struct field *field, const struct value *value)
{
    struct node *node = encode_value(arena, field, value);
    if (node)
        vars_escape(arena, node);
    return node ? node : node_map(arena);
}

/* ---- what no row knows ---- */

/* Each name once: of several sources each may have it. */
static void add_name(struct strbuf *out, const char *prefix, const char *key)
{
    char name[512];
    snprintf(name, sizeof(name), ", %s%s", prefix, key);
    size_t length = strlen(name);
    const char *text = strbuf_text(out);
    for (const char *at = text; (at = strstr(at, name)); at += length)
        if (at[length] == ',' || at[length] == '\0')
            return;
    strbuf_adds(out, name);
}

static void add_unknown(struct strbuf *out, const char *prefix, const struct object *live)
{
    const struct node *node = live->node;
    /* Null says nothing, as in the API. */
    for (size_t i = 0; live->unknown && node && node->type == NODE_MAP && i < node->count; i++)
        if (!table_field(live->table, node->members[i].key) && !node_is_null(node->members[i].value))
            add_name(out, prefix, node->members[i].key);
    for (size_t i = 0; i < live->table->count; i++) {
        const struct value *value = &live->values[i];
        /* Long enough for all names of rows; longer prefixes are cut off, which shows in the text alone. */
        char path[256];
        if (live->table->fields[i].type != FIELD_OBJECT)
            continue;
        snprintf(path, sizeof(path), "%s%s.", prefix, live->table->fields[i].name);
        if (value->type == VALUE_OBJECT)
            add_unknown(out, path, value->object);
        for (size_t j = 0; value->type == VALUE_LIST && j < value->list->count; j++)
            add_unknown(out, path, value->list->items[j].object);
    }
}

const char *object_unknown_names(struct arena *arena, const struct object *live)
{
    struct strbuf out = {0};
    add_unknown(&out, "", live);
    const char *names = out.length ? arena_strdup(arena, strbuf_text(&out) + strlen(", ")) : NULL;
    strbuf_release(&out);
    return names;
}
