/*
 * Environment model: what the files of environment.h share.
 */
#ifndef GENERATE_ENVIRONMENT_MODEL_H
#define GENERATE_ENVIRONMENT_MODEL_H

#include "generate/environment.h"

struct listener_row {
    const char *name;
    const char *block;         /* of the configuration; NULL: the top */
    const char *port, *listen; /* the options that say where */
    int usual;
};

extern const struct listener_row listener_rows[LISTENERS];

/* The block, or the top's own options; NULL when the manifest does not have it. */
const struct node *listener_block(const struct envserver *server, enum listener listener);
/* The address that they name, or NULL. */
const char *listener_host(struct arena *arena, const struct node *block, const struct listener_row *row);
/* Does every node of the server have the listener? */
bool listener_wanted(const struct envserver *server, enum listener listener);

/* Is `tls: dev` said in that map? */
bool wants_certificate(const struct node *map);

/* Gives every node its ports; those that the manifest names first. Returns 0, or -1 with diagnostics. */
int environment_give_ports(struct environment *environment, struct diags *diags);

#endif
