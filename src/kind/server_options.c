/* Options by their ids, and words that several of them take; see server_options.h. */
#include "kind/server_options.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- choices of several options ---- */

const struct choice option_choices_compression[] = {{.name = "off"},     {.name = "disabled"},
                                                    {.name = "accept"},  {.name = "on"},
                                                    {.name = "enabled"}, {.name = "s2_fast"},
                                                    {.name = "fast"},    {.name = "s2_better"},
                                                    {.name = "better"},  {.name = "s2_best"},
                                                    {.name = "best"},    {.name = "s2_auto"},
                                                    {.name = "auto"},    {0}};
const struct choice option_choices_jetstream[] = {
    {.name = "enabled"}, {.name = "enable"}, {.name = "disabled"}, {.name = "disable"}, {0}};
const struct choice option_choices_tls[] = {{.name = "dev"}, {0}};
const struct choice option_choices_write_timeout[] = {
    {.name = "default"}, {.name = "close"}, {.name = "retry"}, {0}};

/* ---- ids ---- */

static const char *name_below(const struct table *table, unsigned id)
{
    const char *name = NULL;
    for (size_t i = 0; !name && i < table->count; i++)
        if (table->fields[i].id == id)
            name = table->fields[i].name;
    for (size_t i = 0; !name && i < table->count; i++)
        if (table->fields[i].object)
            name = name_below(table->fields[i].object, id);
    return name;
}

/* A walk to the first row that has the id: some hundred steps at most, and nobody looks up many. */
const char *option_name(enum server_option option)
{
    return name_below(&server_table, option);
}

struct node *option_get(const struct node *map, enum server_option option)
{
    return node_get(map, option_name(option));
}

const char *option_text(const struct node *map, enum server_option option)
{
    return node_get_text(map, option_name(option));
}

void option_put(struct arena *arena, struct node *map, enum server_option option, struct node *value)
{
    node_put(arena, map, option_name(option), value);
}

void option_remove(struct node *map, enum server_option option)
{
    node_remove(map, option_name(option));
}

/* What nats-server takes for "no": words of its booleans, and the two that 'jetstream' has besides. */
bool option_is_off(const struct node *value)
{
    static const char *const words[] = {"false", "no", "off", "disabled", "disable"};
    for (size_t i = 0; value && value->type == NODE_SCALAR && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(value->text, words[i]) == 0)
            return true;
    return false;
}

/* nats-server's own rule, ^\$2[abxy]\$\d{2}\$ (2.9.10, 2.10.27, 2.15.1). All else it compares letter by letter. */
bool option_is_hash(const char *password)
{
    return strncmp(password, "$2", 2) == 0 && password[2] && strchr("abxy", password[2]) &&
           password[3] == '$' && isdigit((unsigned char)password[4]) && isdigit((unsigned char)password[5]) &&
           password[6] == '$';
}
