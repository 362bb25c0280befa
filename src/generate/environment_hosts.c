/*
 * On which machine each node runs; see environment_model.h. A node that has a host in the manifest runs there, and listens on the
 * same ports as the others do on theirs. When all of them are booted on this machine, each host has a loopback address of
 * its own instead, so that the ports stay what they are.
 */
#include <string.h>

#include "base/host.h"
#include "generate/environment_model.h"

static DIAG_CODE(
    code_host, .name = "host", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A host that is no address and no name of a machine, or that only some nodes have.",
    .why = "The nodes of a cluster look for each other at their hosts.",
    .example = "servers: {east: {nodes: {n1: {host: 10.0.0.1}, n2: {}}}}",
    .remedy = "Give each node of the server its host, such as 10.0.0.1 or n1.example.com, or none of them.");

static DIAG_CODE(
    code_no_host, .name = "no-host", CODE_WARNING,
    .doc = "A server on a host of its own is to find another one that has no host.",
    .why =
        "Where no host is named, natsform takes this machine: the other looks for it at 127.0.0.1, on its own machine.",
    .example = "servers: {edge: {nodes: {e1: {host: 10.0.0.1}}, leaf_of: hub}, hub: {}}",
    .remedy = "Give the other server's nodes their hosts: 'nodes: {NAME: {host: ADDRESS}}'.");

#define LOOPBACK "127.0.0.1"

/* ---- reading ---- */

static bool has_only_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* A name whose last part is a number is an address with a slip in it. */
static bool is_host(const char *text)
{
    const char *dot = strrchr(text, '.');
    return host_is_address(text) || (host_is_name(text) && !has_only_digits(dot ? dot + 1 : text));
}

/* The host that an option names; NULL: none, or it is wrong, which was told then. */
static const char *read_host(const struct node *own, enum server_option option, struct diags *diags)
{
    const struct node *said = option_get(own, option);
    const char *text = option_text(own, option);
    if (!said || is_host(text))
        return said ? text : NULL;
    struct diag *diag =
        diag_add(diags, &code_host, said->pos, "'%s' is the address or the name of a machine, not '%s'",
                 option_name(option), text);
    if (strstr(text, "://") || strchr(text, ':'))
        diag_hint(diags, diag, "without scheme and port: the server's options say the ports");
    return NULL;
}

/* Ports are published at an address of the machine with the containers. */
static const char *read_address(const struct node *own, enum server_option option, struct diags *diags)
{
    const struct node *said = option_get(own, option);
    if (!said || host_is_address(said->text))
        return said ? said->text : NULL;
    struct diag *diag = diag_add(diags, &code_host, said->pos, "'%s' is an address in numbers, not '%s'",
                                 option_name(option), said->text);
    diag_hint(diags, diag, "0.0.0.0 is every address of the machine");
    return NULL;
}

static void check_all_have(const struct envserver *server, const struct envnode *nodes, struct diags *diags)
{
    const struct envnode *with = NULL;
    for (size_t i = 0; i < server->count; i++)
        with = nodes[i].host ? &nodes[i] : with;
    for (size_t i = 0; with && i < server->count; i++) {
        if (nodes[i].host || option_get(nodes[i].own, OPTION_HOST))
            continue;
        struct diag *diag = diag_add(diags, &code_host, nodes[i].own ? nodes[i].own->pos : server->pos,
                                     "node '%s' has no host, and '%s' has one", nodes[i].name, with->name);
        diag_hint(diags, diag, "'%s: {host: ADDRESS}': the others look for it there", nodes[i].name);
    }
}

static void check_publish(const struct envserver *server, const struct envnode *nodes, struct diags *diags)
{
    const struct node *said = option_get(server->own, OPTION_PUBLISH);
    if (!said || !server->count || !nodes[0].host)
        return;
    struct diag *diag =
        diag_add(diags, &code_host, said->pos,
                 "'publish' of server '%s' is for nodes without hosts: they share its address", server->name);
    diag_hint(diags, diag, "containers of nodes with hosts are published at a loopback address each");
}

