/* JSON Schema made from rows; see schema.h. It is draft 7, because editors know that one. */
#include "manifest/schema.h"

#include "field/field.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"

/* As duration_parse() and size_parse() read them. */
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

/* Null resets a field, so it may stand in the place of any value. */
static struct node *nullable(struct arena *arena, struct node *schema)
{
    struct node *options[] = {schema, typed(arena, "null")};
    return any_of(arena, options, 2);
}

static void put_number(struct arena *arena, struct node *map, const char *key, int64_t number)
{
    node_put(arena, map, key, node_scalar(arena, arena_printf(arena, "%lld", (long long)number), false));
}

/* ---- types ---- */

struct writer {
    struct arena *arena;
    struct node *definitions;
    bool options; /* it is an option of nats-server that is written */
};

static struct node *reference(const struct writer *writer, const struct table *table);
static struct node *types_schema(const struct writer *writer, const struct field *field, unsigned types);

static struct node *choices_schema(struct arena *arena, const struct field *field)
{
    struct node *map = node_map(arena);
    struct node *list = node_list(arena);
    for (const struct choice *choice = field->choices; choice->name; choice++)
        node_append(arena, list, text(arena, choice->name));
    node_put(arena, map, "enum", list);
    return map;
}

static struct node *number_schema(const struct writer *writer, const struct field *field)
{
    struct arena *arena = writer->arena;
    struct node *map = typed(arena, "integer");
    bool unlimited = field->flags & FIELD_UNLIMITED;
    int64_t telling = writer->options ? INT32_MAX : INT32_MAX - 1; /* more is no bound that anybody meets */
    if (unlimited || field->least || field->most || field->type == FIELD_UNSIGNED)
        put_number(arena, map, "minimum", unlimited ? -1 : field->least);
    if (field->most && field->most <= telling)
        put_number(arena, map, "maximum", field->most);
    return map;
}

static struct node *list_schema(const struct writer *writer, const struct field *field)
{
    struct node *schema = typed(writer->arena, "array");
    node_put(writer->arena, schema, "items", types_schema(writer, field, field_items(field)));
    return schema;
}

static struct node *map_schema(const struct writer *writer, const struct field *field)
{
    struct node *schema = typed(writer->arena, "object");
    struct node *value = types_schema(writer, field, field_values(field));
    bool reset = writer->options || (field->type & (FIELD_OBJECT | FIELD_TREE)); /* by null */
    node_put(writer->arena, schema, "additionalProperties", reset ? nullable(writer->arena, value) : value);
    return schema;
}

enum { MORE_TYPES = FIELD_LIST | FIELD_MAP | FIELD_OBJECT | FIELD_TREE };
enum { NUMBER_TYPES = FIELD_COUNT | FIELD_UNSIGNED | FIELD_SIZE };
enum { SYNTAX_TYPES = FIELD_BOOL | NUMBER_TYPES | FIELD_DURATION | FIELD_SECONDS | FIELD_CHOICE };

/* 50 for "50%" is read of a field too, but an editor should offer the clear form. A variable may stand for any scalar. */
static size_t add_scalars(const struct writer *writer, const struct field *field, unsigned types,
                          struct node **options)
{
    struct arena *arena = writer->arena;
    size_t count = 0;
    if (types & FIELD_BOOL)
        options[count++] = typed(arena, "boolean");
    if (types & (writer->options ? NUMBER_TYPES | FIELD_PERCENT : NUMBER_TYPES))
        options[count++] = number_schema(writer, field);
    if (types & FIELD_SECONDS)
        options[count++] = typed(arena, "number");
    if (types & FIELD_CHOICE)
        options[count++] = choices_schema(arena, field);
    if (types & FIELD_SIZE)
        options[count++] = patterned(arena, SIZE_PATTERN);
    if (types & (FIELD_DURATION | FIELD_SECONDS))
        options[count++] = patterned(arena, DURATION_PATTERN);
    if ((types & FIELD_DURATION) && !writer->options) {
        /* 0 without quotes is the one number that is a duration. */
        options[count] = node_map(arena);
        put_number(arena, options[count++], "const", 0);
    }
    if (types & ~(unsigned)(SYNTAX_TYPES | MORE_TYPES))
        options[count++] = typed(arena, "string");
    else if (types & SYNTAX_TYPES)
        options[count++] = patterned(arena, (field->flags & FIELD_UNLIMITED) ? VARIABLE_PATTERN "|^unlimited$"
                                                                             : VARIABLE_PATTERN);
    return count;
}

