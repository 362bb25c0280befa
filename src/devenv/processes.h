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

/* Is there any nats-server program on this machine? `runner` is one of processes, and looks for them only once. */
bool processes_possible(struct runner *runner);

#endif
