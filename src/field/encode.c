/*
 * Encoding by the rows; see encode.h. It is the last stage: the result goes to a server or to a person. An update
 * sends the whole configuration, because servers replace it as a whole and would drop what is left out.
 */
#include "field/encode.h"

#include <string.h>

#include "field/mark_keys.h"
#include "field/units.h"

static struct node *plain(struct arena *arena, const char *text)
{
    return node_scalar(arena, text, false);
}

/* "%lld" and text all the way: a JSON library that keeps doubles would round above 2^53. */
static struct node *encode_integer(struct arena *arena, const struct field *field, const struct value *value,
                                   enum form form)
{
    bool manifest = form == FORM_MANIFEST;
    if (manifest && (field->flags & FIELD_UNLIMITED) && value->integer < 0)
        return plain(arena, "unlimited");
    if (manifest && field->type == FIELD_DURATION)
        return plain(arena, duration_format(arena, value->integer));
    if (manifest && field->type == FIELD_SIZE)
        return plain(arena, size_format(arena, value->integer));
    return plain(arena, arena_printf(arena, "%lld", (long long)value->integer));
}

static struct node *encode_object(struct arena *arena, const struct object *object, enum form form)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        const struct value *value = &object->values[i];
        bool said = value->type != VALUE_ABSENT && !(form == FORM_WIRE && (field->flags & FIELD_OURS));
        if (said)
            node_put(arena, map, field->name, value_encode(arena, field, value, form));
    }
    return map;
}

static struct node *encode_list(struct arena *arena, const struct field *field, const struct value *value,
                                enum form form)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; i < value->list->count; i++)
        node_append(arena, list, value_encode(arena, field, &value->list->items[i], form));
    return list;
}

static struct node *encode_map(struct arena *arena, const struct field *field, const struct value *value,
                               enum form form)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < value->map->count; i++)
        node_put(arena, map, value->map->pairs[i].key,
                 value_encode(arena, field, value->map->pairs[i].value, form));
    return map;
}

struct node *value_encode(struct arena *arena, const struct field *field, const struct value *value,
                          enum form form)
{
    switch (value->type) {
    case VALUE_BOOL:
        return plain(arena, value->boolean ? "true" : "false");
    case VALUE_INT:
        return encode_integer(arena, field, value, form);
    case VALUE_UINT:
        return plain(arena, arena_printf(arena, "%llu", (unsigned long long)value->natural));
    case VALUE_TEXT:
        return node_scalar(arena, value->text, true);
    case VALUE_TIME: /* as it was written: 2.9 compares the text */
        return node_scalar(arena, value->node ? value->node->text : instant_format(arena, *value->instant),
                           true);
    case VALUE_OBJECT:
        return encode_object(arena, value->object, form);
    case VALUE_LIST:
        return encode_list(arena, field, value, form);
    case VALUE_MAP:
        return encode_map(arena, field, value, form);
    case VALUE_TREE:
        return node_copy(arena, value->tree);
    case VALUE_ABSENT:
        break;
    }
    return plain(arena, "null");
}

/* ---- requests ---- */

/* An update tells what follows from other fields too: the stream that it follows from may change only afterwards. */
static bool is_sent(const struct field *field, const struct value *value, bool update)
{
    if (value->type == VALUE_ABSENT || (field->flags & (FIELD_OURS | FIELD_INTERNAL)))
        return false;
    if (value->type == VALUE_TEXT && !*value->text)
        return false; /* an empty enum is error 10025 */
    return value->given || (update && field->derive) ||
           (field->flags & (FIELD_SEND_DEFAULT | FIELD_IDENTITY));
}

/*
 * What is at its default stays out: the server fills in the rest by its own limits, and the echo is compared
 * afterwards.
 */
struct node *object_encode_create(struct arena *arena, const struct object *wanted)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < wanted->table->count; i++) {
        const struct field *field = &wanted->table->fields[i];
        const struct value *value = &wanted->values[i];
        if (is_sent(field, value, false) && !(field->flags & FIELD_LATER))
            node_put(arena, map, field->name, value_encode(arena, field, value, FORM_WIRE));
    }
    return map;
}

/*
 * Which live source is this one? Two sources with the same keys are one to the server, wherever they are in the list.
 */
static bool same_item(const struct object *a, const struct object *b)
{
    for (size_t i = 0; i < a->table->count; i++) {
        const struct field *field = &a->table->fields[i];
        if ((field->flags & FIELD_KEY) && !value_equal(field, &a->values[i], &b->values[i]))
            return false;
    }
    return true;
}

static void overlay_value(struct arena *arena, struct node *node, const struct field *field,
                          const struct value *wanted, const struct value *live);

/* Members of the live object that no row knows go into the new one, however deep they are. */
static void carry_unknown(struct arena *arena, struct node *map, const struct object *wanted,
                          const struct object *live)
{
    for (size_t i = 0; live->node && live->node->type == NODE_MAP && i < live->node->count; i++) {
        const struct member *member = &live->node->members[i];
        if (!table_field(live->table, member->key))
            node_put(arena, map, member->key, member->value);
    }
    for (size_t i = 0; i < wanted->table->count; i++) {
        struct node *node = node_get(map, wanted->table->fields[i].name);
        if (node)
            overlay_value(arena, node, &wanted->table->fields[i], &wanted->values[i], &live->values[i]);
    }
}

