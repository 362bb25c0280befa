/* Rules of how servers reach each other, of what they share, and of limits. */
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/row.h"
#include "field/value.h"
#include "rules/servers_scan.h"

static DIAG_CODE(
    code_server_cluster, .name = "server-cluster", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Servers of a cluster, or clusters, would not come together.",
    .why =
        "'nats-server -t' looks at one server only. JetStream in a cluster needs a leader, and a leader other servers.",
    .example = "servers: {dev: {cluster: {name: c1}}}",
    .remedy = "Say 'nodes: 3' for a cluster, and leave the rest of it to natsform.");

static DIAG_CODE(code_server_limit, .name = "server-limit", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "Two limits of a server contradict each other, or one has no meaning.",
                 .why = "'nats-server -t' reads each option by itself; the server ends at its start.",
                 .example = "servers: {dev: {max_payload: 8MiB, max_pending: 4MiB}}",
                 .remedy = "Change one of the two.");

static DIAG_CODE(
    code_server_shared, .name = "server-shared", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Two servers share what only one can have: a name or a folder of streams.",
    .why =
        "No lock keeps two servers from one folder: both start, and ruin each other's streams. Servers of one name never make a cluster.",
    .example = "servers: {a: {jetstream: {store_dir: /data}}, b: {jetstream: {store_dir: /data}}}",
    .remedy = "Give each its own, or leave it out.");

static DIAG_CODE(
    code_server_unbounded, .name = "server-unbounded", CODE_NOTE,
    .doc = "Several servers on one machine may each take most of its memory and disk.",
    .why =
        "Without max_mem and max_file a server takes three quarters of the machine's memory and of what is free on the disk, also in a container.",
    .example = "servers: {east: {nodes: 3}}", .remedy = "Set jetstream.max_mem and jetstream.max_file.");

/* The first with a position: what natsform has completed stands nowhere in the manifest. */
static const struct node *or_server(const struct node *first, const struct node *second)
{
    return first && first->pos.source ? first : second;
}

/* Does one of the remotes share the system account with its hub? */
static bool extends_system(const struct node *config)
{
    const struct node *remotes = node_get(node_get(config, "leafnodes"), "remotes");
    const char *system = node_get_text(config, "system_account");
    for (size_t i = 0; remotes && i < remotes->count; i++) {
        const char *account = node_get_text(remotes->items[i], "account");
        if (*account && strcmp(account, *system ? system : "$SYS") == 0)
            return true;
    }
    return false;
}

static void check_routes(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *cluster = node_get(config, "cluster");
    const struct node *gateway = node_get(config, "gateway");
    const struct node *routes = node_get(cluster, "routes");
    if ((!cluster && !gateway) || server_count(routes) || !server_has_jetstream(config) ||
        extends_system(config))
        return;
    struct diag *diag =
        rule_report(scan, server_pos(or_server(routes, or_server(cluster, gateway))),
                    "server '%s' has JetStream in a cluster, and no routes to others", scan->node->server);
    diag_hint(scan->diags, diag, "'nodes: 3' makes a cluster; a server alone has no 'cluster'%s",
              cluster ? "" : " and no gateways, or 'jetstream: false'");
}

/* The part of a URL behind the login. */
static const char *address_in(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *address = scheme ? scheme + 3 : url;
    const char *sign = strrchr(address, '@');
    return sign ? sign + 1 : address;
}

static const char *port_in(const char *address)
{
    const char *colon = strrchr(address, ':');
    return colon ? colon + 1 : "";
}

