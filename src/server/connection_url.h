/*
 * Server URLs: nats://user:password@host:port, one or more by commas, taken apart so that user info never
 * reaches a message.
 */
#ifndef SERVER_CONNECTION_URL_H
#define SERVER_CONNECTION_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"

/* Where the server is if nothing says it. */
#define SERVER_USUAL_URL "nats://127.0.0.1:4222"

struct server_url {
    const char
        *text; /* "nats://host:port", for messages and for connecting: no user info, nothing left out */
    const char *where; /* the same with who named it, for messages: "'nats://host:port' (NATS_URL)" */
    const char *host;  /* without the brackets of an IPv6 address */
    int port;
    bool tls;             /* scheme tls:// */
    const char *user;     /* percent-decoded; NULL when there is none */
    const char *password; /* the same; a user without one is a token */
};

/*
 * "host", "host:port", "nats://…" and "tls://…"; the port is 4222 unless given. Spaces around a URL are
 * skipped, and empty ones between commas. Returns -1 with a diagnostic when one is malformed, has another
 * scheme, or there is none. `from` says who named it; NULL: nobody says.
 */
int server_urls_parse(struct arena *arena, const char *text, const char *from, struct server_url **ret_urls,
                      size_t *ret_count, struct diags *diags);

#endif
