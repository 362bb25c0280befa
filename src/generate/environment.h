/*
 * Environment: what the `servers` of a manifest come to: every nats-server that is to run, with its name, its
 * ports and its whole configuration. Pure: no file is read, no port is tried.
 *
 * A server of the manifest is one node, or as many as `nodes` says. What a topology needs and the manifest leaves out is filled in
 * here, the same each time: server_name, ports, cluster name and routes, gateways, leafnode remotes, monitoring, JetStream and
 * its domain. What the manifest says is never changed.
 */
#ifndef GENERATE_ENVIRONMENT_H
#define GENERATE_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "manifest/manifest.h"
#include "syntax/node.h"

/* The folder beside the manifest where `up` keeps what it boots, and the certificates of `tls: dev`. */
#define STATE_FOLDER ".natsform"

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
    const struct node *
        options; /* of nats-server by their full names, in its units; natsform's own keys are not among them */
    const struct node *own;      /* natsform's own keys */
    size_t first, count;         /* its nodes, in environment->nodes */
    const char *image;           /* of a container; NULL: the usual one */
    const char *version;         /* of nats-server that is wanted; NULL: any */
    const struct envserver *hub; /* that its nodes are leafnodes of; NULL: none */
    bool is_hub;                 /* others are leafnodes of it */
    bool *gateways;              /* by index of the server: reached by a gateway; NULL: none is */
};

/* One nats-server. */
struct envnode {
    const struct environment *environment;
    const struct envserver *server;
    const char *name; /* unique: "dev", or "east-1" of several; the server_name unless the manifest has one */
    size_t index;     /* among its server's, from 0 */
    int ports[LISTENERS];     /* on this machine; 0: does not listen */
    bool any_port[LISTENERS]; /* `ports: auto` or -1: who boots it puts a free one into `ports` */
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
 * Where nodes run, and so how they see each other and their files. Folders end without a slash; NULL leaves what the manifest
 * says, relative to where nats-server is started.
 */
struct environment_place {
    const char *listen; /* the address to bind where the manifest names none */
    bool containers; /* each has a network and files of its own: usual ports, nodes reached by their names */
    const char *
        data; /* store_dir of a node for which the manifest names none, in containers of all; NULL: "./jetstream/NODE" */
    const char *certificates; /* of `tls: dev`: ca.pem, server.pem and server-key.pem; NULL: "./tls" */
};

/* Processes on this machine. */
extern const struct environment_place place_local;
/* /data, /etc/nats/tls. */
extern const struct environment_place place_containers;

/*
 * Reads manifest->servers. Everything lives in the arena, and texts in the manifest's. Returns NULL with diagnostics when a topology key
 * is wrong or two nodes want one port; an environment without nodes when the manifest has no servers.
 */
struct environment *environment_read(struct arena *arena, const struct manifest *manifest,
                                     struct diags *diags);

/* The node's configuration, as nats-server reads it: options by their own names, nothing of natsform's. */
struct node *environment_config(struct arena *arena, const struct envnode *node,
                                const struct environment_place *place);

/* "nats://127.0.0.1:4222": for clients on this machine; the scheme fits listener and TLS. Without login. */
const char *envnode_url(struct arena *arena, const struct envnode *node, enum listener listener);

/* The port of a listener in a container: 4222, 8222, … */
int listener_usual_port(enum listener listener);

#endif
