/*
 * Greeting: the first questions to a server just connected to, which fill in its server_info.
 */
#ifndef SERVER_SERVER_GREETING_H
#define SERVER_SERVER_GREETING_H

#include "base/diag.h"
#include "server/server_state.h"

/* Returns 0, or -1 with a diagnostic that says why its JetStream cannot be used. */
int server_greet(struct server *server, struct diags *diags);

#endif
