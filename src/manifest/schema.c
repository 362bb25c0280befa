/* JSON Schema made from rows; see schema.h. It is draft 7, because editors know that one. */
#include "manifest/schema.h"

#include "field/server_option.h"
#include "kind/kinds.h"
#include "manifest/manifest.h"

#define DURATION_PATTERN "^(0|([0-9]+(\\.[0-9]+)?(w|d|h|m|s|ms|us|µs|ns))+)$"
#define SIZE_PATTERN "^[0-9]+(\\.[0-9]+)?([kKmMgGtTpP]([iI]?[bB]|[iI])?)?$"
#define VARIABLE_PATTERN "\\$\\{"

static struct node *text(struct arena *arena, const char *value)
{
    return node_scalar(arena, value, true);
}

static struct node *typed(struct arena *arena, const char *type)
{
    struct node *map = node_map(arena);
    node_put(arena, map, "type", text(arena, type));
    return map;
}

static struct node *patterned(struct arena *arena, const char *pattern)
{
    struct node *map = typed(arena, "string");
    node_put(arena, map, "pattern", text(arena, pattern));
    return map;
}

static struct node *any_of(struct arena *arena, struct node *const *options, size_t count)
{
    struct node *list = node_list(arena);
    struct node *map = node_map(arena);
    for (size_t i = 0; i < count; i++)
        node_append(arena, list, options[i]);
    node_put(arena, map, "anyOf", list);
    return map;
}

static struct node *choices_schema(struct arena *arena, const struct field *field)
{
    struct node *map = node_map(arena);
    struct node *list = node_list(arena);
    for (const struct choice *choice = field->choices; choice->name; choice++)
        node_append(arena, list, text(arena, choice->name));
    node_put(arena, map, "enum", list);
    return map;
}

static struct node *number_schema(struct arena *arena, const struct field *field)
{
    struct node *map = typed(arena, "integer");
    bool below = field->flags & FIELD_UNLIMITED;
    if (below || field->type != FIELD_COUNT || field->least == 0)
        node_put(arena, map, "minimum", node_scalar(arena, below ? "-1" : "0", false));
    else if (field->least)
        node_put(arena, map, "minimum",
                 node_scalar(arena, arena_printf(arena, "%lld", (long long)field->least), false));
    if (field->type == FIELD_COUNT && field->most && field->most < INT32_MAX)
        node_put(arena, map, "maximum",
                 node_scalar(arena, arena_printf(arena, "%lld", (long long)field->most), false));
    return map;
}

/* The schema of one value. Any value may also be a variable. */
static struct node *scalar_schema(struct arena *arena, const struct field *field)
{
    struct node *options[4];
    size_t count = 0;
    bool number = field->type == FIELD_COUNT || field->type == FIELD_UNSIGNED || field->type == FIELD_SIZE;
    if (field->type == FIELD_BOOL)
        options[count++] = typed(arena, "boolean");
    else if (field->type == FIELD_CHOICE)
        options[count++] = choices_schema(arena, field);
    else if (number)
        options[count++] = number_schema(arena, field);
    if (field->type == FIELD_SIZE || field->type == FIELD_DURATION)
        options[count++] = patterned(arena, field->type == FIELD_SIZE ? SIZE_PATTERN : DURATION_PATTERN);
    if (field->type == FIELD_DURATION) {
        struct node *zero = node_map(arena);
        node_put(arena, zero, "const", node_scalar(arena, "0", false));
        options[count++] = zero;
    }
    if (count == 0 || field->type == FIELD_PERCENT)
        return typed(arena,
                     /* Natsform also reads 50 for "50%", but an editor should offer the clear form. */
                     "string");
    options[count++] = patterned(arena, (field->flags & FIELD_UNLIMITED) ? VARIABLE_PATTERN "|^unlimited$"
                                                                         : VARIABLE_PATTERN);
    return any_of(arena, options, count);
}

static struct node *reference(struct arena *arena, const struct table *table)
{
    struct node *map = node_map(arena);
    char *name = arena_printf(arena, "#/definitions/%s", table->noun);
    for (char *at = name; *at; at++)
        if (*at == ' ' || *at == '\'')
            *at = '_';
    node_put(arena, map, "$ref", text(arena, name));
    return map;
}

