/*
 * Processes: runs nodes as processes of this machine, which outlive the command.
 */
#ifndef DEVENV_PROCESSES_H
#define DEVENV_PROCESSES_H

#include "devenv/runner.h"
#include "server/connection.h"

/* `lookup` gives the environment's variables: where nats-server is looked for. */
struct runner *processes_runner(struct arena *arena, const struct upstate *state, environment_lookup *lookup,
                                void *context);

/* Is there any nats-server on this machine? */
bool processes_possible(struct arena *arena, environment_lookup *lookup, void *context);

#endif
