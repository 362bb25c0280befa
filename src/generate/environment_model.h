/*
 * Environment model: what the files environment_*.c share.
 */
#ifndef GENERATE_ENVIRONMENT_MODEL_H
#define GENERATE_ENVIRONMENT_MODEL_H

#include "generate/environment.h"
#include "kind/server_options.h"

struct listener_row {
    enum server_option name;         /* among the server's own `ports` */
    enum server_option block;        /* of the configuration; OPTION_NONE: the top */
    enum server_option port, listen; /* that say where */
    int usual;
};

extern const struct listener_row listener_rows[LISTENERS];

/* The listener's block, or the options at the top; NULL if the manifest does not have it. */
const struct node *listener_block(const struct envserver *server, enum listener listener);
/* The address that the block names, or NULL. */
const char *listener_host(struct arena *arena, const struct node *block, const struct listener_row *row);
/* Do the server's nodes have this listener? */
bool listener_wanted(const struct envserver *server, enum listener listener);

/* Does the map have `tls: dev`? */
bool wants_certificate(const struct node *map);

/* Gives every node its host, and a loopback address for this machine. What is wrong is told in `diags`. */
void environment_give_hosts(struct arena *arena, struct environment *environment, struct diags *diags);

/* Gives every node its ports, beginning with those that the manifest names. Returns 0, or -1 with diagnostics. */
int environment_give_ports(struct environment *environment, struct diags *diags);

#endif