static void overlay_value(struct arena *arena, struct node *node, const struct field *field,
                          const struct value *wanted, const struct value *live)
{
    if (field->type != FIELD_OBJECT || wanted->type != live->type)
        return;
    if (wanted->type == VALUE_OBJECT)
        carry_unknown(arena, node, wanted->object, live->object);
    for (size_t i = 0; wanted->type == VALUE_LIST && i < wanted->list->count; i++)
        for (size_t j = 0; j < live->list->count; j++)
            if (same_item(wanted->list->items[i].object, live->list->items[j].object))
                carry_unknown(arena, node->items[i], wanted->list->items[i].object,
                              live->list->items[j].object);
}

/* Metadata of the server's own must not go back: 2.10 would store it as if it were the user's. */
static void strip_server_metadata(struct arena *arena, struct node *map, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct node *pairs = node_get(map, field->name);
        if (field->type != FIELD_TEXT || field->shape != SHAPE_MAP || !pairs || pairs->type != NODE_MAP)
            continue;
        struct node *kept = node_map(arena);
        for (size_t j = 0; j < pairs->count; j++)
            if (!metadata_key_is_servers(pairs->members[j].key))
                node_put(arena, kept, pairs->members[j].key, pairs->members[j].value);
        node_put(arena, map, field->name, kept);
    }
}

static const struct field *metadata_field(const struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].type == FIELD_TEXT && table->fields[i].shape == SHAPE_MAP)
            return &table->fields[i];
    return NULL;
}

bool object_records_revision(const struct object *live, const char *revision)
{
    const struct field *metadata = metadata_field(live->table);
    const struct node *record =
        metadata && live->node ? node_get(node_get(live->node, metadata->name), MARK_REVISION) : NULL;
    const char *text = record && record->type == NODE_SCALAR ? record->text : NULL;
    return text && revision ? strcmp(text, revision) == 0 : !text && !revision;
}

/*
 * The whole map is made anew: servers replace metadata as a whole, and the tree may share nodes with the live object's.
 */
void object_encode_revision(struct arena *arena, const struct table *table, struct node *body,
                            const char *revision)
{
    const char *name = metadata_field(table)->name;
    const struct node *before = node_get(body, name);
    struct node *pairs = node_map(arena);
    for (size_t i = 0; before && before->type == NODE_MAP && i < before->count; i++)
        if (strcmp(before->members[i].key, MARK_REVISION) != 0)
            node_put(arena, pairs, before->members[i].key, before->members[i].value);
    if (revision)
        node_put(arena, pairs, MARK_REVISION, node_scalar(arena, revision, true));
    if (pairs->count)
        node_put(arena, body, name, pairs);
    else if (before)
        node_remove(body, name);
}

static bool may_change(const struct table *table, const bool *keep, const struct field *field)
{
    return !(keep && keep[field - table->fields]) && !(field->flags & (FIELD_OURS | FIELD_INTERNAL));
}

/*
 * Takes out what a field excludes and nobody wants: a live filter may stand in another row (filter_subjects of one) than
 * the normalised form that was compared.
 */
static void drop_excluded(struct node *map, const struct object *wanted, const struct field *field,
                          const bool *keep)
{
    const struct table *table = wanted->table;
    for (size_t i = 0; i < table->constraint_count; i++) {
        const struct constraint *constraint = &table->constraints[i];
        const struct field *other = table_field_by_id(table, constraint->other);
        bool excludes =
            constraint->verb == CONSTRAINT_EXCLUDES && !constraint->choice && !constraint->other_choice;
        if (excludes && constraint->field == field->id && may_change(table, keep, other) &&
            !value_is_on(other, object_value_of(wanted, other)))
            node_remove(map, other->name);
    }
}

struct node *object_encode_update(struct arena *arena, const struct object *wanted, const struct object *live,
                                  const bool *keep)
{
    struct node *map = node_map(arena);
    /* The live text first, with what no row knows: a newer server's field would be reset if it were left out. */
    for (size_t i = 0; i < live->node->count; i++)
        if (!node_is_null(live->node->members[i].value))
            node_put(arena, map, live->node->members[i].key, live->node->members[i].value);
    strip_server_metadata(arena, map, wanted->table);
    for (size_t i = 0; i < wanted->table->count; i++) {
        const struct field *field = &wanted->table->fields[i];
        const struct value *value = &wanted->values[i];
        if (!may_change(wanted->table, keep, field))
            continue;
        if (value_equal(field, value, &live->values[i]) && !(field->flags & FIELD_IDENTITY))
            continue; /* the live spelling stays */
        drop_excluded(map, wanted, field, keep);
        if (is_sent(field, value, true)) {
            struct node *node = value_encode(arena, field, value, FORM_WIRE);
            overlay_value(arena, node, field, value, &live->values[i]);
            node_put(arena, map, field->name, node);
        } else {
            node_remove(map, field->name); /* left out, the server fills in its default */
        }
    }
    return map;
}

/* ---- for people ---- */

static bool says_something(struct arena *arena, const struct field *field, const struct value *value)
{
    struct value fallback = {0};
    if (field->flags & (FIELD_IDENTITY | FIELD_OURS | FIELD_INTERNAL))
        return false;
    if (field->fallback)
        value_from_text(arena, field, field->fallback, &fallback);
    /* Compared in meaning, since a live object may spell a default in another way. */
    return !value_equal(field, value, &fallback);
}

struct node *object_encode_manifest(struct arena *arena, const struct object *object)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        const struct value *value = &object->values[i];
        if (says_something(arena, field, value))
            node_put(arena, map, field->name, value_encode(arena, field, value, FORM_MANIFEST));
    }
    return map;
}
