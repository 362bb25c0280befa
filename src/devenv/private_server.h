/*
 * Private server: a nats-server of this machine for nobody but us, and for a moment: with its own store, on a free port of 127.0.0.1, behind a password that
 * is made up. It is killed when this process ends.
 *
 *     struct private_server own = {.arena = arena, .lookup = lookup, .lookup_context = context};
 *     const struct rehearsal_server apart = private_server_for_rehearsals(&own);
 */
#ifndef DEVENV_PRIVATE_SERVER_H
#define DEVENV_PRIVATE_SERVER_H

#include <stdbool.h>

#include "apply/migrating.h"
#include "devenv/binary.h"
#include "devenv/process.h"

struct private_server {
    struct arena *arena;
    binary_lookup *lookup; /* of the environment's variables */
    void *lookup_context;
    bool (*interrupted)(void); /* may be NULL */
    /* its own: */
    struct process process;
};

/* The program of just that version ("2.10.27"); NULL with code_no_nats_server, which says which others there are. */
const struct binary *private_server_program(const struct private_server *own, const char *version,
                                            struct diags *diags);

/* It starts that program, with the same max_payload, and stops it. */
struct rehearsal_server private_server_for_rehearsals(struct private_server *own);

#endif
