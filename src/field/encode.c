/* From values to trees; see encode.h. */
#include "field/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "field/decode.h"
#include "field/mark_keys.h"
#include "field/value.h"
#include "syntax/vars.h"

/*
 * ---- value text ----
 * One-line words for values.
 */

static const char *node_text(struct arena *arena, const struct node *node, bool inside)
{
    const char *text = "";
    if (node->type == NODE_SCALAR) {
        /* Quotes only where the text could be taken for something else: a number, true, or nothing at all. */
        bool quotes = node->quoted && (!*node->text || (inside && node_text_is_special(node->text)));
        return quotes ? arena_printf(arena, "\"%s\"", node->text) : node->text;
    }
    for (size_t i = 0; i < node->count; i++) {
        const char *comma = i ? ", " : "";
        text = node->type == NODE_LIST
                   ? arena_printf(arena, "%s%s%s", text, comma, node_text(arena, node->items[i], true))
                   : arena_printf(arena, "%s%s%s: %s", text, comma, node->members[i].key,
                                  node_text(arena, node->members[i].value, true));
    }
    return arena_printf(arena, node->type == NODE_LIST ? "[%s]" : "{%s}", text);
}

const char *value_text(struct arena *arena, const struct field *field, const struct value *value)
{
    if (value->type == VALUE_ABSENT)
        return field->type == FIELD_BOOL ? "false" : "(none)";
    if (field->flags & FIELD_SECRET)
        return "(secret)";
    return node_text(arena, value_encode(arena, field, value, FORM_MANIFEST), false);
}

const char *node_text_of(struct arena *arena, const struct node *node)
{
    return node_text(arena, node, true);
}

/* ---- encode ---- */

/*
 * ---- encode ----
 * Encoding by the rows. It is the last stage: the result goes to a server or to a person. An update
 * sends the whole configuration, because servers replace it as a whole and would drop what is left out.
 */

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
                            const char *revision, const char *digest)
{
    const char *name = metadata_field(table)->name;
    const struct node *before = node_get(body, name);
    struct node *pairs = node_map(arena);
    for (size_t i = 0; before && before->type == NODE_MAP && i < before->count; i++)
        if (strcmp(before->members[i].key, MARK_REVISION) != 0 &&
            strcmp(before->members[i].key, MARK_DIGEST) != 0)
            node_put(arena, pairs, before->members[i].key, before->members[i].value);
    if (revision)
        node_put(arena, pairs, MARK_REVISION, node_scalar(arena, revision, true));
    if (revision)
        node_put(arena, pairs, MARK_DIGEST, node_scalar(arena, digest, true));
    if (pairs->count)
        node_put(arena, body, name, pairs);
    else if (before)
        node_remove(body, name);
}

/* What is a record of how the object was made stays, whatever else its metadata becomes. */
static void carry_start(struct arena *arena, struct node *map, const struct object *live)
{
    const struct field *metadata = metadata_field(live->table);
    const char *start = metadata ? node_get_text(node_get(live->node, metadata->name), MARK_START) : "";
    if (!*start)
        return;
    struct node *pairs = node_get(map, metadata->name);
    pairs = pairs ? node_copy(arena, pairs) : node_map(arena);
    node_put_text(arena, pairs, MARK_START, start);
    node_put(arena, map, metadata->name, pairs);
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
        /* What nobody asked for and is to be more, the server fills in, up to its limit. */
        bool filled_in = field->flags & FIELD_SERVER_LOWERS && !value->given && value->type == VALUE_INT &&
                         live->values[i].type == VALUE_INT && value->integer > live->values[i].integer;
        if (!filled_in && is_sent(field, value, true)) {
            struct node *node = value_encode(arena, field, value, FORM_WIRE);
            overlay_value(arena, node, field, value, &live->values[i]);
            node_put(arena, map, field->name, node);
        } else {
            node_remove(map, field->name); /* left out, the server fills in its default */
        }
    }
    carry_start(arena, map, live);
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

/*
 * ---- short form ----
 * From a live object to few words. The other end of the normalisation: what that fills in is taken out here, by asking
 * the same rows for the same defaults.
 */

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

/*
 * ---- same units ----
 * Values in the manner of older ones.
 */

enum { DIGITS_MOST = 4 }; /* of a number in a unit that would not be chosen for it */

typedef enum units_fault unit_parser(const char *text, int64_t *ret_number);

/* The number in the unit of the old text, when that was digits and one unit, and it goes in without rest. */
static const char *in_unit_of(struct arena *arena, unit_parser *parse, int64_t number, const char *old)
{
    size_t digits = old ? strspn(old, "0123456789") : 0;
    int64_t scale = 0;
    if (!digits || strpbrk(old + digits, "0123456789."))
        return NULL;
    /* Asks the parser what one of the old unit is: it knows all spellings, such as "KiB", "ki" and "kib". */
    if (parse(arena_printf(arena, "1%s", old + digits), &scale) || scale <= 0 || number % scale)
        return NULL;
    const char *count = arena_printf(arena, "%lld", (long long)(number / scale));
    /*
     * A number in the old unit may have a digit more than before, or up to four; beyond that another unit reads better.
     */
    size_t most = digits + 1 > DIGITS_MOST ? digits + 1 : DIGITS_MOST;
    return old[digits] == '\0' || strlen(count) <= most ? arena_printf(arena, "%s%s", count, old + digits)
                                                        : NULL;
}

/*
 * The word that says "none" where an older file has a value: removing the line would bring back a default from
 * elsewhere.
 */
static const char *nothing_of(const struct field *field)
{
    if (field->fallback)
        return field->fallback;
    switch (field->type) {
    case FIELD_BOOL:
        return "false";
    case FIELD_DURATION:
        return "0";
    case FIELD_COUNT:
    case FIELD_SIZE:
    case FIELD_UNSIGNED:
        return field->least > 0 ? "null" : "0";
    case FIELD_TEXT:
    case FIELD_NAME:
        return "";
    default:
        return "null";
    }
}

static struct node *say_nothing(struct arena *arena, const struct field *field)
{
    if (field->shape == SHAPE_LIST)
        return node_list(arena);
    const char *text = field->shape == SHAPE_ONE ? nothing_of(field) : "null";
    return node_scalar(arena, text, !*text);
}

struct node *value_respell(struct arena *arena, const struct field *field, const struct value *value,
                           const char *old)
{
    const char *text = NULL;
    if (value->type == VALUE_ABSENT)
        return say_nothing(arena, field);
    if (value->type == VALUE_INT && value->integer > 0 && field->type == FIELD_DURATION)
        text = in_unit_of(arena, duration_parse, value->integer, old);
    if (value->type == VALUE_INT && value->integer > 0 && field->type == FIELD_SIZE)
        text = in_unit_of(arena, size_parse, value->integer, old);
    return text ? node_scalar(arena, text, false) : value_encode_minimal(arena, field, value);
}
