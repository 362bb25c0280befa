/*
 * Finding rows, and the types' names for people; see field.h. Rows are searched one by one, because tables have at
 * most some forty of them.
 */
#include "field/field.h"

#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/text.h"

const char *table_article(const struct table *table)
{
    return strchr("aeiou", table->noun[0]) ? "an" : "a";
}

const char *table_word(const struct table *table)
{
    return table->word ? table->word : table->noun;
}

/* nats-server compares names of options without case, but not those that the user chose. */
static bool is_option(const struct field *option, const char *name, size_t length)
{
    if (strlen(option->name) == length && strncasecmp(option->name, name, length) == 0)
        return true;
    for (size_t i = 0; i < FIELD_ALIASES_MOST && option->aliases[i]; i++)
        if (strlen(option->aliases[i]) == length && strncasecmp(option->aliases[i], name, length) == 0)
            return true;
    return false;
}

/* `name` may go on after `length`. nats-server takes names of options in any case. */
static const struct field *find_row(const struct table *table, const char *name, size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (table->options ? is_option(field, name, length)
                           : strncmp(field->name, name, length) == 0 && !field->name[length])
            return field;
    }
    return NULL;
}

const struct field *table_field(const struct table *table, const char *name)
{
    return find_row(table, name, strlen(name));
}

/* Ids stand in the order of the rows, so the row of an id is never before the place that the id counts. */
const struct field *table_field_by_id(const struct table *table, unsigned id)
{
    for (size_t i = id - 1; i < table->count; i++)
        if (table->fields[i].id == id)
            return &table->fields[i];
    return NULL;
}

/* The row that other people's files give that name, or that sets the stream's field of that name in a bucket. */
static const char *name_elsewhere(const struct table *table, const char *name)
{
    const struct field *of_stream = table->sets ? table_field(table->sets, name) : NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->fields[i];
        bool same = of_stream && of_stream->id && row->stream_field == of_stream->id;
        if (same || (row->nack && strcmp(row->nack, name) == 0) ||
            (row->terraform && strcmp(row->terraform, name) == 0))
            return row->name;
    }
    return NULL;
}

const char *table_suggest(const struct table *table, const char *name)
{
    const char *elsewhere = name_elsewhere(table, name);
    if (elsewhere)
        return elsewhere;
    struct suggestion near = {.wanted = name};
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->fields[i];
        if (!(row->flags & FIELD_INTERNAL))
            suggestion_consider(&near, row->name);
        for (size_t j = 0; j < FIELD_ALIASES_MOST && row->aliases[j]; j++)
            suggestion_consider(&near, row->aliases[j]);
    }
    return near.best;
}

const char *table_place_below(struct arena *arena, const struct table *table, const char *key)
{
    static const char *const between[] = {[SHAPE_ONE] = ".", [SHAPE_LIST] = "[].", [SHAPE_MAP] = ".NAME."};
    const char *place = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool near = !table->options || (field->shape == SHAPE_ONE && (field->type & FIELD_OBJECT));
        const struct field *found = field->object && near ? table_field(field->object, key) : NULL;
        if (!found || (found->flags & FIELD_INTERNAL))
            continue;
        if (place)
            return NULL;
        place = arena_printf(arena, "%s%s%s", field->name, between[field->shape], key);
    }
    return place;
}

const struct field *table_field_by_path(const struct table *table, const char *path)
{
    size_t length = strcspn(path, ".");
    const struct field *field = find_row(table, path, length);
    if (!field || !path[length])
        return field;
    return field->object ? table_field_by_path(field->object, path + length + 1) : NULL;
}

/* Rules are in the order of versions, so the last that holds is the one. */
const struct update_rule *field_update_rule(const struct field *field, uint32_t version)
{
    const struct update_rule *rule = &field->updates[0];
    for (size_t i = 1; i < FIELD_RULES_MOST; i++)
        if (field->updates[i].since && version_has(version, field->updates[i].since))
            rule = &field->updates[i];
    return rule;
}

const struct choice *field_choice(const struct field *field, const char *name)
{
    bool any_case = field->flags & FIELD_ANY_CASE;
    for (const struct choice *choice = field->choices; choice && choice->name; choice++)
        if (any_case ? strcasecmp(choice->name, name) == 0 : text_is(choice->name, name))
            return choice;
    return NULL;
}

