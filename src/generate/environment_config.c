/*
 * A node's whole configuration; see environment.h. It begins with what the manifest says. Then each block is completed
 * by what the topology needs.
 */
#include <string.h>

#include "base/host.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "generate/environment_model.h"

const struct environment_place place_local = {.listen = "127.0.0.1"};
const struct environment_place place_hosts = {.listen = "127.0.0.1", .hosts = true};
const struct environment_place place_containers = {
    .listen = "0.0.0.0",
    .containers = true,
    .data = "/data",
    .certificates = "/etc/nats/tls",
};

/* The configuration that is being built, and for what. */
struct builder {
    struct arena *arena;
    const struct envnode *node;
    const struct environment_place *place;
    struct node *config;
};

static void put_text(const struct builder *builder, struct node *map, enum server_option option,
                     const char *text)
{
    option_put(builder->arena, map, option, node_scalar(builder->arena, text, true));
}

/* ---- addresses ---- */

/* In a container each node is alone, so all of them have the usual ports; only outside they differ. */
static int port_in(const struct environment_place *place, const struct envnode *node, enum listener listener)
{
    return place->containers ? listener_rows[listener].usual : node->ports[listener];
}

/*
 * Numbers, not "localhost": up to 2.11 the name of a gateway counts once for each of its addresses in the size of a new
 * meta group, and localhost often has two. Such a group never has enough members to elect its leader.
 */
static const char *address_of(const struct builder *builder, const struct envnode *node,
                              enum listener listener)
{
    const struct environment_place *place = builder->place;
    const char *host =
        place->containers ? node->name : host_in_url(builder->arena, envnode_host(node, place));
    return arena_printf(builder->arena, "%s:%d", host, port_in(place, node, listener));
}

/* The characters that RFC 3986 calls unreserved. */
static bool is_plain(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           strchr("-._~", byte);
}

/* A password may hold '@', ':' and '/', which end a part of a URL. */
static void add_quoted(struct strbuf *url, const char *text)
{
    for (; *text; text++) {
        if (is_plain((unsigned char)*text))
            strbuf_addf(url, "%c", *text);
        else
            strbuf_addf(url, "%%%02X", (unsigned char)*text);
    }
}

/* A URL such as "nats-route://user:password@127.0.0.1:6222". The login comes from `login`, if that has one. */
static const char *url_of(const struct builder *builder, const char *scheme, const struct node *login,
                          const struct envnode *node, enum listener listener)
{
    struct strbuf url SCOPED(strbuf_release) = {0};
    strbuf_addf(&url, "%s://", scheme);
    if (*option_text(login, OPTION_USER)) {
        add_quoted(&url, option_text(login, OPTION_USER));
        strbuf_adds(&url, ":");
        add_quoted(&url, option_text(login, OPTION_PASSWORD));
        strbuf_adds(&url, "@");
    }
    strbuf_adds(&url, address_of(builder, node, listener));
    return arena_strndup(builder->arena, strbuf_text(&url), url.length);
}

static struct node *urls_of(const struct builder *builder, const char *scheme, const struct node *login,
                            const struct envserver *server, enum listener listener)
{
    struct node *urls = node_list(builder->arena);
    const struct envnode *nodes = builder->node->environment->nodes + server->first;
    for (size_t i = 0; i < server->count; i++)
        node_append(builder->arena, urls,
                    node_scalar(builder->arena, url_of(builder, scheme, login, &nodes[i], listener), true));
    return urls;
}

/*
 * Where a node with a host of its own listens. At its host: at that address, if it is one; by a name it may be reached at any.
 * Monitoring lets everybody look, so by a name it stays with the machine.
 */
static const char *listen_of_host(const struct builder *builder, const char *said, enum listener listener)
{
    const struct envnode *node = builder->node;
    /* On this machine each node has an address of its own, whatever it listens on at its host. */
    if (!builder->place->hosts)
        return node->address;
    if (said || host_is_address(node->host))
        return said ? said : node->host;
    return listener == LISTENER_MONITOR ? "127.0.0.1" : "0.0.0.0";
}

