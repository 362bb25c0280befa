/*
 * Hello: the INFO line with which a NATS server greets whoever connects, read over a plain connection of its
 * own. nats.c reads it too and shows nobody the version in it.
 */
#ifndef SERVER_SERVER_HELLO_H
#define SERVER_SERVER_HELLO_H

#include <stdint.h>

#include "base/arena.h"
#include "syntax/node.h"

/*
 * Returns the JSON of the line, or NULL with *ret_reason: "connection refused", "no answer within 5s", "it is
 * not a NATS server". Takes `timeout_ms` at most, but for the resolver's own time.
 */
const struct node *server_hello(struct arena *arena, const char *host, int port, int64_t timeout_ms,
                                const char **ret_reason);

#endif
