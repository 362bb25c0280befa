/* See login.h. A configuration is read as the server reads it: options by their own names. */
#include "generate/login.h"

#include <string.h>
#include <strings.h>

#include "kind/server_options.h"

/* Of a user's connection types, that of ordinary clients. */
#define STANDARD "STANDARD"

/* Some users are for WebSocket, MQTT or leafnodes alone. */
static bool may_connect(const struct node *user)
{
    const struct node *types = option_get(user, OPTION_ALLOWED_CONNECTION_TYPES);
    bool may = !types || types->type != NODE_LIST;
    for (size_t i = 0; !may && i < types->count; i++)
        may = types->items[i]->type == NODE_SCALAR && strcasecmp(types->items[i]->text, STANDARD) == 0;
    return may;
}

static bool take_user(const struct node *entry, struct login *login)
{
    const char *user = option_text(entry, OPTION_USER);
    const char *password = option_text(entry, OPTION_PASSWORD);
    if (!*user || !*password || option_is_hash(password) || !may_connect(entry))
        return false;
    *login = (struct login){.user = user, .password = password};
    return true;
}

static bool take_first(const struct node *users, struct login *login)
{
    for (size_t i = 0; users && users->type == NODE_LIST && i < users->count; i++)
        if (take_user(users->items[i], login))
            return true;
    return false;
}

static bool has_jetstream(const struct node *account)
{
    const struct node *jetstream = option_get(account, OPTION_JETSTREAM);
    return jetstream && !option_is_off(jetstream) && !option_is_off(option_get(jetstream, OPTION_ENABLED));
}

static bool any_has_jetstream(const struct node *accounts)
{
    bool any = false;
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++)
        any |= has_jetstream(accounts->members[i].value);
    return any;
}

/* Applications have no business in the system account. Without 'system_account' it is $SYS. */
static bool is_system(const struct node *config, const char *account)
{
    const char *system = option_text(config, OPTION_SYSTEM_ACCOUNT);
    return strcmp(account, *system ? system : "$SYS") == 0;
}

/*
 * Do these users make others need a login? Those of the system account do not, as long as there is nothing else: then
 * whoever has no login comes into $G (2.9.10, 2.10.27, 2.15.1; with an `authorization` block since 2.10).
 */
static bool keeps_out(const struct node *config, const struct member *account)
{
    const struct node *users = option_get(account->value, OPTION_USERS);
    return users && users->count &&
           (!is_system(config, account->key) || option_get(config, OPTION_AUTHORIZATION) ||
            option_get(config, OPTION_ACCOUNTS)->count > 1);
}

/* Of the accounts with JetStream, if there are such: streams will be created with this login. */
static bool take_of_accounts(const struct node *config, struct login *login, bool *ret_wanted)
{
    const struct node *accounts = option_get(config, OPTION_ACCOUNTS);
    bool jetstream = any_has_jetstream(accounts);
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
        const struct member *account = &accounts->members[i];
        *ret_wanted |= keeps_out(config, account);
        if (!is_system(config, account->key) && has_jetstream(account->value) == jetstream &&
            take_first(option_get(account->value, OPTION_USERS), login))
            return true;
    }
    return false;
}

bool login_find(const struct node *config, struct login *ret_login)
{
    const struct node *authorization = option_get(config, OPTION_AUTHORIZATION);
    const struct node *users = option_get(authorization, OPTION_USERS);
    const char *token = option_text(authorization, OPTION_TOKEN);
    bool wanted =
        *token || *option_text(authorization, OPTION_USER) || users || option_get(config, OPTION_OPERATOR);
    *ret_login = (struct login){0};
    /* Clients without a login are that user then, so there is nothing to tell them. */
    if (*option_text(config, OPTION_NO_AUTH_USER))
        return true;
    if (*token && !option_is_hash(token)) {
        ret_login->token = token;
        return true;
    }
    /* These users are in $G, which has no JetStream where another account has. */
    if (!any_has_jetstream(option_get(config, OPTION_ACCOUNTS)) &&
        (take_user(authorization, ret_login) || take_first(users, ret_login)))
        return true;
    return take_of_accounts(config, ret_login, &wanted) || !wanted;
}