static struct node *nullable(struct arena *arena, struct node *schema)
{
    struct node *options[] = {schema, typed(arena, "null")};
    return any_of(arena, options, 2);
}

static const char *description(struct arena *arena, const struct field *field)
{
    const char *words = field->doc;
    if (field->fallback_doc || field->fallback)
        words = arena_printf(arena, "%s Default: %s.", words,
                             field->fallback_doc ? field->fallback_doc : field->fallback);
    if (field->since)
        words = arena_printf(arena, "%s From nats-server %s on.", words,
                             version_format(arena, field->since, true));
    return words;
}

/* ---- options of servers ---- */

static void define_block(struct arena *arena, struct node *definitions, const struct server_block *block);

static struct node *block_reference(struct arena *arena, struct node *definitions,
                                    const struct server_block *block)
{
    struct node *map = node_map(arena);
    define_block(arena, definitions, block);
    node_put(arena, map, "$ref", text(arena, arena_printf(arena, "#/definitions/%s", block->id)));
    return map;
}

static struct node *option_number(struct arena *arena, const struct server_option *option)
{
    struct node *map = typed(arena, "integer");
    if (option->least || option->most)
        node_put(arena, map, "minimum",
                 node_scalar(arena, arena_printf(arena, "%lld", (long long)option->least), false));
    if (option->most && option->most <= INT32_MAX)
        node_put(arena, map, "maximum",
                 node_scalar(arena, arena_printf(arena, "%lld", (long long)option->most), false));
    return map;
}

static struct node *option_choices(struct arena *arena, const struct server_option *option)
{
    struct node *map = node_map(arena);
    struct node *list = node_list(arena);
    for (size_t i = 0; option->choices[i]; i++)
        node_append(arena, list, text(arena, option->choices[i]));
    node_put(arena, map, "enum", list);
    return map;
}

/* The schema of a value that takes these types: one alternative for each. */
static struct node *takes_schema(struct arena *arena, struct node *definitions,
                                 const struct server_option *option, unsigned takes)
{
    struct node *options[16];
    size_t count = 0;
    if (takes & TAKES_BOOL)
        options[count++] = typed(arena, "boolean");
    if (takes & (TAKES_INT | TAKES_SIZE | TAKES_PERCENT))
        options[count++] = option_number(arena, option);
    if (takes & TAKES_SECONDS)
        options[count++] = typed(arena, "number");
    if (takes & TAKES_CHOICE)
        options[count++] = option_choices(arena, option);
    if (takes & TAKES_SIZE)
        options[count++] = patterned(arena, SIZE_PATTERN);
    if (takes & (TAKES_DURATION | TAKES_SECONDS))
        options[count++] = patterned(arena, DURATION_PATTERN);
    if (takes & (TAKES_TEXT | TAKES_PERCENT))
        options[count++] = typed(arena, "string");
    else if (takes & ~(unsigned)(TAKES_LIST | TAKES_MAP | TAKES_BLOCK))
        options[count++] = patterned(arena, VARIABLE_PATTERN);
    if (takes & TAKES_BLOCK)
        options[count++] = block_reference(arena, definitions, option->block);
    if (takes & TAKES_LIST) {
        options[count] = typed(arena, "array");
        node_put(arena, options[count++], "items", takes_schema(arena, definitions, option, option->items));
    }
    if (takes & TAKES_MAP) {
        options[count] = typed(arena, "object");
        node_put(arena, options[count++], "additionalProperties",
                 nullable(arena, takes_schema(arena, definitions, option, option->values)));
    }
    return count == 1 ? options[0] : any_of(arena, options, count);
}

static struct node *option_schema(struct arena *arena, struct node *definitions,
                                  const struct server_option *option)
{
    struct node *schema = nullable(arena, takes_schema(arena, definitions, option, option->takes));
    const char *words = option->doc;
    if (option->fallback)
        words = arena_printf(arena, "%s Default: %s.", words, option->fallback);
    if (option->since.versions[0])
        words = arena_printf(arena, "%s From nats-server %s on.", words,
                             server_since_text(arena, &option->since));
    if (option->choices_since.versions[0])
        words = arena_printf(arena, "%s %s from nats-server %s on.", words,
                             server_takes_text(arena, option, TAKES_CHOICE),
                             server_since_text(arena, &option->choices_since));
    node_put(arena, schema, "description", text(arena, words));
    return schema;
}

