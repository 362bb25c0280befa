/*
 * A node's whole configuration; see environment.h. It begins with what the manifest says. Then each block is completed
 * by what the topology needs.
 */
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "generate/environment_model.h"

const struct environment_place place_local = {.listen = "127.0.0.1"};
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

static void put_text(const struct builder *builder, struct node *map, const char *key, const char *text)
{
    node_put(builder->arena, map, key, node_scalar(builder->arena, text, true));
}

/* ---- addresses ---- */

static int port_in(const struct environment_place *place, const struct envnode *node, enum listener listener)
{
    return place->containers ? listener_rows[listener].usual : node->ports[listener];
}

static const char *address_of(const struct builder *builder, const struct envnode *node,
                              enum listener listener)
{
    return arena_printf(builder->arena, "%s:%d", builder->place->containers ? node->name : "127.0.0.1",
                        port_in(builder->place, node, listener));
}

static bool is_plain(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           strchr("-._~", byte);
}

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
    if (*node_get_text(login, "user")) {
        add_quoted(&url, node_get_text(login, "user"));
        strbuf_adds(&url, ":");
        add_quoted(&url, node_get_text(login, "password"));
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

/* Writes one `listen`, and removes host and port, which say the same. */
static void put_listen(const struct builder *builder, struct node *map, const struct node *said,
                       enum listener listener)
{
    const struct listener_row *row = &listener_rows[listener];
    const char *host = builder->place->containers ? NULL : listener_host(builder->arena, said, row);
    if (host && strchr(host, ':') && host[0] != '[')
        host = arena_printf(builder->arena, "[%s]", host);
    node_remove(map, row->port);
    if (listener != LISTENER_MONITOR)
        node_remove(map, "host");
    put_text(builder, map, row->listen,
             arena_printf(builder->arena, "%s:%d", host ? host : builder->place->listen,
                          port_in(builder->place, builder->node, listener)));
}

/* ---- blocks ---- */

static void put_certificate(const struct builder *builder, struct node *map)
{
    const char *folder = builder->place->certificates ? builder->place->certificates : "./tls";
    struct node *tls = node_map(builder->arena);
    if (!wants_certificate(map))
        return;
    put_text(builder, tls, "cert_file", arena_printf(builder->arena, "%s/server.pem", folder));
    put_text(builder, tls, "key_file", arena_printf(builder->arena, "%s/server-key.pem", folder));
    put_text(builder, tls, "ca_file", arena_printf(builder->arena, "%s/ca.pem", folder));
    node_put(builder->arena, map, "tls", tls);
}

/*
 * The configuration's own copy of a block of the manifest, to be completed. It is empty if the manifest does not have
 * the block.
 */
static struct node *own_block(const struct builder *builder, const char *key)
{
    const struct node *said = node_get(builder->config, key);
    struct node *block =
        said && said->type == NODE_MAP ? node_copy(builder->arena, said) : node_map(builder->arena);
    node_put(builder->arena, builder->config, key, block);
    return block;
}

static void put_unless_said(const struct builder *builder, struct node *map, const char *key,
                            const char *text)
{
    if (!node_get(map, key))
        put_text(builder, map, key, text);
}

/* A cluster with a gateway has the gateway's name. nats-server refuses two different ones. */
static const char *cluster_name(const struct envserver *server)
{
    const char *name = node_get_text(node_get(server->options, "cluster"), "name");
    const char *gateway = node_get_text(node_get(server->options, "gateway"), "name");
    return *name ? name : *gateway ? gateway : server->name;
}

static void complete_cluster(const struct builder *builder, struct node *block)
{
    const struct envserver *server = builder->node->server;
    put_unless_said(builder, block, "name", cluster_name(server));
    if (server->count > 1 && !node_get(block, "routes"))
        node_put(builder->arena, block, "routes",
                 urls_of(builder, "nats-route", node_get(block, "authorization"), server, LISTENER_CLUSTER));
    if (server->count > 1 && builder->place->containers)
        put_unless_said(builder, builder->config, "client_advertise",
                        arena_printf(builder->arena, "127.0.0.1:%d", builder->node->ports[LISTENER_CLIENT]));
}

/* Every node of a super-cluster has the same list of gateways, with its own cluster in it. */
static void complete_gateway(const struct builder *builder, struct node *block)
{
    const struct environment *environment = builder->node->environment;
    const struct envserver *server = builder->node->server;
    struct node *gateways = node_list(builder->arena);
    put_unless_said(builder, block, "name", cluster_name(server));
    for (size_t i = 0; server->gateways && i < environment->server_count; i++) {
        const struct envserver *other = &environment->servers[i];
        struct node *gateway = node_map(builder->arena);
        if (other != server && !server->gateways[i])
            continue;
        put_text(builder, gateway, "name", cluster_name(other));
        node_put(builder->arena, gateway, "urls",
                 urls_of(builder, "nats", node_get(node_get(other->options, "gateway"), "authorization"),
                         other, LISTENER_GATEWAY));
        node_append(builder->arena, gateways, gateway);
    }
    if (gateways->count && !node_get(block, "gateways"))
        node_put(builder->arena, block, "gateways", gateways);
}

static void add_remote(const struct builder *builder, struct node *block)
{
    static const char *const passed[] = {"account", "credentials", "nkey"};
    const struct envserver *server = builder->node->server;
    const struct node *said = node_get(server->own, "leaf_of");
    const struct node *there = node_get(block, "remotes");
    struct node *remotes = there ? node_copy(builder->arena, there) : node_list(builder->arena);
    struct node *remote = node_map(builder->arena);
    node_put(builder->arena, remote, "urls",
             urls_of(builder, "nats-leaf", said, server->hub, LISTENER_LEAFNODES));
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
        if (*node_get_text(said, passed[i]))
            put_text(builder, remote, passed[i], node_get_text(said, passed[i]));
    if (wants_certificate(node_get(server->hub->options, "leafnodes"))) {
        struct node *tls = node_map(builder->arena);
        put_text(builder, tls, "ca_file",
                 arena_printf(builder->arena, "%s/ca.pem",
                              builder->place->certificates ? builder->place->certificates : "./tls"));
        node_put(builder->arena, remote, "tls", tls);
    }
    node_append(builder->arena, remotes, remote);
    node_put(builder->arena, block, "remotes", remotes);
}

static void complete_jetstream(const struct builder *builder)
{
    const struct envserver *server = builder->node->server;
    const struct environment_place *place = builder->place;
    const char *top = node_get_text(builder->config, "store_dir");
    if (!builder->node->jetstream)
        return;
    struct node *block = own_block(builder, "jetstream");
    const char *said = *top ? top : node_get_text(block, "store_dir");
    const char *folder = place->data;
    node_remove(builder->config, "store_dir");
    if (*said && !place->containers)
        folder = server->count > 1 ? arena_printf(builder->arena, "%s/%s", said, builder->node->name) : said;
    else if (!folder)
        folder = arena_printf(builder->arena, "./jetstream/%s", builder->node->name);
    put_text(builder, block, "store_dir", folder);
    if (server->hub || server->is_hub)
        put_unless_said(builder, block, "domain", server->name);
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
        add_remote(builder, own_block(builder, "leafnodes"));
}

/* ---- the whole ---- */

static const char *server_name(const struct builder *builder)
{
    const char *said = node_get_text(builder->node->server->options, "server_name");
    if (!*said)
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
    put_text(&builder, builder.config, "server_name", server_name(&builder));
    put_text(&builder, builder.config, "listen", "");
    put_text(&builder, builder.config, "http", "");
    for (size_t i = 0; i < options->count; i++)
        node_put(arena, builder.config, options->members[i].key, options->members[i].value);
    put_text(&builder, builder.config, "server_name", server_name(&builder));
    put_listen(&builder, builder.config, options, LISTENER_MONITOR);
    put_listen(&builder, builder.config, options, LISTENER_CLIENT);
    complete_jetstream(&builder);
    complete_blocks(&builder);
    put_certificate(&builder, builder.config);
    return builder.config;
}

const char *envnode_url(struct arena *arena, const struct envnode *node, enum listener listener)
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
    const struct node *tls = node_get(listener_block(node->server, listener), "tls");
    return arena_printf(arena, "%s://127.0.0.1:%d", schemes[listener][tls ? 1 : 0], node->ports[listener]);
}
