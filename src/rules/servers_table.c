/* The table of rules of servers, and what they share; see servers.h. */
#include "rules/servers.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/row.h"
#include "rules/servers_scan.h"

const struct server_rule server_rules[] = {
    ROW(.code = &code_server_listener, .says = "websocket requires TLS configuration",
        .doc = "A WebSocket listener says that it has no TLS, or has it.",
        .check = check_server_websocket_tls),
    ROW(.code = &code_server_listener,
        .says = "mqtt requires JetStream to be enabled if running in standalone mode",
        .doc = "MQTT keeps its sessions in streams.", .check = check_server_mqtt_jetstream),
    ROW(.code = &code_server_listener, .says = "TLS cert and key required for HTTPS",
        .doc = "Monitoring by TLS needs the server's certificate.", .check = check_server_https),
    ROW(.code = &code_server_listener, .says = "can't specify both HTTP",
        .doc = "Monitoring is by http or by https; natsform asks by http.", .check = check_server_http_twice),
    ROW(.code = &code_server_listener, .says = "unable to parse allowed origin",
        .doc = "Origins are whole URLs, which servers before 2.15 leave out with a word in the log.",
        .check = check_server_origins),
    ROW(.code = &code_server_listener,
        .says =
            "trusted operators or trusted keys configuration is required for JWT authentication via cookie",
        .doc = "JWTs in cookies are those of an operator's users.", .check = check_server_cookie),
    ROW(.code = &code_server_listener,
        .says = "authentication username not compatible with presence of users/nkeys",
        .doc = "A listener has a login of its own only where there are no users.",
        .check = check_server_listener_login),
    ROW(.code = &code_server_listener, .says = "too many colons in address",
        .doc = "An advertised address is a host, or a host and a port.", .check = check_server_advertise),
    ROW(.code = &code_server_tls, .doc = "A listener with TLS has a certificate.",
        .check = check_server_certificate),
    ROW(.code = &code_server_cluster,
        .says = "JetStream cluster requires configured routes or solicited leafnode for the system account",
        .doc = "JetStream in a cluster, or behind gateways, needs routes to other servers.",
        .check = check_server_routes),
    ROW(.code = &code_server_cluster, .doc = "A cluster of one waits forever for a second vote.",
        .check = check_server_self_route),
    ROW(.code = &code_server_cluster, .doc = "A route counts as a server, however often it is there.",
        .check = check_server_route_twice),
    ROW(.code = &code_server_cluster,
        .says = "cluster name conflicts between cluster and gateway definitions",
        .doc = "A gateway is named as the cluster that it is of.", .check = check_server_gateway_name),
    ROW(.code = &code_server_cluster,
        .says = "leaf nodes and gateways (both being defined) require a system account to also be configured",
        .doc = "A server with gateways takes leafnodes only with a system account of its own.",
        .check = check_server_gateway_system),
    ROW(.code = &code_server_cluster, .says = "pool_size cannot be negative if pinned accounts are specified",
        .doc = "Accounts with routes of their own need a pool of routes.", .check = check_server_pool),
    ROW(.code = &code_server_cluster,
        .says = "remote leaf node configuration cannot have a mix of websocket and non-websocket urls",
        .doc = "The URLs of a remote are all of WebSocket, or none is.", .check = check_server_remote_urls),
    ROW(.code = &code_server_cluster,
        .doc =
            "Two remotes of one hub are of different accounts; servers before 2.15 run, and send everything twice.",
        .check = check_server_remote_twice),
    ROW(.code = &code_server_shared, .whole = true, .doc = "No two servers have one name.",
        .check = check_server_names),
    ROW(.code = &code_server_shared, .whole = true, .doc = "No two servers keep streams in one folder.",
        .check = check_server_stores),
    ROW(.code = &code_server_shared, .whole = true,
        .doc = "The clusters that gateways join have different names.", .check = check_server_cluster_names),
    ROW(.code = &code_server_limit, .says = "max_payload (…) cannot be higher than max_pending (…)",
        .doc = "A message fits into what may wait for a client.", .check = check_server_payload),
    ROW(.code = &code_server_limit,
        .says = "lame duck grace period (…) should be strictly lower than lame duck duration (…)",
        .doc = "The grace period ends before the time that clients are sent away in.",
        .check = check_server_grace),
    ROW(.code = &code_server_limit, .says = "invalid domain name",
        .doc = "A JetStream domain is one token of a subject.", .check = check_server_domain),
    ROW(.code = &code_server_unbounded, .whole = true,
        .doc = "Servers that share a machine have limits of their own for memory and disk.",
        .check = check_server_unbounded),
    ROW(.code = &code_server_account, .says = "no_auth_user: \"…\" not present as user",
        .doc = "The user of clients that do not log in is there.", .check = check_server_no_auth_user),
    ROW(.code = &code_server_account, .says = "error resolving system account: account missing",
        .doc = "The system account is one of the accounts.", .check = check_server_system_account),
    ROW(.code = &code_server_account, .says = "Not allowed to enable JetStream on the system account",
        .doc = "The system account has no JetStream.", .check = check_server_system_jetstream),
    ROW(.code = &code_server_account, .says = "cannot find local account \"…\" specified in leafnode",
        .doc = "Leafnodes are connected to accounts that are there.", .check = check_server_leaf_accounts),
    ROW(.code = &code_server_account, .doc = "Imports, exports and routes name accounts that are there.",
        .check = check_server_shared_accounts),
    ROW(.code = &code_server_account, .says = "`default_js_domain` references non existing account",
        .doc = "Domains are given to accounts that are there.", .check = check_server_default_domain),
    ROW(.code = &code_server_account,
        .doc = "An auth callout is asked as users that are there, in an account that is.",
        .check = check_server_callout),
    ROW(.code = &code_server_account, .doc = "The global account is the server's own.",
        .check = check_server_reserved),
    ROW(.code = &code_server_no_jetstream, .whole = true,
        .doc = "Of the manifest's servers, one has JetStream for its streams.",
        .check = check_server_no_jetstream),
    ROW(.code = &code_server_login, .doc = "A server knows one way of logging in.",
        .check = check_server_login_ways),
    ROW(.code = &code_server_login, .doc = "A user has a name and a password, or an nkey.",
        .check = check_server_users),
    ROW(.code = &code_server_login, .doc = "No two users have one name, in whichever accounts they are.",
        .check = check_server_user_twice),
    ROW(.code = &code_server_login, .says = "operator mode does not allow specifying users in configuration",
        .doc = "With an operator, accounts and users come from JWTs alone.", .check = check_server_operator),
    ROW(.code = &code_server_login, .doc = "With an operator, JWTs come from somewhere.",
        .check = check_server_resolver),
    ROW(.code = &code_server_password, .doc = "A password is what it looks like.",
        .check = check_server_passwords),
};
const size_t server_rule_count = sizeof(server_rules) / sizeof(server_rules[0]);

