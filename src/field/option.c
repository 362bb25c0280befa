/* What the rows of nats-server's options say, and going along them; see option.h. The rows are in kind/server_options_*.c. */
#include "field/option.h"

const struct choice *option_choice(const struct field *option, const struct node *value)
{
    return value->type == NODE_SCALAR ? field_choice(option, value->text) : NULL;
}

/* Before the version from which a reload takes the change, the server refuses the whole reload. */
enum reload_policy option_reload(const struct field *option, uint32_t version)
{
    return since_holds(option->reload_since, version) ? option->reload : RELOAD_NEVER;
}

/* ---- walking ---- */

struct walk {
    option_visit *visit;
    void *context;
};

static void walk_table(const struct walk *walk, const struct table *table, const struct node *map);

static void walk_value(const struct walk *walk, const struct field *option, const struct node *value,
                       unsigned types)
{
    if (value->type == NODE_MAP && (types & FIELD_OBJECT))
        walk_table(walk, option->object, value);
    for (size_t i = 0; value->type == NODE_LIST && (types & FIELD_LIST) && i < value->count; i++)
        walk_value(walk, option, value->items[i], field_items(option));
    for (size_t i = 0; value->type == NODE_MAP && (types & FIELD_MAP) && i < value->count; i++)
        walk_value(walk, option, value->members[i].value, field_values(option));
}

static void walk_table(const struct walk *walk, const struct table *table, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct member *member = &map->members[i];
        const struct field *option = table_field(table, member->key);
        /* Unknown names were reported when the manifest was read. */
        if (!option)
            continue;
        walk->visit(walk->context, option, member);
        walk_value(walk, option, member->value, field_types(option));
    }
}

void options_walk(const struct table *table, const struct node *map, option_visit *visit, void *context)
{
    const struct walk walk = {visit, context};
    if (map && map->type == NODE_MAP)
        walk_table(&walk, table, map);
}
