/*
 * Probes: what a server on this machine says without a client's connection: its monitoring endpoints, and its greeting.
 */
#ifndef DEVENV_PROBE_H
#define DEVENV_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "syntax/node.h"

/*
 * GET of "http://ADDRESS:PORT[/BASE]" and the path. Returns the status of the reply and its body in the arena; 0 when there is no
 * reply within `most_ms`, or the URL is not one of plain HTTP and an address of digits.
 */
int probe_get(struct arena *arena, const char *url, const char *path, int64_t most_ms, const char **ret_body);

/* The same, of JSON; NULL when there is no such reply of status 200. */
const struct node *probe_json(struct arena *arena, const char *url, const char *path, int64_t most_ms);

/* Does something greet at "SCHEME://ADDRESS:PORT" as nats-server does? */
bool probe_greets(const char *url, int64_t most_ms);

/* Is something that takes connections there and waits for the other side to speak first, as HTTP does? */
bool probe_is_silent(int port, int64_t wait_ms);

#endif
