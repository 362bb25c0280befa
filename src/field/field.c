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

const struct field *table_field(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (text_is(table->fields[i].name, name))
            return &table->fields[i];
    return NULL;
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
    for (size_t i = 0; i < table->count; i++)
        if (!(table->fields[i].flags & FIELD_INTERNAL))
            suggestion_consider(&near, table->fields[i].name);
    return near.best;
}

const struct field *table_field_by_path(const struct table *table, const char *path)
{
    size_t length = strcspn(path, ".");
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (strlen(field->name) != length || strncmp(field->name, path, length) != 0)
            continue;
        if (!path[length])
            return field;
        return field->object ? table_field_by_path(field->object, path + length + 1) : NULL;
    }
    return NULL;
}

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

static const struct {
    const char *name;
    const char *describe;
} types[FIELD_TYPES] = {
    [FIELD_TEXT] = {"text", "a string"},
    [FIELD_NAME] = {"name", "a name"},
    [FIELD_SUBJECT] = {"subject", "a subject"},
    [FIELD_LITERAL] = {"subject without wildcards", "a subject without wildcards"},
    [FIELD_PERCENT] = {"percentage", "a percentage such as 50%"},
    [FIELD_GROUP] = {"group name", "the name of a group"},
    [FIELD_BUCKET] = {"bucket name", "the name of a bucket"},
    [FIELD_PATH] = {"path", "a path"},
    [FIELD_BOOL] = {"boolean", "true or false"},
    [FIELD_COUNT] = {"integer", "an integer"},
    [FIELD_UNSIGNED] = {"unsigned integer", "an integer of 0 or more"},
    [FIELD_DURATION] = {"duration", "a duration such as 30s, 24h or 7d"},
    [FIELD_SIZE] = {"size", "a size such as 512MiB or 1GiB"},
    [FIELD_CHOICE] = {"choice", "one of its choices"},
    [FIELD_TIME] = {"time", "a time such as 2026-01-31T12:00:00Z"},
    [FIELD_OBJECT] = {"map", "a map"},
    [FIELD_TREE] = {"map", "a map"},
};

const char *field_type_describe(const struct field *field)
{
    return types[field->type].describe;
}

const char *field_type_name(struct arena *arena, const struct field *field)
{
    const char *name = types[field->type].name;
    if (field->shape == SHAPE_LIST)
        return arena_printf(arena, "list of %s", name);
    if (field->shape == SHAPE_MAP)
        return arena_printf(arena, "map of %s by name", name);
    return name;
}
