/* Decides on which port each node listens; see environment_model.h. Nodes of one server count upward from its first port. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/scope.h"
#include "generate/environment_model.h"

static DIAG_CODE(
    code_port, .name = "port", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Two listeners want one port, or there is none left.",
    .why = "Only one of them could start. The nodes of a server count upward from the port that it names.",
    .example = "servers: {a: {nodes: 3, port: 4222}, b: {port: 4224}}",
    .remedy = "Name another port, name none, or take free ones with 'ports: auto'.");

/* nats-server -t does not look at this: a higher port passes it, and the start fails (2.9.10, 2.10.27, 2.15.1). */
enum { PORT_MOST = 65535 };

/* The last column is the port by custom. nats-server itself has no default for gateways, WebSocket and MQTT. */
const struct listener_row listener_rows[LISTENERS] = {
    [LISTENER_CLIENT] = {OPTION_CLIENT, OPTION_NONE, OPTION_PORT, OPTION_LISTEN, 4222},
    [LISTENER_MONITOR] = {OPTION_MONITOR, OPTION_NONE, OPTION_HTTP_PORT, OPTION_HTTP, 8222},
    [LISTENER_CLUSTER] = {OPTION_CLUSTER, OPTION_CLUSTER, OPTION_PORT, OPTION_LISTEN, 6222},
    [LISTENER_GATEWAY] = {OPTION_GATEWAY, OPTION_GATEWAY, OPTION_PORT, OPTION_LISTEN, 7222},
    [LISTENER_LEAFNODES] = {OPTION_LEAFNODES, OPTION_LEAFNODES, OPTION_PORT, OPTION_LISTEN, 7422},
    [LISTENER_WEBSOCKET] = {OPTION_WEBSOCKET, OPTION_WEBSOCKET, OPTION_PORT, OPTION_LISTEN, 8080},
    [LISTENER_MQTT] = {OPTION_MQTT, OPTION_MQTT, OPTION_PORT, OPTION_LISTEN, 1883},
};

const char *listener_name(enum listener listener)
{
    return option_name(listener_rows[listener].name);
}

int listener_usual_port(enum listener listener)
{
    return listener_rows[listener].usual;
}

const struct node *listener_block(const struct envserver *server, enum listener listener)
{
    enum server_option block = listener_rows[listener].block;
    return block ? option_get(server->options, block) : server->options;
}

/* The port at the end of `listen`, which is "127.0.0.1:4222", ":4222", "4222" or "[::1]:4222". */
static const char *port_part(const char *listen)
{
    const char *colon = strrchr(listen, ':');
    return colon ? colon + 1 : listen;
}

/* nats-server takes -1 for any free port. 0 stands for what is no port; the rules of servers report that. */
static int port_number(const char *text)
{
    int64_t port;
    return number_parse_i64(text, &port) && port >= -1 && port <= PORT_MOST ? (int)port : 0;
}

/* The port that the options name, and its position. 0: they name none. -1: any port. */
static int port_said(const struct node *block, const struct listener_row *row, struct srcpos *ret_pos)
{
    const struct node *port = option_get(block, row->port);
    const struct node *listen = option_get(block, row->listen);
    const struct node *said = port ? port : listen;
    if (!said || said->type != NODE_SCALAR)
        return 0;
    *ret_pos = said->pos;
    return port_number(port ? port->text : port_part(listen->text));
}

const char *listener_host(struct arena *arena, const struct node *block, const struct listener_row *row)
{
    const char *listen = option_text(block, row->listen);
    const char *port = port_part(listen);
    if (port > listen + 1)
        return arena_strndup(arena, listen, (size_t)(port - listen) - 1);
    const char *host = option_text(block, OPTION_HOST);
    return *host ? host : NULL;
}

bool listener_wanted(const struct envserver *server, enum listener listener)
{
    const struct node *block = listener_block(server, listener);
    struct srcpos pos;
    switch (listener) {
    case LISTENER_CLUSTER:
        return block || server->count > 1;
    case LISTENER_GATEWAY:
        return block || server->gateways;
    case LISTENER_LEAFNODES: /* a block with nothing but remotes does not listen */
        return server->is_hub || (block && port_said(block, &listener_rows[listener], &pos));
    default:
        return block != NULL;
    }
}

/* ---- giving them out ---- */

/* Which node has a port, and where the manifest says so. */
struct holding {
    const struct envnode *node;
    enum listener listener;
    struct srcpos pos;
};

static bool share_host(const struct envnode *node, const struct envnode *other)
{
    return strcmp(node->address, other->address) == 0;
}

/*
 * All addresses of a host share their ports here: a node on one address and one on all of them would get into each other's way.
 */