/* What may stand for a value of these types, each by itself. */
static struct node *types_schema(const struct writer *writer, const struct field *field, unsigned types)
{
    struct node *options[16];
    size_t count = add_scalars(writer, field, types, options);
    if (types & FIELD_OBJECT)
        options[count++] = reference(writer, field->object);
    if (types & FIELD_TREE)
        options[count++] = reference(writer, &server_table);
    if (types & FIELD_LIST)
        options[count++] = list_schema(writer, field);
    if (types & FIELD_MAP)
        options[count++] = map_schema(writer, field);
    return count == 1 ? options[0] : any_of(writer->arena, options, count);
}

/* ---- rows ---- */

static const char *description(const struct writer *writer, const struct field *field)
{
    struct arena *arena = writer->arena;
    const char *words = field->doc;
    if (field->fallback_doc || field->fallback)
        words = arena_printf(arena, "%s Default: %s.", words,
                             field->fallback_doc ? field->fallback_doc : field->fallback);
    if (field->since[0])
        words =
            arena_printf(arena, "%s From nats-server %s on.", words, since_text(arena, field->since, true));
    if (writer->options && field->choices && field->choices[0].since[0])
        words = arena_printf(arena, "%s %s from nats-server %s on.", words,
                             field_types_describe(arena, field, FIELD_CHOICE),
                             since_text(arena, field->choices[0].since, true));
    return words;
}

static struct node *field_schema(const struct writer *writer, const struct field *field)
{
    struct arena *arena = writer->arena;
    struct node *schema = nullable(arena, types_schema(writer, field, field_types(field)));
    node_put(arena, schema, "description", text(arena, description(writer, field)));
    return schema;
}

static const char *definition_name(struct arena *arena, const struct table *table)
{
    char *name = arena_strdup(arena, table->definition ? table->definition : table->noun);
    for (char *at = name; *at; at++)
        if (*at == ' ' || *at == '\'')
            *at = '_';
    return name;
}

static struct node *pointer(struct arena *arena, const char *path)
{
    struct node *map = node_map(arena);
    node_put(arena, map, "$ref", text(arena, arena_printf(arena, "#/definitions/%s", path)));
    return map;
}

static struct node *properties_schema(const struct writer *writer, const struct table *table)
{
    struct arena *arena = writer->arena;
    struct node *properties = node_map(arena);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (field->flags & FIELD_INTERNAL)
            continue;
        node_put(arena, properties, field->name, field_schema(writer, field));
        for (size_t j = 0; j < FIELD_ALIASES_MOST && field->aliases[j]; j++)
            node_put(arena, properties, field->aliases[j],
                     pointer(arena, arena_printf(arena, "%s/properties/%s", definition_name(arena, table),
                                                 field->name)));
    }
    return properties;
}

static struct node *table_schema(const struct writer *above, const struct table *table)
{
    struct arena *arena = above->arena;
    const struct writer writer = {arena, above->definitions, table->options};
    struct node *schema = typed(arena, "object");
    struct node *required = node_list(arena);
    node_put(arena, schema, "description", text(arena, table->doc));
    node_put(arena, schema, "properties", properties_schema(&writer, table));
    for (size_t i = 0; i < table->count && !table->options; i++) /* an option may have other names */
        if (table->fields[i].flags & FIELD_REQUIRED)
            node_append(arena, required, text(arena, table->fields[i].name));
    if (required->count)
        node_put(arena, schema, "required", required);
    node_put(arena, schema, "additionalProperties", node_scalar(arena, "false", false));
    return schema;
}

/* Defines the table where it is met first. */
static struct node *reference(const struct writer *writer, const struct table *table)
{
    struct arena *arena = writer->arena;
    const char *name = definition_name(arena, table);
    if (!node_get(writer->definitions, name)) {
        node_put(arena, writer->definitions, name, node_map(arena)); /* holds the place against recursion */
        node_put(arena, writer->definitions, name, table_schema(writer, table));
    }
    return pointer(arena, name);
}

struct node *schema_of_manifest(struct arena *arena)
{
    struct node *definitions = node_map(arena);
    const struct writer writer = {.arena = arena, .definitions = definitions};
    struct node *schema = node_map(arena);
    node_put(arena, schema, "$schema", text(arena, "http://json-schema.org/draft-07/schema#"));
    node_put(arena, schema, "title", text(arena, "natsform manifest"));
    struct node *root = table_schema(&writer, &manifest_table);
    for (size_t i = 0; i < root->count; i++)
        node_put(arena, schema, root->members[i].key, root->members[i].value);
    struct node *extensions = node_map(arena);
    node_put(arena, extensions, "^" EXTENSION_PREFIX, node_map(arena));
    node_put(arena, schema, "patternProperties", extensions);
    node_put(arena, schema, "definitions", definitions);
    return schema;
}