static struct node *block_schema(struct arena *arena, struct node *definitions,
                                 const struct server_block *block)
{
    struct node *schema = typed(arena, "object");
    struct node *properties = node_map(arena);
    node_put(arena, schema, "description", text(arena, block->doc));
    for (size_t i = 0; i < block->count; i++) {
        const struct server_option *option = &block->rows[i];
        struct node *same = node_map(arena);
        node_put(arena, same, "$ref",
                 text(arena, arena_printf(arena, "#/definitions/%s/properties/%s", block->id, option->name)));
        node_put(arena, properties, option->name, option_schema(arena, definitions, option));
        for (size_t j = 0; j < SERVER_ALIASES_MOST && option->aliases[j]; j++)
            node_put(arena, properties, option->aliases[j], same);
    }
    node_put(arena, schema, "properties", properties);
    node_put(arena, schema, "additionalProperties", node_scalar(arena, "false", false));
    return schema;
}

static void define_block(struct arena *arena, struct node *definitions, const struct server_block *block)
{
    if (node_get(definitions, block->id))
        return;
    /* A placeholder: tables may contain themselves. */
    node_put(arena, definitions, block->id, node_map(arena));
    node_put(arena, definitions, block->id, block_schema(arena, definitions, block));
}

/* ---- rows ---- */

static struct node *field_schema(struct arena *arena, struct node *definitions, const struct field *field)
{
    struct node *item = field->type == FIELD_OBJECT ? reference(arena, field->object)
                        : field->type == FIELD_TREE ? block_reference(arena, definitions, &server_options)
                                                    : scalar_schema(arena, field);
    struct node *schema = item;
    if (field->shape == SHAPE_LIST) {
        schema = typed(arena, "array");
        node_put(arena, schema, "items", item);
    } else if (field->shape == SHAPE_MAP) {
        schema = typed(arena, "object");
        node_put(arena, schema, "additionalProperties",
                 field->type == FIELD_OBJECT || field->type == FIELD_TREE ? nullable(arena, item) : item);
    }
    schema = nullable(arena, schema);
    node_put(arena, schema, "description", text(arena, description(arena, field)));
    return schema;
}

static void define(struct arena *arena, struct node *definitions, const struct table *table);

static struct node *table_schema(struct arena *arena, struct node *definitions, const struct table *table)
{
    struct node *schema = typed(arena, "object");
    struct node *properties = node_map(arena);
    struct node *required = node_list(arena);
    node_put(arena, schema, "description", text(arena, table->doc));
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (field->flags & FIELD_INTERNAL)
            continue;
        node_put(arena, properties, field->name, field_schema(arena, definitions, field));
        if (field->flags & FIELD_REQUIRED)
            node_append(arena, required, text(arena, field->name));
        if (field->object)
            define(arena, definitions, field->object);
    }
    node_put(arena, schema, "properties", properties);
    if (required->count)
        node_put(arena, schema, "required", required);
    node_put(arena, schema, "additionalProperties", node_scalar(arena, "false", false));
    return schema;
}

static void define(struct arena *arena, struct node *definitions, const struct table *table)
{
    const char *name = node_get(reference(arena, table), "$ref")->text + sizeof("#/definitions/") - 1;
    if (node_get(definitions, name))
        return;
    node_put(arena, definitions, name, node_map(arena)); /* a placeholder: tables may contain themselves */
    node_put(arena, definitions, name, table_schema(arena, definitions, table));
}

struct node *schema_of_manifest(struct arena *arena)
{
    struct node *definitions = node_map(arena);
    struct node *schema = node_map(arena);
    node_put(arena, schema, "$schema", text(arena, "http://json-schema.org/draft-07/schema#"));
    node_put(arena, schema, "title", text(arena, "natsform manifest"));
    struct node *root = table_schema(arena, definitions, &manifest_table);
    for (size_t i = 0; i < root->count; i++)
        node_put(arena, schema, root->members[i].key, root->members[i].value);
    struct node *extensions = node_map(arena);
    node_put(arena, extensions, "^" EXTENSION_PREFIX, node_map(arena));
    node_put(arena, schema, "patternProperties", extensions);
    node_put(arena, schema, "definitions", definitions);
    return schema;
}