/* Writes one `listen`, and removes host and port, which say the same. */
static void put_listen(const struct builder *builder, struct node *map, const struct node *said,
                       enum listener listener)
{
    const struct listener_row *row = &listener_rows[listener];
    const char *host = builder->place->containers ? NULL : listener_host(builder->arena, said, row);
    if (builder->node->host && !builder->place->containers)
        host = listen_of_host(builder, host, listener);
    option_remove(map, row->port);
    if (listener != LISTENER_MONITOR)
        option_remove(map, OPTION_HOST);
    bool found =
        listener == LISTENER_CLUSTER || listener == LISTENER_GATEWAY || listener == LISTENER_LEAFNODES;
    bool open = builder->place->keeps_open && builder->node->open_port[listener] && !found;
    put_text(builder, map, row->listen,
             arena_printf(builder->arena, "%s:%d",
                          host_in_url(builder->arena, host ? host : builder->place->listen),
                          open ? -1 : port_in(builder->place, builder->node, listener)));
}

/* ---- blocks ---- */

/* All nodes share one certificate: it names every host of the environment. */
static void put_certificate(const struct builder *builder, struct node *map)
{
    const char *folder = builder->place->certificates ? builder->place->certificates : "./tls";
    struct node *tls = node_map(builder->arena);
    if (!wants_certificate(map))
        return;
    put_text(builder, tls, OPTION_CERT_FILE, arena_printf(builder->arena, "%s/server.pem", folder));
    put_text(builder, tls, OPTION_KEY_FILE, arena_printf(builder->arena, "%s/server-key.pem", folder));
    put_text(builder, tls, OPTION_CA_FILE, arena_printf(builder->arena, "%s/ca.pem", folder));
    option_put(builder->arena, map, OPTION_TLS, tls);
}

/* The block as the manifest has it, in the configuration, to be completed; an empty one when it has none. */
static struct node *own_block(const struct builder *builder, enum server_option option)
{
    const struct node *said = option_get(builder->config, option);
    struct node *block =
        said && said->type == NODE_MAP ? node_copy(builder->arena, said) : node_map(builder->arena);
    option_put(builder->arena, builder->config, option, block);
    return block;
}

static void put_unless_said(const struct builder *builder, struct node *map, enum server_option option,
                            const char *text)
{
    if (!option_get(map, option))
        put_text(builder, map, option, text);
}

/* A cluster with a gateway has the gateway's name. nats-server refuses two different ones. */
static const char *cluster_name(const struct envserver *server)
{
    const char *name = option_text(option_get(server->options, OPTION_CLUSTER), OPTION_NAME);
    const char *gateway = option_text(option_get(server->options, OPTION_GATEWAY), OPTION_NAME);
    return *name ? name : *gateway ? gateway : server->name;
}

static void complete_cluster(const struct builder *builder, struct node *block)
{
    const struct envserver *server = builder->node->server;
    put_unless_said(builder, block, OPTION_NAME, cluster_name(server));
    /*
     * The node itself is among its routes. nats-server takes the number of routes for the size of a new cluster
     * (2.9.10, 2.10.27, 2.15.1), so a list without it would be one short.
     */
    if (server->count > 1 && !option_get(block, OPTION_ROUTES))
        option_put(builder->arena, block, OPTION_ROUTES,
                   urls_of(builder, "nats-route", option_get(block, OPTION_AUTHORIZATION), server,
                           LISTENER_CLUSTER));
}

/* Every node of a super-cluster has the same list of gateways, with its own cluster in it. */
static void complete_gateway(const struct builder *builder, struct node *block)
{
    const struct environment *environment = builder->node->environment;
    const struct envserver *server = builder->node->server;
    struct node *gateways = node_list(builder->arena);
    put_unless_said(builder, block, OPTION_NAME, cluster_name(server));
    for (size_t i = 0; server->gateways && i < environment->server_count; i++) {
        const struct envserver *other = &environment->servers[i];
        struct node *gateway = node_map(builder->arena);
        if (other != server && !server->gateways[i])
            continue;
        put_text(builder, gateway, OPTION_NAME, cluster_name(other));
        option_put(builder->arena, gateway, OPTION_URLS,
                   urls_of(builder, "nats",
                           option_get(option_get(other->options, OPTION_GATEWAY), OPTION_AUTHORIZATION),
                           other, LISTENER_GATEWAY));
        node_append(builder->arena, gateways, gateway);
    }
    if (gateways->count && !option_get(block, OPTION_GATEWAYS))
        option_put(builder->arena, block, OPTION_GATEWAYS, gateways);
}

