/*
 * Rules of servers: what `nats-server -t` takes and a start does not, or what runs and is broken.
 *
 * A rule is a row: its code, what the server says of it in the end, and a function that looks at one node's whole configuration or at
 * all of them. The world is plain data, which devenv/environment_check.h makes of an environment:
 *
 *     servers_check(&world, diags);
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

/* One rule at work. */
struct server_scan {
    const struct server_world *world;
    const struct server_node *node; /* NULL: the rule looks at all of them */
    const struct server_rule *rule;
    struct diags *diags;
};

struct server_rule {
    const struct diag_code *code;
    const char *says; /* the server's own word at its start, or the beginning of it; NULL: it starts */
    bool whole;       /* looks at all nodes at once */
    const char *doc;  /* one sentence */
    void (*check)(const struct server_scan *scan);
};

extern const struct server_rule server_rules[];
extern const size_t server_rule_count;

void servers_check(const struct server_world *world, struct diags *diags);

#endif
