/*
 * Processes: the runner that runs nodes as processes of this machine.
 */
#ifndef DEVENV_PROCESSES_H
#define DEVENV_PROCESSES_H

#include "devenv/runner.h"
#include "server/connection.h"

/* `lookup` returns variables of the environment, for the search for nats-server. */
struct runner *processes_runner(struct arena *arena, const struct upstate *state, environment_lookup *lookup,
                                void *context);

/* Is there any nats-server program on this machine? */
bool processes_possible(struct arena *arena, environment_lookup *lookup, void *context);

#endif