/* What the manifest has under 'leaf_of' is added to its own remotes: both may be wanted. */
static void add_remote(const struct builder *builder, struct node *block)
{
    static const enum server_option passed[] = {OPTION_ACCOUNT, OPTION_CREDENTIALS, OPTION_NKEY};
    const struct envserver *server = builder->node->server;
    const struct node *said = option_get(server->own, OPTION_LEAF_OF);
    const struct node *there = option_get(block, OPTION_REMOTES);
    struct node *remotes = there ? node_copy(builder->arena, there) : node_list(builder->arena);
    struct node *remote = node_map(builder->arena);
    option_put(builder->arena, remote, OPTION_URLS,
               urls_of(builder, "nats-leaf", said, server->hub, LISTENER_LEAFNODES));
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
        if (*option_text(said, passed[i]))
            put_text(builder, remote, passed[i], option_text(said, passed[i]));
    if (wants_certificate(option_get(server->hub->options, OPTION_LEAFNODES))) {
        struct node *tls = node_map(builder->arena);
        put_text(builder, tls, OPTION_CA_FILE,
                 arena_printf(builder->arena, "%s/ca.pem",
                              builder->place->certificates ? builder->place->certificates : "./tls"));
        option_put(builder->arena, remote, OPTION_TLS, tls);
    }
    node_append(builder->arena, remotes, remote);
    option_put(builder->arena, block, OPTION_REMOTES, remotes);
}

/* On a host of its own a node has the store that the manifest names, and nobody to share it with. */
static bool shares_store(const struct builder *builder)
{
    const struct envnode *node = builder->node;
    const struct envnode *nodes = node->environment->nodes + node->server->first;
    size_t sharing = 0;
    for (size_t i = 0; i < node->server->count; i++)
        sharing += !builder->place->hosts || strcmp(nodes[i].address, node->address) == 0;
    return sharing > 1;
}

static void complete_jetstream(const struct builder *builder)
{
    const struct envserver *server = builder->node->server;
    const struct environment_place *place = builder->place;
    const char *name = builder->node->name;
    const char *top = option_text(builder->config, OPTION_STORE_DIR);
    if (!builder->node->jetstream)
        return;
    struct node *block = own_block(builder, OPTION_JETSTREAM);
    const char *said = *top ? top : option_text(block, OPTION_STORE_DIR);
    const char *folder = place->data;
    /* The option at the top and the one in the block together are refused: "Duplicate 'store_dir'". */
    option_remove(builder->config, OPTION_STORE_DIR);
    /*
     * A folder for each node: nats-server locks nothing, and two servers on one store destroy it. The folder that is meant for
     * a host is not this machine's.
     */
    if (*said && !place->containers && (place->hosts || !builder->node->host))
        folder = shares_store(builder) ? arena_printf(builder->arena, "%s/%s", said, name) : said;
    else if (!folder)
        folder = arena_printf(builder->arena, "./jetstream/%s", name);
    put_text(builder, block, OPTION_STORE_DIR, folder);
    /* Without domains of their own, a leafnode's JetStream tries to extend its hub's. */
    if (server->hub || server->is_hub)
        put_unless_said(builder, block, OPTION_DOMAIN, server->name);
}

static void complete_blocks(const struct builder *builder)
{
    const struct envserver *server = builder->node->server;
    for (enum listener listener = LISTENER_CLUSTER; listener < LISTENERS; listener++) {
        if (!listener_wanted(server, listener))
            continue;
        struct node *block = own_block(builder, listener_rows[listener].block);
        put_listen(builder, block, listener_block(server, listener), listener);
        if (listener == LISTENER_CLUSTER)
            complete_cluster(builder, block);
        else if (listener == LISTENER_GATEWAY)
            complete_gateway(builder, block);
        put_certificate(builder, block);
    }
    if (server->hub)
        add_remote(builder, own_block(builder, OPTION_LEAFNODES));
}

/* ---- what others are told ---- */

/*
 * Nodes tell clients and each other where they all are. What a server finds out by itself is of use where it listens at the address
 * that others reach it by. In Docker's network it is not, nor on a host with several addresses.
 */
static bool tells_addresses(const struct builder *builder)
{
    const struct envnode *node = builder->node;
    return (builder->place->hosts && node->host) ||
           (builder->place->containers && (node->server->count > 1 || node->advertise));
}

static void advertise(const struct builder *builder, enum listener listener, const char *host)
{
    const struct envnode *node = builder->node;
    enum server_option name = listener == LISTENER_CLIENT ? OPTION_CLIENT_ADVERTISE : OPTION_ADVERTISE;
    struct node *block = builder->config;
    if (listener_rows[listener].block)
        block = option_get(builder->config, listener_rows[listener].block);
    if (node->ports[listener] && !node->open_port[listener] && block && block->type == NODE_MAP)
        put_unless_said(
            builder, block, name,
            arena_printf(builder->arena, "%s:%d", host_in_url(builder->arena, host), node->ports[listener]));
}