/* ---- what rules share ---- */

struct diag *server_report(const struct server_scan *scan, const struct node *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *problem = arena_vprintf(&scan->diags->arena, format, args);
    va_end(args);
    struct srcpos pos = at && at->pos.source ? at->pos : scan->node ? scan->node->pos : (struct srcpos){0};
    struct diag *diag = diag_add(scan->diags, scan->rule->code, pos, "%s", problem);
    if (scan->rule->says)
        diag_note(scan->diags, diag, (struct srcpos){0},
                  "'nats-server -t' takes it; the server ends with '%s'", scan->rule->says);
    return diag;
}

const struct node *server_option_of(const struct server_scan *scan, const char *block, const char *key)
{
    return node_get(block ? node_get(scan->node->config, block) : scan->node->config, key);
}

bool server_says(const struct node *map, const char *key)
{
    bool value = false;
    const struct node *said = node_get(map, key);
    return said && said->type == NODE_SCALAR && node_is_bool(said, &value) && value;
}

size_t server_count(const struct node *value)
{
    return !value ? 0 : value->type == NODE_LIST ? value->count : 1;
}

const struct node *server_item(const struct node *value, size_t index)
{
    return value->type == NODE_LIST ? value->items[index] : value;
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

void server_each_user(const struct node *config, server_user_visit *visit, void *context)
{
    const struct node *accounts = node_get(config, "accounts");
    each_of(node_get(node_get(config, "authorization"), "users"), NULL, visit, context);
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++)
        each_of(node_get(accounts->members[i].value, "users"), &accounts->members[i], visit, context);
}

/* ---- all of them ---- */

void servers_check(const struct server_world *world, struct diags *diags)
{
    for (size_t i = 0; i < server_rule_count; i++) {
        struct server_scan scan = {.world = world, .rule = &server_rules[i], .diags = diags};
        if (scan.rule->code->severity == SEVERITY_NOTE && !world->advice)
            continue;
        if (scan.rule->whole)
            scan.rule->check(&scan);
        for (size_t j = 0; !scan.rule->whole && j < world->count; j++) {
            scan.node = &world->nodes[j];
            if (scan.node->first)
                scan.rule->check(&scan);
        }
    }
}
