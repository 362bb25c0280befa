/*
 * Normalisation by the rows; see normalise.h. Stands between decoding and the comparison, for both sides.
 */
#include "field/normalise.h"

#include <string.h>

#include "field/decode.h"
#include "field/mark_keys.h"

DIAG_CODE(code_implied, .name = "implied", CODE_WARNING, .lint = true,
          .doc = "The server sets this field to another value because of a second field.",
          .why = "The value that is written is not the one that the server will hold.",
          .example = "backoff: [1s, 5s]\nack_wait: 30s",
          .remedy = "Write the value that the server sets, or leave the field out.");

/* ---- implications ---- */

static void imply(struct arena *arena, struct object *object, const struct implication *implication,
                  struct diags *diags)
{
    const struct field *field = table_field_by_id(object->table, implication->then);
    const struct field *cause = table_field_by_id(object->table, implication->when);
    struct value *value = object_value_of(object, field);
    struct value implied = {0};
    value_from_text(arena, field, implication->value, &implied);
    if (value_equal(field, value, &implied))
        return;
    if (value->given && diags) {
        struct diag *diag =
            diag_add(diags, &code_implied, value->node->pos, "the server will set '%s' to %s because of '%s'",
                     field->name, implication->value, cause->name);
        diag_hint(diags, diag, "write '%s: %s', or leave it out", field->name, implication->value);
    }
    *value = implied;
}

void object_imply(struct arena *arena, struct object *wanted, struct diags *diags)
{
    const struct table *table = wanted->table;
    for (size_t i = 0; i < table->implication_count; i++)
        if (object_has(wanted, table->implications[i].when, table->implications[i].choice))
            imply(arena, wanted, &table->implications[i], diags);
}

/* ---- canonical values ---- */

static void canonicalise_number(const struct field *field, struct value *value)
{
    if (value->type != VALUE_INT)
        return;
    if ((field->flags & FIELD_UNLIMITED) && value->integer < 0)
        value->integer = -1; /* before 2.12 a server keeps -5 as it was sent */
    if (value->integer == 0)
        value->type = VALUE_ABSENT; /* Go's zero value: the server takes it as left out */
}

/* The same for lists, and for texts that have a static default. An empty text without one may be a word of its own. */
static void canonicalise_empty(const struct field *field, struct value *value)
{
    if ((value->type == VALUE_LIST && value->list->count == 0) ||
        (value->type == VALUE_TEXT && !*value->text && field->fallback) ||
        (field->type == FIELD_PERCENT && !value_is_on(field, value)))
        value->type = VALUE_ABSENT;
}

/* Clients in Go send their zero time, year 1, and a server from 2.11 on keeps it, as it keeps any time that has come. */
static void canonicalise_time(const struct field *field, struct value *value, struct instant now)
{
    if (value->type == VALUE_TIME && (field->flags & FIELD_PASSES) &&
        instant_compare(*value->instant, now) <= 0)
        value->type = VALUE_ABSENT;
}

static bool object_is_empty(const struct object *object)
{
    for (size_t i = 0; i < object->table->count; i++)
        if (value_is_on(&object->table->fields[i], &object->values[i]))
            return false;
    /* A field that no row knows is something, too. */
    return object->unknown == 0;
}

typedef void object_normaliser(struct arena *arena, struct object *object, const struct surroundings *around);

static void canonicalise_value(struct arena *arena, const struct field *field, struct value *value,
                               object_normaliser *normalise, const struct surroundings *around)
{
    if (value->type == VALUE_ABSENT)
        return;
    canonicalise_number(field, value);
    canonicalise_empty(field, value);
    canonicalise_time(field, value, around->now);
    if (value->type == VALUE_OBJECT) {
        normalise(arena, value->object, around);
        if ((field->flags & FIELD_EMPTY_IS_NONE) && object_is_empty(value->object))
            value->type = VALUE_ABSENT;
    }
    if (value->type == VALUE_LIST && field->type == FIELD_OBJECT)
        for (size_t i = 0; i < value->list->count; i++)
            normalise(arena, value->list->items[i].object, around);
}

static void fill_fallback(struct arena *arena, const struct field *field, struct value *value)
{
    if (value->type != VALUE_ABSENT || !field->fallback)
        return;
    if (field->type == FIELD_CHOICE) { /* most of them, and of every object */
        value->type = VALUE_TEXT;
        value->text = field->fallback;
        return;
    }
    value_from_text(arena, field, field->fallback, value);
}

/* ---- the two sides ---- */

void object_normalise_wanted(struct arena *arena, struct object *wanted, const struct surroundings *around)
{
    const struct table *table = wanted->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct value *value = &wanted->values[i];
        if (field->flags & FIELD_OURS)
            continue;
        canonicalise_value(arena, field, value, object_normalise_wanted, around);
        /* In the order of the rows: what a default depends on was written by somebody, or is in a row above. */
        if (value->type == VALUE_ABSENT && field->derive)
            field->derive(arena, wanted, around, value);
        fill_fallback(arena, field, value);
    }
    if (table->canonicalise)
        table->canonicalise(arena, wanted);
}

/* Keys in metadata that are the server's own, or natsform's record: never shown, never compared. */
static void drop_records(struct value *value)
{
    struct value_map *map = value->map;
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        if (!metadata_key_is_servers(map->pairs[i].key) && strcmp(map->pairs[i].key, MARK_REVISION) != 0)
            map->pairs[kept++] = map->pairs[i];
    map->count = kept;
}

static void normalise_live(struct arena *arena, struct object *live, const struct surroundings *around)
{
    const struct table *table = live->table;
    for (size_t i = 0; i < table->count; i++)
        value_normalise_live(arena, &table->fields[i], &live->values[i], around->now);
    if (table->canonicalise)
        table->canonicalise(arena, live);
}

void value_normalise_live(struct arena *arena, const struct field *field, struct value *value,
                          struct instant now)
{
    /* a live object has its values from nowhere else */
    const struct surroundings around = {.now = now};
    canonicalise_value(arena, field, value, normalise_live, &around);
    if (value->type == VALUE_MAP && field->type == FIELD_TEXT)
        drop_records(value);
    /* A derived default is not filled in: what is absent here is absent on the server. */
    if (!field->derive)
        fill_fallback(arena, field, value);
}

void object_normalise_live(struct arena *arena, struct object *live, struct instant now)
{
    const struct surroundings around = {.now = now};
    normalise_live(arena, live, &around);
}

bool value_is_servers_choice(const struct field *field, const struct value *wanted, const struct value *live)
{
    if (wanted->given)
        return false;
    if ((field->flags & FIELD_SERVER_FILLS) && wanted->type == VALUE_ABSENT)
        return true;
    /* Lower than the default, and there at all: limits of the server or account took the default down. */
    return (field->flags & FIELD_SERVER_LOWERS) && wanted->type == VALUE_INT && live->type == VALUE_INT &&
           live->integer > 0 && live->integer < wanted->integer;
}
