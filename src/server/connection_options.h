/*
 * Options: nats.c's options out of the settings.
 */
#ifndef SERVER_CONNECTION_OPTIONS_H
#define SERVER_CONNECTION_OPTIONS_H

#include <nats/nats.h>

#include "base/arena.h"
#include "base/diag.h"
#include "server/connection.h"
#include "server/connection_url.h"
#include "server/server.h"

/*
 * For one URL, and server->identity, which must live until the connection is made; when that fails and left its `unlucky` set,
 * another try may work. The caller destroys the options.
 * Returns -1 with a diagnostic when a TLS file cannot be used or the library lacks something.
 */
int options_make(struct server *server, const struct connection_settings *settings,
                 const struct server_url *url, natsOptions **ret_options, struct diags *diags);

/* nats.c's words for what failed last, without the "(conn.c:1905): " before them. */
const char *library_words(struct arena *arena, natsStatus status);

int64_t settings_timeout(const struct connection_settings *settings);

#endif
