/* Rules of what names accounts and users. Accounts of an operator are not in configurations. */
#include <string.h>

#include "base/row.h"
#include "base/suggest.h"
#include "rules/servers_scan.h"

static DIAG_CODE(code_server_account, .name = "server-account", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A server's options name an account or a user that is not there.",
                 .why = "The server ends at its start, for most of these with a word that names no place.",
                 .example = "servers: {dev: {system_account: SYS}}",
                 .remedy = "Define the account under 'accounts', or the user in one of them.");

static DIAG_CODE(
    code_server_no_way_in, .name = "server-no-way-in", CODE_WARNING,
    .doc = "An account with JetStream has no users, and nothing else leads into it.",
    .why = "No client can reach its streams, and 'natsform up' cannot apply them.",
    .example = "servers: {dev: {accounts: {A: {jetstream: enabled}, B: {users: [{user: b, password: b}]}}}}",
    .remedy = "Give the account users, or take its JetStream away.");

static DIAG_CODE(
    code_server_no_jetstream, .name = "server-no-jetstream", CODE_WARNING,
    .doc = "The manifest's streams, or an account, want JetStream, and no server has it for them.",
    .why =
        "As soon as a server has accounts, those have JetStream that say so: requests end with error 10039.",
    .example = "servers: {dev: {accounts: {A: {users: [{user: a, password: b}]}}}}\nstreams: {ORDERS: {}}",
    .remedy = "Add 'jetstream: enabled' to the account of the streams.");

static void suggest_account(const struct rule_scan *scan, const char *name, struct diag *diag)
{
    const struct node *accounts = node_get(scan->node->config, "accounts");
    struct suggestion near = {.wanted = name};
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++)
        suggestion_consider(&near, accounts->members[i].key);
    if (near.best)
        diag_hint(scan->diags, diag, "did you mean '%s'?", near.best);
    else
        diag_hint(scan->diags, diag, "define it: 'accounts: {%s: {…}}'", name);
}

/* Reports a name of an account that is not there. */
static void want_account(const struct rule_scan *scan, const struct node *name, const char *what)
{
    if (!name || name->type != NODE_SCALAR || server_has_account(scan->node->config, name->text) ||
        server_has_operator(scan->node->config))
        return;
    /* What natsform has put together has no position; then it came from 'leaf_of'. */
    const struct node *said =
        name->pos.source ? name : node_get(node_get(scan->node->own, "leaf_of"), "account");
    suggest_account(scan, name->text,
                    rule_report(scan, server_pos(said),
                                "%s of server '%s' names an account '%s', and there is none", what,
                                scan->node->server, name->text));
}

/* ---- users ---- */

struct search {
    const char *name;
    bool found;
    struct suggestion near;
};

/* A user with an nkey is named by that. */
static void look_at_user(void *context, const struct member *account, const struct node *user)
{
    struct search *search = context;
    (void)account;
    const char *name = node_get_text(user, "user");
    search->found |=
        (*name && strcmp(name, search->name) == 0) || strcmp(node_get_text(user, "nkey"), search->name) == 0;
    if (*name)
        suggestion_consider(&search->near, name);
}

static void check_no_auth_user(const struct rule_scan *scan)
{
    static const char *const blocks[] = {NULL, "websocket", "mqtt"};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct node *said = server_option_of(scan, blocks[i], "no_auth_user");
        if (!said || server_has_operator(scan->node->config))
            continue;
        struct search search = {.name = said->text, .near.wanted = said->text};
        server_each_user(scan->node->config, look_at_user, &search);
        if (search.found)
            continue;
        struct diag *diag =
            rule_report(scan, said->pos, "'no_auth_user' of server '%s' names a user '%s', and there is none",
                        scan->node->server, said->text);
        if (search.near.best)
            diag_hint(scan->diags, diag, "did you mean '%s'?", search.near.best);
        else
            diag_hint(scan->diags, diag, "define it among the 'users' of an account or of 'authorization'");
    }
}

/* ---- accounts ---- */

static void check_system_account(const struct rule_scan *scan)
{
    want_account(scan, server_option_of(scan, NULL, "system_account"), "'system_account'");
}

static bool has_jetstream(const struct node *account)
{
    return server_has_jetstream(account);
}

static void check_system_jetstream(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const char *said = node_get_text(config, "system_account");
    const char *name = *said ? said : "$SYS";
    const struct node *account = node_get(node_get(config, "accounts"), name);
    /* Only where the server has JetStream at all does it look at accounts. */
    if (!account || !has_jetstream(account) || !server_has_jetstream(config))
        return;
    struct diag *diag =
        rule_report(scan, server_pos(node_get(account, "jetstream")),
                    "the system account '%s' of server '%s' has JetStream", name, scan->node->server);
    diag_hint(scan->diags, diag, "take it away there: streams are in other accounts");
}