/* ---- types ---- */

unsigned field_types(const struct field *field)
{
    static const unsigned several[] = {[SHAPE_LIST] = FIELD_LIST, [SHAPE_MAP] = FIELD_MAP};
    return field->shape == SHAPE_ONE ? field->type : several[field->shape];
}

unsigned field_items(const struct field *field)
{
    return field->shape == SHAPE_LIST ? field->type : field->items;
}

unsigned field_values(const struct field *field)
{
    return field->shape == SHAPE_MAP ? field->type : field->values;
}

static const struct type_row {
    enum field_type type;
    const char *name;
    const char *describe;
} type_rows[] = {
    {FIELD_BOOL, "boolean", "true or false"},
    {FIELD_COUNT, "integer", "an integer"},
    {FIELD_UNSIGNED, "unsigned integer", "an integer of 0 or more"},
    {FIELD_SIZE, "size", "a size such as 512MiB or 1GiB"},
    {FIELD_DURATION, "duration", "a duration such as 30s, 24h or 7d"},
    {FIELD_SECONDS, "duration", "a duration such as 2s or 500ms"},
    {FIELD_PERCENT, "percentage", "a percentage such as 50%"},
    {FIELD_TIME, "time", "a time such as 2026-01-31T12:00:00Z"},
    {FIELD_CHOICE, "choice", "one of its choices"},
    {FIELD_TEXT, "text", "a string"},
    {FIELD_NAME, "name", "a name"},
    {FIELD_SUBJECT, "subject", "a subject"},
    {FIELD_LITERAL, "subject without wildcards", "a subject without wildcards"},
    {FIELD_GROUP, "group name", "the name of a group"},
    {FIELD_BUCKET, "bucket name", "the name of a bucket"},
    {FIELD_PATH, "path", "a path"},
    {FIELD_LIST, "list", "a list"},
    {FIELD_OBJECT | FIELD_TREE | FIELD_MAP, "map", "a map"},
};
enum { TYPE_ROWS = sizeof(type_rows) / sizeof(type_rows[0]) };

/* Ends at the last row at the latest: every type is in the table. */
static const struct type_row *type_row(unsigned type)
{
    const struct type_row *row = type_rows;
    while (!(row->type & type))
        row++;
    return row;
}

const char *field_type_describe(const struct field *field)
{
    return type_row(field->type)->describe;
}

const char *field_type_name(struct arena *arena, const struct field *field)
{
    const char *name = type_row(field->type)->name;
    if (field->shape == SHAPE_LIST)
        return arena_printf(arena, "list of %s", name);
    if (field->shape == SHAPE_MAP)
        return arena_printf(arena, "map of %s by name", name);
    return name;
}

/* As it is among others: with the choices themselves. */
static const char *describe(struct arena *arena, const struct field *field, const struct type_row *row)
{
    const char *text = "";
    if (row->type == FIELD_TEXT && (field->flags & FIELD_LISTEN))
        return "an address and port such as '127.0.0.1:4222'";
    if (row->type != FIELD_CHOICE)
        return row->describe;
    for (const struct choice *choice = field->choices; choice && choice->name; choice++)
        text = arena_printf(arena, "%s%s'%s'", text, *text ? ", " : "", choice->name);
    return text;
}

/* In the order of the table, which is the order in which readers expect them: the simplest first. */
const char *field_types_describe(struct arena *arena, const struct field *field, unsigned types)
{
    const char *text = NULL;
    size_t left = 0;
    for (size_t i = 0; i < TYPE_ROWS; i++)
        left += (types & type_rows[i].type) != 0;
    for (size_t i = 0; i < TYPE_ROWS; i++) {
        if (!(types & type_rows[i].type))
            continue;
        const char *words = describe(arena, field, &type_rows[i]);
        text = text ? arena_printf(arena, "%s%s%s", text, left > 1 ? ", " : " or ", words) : words;
        left--;
    }
    return text ? text : "nothing";
}

bool field_has_secrets(const struct field *field)
{
    bool found = (field->flags & FIELD_SECRET) || field->type == FIELD_TREE;
    for (size_t i = 0; !found && field->object && i < field->object->count; i++)
        found = field_has_secrets(&field->object->fields[i]);
    return found;
}
