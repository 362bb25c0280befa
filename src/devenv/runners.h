/*
 * Runners: finds a runner by its name in up.json.
 */
#ifndef DEVENV_RUNNERS_H
#define DEVENV_RUNNERS_H

#include "devenv/runner.h"
#include "server/connection.h"

#define RUNNER_PROCESSES "processes"
#define RUNNER_DOCKER "docker"

/* NULL: no runner has that name. `lookup` returns variables of the environment. */
struct runner *runner_named(struct arena *arena, const char *name, const struct upstate *state,
                            environment_lookup *lookup, void *context);

#endif
