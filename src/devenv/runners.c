/*
 * The list of runners; see runners.h. It is apart from runner.h so that the runners need not know of each other.
 */
#include "devenv/runners.h"

#include <string.h>

#include "devenv/docker.h"
#include "devenv/processes.h"

struct runner *runner_named(struct arena *arena, const char *name, const struct upstate *state,
                            environment_lookup *lookup, void *context)
{
    if (strcmp(name, RUNNER_PROCESSES) == 0)
        return processes_runner(arena, state, lookup, context);
    if (strcmp(name, RUNNER_DOCKER) == 0)
        return docker_runner(arena, state);
    return NULL;
}