static const struct holding *holder_of(const struct holding *holdings, size_t count,
                                       const struct envnode *node, int port)
{
    for (size_t i = 0; i < count; i++)
        if (holdings[i].node->ports[holdings[i].listener] == port && share_host(holdings[i].node, node))
            return &holdings[i];
    return NULL;
}

/* The port of the server's first node, by `ports` or by the options; 0: the manifest names none. */
static int said_port(const struct envserver *server, enum listener listener, struct srcpos *ret_pos)
{
    const struct node *ports = option_get(server->own, OPTION_PORTS);
    const struct node *port = option_get(ports, listener_rows[listener].name);
    if (port && port->type == NODE_SCALAR) {
        *ret_pos = port->pos;
        return port_number(port->text);
    }
    return port_said(listener_block(server, listener), &listener_rows[listener], ret_pos);
}

static void refuse_clash(const struct envnode *node, enum listener listener, struct srcpos pos, int port,
                         const struct holding *other, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_port, pos, "port %d%s%s is wanted twice: by %s (%s) and %s (%s)", port,
                 node->host ? " of " : "", node->host ? node->host : "", other->node->name,
                 listener_name(other->listener), node->name, listener_name(listener));
    diag_note(diags, diag, other->pos, "the other is here");
    diag_hint(
        diags, diag,
        "the nodes of a server count upward from the port that it names; 'ports: auto' takes free ones");
}

static void hold(struct holding *holdings, size_t *count, struct envnode *node, enum listener listener,
                 struct srcpos pos, int port)
{
    node->ports[listener] = port;
    holdings[(*count)++] = (struct holding){.node = node, .listener = listener, .pos = pos};
}

/* How many nodes before this one are on its host. */
static int before_on_host(const struct envnode *nodes, size_t index)
{
    int count = 0;
    for (size_t i = 0; i < index; i++)
        count += share_host(&nodes[i], &nodes[index]);
    return count;
}

static void give_said(const struct envserver *server, struct envnode *nodes, enum listener listener,
                      struct holding *holdings, size_t *count, struct diags *diags)
{
    struct srcpos pos = server->pos;
    int first = said_port(server, listener, &pos);
    /*
     * Nodes of one server have the same options, so the port in them is that of the first node on each host, and
     * the others count upward.
     */
    for (size_t i = 0; first > 0 && i < server->count; i++) {
        int port = first + before_on_host(nodes, i);
        const struct holding *other = holder_of(holdings, *count, &nodes[i], port);
        if (port > PORT_MOST)
            diag_error(diags, &code_port, pos, "there is no port %d for %s; the highest is %d", port,
                       nodes[i].name, PORT_MOST);
        else if (other)
            refuse_clash(&nodes[i], listener, pos, port, other, diags);
        else
            hold(holdings, count, &nodes[i], listener, pos, port);
    }
}

static bool are_all_free(const struct envserver *server)
{
    const struct node *ports = option_get(server->own, OPTION_PORTS);
    return ports && ports->type == NODE_SCALAR;
}

static void give_unsaid(const struct envserver *server, struct envnode *nodes, enum listener listener,
                        struct holding *holdings, size_t *count)
{
    struct srcpos pos;
    bool open = said_port(server, listener, &pos) < 0;
    for (size_t i = 0; i < server->count; i++) {
        int port = listener_rows[listener].usual;
        if (nodes[i].ports[listener])
            continue;
        /* Ends: there are at most some hundred nodes with seven listeners each, and sixty thousand ports. */
        while (holder_of(holdings, *count, &nodes[i], port))
            port++;
        hold(holdings, count, &nodes[i], listener, server->pos, port);
        nodes[i].any_port[listener] = open || are_all_free(server);
        nodes[i].open_port[listener] = open;
    }
}

int environment_give_ports(struct environment *environment, struct diags *diags)
{
    size_t errors = diags->errors;
    size_t count = 0;
    struct arena arena SCOPED(arena_release) = {0};
    struct holding *holdings = ARENA_ARRAY(&arena, struct holding, environment->node_count * LISTENERS + 1);
    /* Twice: ports that the manifest names are given out first, so that no other node is in their place by then. */
    for (int said = 1; said >= 0 && diags->errors == errors; said--)
        for (size_t i = 0; i < environment->server_count; i++)
            for (enum listener listener = 0; listener < LISTENERS; listener++) {
                const struct envserver *server = &environment->servers[i];
                struct envnode *nodes = environment->nodes + server->first;
                if (!listener_wanted(server, listener))
                    continue;
                if (said)
                    give_said(server, nodes, listener, holdings, &count, diags);
                else
                    give_unsaid(server, nodes, listener, holdings, &count);
            }
    return diags->errors > errors ? -1 : 0;
}
