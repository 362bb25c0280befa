/*
 * Failures of connecting, as one diagnostic that names what was tried and what to do.
 */
#ifndef SERVER_CONNECTION_FAILURE_H
#define SERVER_CONNECTION_FAILURE_H

#include <nats/nats.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "server/connection.h"
#include "server/connection_url.h"

struct connect_failure {
    natsStatus status; /* of natsConnection_Connect() */
    const char *text;  /* nats.c's words for it */
    const struct server_url *url;
    const char *who; /* we said we were; NULL for nobody */
};

/* Adds the diagnostic of the worst failure; returns -1. */
int failure_report(struct arena *arena, const struct connection_settings *settings,
                   const struct connect_failure *failures, size_t count, struct diags *diags);

#endif