static void put_advertised(const struct builder *builder)
{
    const struct envnode *node = builder->node;
    const char *host = envnode_host(node, builder->place);
    const char *reached = node->advertise ? node->advertise : envnode_reached(node, builder->place);
    if (!tells_addresses(builder))
        return;
    advertise(builder, LISTENER_CLIENT, reached);
    advertise(builder, LISTENER_WEBSOCKET, reached);
    /* In Docker's network nodes find each other by their names, and leafnodes from outside have one URL that is published. */
    if (builder->place->containers)
        return;
    advertise(builder, LISTENER_LEAFNODES, reached);
    advertise(builder, LISTENER_CLUSTER, host);
    advertise(builder, LISTENER_GATEWAY, host);
}

/* A node's own tags are beside those of its server. */
static void put_tags(const struct builder *builder)
{
    const struct node *own = option_get(builder->node->own, OPTION_SERVER_TAGS);
    const struct node *said = option_get(builder->config, OPTION_SERVER_TAGS);
    const struct node *const both[] = {said, own};
    struct node *tags = node_list(builder->arena);
    if (!own)
        return;
    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
        if (both[i] && both[i]->type == NODE_SCALAR)
            node_append(builder->arena, tags, node_copy(builder->arena, both[i]));
        for (size_t j = 0; both[i] && both[i]->type == NODE_LIST && j < both[i]->count; j++)
            node_append(builder->arena, tags, node_copy(builder->arena, both[i]->items[j]));
    }
    option_put(builder->arena, builder->config, OPTION_SERVER_TAGS, tags);
}

/* ---- the whole ---- */

static const char *server_name(const struct builder *builder)
{
    const char *said = option_text(builder->node->server->options, OPTION_SERVER_NAME);
    /* Nodes with names of their own have them in the cluster, too. */
    if (!*said || builder->node->own)
        return builder->node->name;
    return builder->node->server->count > 1
               ? arena_printf(builder->arena, "%s-%zu", said, builder->node->index + 1)
               : said;
}

struct node *environment_config(struct arena *arena, const struct envnode *node,
                                const struct environment_place *place)
{
    struct builder builder = {.arena = arena, .node = node, .place = place, .config = node_map(arena)};
    const struct node *options = node->server->options;
    /* These three only take their places at the top, where people look for them. Their values come below. */
    put_text(&builder, builder.config, OPTION_SERVER_NAME, server_name(&builder));
    put_text(&builder, builder.config, OPTION_LISTEN, "");
    put_text(&builder, builder.config, OPTION_HTTP, "");
    for (size_t i = 0; i < options->count; i++)
        node_put(arena, builder.config, options->members[i].key, options->members[i].value);
    put_text(&builder, builder.config, OPTION_SERVER_NAME, server_name(&builder));
    /* Monitoring is always on: `up` asks it whether a server is ready. */
    put_listen(&builder, builder.config, options, LISTENER_MONITOR);
    put_listen(&builder, builder.config, options, LISTENER_CLIENT);
    complete_jetstream(&builder);
    complete_blocks(&builder);
    put_advertised(&builder);
    put_tags(&builder);
    put_certificate(&builder, builder.config);
    return builder.config;
}

const char *envnode_url(struct arena *arena, const struct envnode *node,
                        const struct environment_place *place, enum listener listener)
{
    static const char *const schemes[LISTENERS][2] = {
        [LISTENER_CLIENT] = {"nats", "tls"},
        [LISTENER_MONITOR] = {"http", "http"},
        [LISTENER_CLUSTER] = {"nats-route", "nats-route"},
        [LISTENER_GATEWAY] = {"nats", "nats"},
        [LISTENER_LEAFNODES] = {"nats-leaf", "nats-leaf"},
        [LISTENER_WEBSOCKET] = {"ws", "wss"},
        [LISTENER_MQTT] = {"mqtt", "mqtts"},
    };
    const struct node *tls = option_get(listener_block(node->server, listener), OPTION_TLS);
    return arena_printf(arena, "%s://%s:%d", schemes[listener][tls ? 1 : 0],
                        host_in_url(arena, envnode_reached(node, place)), node->ports[listener]);
}
