/*
 * Environment: what the `servers` of a manifest come to: every nats-server that is to run, with its name, its
 * ports and its whole configuration. Pure: no file is read, no port is tried.
 *
 * A server of the manifest is one node, or as many as `nodes` says. What a topology needs and the manifest leaves out is filled in
 * here, the same each time: server_name, ports, cluster name and routes, gateways, leafnode remotes, monitoring, JetStream and
 * its domain. What the manifest says is never changed.
 */
#ifndef DEVENV_ENVIRONMENT_H
#define DEVENV_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "kind/manifest.h"
#include "syntax/node.h"

/* What a node listens on. */
enum listener {
    LISTENER_CLIENT,
    LISTENER_MONITOR,
    LISTENER_CLUSTER,
    LISTENER_GATEWAY,
    LISTENER_LEAFNODES,
    LISTENER_WEBSOCKET,
    LISTENER_MQTT,
    LISTENERS,
};

/* "client", "monitor", "cluster", …: the keys of `ports` in the manifest. */
const char *listener_name(enum listener listener);

struct environment;

/* A server of the manifest. */
struct envserver {
    const char *name;
    struct srcpos pos;
    const struct node *options;  /* as the manifest has them, natsform's own keys included */
    size_t first, count;         /* its nodes, in environment->nodes */
    const char *image;           /* of a container; NULL: the usual one */
    const char *version;         /* of nats-server that is wanted; NULL: any */
    const struct envserver *hub; /* that its nodes are leafnodes of; NULL: none */
    bool free_ports; /* `ports: auto`: environment_ports() is to be asked for ones that are free */
};

/* One nats-server. */
struct envnode {
    const struct environment *environment;
    const struct envserver *server;
    const char *name; /* unique: "dev", or "east-1" of several; the server_name unless the manifest has one */
    size_t index;     /* among its server's, from 0 */
    int ports[LISTENERS]; /* on this machine; 0: does not listen */
    bool jetstream;
};

struct environment {
    const char *project; /* of the manifest; NULL when there is none */
    struct envserver *servers;
    size_t server_count;
    struct envnode *nodes;
    size_t node_count;
    bool needs_certificates; /* some `tls: dev` */
};

/*
 * Where nodes run, and so how they see each other and their files. Paths end without a slash. Ports are the node's own (places
 * that share one network) or the usual ones (4222, 8222, …: containers, each with a network of its own).
 */
struct environment_place {
    const char *listen; /* the address to bind: "127.0.0.1", "0.0.0.0" */
    bool own_ports;     /* each node listens on node->ports */
    bool hosts;         /* nodes reach each other by name instead of 127.0.0.1 */
    const char *data;   /* store_dir is DATA/<node>; NULL: what the manifest says, "./jetstream/<node>" */
    bool data_is_nodes; /* store_dir is DATA itself */
    const char *certificates; /* folder of ca.pem, server.pem and server-key.pem for `tls: dev` */
};

extern const struct environment_place
    place_local; /* processes of this machine; data and certificates are set by who uses it */
extern const struct environment_place
    place_docker; /* containers: /data, /etc/nats/certs, names of services */

/*
 * Reads manifest->servers. Everything lives in the arena. Returns NULL with diagnostics when a topology key is wrong or two nodes want one
 * port; an environment without nodes when the manifest has no servers.
 */
struct environment *environment_read(struct arena *arena, const struct manifest *manifest,
                                     struct diags *diags);

/* The node's configuration, as nats-server reads it: options by their own names, nothing of natsform's. */
struct node *environment_config(struct arena *arena, const struct envnode *node,
                                const struct environment_place *place);

/* "nats://127.0.0.1:4222"; the scheme fits the listener, and TLS. Without login. */
const char *envnode_url(struct arena *arena, const struct envnode *node, enum listener listener);

#endif
