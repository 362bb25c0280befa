/*
 * Variables of configurations; see conf.h. $NAME is the value of the key NAME above it, in the map around it or one
 * further out. If there is no such key, it is the environment variable, whose value servers read as a configuration of
 * its own.
 */
#include <string.h>

#include "syntax/conf_model.h"

enum { MOST_NESTING = 16 }; /* of variables in the values of variables */

/* How many nodes a copy of the value adds: variables of variables could make a small text huge. */
static size_t weight_of(const struct node *node)
{
    size_t weight = 1;
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        weight += weight_of(node->type == NODE_LIST ? node->items[i] : node->members[i].value);
    return weight;
}

/* What comes from the environment may be secret, so the whole value is marked, and messages point to the variable. */
static void mark_expanded(struct node *node, struct srcpos pos)
{
    node->pos = pos;
    if (node->type == NODE_SCALAR)
        node->expanded = true;
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        mark_expanded(node->type == NODE_LIST ? node->items[i] : node->members[i].value, pos);
}

static void note_definition(struct conf_parser *parser, const struct member *member)
{
    const char *place = conf_definition_key(parser->arena, member->key_pos);
    if (!map_put(&parser->defined, place, parser))
        VEC_PUSH(parser->arena, &parser->conf->definitions,
                 ((struct conf_definition){member->key, member->key_pos}));
}

/* ---- the environment ---- */

/*
 * For a caller that wants to keep variables: the scalar's text is empty, and behind its NUL stands the variable's name
 * (collect_open()).
 */
static struct node *leave_open(struct conf_text *text, const char *name, size_t start)
{
    struct arena *arena = text->parser->arena;
    size_t length = strlen(name);
    char *text_and_name = arena_alloc(arena, length + 2);
    memcpy(text_and_name + 1, name, length + 1);
    struct node *node = conf_scalar(text, start, text_and_name, false);
    if (node)
        node->expanded = true;
    return node;
}

static bool refers_to_itself(const struct conf_text *text, const char *name)
{
    int nesting = 0;
    for (; text; text = text->outer) {
        if (text->variable && (strcmp(text->variable, name) == 0 || ++nesting > MOST_NESTING))
            return true;
    }
    return false;
}

/*
 * Servers put `pk=` before the value and read the result as a configuration. That is why PASS=a b fails, and why
 * PASS={x: 1} is a map.
 */
static struct node *read_value(struct conf_text *text, const char *name, const char *value, size_t start)
{
    static const char key[] = "pk";
    struct conf_parser *parser = text->parser;
    struct arena *arena = parser->arena;
    struct source *source = ARENA_NEW(arena, struct source);
    struct node *map = node_map(arena);
    struct srcpos pos = conf_pos(text, start);
    source->name = arena_printf(arena, "$%s", name);
    source->text = arena_printf(arena, "%s=%s", key, value);
    source->length = strlen(source->text);
    struct conf_text inner = {.parser = parser,
                              .source = source,
                              .path = "",
                              .depth = text->depth,
                              .outer = text,
                              .variable = name,
                              .reference = pos};
    parser->bytes += source->length;
    struct conf_scope scope = {.map = map};
    map_init(&scope.index, arena);
    conf_read_members(&inner, &scope);
    if (inner.failed) {
        text->failed = true;
        return NULL;
    }
    struct node *node = node_get(map, key);
    if (node)
        mark_expanded(node, pos);
    return node;
}

static struct node *from_environment(struct conf_text *text, const char *name, size_t start)
{
    const struct conf_world *world = text->parser->world;
    if (strncmp(name, "2b$", 3) == 0 || strncmp(name, "2y$", 3) == 0)
        return conf_fail(text, start, &code_variable, "only those that begin with $2a$ may go without",
                         "a bcrypt hash without quotes, which nats-server takes for a variable");
    if (refers_to_itself(text, name))
        return conf_fail(text, start, &code_variable, NULL, "variable '%s' refers to itself", name);
    if (!world->lookup)
        return leave_open(text, name, start);
    const char *value = world->lookup(world->context, name);
    struct node *node = value ? read_value(text, name, value, start) : NULL;
    if (node || text->failed)
        return node;
    return conf_fail(
        text, start, &code_variable,
        "keys count from the line after them on, and not in files that are included; text that begins with '$' "
        "needs quotes",
        "variable '%s' is no key above and not set", name);
}

/* ---- keys ---- */

struct node *conf_resolve(struct conf_text *text, const struct conf_scope *scope, const char *name,
                          size_t start)
{
    struct arena *arena = text->parser->arena;
    /* Servers make an exception for bcrypt hashes, but only for those that begin with $2a$. */
    if (strncmp(name, "2a$", 3) == 0)
        return conf_scalar(text, start, arena_printf(arena, "$%s", name), true);
    for (; scope; scope = scope->outer) {
        const struct member *member = conf_scope_get(scope, name);
        if (!member)
            continue;
        if (!conf_count(text, start, weight_of(member->value)))
            return NULL;
        note_definition(text->parser, member);
        struct node *copy = node_copy(arena, member->value);
        copy->pos = conf_pos(text, start);
        return copy;
    }
    return from_environment(text, name, start);
}
