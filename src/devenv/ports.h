/*
 * Ports of this machine: which are free, and who has those that are taken.
 */
#ifndef DEVENV_PORTS_H
#define DEVENV_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Could a server listen on this port of the address, such as "127.0.0.1"? */
bool port_is_free(const char *host, int port);

/* Does the machine have the address? */
bool address_is_here(const char *host);

/*
 * Finds a free port of the address; 0 if there is none. For a minute the system gives it to nobody who asks for any port, but a server
 * that asks for it by number gets it.
 */
int port_find(const char *host);

/* Who listens on the port, such as "nats-server (pid 4711: nats-server -js)"; "another program" if that cannot be seen. */
const char *port_holder(struct arena *arena, const char *host, int port);

/* Calls `call` with each port that a process listens on, and where it can be reached. */
void ports_of_process(int64_t pid, void (*call)(void *context, const char *host, int port), void *context);

#endif