static void check_leaf_accounts(const struct rule_scan *scan)
{
    const struct node *leafnodes = node_get(scan->node->config, "leafnodes");
    const struct node *remotes = node_get(leafnodes, "remotes");
    const struct node *login = node_get(leafnodes, "authorization");
    const struct node *users = node_get(login, "users");
    for (size_t i = 0; i < server_count(remotes); i++)
        want_account(scan, node_get(server_item(remotes, i), "account"), "a leafnode remote");
    want_account(scan, node_get(login, "account"), "'leafnodes.authorization'");
    for (size_t i = 0; i < server_count(users); i++)
        want_account(scan, node_get(server_item(users, i), "account"), "a user of 'leafnodes.authorization'");
}

static void check_sharing(const struct rule_scan *scan, const struct node *account)
{
    const struct node *imports = node_get(account, "imports");
    const struct node *exports = node_get(account, "exports");
    for (size_t i = 0; i < server_count(imports); i++) {
        const struct node *import = server_item(imports, i);
        want_account(scan, node_get(node_get(import, "stream"), "account"), "an import");
        want_account(scan, node_get(node_get(import, "service"), "account"), "an import");
    }
    for (size_t i = 0; i < server_count(exports); i++) {
        const struct node *names = node_get(server_item(exports, i), "accounts");
        for (size_t j = 0; j < server_count(names); j++)
            want_account(scan, server_item(names, j), "an export");
    }
}

static void check_shared_accounts(const struct rule_scan *scan)
{
    const struct node *accounts = node_get(scan->node->config, "accounts");
    const struct node *pinned = server_option_of(scan, "cluster", "accounts");
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++)
        check_sharing(scan, accounts->members[i].value);
    for (size_t i = 0; i < server_count(pinned); i++)
        want_account(scan, server_item(pinned, i), "'cluster.accounts'");
}

static void check_default_domain(const struct rule_scan *scan)
{
    const struct node *domains = server_option_of(scan, NULL, "default_js_domain");
    for (size_t i = 0; domains && i < domains->count; i++) {
        struct node name = *domains->members[i].value;
        name.text = domains->members[i].key;
        name.pos = domains->members[i].key_pos;
        want_account(scan, &name, "'default_js_domain'");
    }
}

/* Nobody could log in: each login would be asked of a user that is not there. */
static void check_callout(const struct rule_scan *scan)
{
    const struct node *callout = server_option_of(scan, "authorization", "auth_callout");
    const struct node *users = node_get(callout, "auth_users");
    want_account(scan, node_get(callout, "account"), "'auth_callout'");
    for (size_t i = 0; i < server_count(users) && !server_has_operator(scan->node->config); i++) {
        const struct node *user = server_item(users, i);
        struct search search = {.name = user->text, .near.wanted = user->text};
        server_each_user(scan->node->config, look_at_user, &search);
        if (search.found)
            continue;
        struct diag *diag =
            rule_report(scan, user->pos, "'auth_callout' of server '%s' names a user '%s', and there is none",
                        scan->node->server, user->text);
        diag_hint(scan->diags, diag, "define it among the users, or nobody can log in");
    }
}

static void check_reserved(const struct rule_scan *scan)
{
    const struct node *accounts = node_get(scan->node->config, "accounts");
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
        const struct member *account = &accounts->members[i];
        struct node at = {.type = NODE_SCALAR, .text = account->key, .pos = account->key_pos};
        if (strcmp(account->key, "$G") != 0)
            continue;
        struct diag *diag =
            rule_report(scan, at.pos, "'$G' of server '%s' cannot be defined", scan->node->server);
        diag_hint(scan->diags, diag,
                  "users of 'authorization' are in it; others need an account of another name");
    }
}

/* ---- JetStream ---- */

/* With accounts, only those that say so have it. */
static bool offers_jetstream(const struct node *config)
{
    const struct node *accounts = node_get(config, "accounts");
    bool users = server_count(node_get(node_get(config, "authorization"), "users")) > 0;
    size_t others = 0;
    if (!server_has_jetstream(config))
        return false;
    /*
     * JWTs say which accounts have it; they are not read here. Without accounts, all clients are in $G, which has it.
     */
    if (server_has_operator(config) || !accounts)
        return true;
    for (size_t i = 0; accounts->type == NODE_MAP && i < accounts->count; i++) {
        if (has_jetstream(accounts->members[i].value))
            return true;
        others += strcmp(accounts->members[i].key, "$SYS") != 0 &&
                  strcmp(accounts->members[i].key, node_get_text(config, "system_account")) != 0;
    }
    return !others && !users;
}

