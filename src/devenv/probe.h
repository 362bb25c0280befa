/*
 * Probes: asks a server on this machine without a client's connection, by its monitoring endpoints and its greeting.
 */
#ifndef DEVENV_PROBE_H
#define DEVENV_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "syntax/node.h"

/*
 * Sends a GET to "http://ADDRESS:PORT[/BASE]" and the path. Returns the reply's status, and its body in the arena. 0 if
 * there is no reply within `most_ms`, or if the URL is not plain HTTP with a numeric address.
 */
int probe_get(struct arena *arena, const char *url, const char *path, int64_t most_ms, const char **ret_body);

/* The same for JSON. NULL if there is no reply with status 200 and JSON. */
const struct node *probe_json(struct arena *arena, const char *url, const char *path, int64_t most_ms);

/* Does a nats-server send its greeting (INFO) at "SCHEME://ADDRESS:PORT"? */
bool probe_greets(const char *url, int64_t most_ms);

/* Does something accept connections there and wait for the other side to speak first, as HTTP servers do? */
bool probe_is_silent(const char *host, int port, int64_t wait_ms);

#endif
