/*
 * Environment: turns the `servers` of a manifest into nodes: each nats-server that has to run, with its name, its ports
 * and its whole configuration. Pure: it reads no file and tries no port.
 *
 * A server of the manifest is one node, or as many as `nodes` says. What the topology needs and the manifest leaves out
 * is filled in, always in the same way: server_name, ports, cluster name and routes, gateways, leafnode remotes,
 * monitoring, JetStream and its domain. What the manifest says is never changed.
 */
#ifndef GENERATE_ENVIRONMENT_H
#define GENERATE_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "manifest/manifest.h"
#include "syntax/node.h"

/* The folder beside the manifest with everything that `up` boots, and with the certificates of `tls: dev`. */
#define STATE_FOLDER ".natsform"

/* What a node can listen for. */
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
    const struct node *
        /* Of nats-server by their full names, in its units; natsform's own keys are not among them. */
        options;
    const struct node *own; /* natsform's own keys */
    size_t first, count;    /* its nodes in environment->nodes */
    const char *image;      /* for containers; NULL: the usual one */
    const char *version;    /* the wanted version of nats-server; NULL: any */
    const char
        *publish; /* the address at which ports of containers are published; NULL: a loopback address */
    const char *advertise;       /* the host that clients are told, with each node's port; NULL: none */
    const struct envserver *hub; /* its nodes are leafnodes of this server; NULL: of none */
    bool is_hub;                 /* other servers are leafnodes of it */
    /* By index of the other server: is there a gateway to it? NULL: there are none. */
    bool *gateways;
};

/* One nats-server. */
struct envnode {
    const struct environment *environment;
    const struct envserver *server;
    /* Unique: "dev", or "east-1" if there are several; also the server_name, unless the manifest has one. */
    const char *name;
    size_t index;           /* among the nodes of its server, from 0 */
    const struct node *own; /* natsform's own keys of it, under `nodes`; NULL: none */
    const char *host; /* the machine that it runs on, an address or a name; NULL: the manifest names none */
    const char *address;      /* a loopback address, which it has when all nodes are booted on this machine */
    const char *advertise;    /* the host that clients are told; NULL: the manifest names none */
    int ports[LISTENERS];     /* on this machine; 0: does not listen */
    bool any_port[LISTENERS]; /* `ports: auto` or -1: whoever boots the node puts a free one into `ports` */
    /* Its port is -1 in the manifest, and nobody has decided on one: files for other tools leave that to the server. */
    bool open_port[LISTENERS];
    bool jetstream;
};

struct environment {
    const char *project; /* the manifest's; NULL: none */
    struct envserver *servers;
    size_t server_count;
    struct envnode *nodes;
    size_t node_count;
    bool needs_certificates; /* `tls: dev` is used somewhere */
};

/*
 * Where nodes run. It decides how they reach each other and their files. Folders have no slash at the end. NULL leaves
 * paths as the manifest has them, relative to the folder where nats-server is started.
 */
struct environment_place {
    const char *listen; /* the address to listen on, if the manifest names none */
    bool hosts;         /* each node is on the host that the manifest names; false: all are on this machine */
    bool keeps_open; /* a port of -1 is written as it is, but for listeners that other servers have to find */
    /* Each node has its own network and files: usual ports, and nodes reach each other by name. */
    bool containers;
    const char *
        /* store_dir of a node for which the manifest names none, in containers of all; NULL: "./jetstream/NODE". */
        data;
    /* The folder with ca.pem, server.pem and server-key.pem of `tls: dev`; NULL: "./tls". */
    const char *certificates;
};

/* For processes on this machine. */
extern const struct environment_place place_local;
/* For processes on the hosts that the manifest names; nodes without one are on this machine. */
extern const struct environment_place place_hosts;
/* For containers, with data in /data and certificates in /etc/nats/tls. */
extern const struct environment_place place_containers;

/*
 * Reads manifest->servers. Texts stay in the manifest's arena. Returns NULL with diagnostics if a topology key is wrong,
 * or two nodes want the same port. Without `servers` in the manifest, the environment has no nodes.
 */
struct environment *environment_read(struct arena *arena, const struct manifest *manifest,
                                     struct diags *diags);

/* Where streams are applied: the first server with JetStream, or the first of all. There has to be one. */
const struct envserver *environment_main_server(const struct environment *environment);

/* The node's configuration for nats-server: options by their own names, without natsform's own keys. */
struct node *environment_config(struct arena *arena, const struct envnode *node,
                                const struct environment_place *place);

/* The host by which other nodes find this one. In containers they find it by its name instead. */
const char *envnode_host(const struct envnode *node, const struct environment_place *place);
/* The address at which the ports of its container are published. */
const char *envnode_published(const struct envnode *node);
/* The host by which clients find it; those of containers are on the machine that runs these. */
const char *envnode_reached(const struct envnode *node, const struct environment_place *place);

/*
 * The URL for clients, such as "nats://127.0.0.1:4222". The scheme fits listener and TLS. There is no login in it.
 */
const char *envnode_url(struct arena *arena, const struct envnode *node,
                        const struct environment_place *place, enum listener listener);

/* The names that a certificate for all nodes has to have: of nodes, hosts and what clients are told. */
const char **environment_names(struct arena *arena, const struct environment *environment, size_t *ret_count);

/* The usual port of a listener (4222, 8222, …), which it has in containers. */
int listener_usual_port(enum listener listener);

#endif
