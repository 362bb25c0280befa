/*
 * Runners: the ways of running nodes that there are, by their names in up.json.
 */
#ifndef DEVENV_RUNNERS_H
#define DEVENV_RUNNERS_H

#include "devenv/runner.h"
#include "server/connection.h"

#define RUNNER_PROCESSES "processes"
#define RUNNER_DOCKER "docker"

/* NULL: there is none of that name. `lookup` gives the environment's variables. */
struct runner *runner_named(struct arena *arena, const char *name, const struct upstate *state,
                            environment_lookup *lookup, void *context);

#endif
