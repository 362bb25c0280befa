/* JSON Schema (draft 7, which editors know) derived from the rows; see schema.h. */
#include "kind/schema.h"

#include "kind/kinds.h"
#include "kind/manifest.h"

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

/* What may stand for one value, beside a variable, which may stand for any. */
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
                     "string"); /* 50 for "50%" is read too, but an editor should offer the clear form */
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

static struct node *field_schema(struct arena *arena, const struct field *field)
{
    struct node *item = field->type == FIELD_OBJECT ? reference(arena, field->object)
                        : field->type == FIELD_TREE ? typed(arena, "object")
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
        node_put(arena, properties, field->name, field_schema(arena, field));
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
    node_put(arena, definitions, name, node_map(arena)); /* holds the place against recursion */
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