static void read_server(struct environment *environment, struct envserver *server, struct diags *diags)
{
    struct envnode *nodes = environment->nodes + server->first;
    server->publish = read_address(server->own, OPTION_PUBLISH, diags);
    server->advertise = read_host(server->own, OPTION_ADVERTISE, diags);
    for (size_t i = 0; i < server->count; i++) {
        nodes[i].host = read_host(nodes[i].own, OPTION_HOST, diags);
        nodes[i].advertise = read_host(nodes[i].own, OPTION_ADVERTISE, diags);
        if (!nodes[i].advertise)
            nodes[i].advertise = server->advertise;
    }
    check_all_have(server, nodes, diags);
    check_publish(server, nodes, diags);
}

/* ---- who has to find whom ---- */

static void check_found(const struct environment *environment, const struct envserver *from,
                        const struct envserver *to, struct diags *diags)
{
    const struct envnode *seeker = &environment->nodes[from->first], *sought = &environment->nodes[to->first];
    if (!from->count || !to->count || !seeker->host || sought->host)
        return;
    struct diag *diag =
        diag_add(diags, &code_no_host, to->pos, "server '%s' has no host, and '%s' on %s is to find it",
                 to->name, from->name, seeker->host);
    diag_hint(diags, diag, "it would look at " LOOPBACK "; 'nodes: {%s: {host: ADDRESS}}'", sought->name);
}

static void check_links(const struct environment *environment, struct diags *diags)
{
    for (size_t i = 0; i < environment->server_count; i++) {
        const struct envserver *server = &environment->servers[i];
        if (server->hub)
            check_found(environment, server, server->hub, diags);
        for (size_t j = 0; server->gateways && j < environment->server_count; j++)
            if (server->gateways[j])
                check_found(environment, server, &environment->servers[j], diags);
    }
}

/* ---- loopback addresses ---- */

static bool is_taken(const struct environment *environment, const char *address)
{
    for (size_t i = 0; i < environment->node_count; i++) {
        const struct envnode *node = &environment->nodes[i];
        if ((node->host && strcmp(node->host, address) == 0) ||
            (node->address && strcmp(node->address, address) == 0))
            return true;
    }
    return false;
}

/* The next address that no node has: 127.0.0.2, 127.0.0.3 and so on. 127.0.0.1 is for nodes without hosts. */
static const char *next_address(struct arena *arena, const struct environment *environment)
{
    enum { FIRST = 2, PER_BLOCK = 254 };
    const char *address = NULL;
    for (size_t i = FIRST; !address || is_taken(environment, address); i++)
        address = arena_printf(arena, "127.0.%zu.%zu", (i - 1) / PER_BLOCK, (i - 1) % PER_BLOCK + 1);
    return address;
}

static const char *loopback_of(struct arena *arena, const struct environment *environment,
                               const struct envnode *node)
{
    if (!node->host || strcmp(node->host, "localhost") == 0)
        return LOOPBACK;
    if (host_is_loopback(node->host))
        return node->host;
    for (const struct envnode *other = environment->nodes; other < node; other++)
        if (other->host && strcmp(other->host, node->host) == 0)
            return other->address;
    return next_address(arena, environment);
}

void environment_give_hosts(struct arena *arena, struct environment *environment, struct diags *diags)
{
    for (size_t i = 0; i < environment->server_count; i++)
        read_server(environment, &environment->servers[i], diags);
    for (size_t i = 0; i < environment->node_count; i++)
        environment->nodes[i].address = loopback_of(arena, environment, &environment->nodes[i]);
    check_links(environment, diags);
}

/* ---- who is where ---- */

const char *envnode_host(const struct envnode *node, const struct environment_place *place)
{
    return place->hosts && node->host ? node->host : node->address;
}

const char *envnode_published(const struct envnode *node)
{
    return node->server->publish ? node->server->publish : node->address;
}

const char *envnode_reached(const struct envnode *node, const struct environment_place *place)
{
    const char *published = envnode_published(node);
    if (place->hosts && node->advertise)
        return node->advertise;
    if (!place->containers)
        return envnode_host(node, place);
    /* Every address is a way to publish, but not to connect. */
    if (strcmp(published, "0.0.0.0") == 0 || strcmp(published, "::") == 0)
        return *published == ':' ? "::1" : LOOPBACK;
    return published;
}