static bool is_here(const char *address)
{
    static const char *const hosts[] = {"127.0.0.1:", "localhost:", "[::1]:", "0.0.0.0:"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (strncasecmp(address, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}

static void check_self_route(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *cluster = node_get(config, "cluster");
    const struct node *routes = node_get(cluster, "routes");
    const char *own = port_in(node_get_text(cluster, "listen"));
    size_t others = 0;
    for (size_t i = 0; i < server_count(routes); i++) {
        const char *address = address_in(server_item(routes, i)->text);
        others += !is_here(address) || strcmp(port_in(address), own) != 0;
    }
    /* With gateways there are other servers to vote. */
    if (!server_count(routes) || others || node_get(config, "gateway") || !server_has_jetstream(config))
        return;
    struct diag *diag =
        rule_report(scan, routes->pos, "the only route of server '%s' leads to itself", scan->node->server);
    diag_hint(scan->diags, diag,
              "JetStream would wait for a second server for good; take 'cluster' away, or say 'nodes: 3'");
}

/* A new cluster's size is the number of its routes, so a majority may need a server that does not exist. */
static void check_route_twice(const struct rule_scan *scan)
{
    const struct node *routes = server_option_of(scan, "cluster", "routes");
    for (size_t i = 0; i < server_count(routes); i++)
        for (size_t j = 0; j < i; j++) {
            const struct node *route = server_item(routes, i);
            if (strcasecmp(address_in(route->text), address_in(server_item(routes, j)->text)) != 0)
                continue;
            struct diag *diag =
                rule_report(scan, route->pos, "a route of server '%s' is there twice", scan->node->server);
            diag_hint(scan->diags, diag,
                      "it counts as a server more, without which there may be no majority");
        }
}

static void check_gateway_name(const struct rule_scan *scan)
{
    const struct node *gateway = server_option_of(scan, "gateway", "name");
    const struct node *cluster = server_option_of(scan, "cluster", "name");
    if (!gateway || !cluster || strcmp(gateway->text, cluster->text) == 0)
        return;
    struct diag *diag = rule_report(scan, server_pos(or_server(gateway, cluster)),
                                    "the gateway of server '%s' is named '%s', and its cluster '%s'",
                                    scan->node->server, gateway->text, cluster->text);
    diag_hint(scan->diags, diag, "leave 'gateway.name' out: it is the cluster's");
}

static void check_gateway_system(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *gateway = node_get(config, "gateway");
    if (!gateway || !server_option_of(scan, "leafnodes", "listen") || node_get(config, "system_account"))
        return;
    struct diag *diag =
        rule_report(scan, server_pos(or_server(node_get(config, "leafnodes"), gateway)),
                    "server '%s' has gateways and leafnodes, and no system account", scan->node->server);
    diag_hint(scan->diags, diag,
              "add 'accounts: {SYS: {users: […]}}' and 'system_account: SYS'; accounts with streams need "
              "'jetstream: enabled' then");
}

static void check_pool(const struct rule_scan *scan)
{
    const struct node *size = server_option_of(scan, "cluster", "pool_size");
    /* A negative size means: no pool. */
    if (!size || *size->text != '-' || !server_count(server_option_of(scan, "cluster", "accounts")))
        return;
    struct diag *diag = rule_report(
        scan, size->pos, "'pool_size' of server '%s' is off, and accounts have routes", scan->node->server);
    diag_hint(scan->diags, diag, "take one of 'pool_size' and 'accounts' away");
}

static bool is_websocket(const struct node *url)
{
    return strncasecmp(url->text, "ws://", 5) == 0 || strncasecmp(url->text, "wss://", 6) == 0;
}

static void check_remote_urls(const struct rule_scan *scan)
{
    const struct node *remotes = server_option_of(scan, "leafnodes", "remotes");
    for (size_t i = 0; i < server_count(remotes); i++) {
        const struct node *urls = node_get(server_item(remotes, i), "urls");
        for (size_t j = 1; j < server_count(urls); j++) {
            if (is_websocket(server_item(urls, j)) == is_websocket(server_item(urls, 0)))
                continue;
            struct diag *diag =
                rule_report(scan, server_item(urls, j)->pos,
                            "a remote of server '%s' has URLs of WebSocket and others", scan->node->server);
            diag_hint(scan->diags, diag, "make two remotes of it, or all URLs of one kind");
            break;
        }
    }
}

static void check_remote_twice(const struct rule_scan *scan)
{
    const struct node *remotes = server_option_of(scan, "leafnodes", "remotes");
    for (size_t i = 0; i < server_count(remotes); i++)
        for (size_t j = 0; j < i; j++) {
            const struct node *a = server_item(remotes, i);
            const struct node *b = server_item(remotes, j);
            if (!node_equal(node_get(a, "urls"), node_get(b, "urls")) ||
                strcmp(node_get_text(a, "account"), node_get_text(b, "account")) != 0)
                continue;
            struct diag *diag =
                rule_report(scan, a->pos, "a remote of server '%s' is there twice", scan->node->server);
            /* URLs of remotes often have passwords in them, so the line is not shown. */
            diag->secret = true;
            diag_hint(scan->diags, diag, "two remotes of one hub are of two accounts: 'account: NAME'");
        }
}

/* ---- between servers ---- */

/* Where the manifest says it, when it does; several nodes have it with something added. */
static const struct node *said_by(const struct server_node *node, const char *block, const char *key)
{
    const struct node *said = node_get(block ? node_get(node->options, block) : node->options, key);
    return said ? said : block ? node_get(node->options, key) : NULL;
}

static void note_other(const struct rule_scan *scan, struct diag *diag, const struct node *said,
                       const struct server_node *node)
{
    diag_note(scan->diags, diag, said ? said->pos : node->pos, "the other is here");
}

static void check_names(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    for (size_t i = 0; i < world->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct node *a = node_get(world->nodes[i].config, "server_name");
            const struct node *b = node_get(world->nodes[j].config, "server_name");
            if (!a || !b || strcmp(a->text, b->text) != 0)
                continue;
            struct rule_scan here = *scan;
            here.node = &world->nodes[i];
            struct diag *diag = rule_report(&here, server_pos(said_by(&world->nodes[i], NULL, "server_name")),
                                            "servers '%s' and '%s' are both named '%s'", world->nodes[j].name,
                                            world->nodes[i].name, a->text);
            note_other(scan, diag, said_by(&world->nodes[j], NULL, "server_name"), &world->nodes[j]);
            diag_hint(scan->diags, diag, "leave 'server_name' out: it is the node's name");
        }
}

static const struct node *store_of(const struct server_node *node)
{
    return server_has_jetstream(node->config) ? node_get(node_get(node->config, "jetstream"), "store_dir")
                                              : NULL;
}

/* The same path, but for "./" and "/" too many. */
static bool same_path(const char *a, const char *b)
{
    for (;;) {
        while (strncmp(a, "./", 2) == 0)
            a += 2;
        while (strncmp(b, "./", 2) == 0)
            b += 2;
        size_t left = strcspn(a, "/");
        size_t right = strcspn(b, "/");
        if (left != right || strncmp(a, b, left) != 0)
            return false;
        a += left + strspn(a + left, "/");
        b += right + strspn(b + right, "/");
        if (!*a || !*b)
            return *a == *b;
    }
}

static bool share_machine(const struct server_node *a, const struct server_node *b)
{
    return strcmp(a->host ? a->host : "", b->host ? b->host : "") == 0;
}

static void check_stores(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    for (size_t i = 0; i < world->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct node *a = store_of(&world->nodes[i]);
            const struct node *b = store_of(&world->nodes[j]);
            if (!a || !b || !same_path(a->text, b->text) ||
                !share_machine(&world->nodes[i], &world->nodes[j]))
                continue;
            struct rule_scan here = *scan;
            here.node = &world->nodes[i];
            struct diag *diag =
                rule_report(&here, server_pos(said_by(&world->nodes[i], "jetstream", "store_dir")),
                            "servers '%s' and '%s' keep their streams in one folder, '%s'",
                            world->nodes[j].name, world->nodes[i].name, a->text);
            note_other(scan, diag, said_by(&world->nodes[j], "jetstream", "store_dir"), &world->nodes[j]);
            diag_hint(scan->diags, diag, "give each a folder of its own, or leave 'store_dir' out");
        }
}

static void check_cluster_names(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    for (size_t i = 0; i < world->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct node *a = node_get(node_get(world->nodes[i].config, "gateway"), "name");
            const struct node *b = node_get(node_get(world->nodes[j].config, "gateway"), "name");
            if (!a || !b || strcmp(world->nodes[i].server, world->nodes[j].server) == 0 ||
                strcmp(a->text, b->text) != 0 || !world->nodes[i].first || !world->nodes[j].first)
                continue;
            struct rule_scan here = *scan;
            here.node = &world->nodes[i];
            struct diag *diag = rule_report(&here, server_pos(said_by(&world->nodes[i], "cluster", "name")),
                                            "the clusters of servers '%s' and '%s' are both named '%s'",
                                            world->nodes[j].server, world->nodes[i].server, a->text);
            note_other(scan, diag, said_by(&world->nodes[j], "cluster", "name"), &world->nodes[j]);
            diag_hint(scan->diags, diag, "gateways tell clusters apart by their names");
        }
}

/* ---- limits ---- */

static void check_payload(const struct rule_scan *scan)
{
    enum { PAYLOAD_USUAL = 1024 * 1024, PENDING_USUAL = 64 * 1024 * 1024 };
    const struct node *payload = server_option_of(scan, NULL, "max_payload");
    const struct node *pending = server_option_of(scan, NULL, "max_pending");
    /* What is left out is compared by nats-server's own default. */
    int64_t most = server_number(payload, PAYLOAD_USUAL);
    int64_t room = server_number(pending, PENDING_USUAL);
    if (most <= room)
        return;
    struct arena *arena = &scan->diags->arena;
    struct diag *diag = rule_report(scan, server_pos(payload ? payload : pending),
                                    "'max_payload' of server '%s', %s, is more than 'max_pending', %s",
                                    scan->node->server, size_format(arena, most), size_format(arena, room));
    diag_hint(scan->diags, diag, "raise 'max_pending', or lower 'max_payload'");
}

static void check_grace(const struct rule_scan *scan)
{
    const int64_t second = INT64_C(1000000000);
    const struct node *grace = server_option_of(scan, NULL, "lame_duck_grace_period");
    const struct node *duration = server_option_of(scan, NULL, "lame_duck_duration");
    int64_t before = server_nanos(grace, 10 * second);
    int64_t all = server_nanos(duration, 120 * second);
    if (before < all)
        return;
    struct arena *arena = &scan->diags->arena;
    struct diag *diag =
        rule_report(scan, server_pos(grace ? grace : duration),
                    "'lame_duck_grace_period' of server '%s', %s, is not less than %s", scan->node->server,
                    duration_format(arena, before), duration_format(arena, all));
    diag_hint(scan->diags, diag, "lower it below 'lame_duck_duration'");
}

static void check_domain(const struct rule_scan *scan)
{
    const struct node *domain = server_option_of(scan, "jetstream", "domain");
    /* The domain becomes a token of the API's subjects, $JS.DOMAIN.API. */
    if (!domain || (*domain->text && !strpbrk(domain->text, ".*> \t")))
        return;
    struct diag *diag =
        rule_report(scan, domain->pos, "'%s' cannot be the name of a JetStream domain", domain->text);
    diag_hint(scan->diags, diag, "a domain has no blanks and none of . * >");
}

/* 0 is a limit, too: no JetStream of that kind. */
static bool is_bounded(const struct node *config)
{
    const struct node *jetstream = node_get(config, "jetstream");
    return server_number(node_get(jetstream, "max_mem"), -1) >= 0 &&
           server_number(node_get(jetstream, "max_file"), -1) >= 0;
}

static bool takes_all(const struct server_node *node)
{
    return server_has_jetstream(node->config) && !is_bounded(node->config);
}

/* How many of the nodes that are without limits share that one's machine, which is the first of them. */
static size_t count_unbounded(const struct server_world *world, const struct server_node *first)
{
    size_t count = 0;
    for (size_t i = 0; takes_all(first) && i < world->count; i++) {
        const struct server_node *node = &world->nodes[i];
        bool counts = takes_all(node) && share_machine(node, first);
        if (counts && node < first)
            return 0;
        count += counts;
    }
    return count;
}

static void check_unbounded(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    const struct server_node *first = NULL;
    size_t count = 0;
    for (size_t i = 0; count < 2 && i < world->count; i++) {
        first = &world->nodes[i];
        count = count_unbounded(world, first);
    }
    /* A server alone may have its machine. */
    if (count < 2)
        return;
    struct rule_scan here = *scan;
    here.node = first;
    struct diag *diag =
        rule_report(&here, (struct srcpos){0},
                    "%zu servers on one machine may each take three quarters of its memory and disk", count);
    diag_hint(scan->diags, diag, "set 'max_mem' and 'max_file' in 'jetstream'");
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .says = "JetStream cluster requires configured routes or solicited leafnode for the system account",
        .doc = "JetStream in a cluster, or behind gateways, needs routes to other servers.",
        .check = check_routes),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .doc = "A cluster of one waits forever for a second vote.", .check = check_self_route),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .doc = "A route counts as a server, however often it is there.", .check = check_route_twice),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .says = "cluster name conflicts between cluster and gateway definitions",
        .doc = "A gateway is named as the cluster that it is of.", .check = check_gateway_name),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .says = "leaf nodes and gateways (both being defined) require a system account to also be configured",
        .doc = "A server with gateways takes leafnodes only with a system account of its own.",
        .check = check_gateway_system),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .says = "pool_size cannot be negative if pinned accounts are specified",
        .doc = "Accounts with routes of their own need a pool of routes.", .check = check_pool),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .says = "remote leaf node configuration cannot have a mix of websocket and non-websocket urls",
        .doc = "The URLs of a remote are all of WebSocket, or none is.", .check = check_remote_urls),
    ROW(.code = &code_server_cluster, .each = EACH_SERVER,
        .doc =
            "Two remotes of one hub are of different accounts; servers before 2.15 run, and send everything twice.",
        .check = check_remote_twice),
    ROW(.code = &code_server_shared, .each = ALL_SERVERS, .doc = "No two servers have one name.",
        .check = check_names),
    ROW(.code = &code_server_shared, .each = ALL_SERVERS, .doc = "No two servers keep streams in one folder.",
        .check = check_stores),
    ROW(.code = &code_server_shared, .each = ALL_SERVERS,
        .doc = "The clusters that gateways join have different names.", .check = check_cluster_names),
    ROW(.code = &code_server_limit, .each = EACH_SERVER,
        .says = "max_payload (…) cannot be higher than max_pending (…)",
        .doc = "A message fits into what may wait for a client.", .check = check_payload),
    ROW(.code = &code_server_limit, .each = EACH_SERVER,
        .says = "lame duck grace period (…) should be strictly lower than lame duck duration (…)",
        .doc = "The grace period ends before the time that clients are sent away in.", .check = check_grace),
    ROW(.code = &code_server_limit, .each = EACH_SERVER, .says = "invalid domain name",
        .doc = "A JetStream domain is one token of a subject.", .check = check_domain),
    ROW(.code = &code_server_unbounded, .each = ALL_SERVERS,
        .doc = "Servers that share a machine have limits of their own for memory and disk.",
        .check = check_unbounded),
};
const struct rule_list server_cluster_rules = RULE_LIST(rows);
