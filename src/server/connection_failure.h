/*
 * Failures of connecting, as one diagnostic that names what was tried and what to do.
 */
#ifndef SERVER_CONNECTION_FAILURE_H
#define SERVER_CONNECTION_FAILURE_H

#include <nats/nats.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "server/connection.h"
#include "syntax/node.h"

/*
 * ---- server hello ----
 * The INFO line with which a NATS server greets whoever connects, read over a plain connection of its
 * own. nats.c reads it too and shows nobody the version in it.
 */

/*
 * Returns the JSON of the line, or NULL with *ret_reason: "connection refused", "no answer within 5s", "it is
 * not a NATS server". Takes `timeout_ms` at most, but for the resolver's own time.
 */
const struct node *server_hello(struct arena *arena, const char *host, int port, int64_t timeout_ms,
                                const char **ret_reason);

/* ---- connection failure ---- */

struct connect_failure {
    natsStatus status; /* of natsConnection_Connect() */
    const char *text;  /* nats.c's words for it */
    const struct server_url *url;
    const char *who; /* we said we were, and who said so: "user 'bob' (--user)"; NULL for nobody */
};

/* Adds the diagnostic of the worst failure; returns -1. */
int failure_report(struct arena *arena, const struct connection_settings *settings,
                   const struct connect_failure *failures, size_t count, struct diags *diags);

/* Notes at the last diagnostic that a context was selected which says what the user has left open; `lender` may be NULL. */
void failure_note_lender(const char *lender, struct diags *diags);

#endif