static void check_no_jetstream(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    if (!world->manifest || !world->manifest->streams.count || !world->count)
        return;
    for (size_t i = 0; i < world->count; i++)
        if (offers_jetstream(world->nodes[i].config))
            return;
    struct rule_scan here = *scan;
    here.node = &world->nodes[0];
    const struct node *accounts = node_get(here.node->config, "accounts");
    bool off = !server_has_jetstream(here.node->config);
    struct diag *diag =
        rule_report(&here, server_pos(off ? node_get(here.node->config, "jetstream") : NULL),
                    off ? "no server of the manifest has JetStream for its streams"
                        : "no account of the manifest's servers has JetStream for its streams");
    if (off || !accounts || accounts->type != NODE_MAP || !accounts->count)
        diag_hint(scan->diags, diag, "take 'jetstream: false' away");
    else
        diag_hint(scan->diags, diag, "add 'jetstream: enabled' to the account of the streams");
}

/* Other servers may have it for this one, where they are connected. */
static bool is_alone(const struct node *config)
{
    return !node_get(config, "cluster") && !node_get(config, "gateway") &&
           !node_get(node_get(config, "leafnodes"), "remotes");
}

static void check_account_jetstream(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *accounts = node_get(config, "accounts");
    if (server_has_jetstream(config) || !is_alone(config))
        return;
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
        const struct member *account = &accounts->members[i];
        if (!has_jetstream(account->value))
            continue;
        struct diag *diag = rule_report(scan, node_get(account->value, "jetstream")->pos,
                                        "account '%s' of server '%s' has JetStream, and the server has none",
                                        account->key, scan->node->server);
        diag_hint(scan->diags, diag, "take 'jetstream: false' of the server away, or that of the account");
    }
}

/* Does something in the configuration name the account, as leafnodes, an auth callout or an import do? */
static bool is_named(const struct node *node, const char *account)
{
    bool named = node->type == NODE_SCALAR && strcmp(node->text, account) == 0;
    for (size_t i = 0; !named && node->type == NODE_MAP && i < node->count; i++)
        named = is_named(node->members[i].value, account);
    for (size_t i = 0; !named && node->type == NODE_LIST && i < node->count; i++)
        named = is_named(node->items[i], account);
    return named;
}

static void check_way_in(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *accounts = node_get(config, "accounts");
    if (!server_has_jetstream(config) || server_has_operator(config) ||
        server_option_of(scan, "authorization", "auth_callout"))
        return;
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
        const struct member *account = &accounts->members[i];
        struct node at = {.type = NODE_SCALAR, .text = account->key, .pos = account->key_pos};
        if (!has_jetstream(account->value) || server_count(node_get(account->value, "users")) ||
            node_get(account->value, "exports") || is_named(config, account->key))
            continue;
        struct diag *diag =
            rule_report(scan, at.pos, "nobody can log in to account '%s' of server '%s', which has JetStream",
                        account->key, scan->node->server);
        diag_hint(scan->diags, diag, "give it 'users'");
    }
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_server_account, .each = EACH_SERVER, .says = "no_auth_user: \"…\" not present as user",
        .doc = "The user of clients that do not log in is there.", .check = check_no_auth_user),
    ROW(.code = &code_server_account, .each = EACH_SERVER,
        .says = "error resolving system account: account missing",
        .doc = "The system account is one of the accounts.", .check = check_system_account),
    ROW(.code = &code_server_account, .each = EACH_SERVER,
        .says = "Not allowed to enable JetStream on the system account",
        .doc = "The system account has no JetStream.", .check = check_system_jetstream),
    ROW(.code = &code_server_account, .each = EACH_SERVER,
        .says = "cannot find local account \"…\" specified in leafnode",
        .doc = "Leafnodes are connected to accounts that are there.", .check = check_leaf_accounts),
    ROW(.code = &code_server_account, .each = EACH_SERVER,
        .doc = "Imports, exports and routes name accounts that are there.", .check = check_shared_accounts),
    ROW(.code = &code_server_account, .each = EACH_SERVER,
        .says = "`default_js_domain` references non existing account",
        .doc = "Domains are given to accounts that are there.", .check = check_default_domain),
    ROW(.code = &code_server_account, .each = EACH_SERVER,
        .doc = "An auth callout is asked as users that are there, in an account that is.",
        .check = check_callout),
    ROW(.code = &code_server_account, .each = EACH_SERVER, .doc = "The global account is the server's own.",
        .check = check_reserved),
    ROW(.code = &code_server_no_jetstream, .each = EACH_SERVER,
        .doc = "An account with JetStream is on a server that has it.", .check = check_account_jetstream),
    ROW(.code = &code_server_no_way_in, .each = EACH_SERVER,
        .doc = "An account without users is there for other accounts, leafnodes or a callout.",
        .check = check_way_in),
    ROW(.code = &code_server_no_jetstream, .each = ALL_SERVERS,
        .doc = "Of the manifest's servers, one has JetStream for its streams.", .check = check_no_jetstream),
};
const struct rule_list server_account_rules = RULE_LIST(rows);
