/* What the rules of servers share; see servers_scan.h. */
#include "rules/servers_scan.h"

#include <string.h>

#include "base/number.h"
#include "field/value.h"

struct srcpos server_pos(const struct node *node)
{
    return node ? node->pos : (struct srcpos){0};
}

const struct node *server_option_of(const struct rule_scan *scan, const char *block, const char *key)
{
    return node_get(block ? node_get(scan->node->config, block) : scan->node->config, key);
}

bool server_says(const struct node *map, const char *key)
{
    bool value = false;
    const struct node *said = node_get(map, key);
    return said && said->type == NODE_SCALAR && node_is_bool(said, &value) && value;
}

/* Many options take one value or a list of them; so a single value counts as a list of one. */
size_t server_count(const struct node *value)
{
    return !value ? 0 : value->type == NODE_LIST ? value->count : 1;
}

const struct node *server_item(const struct node *value, size_t index)
{
    return value->type == NODE_LIST ? value->items[index] : value;
}

int64_t server_number(const struct node *said, int64_t usual)
{
    int64_t number;
    return said && number_parse_i64(said->text, &number) ? number : usual;
}

int64_t server_nanos(const struct node *said, int64_t usual)
{
    int64_t nanos;
    return said && duration_parse(said->text, &nanos) == UNITS_OK ? nanos : usual;
}

bool server_has_jetstream(const struct node *config)
{
    const struct node *jetstream = node_get(config, "jetstream");
    const struct node *enabled = node_get(jetstream, "enabled");
    bool on = true;
    if (!jetstream)
        return false;
    if (jetstream->type == NODE_MAP)
        return !enabled || !node_is_bool(enabled, &on) || on;
    return (!node_is_bool(jetstream, &on) || on) &&
           strncmp(jetstream->text, "disable", strlen("disable")) != 0;
}

bool server_has_operator(const struct node *config)
{
    return node_get(config, "operator") || node_get(config, "trusted_keys");
}

bool server_has_account(const struct node *config, const char *name)
{
    const struct node *accounts = node_get(config, "accounts");
    /* These two are always there. */
    if (strcmp(name, "$G") == 0 || strcmp(name, "$SYS") == 0)
        return true;
    if (accounts && accounts->type == NODE_MAP)
        return node_get(accounts, name) != NULL;
    for (size_t i = 0; accounts && accounts->type == NODE_LIST && i < accounts->count; i++)
        if (accounts->items[i]->type == NODE_SCALAR && strcmp(accounts->items[i]->text, name) == 0)
            return true;
    return false;
}

static void each_of(const struct node *users, const struct member *account, server_user_visit *visit,
                    void *context)
{
    for (size_t i = 0; users && users->type == NODE_LIST && i < users->count; i++)
        visit(context, account, users->items[i]);
}

/* Those of 'authorization' first, with no account: they are in $G. */
void server_each_user(const struct node *config, server_user_visit *visit, void *context)
{
    const struct node *accounts = node_get(config, "accounts");
    each_of(node_get(node_get(config, "authorization"), "users"), NULL, visit, context);
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++)
        each_of(node_get(accounts->members[i].value, "users"), &accounts->members[i], visit, context);
}
