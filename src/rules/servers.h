/*
 * The world of the servers' rules: the nodes that are to run, each with its whole configuration, which
 * devenv/environment_check.h makes of an environment.
 */
#ifndef RULES_SERVERS_H
#define RULES_SERVERS_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "syntax/node.h"

/* A nats-server that will be run. */
struct server_node {
    const char *name;
    const char *server;         /* of the manifest */
    struct srcpos pos;          /* the server's name in the manifest */
    const char *host;           /* the machine that it runs on; NULL: this one */
    const struct node *options; /* as the manifest has them; NULL: none */
    const struct node *own;     /* natsform's own keys of it; NULL: none */
    /* The whole configuration for nats-server; options that were filled in have no position. */
    const struct node *config;
    bool first; /* of its server's nodes, which only differ in ports and names */
};

struct server_world {
    struct arena *arena;
    const struct manifest *manifest; /* its streams will be on these servers */
    const struct server_node *nodes;
    size_t count;
    bool advice; /* report notes too */
};

/* Reports what each rule of servers finds. */
void servers_check(const struct server_world *world, struct diags *diags);

#endif
