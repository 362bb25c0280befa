/*
 * Ports of this machine: which are free, and who has one that is not.
 */
#ifndef DEVENV_PORTS_H
#define DEVENV_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Could a server listen there on 127.0.0.1? */
bool port_is_free(int port);

/*
 * A free port that the system gives to nobody else for a minute, unless they ask for it by number; 0 when there is none left. A server that
 * asks by number gets it.
 */
int port_find(void);

/* "nats-server (pid 4711: nats-server -js)", as far as that can be seen; "another program" when it cannot. */
const char *port_holder(struct arena *arena, int port);

/* Calls back with the port of each listener of a process. */
void ports_of_process(int64_t pid, void (*call)(void *context, int port), void *context);

#endif
