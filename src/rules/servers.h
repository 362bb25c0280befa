/*
 * The world of the servers' rules: the nodes that are to run, each with its whole configuration, which devenv/environment_check.h makes
 * of an environment.
 */
#ifndef RULES_SERVERS_H
#define RULES_SERVERS_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "syntax/node.h"

/* One nats-server that is to run. */
struct server_node {
    const char *name;
    const char *server;         /* of the manifest */
    struct srcpos pos;          /* of the server in the manifest */
    const struct node *options; /* as the manifest has them; NULL: none */
    const struct node *own;     /* natsform's own keys of it; NULL: none */
    const struct node *config;  /* all of it, in nats-server's words; what was filled in has no position */
    bool first;                 /* of its server's nodes, which differ in ports and names alone */
};

struct server_world {
    struct arena *arena;
    const struct manifest *manifest; /* whose streams they are for */
    const struct server_node *nodes;
    size_t count;
    bool advice; /* notes are wanted, too */
};

/* Reports what each rule of servers finds. */
void servers_check(const struct server_world *world, struct diags *diags);

#endif
