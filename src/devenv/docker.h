/*
 * Docker: runs nodes as containers, by Docker Compose (`docker compose` or docker-compose, whichever there is).
 *
 *     .natsform/docker/compose.yaml    written anew at each start
 *     .natsform/docker/NODE.conf       what the container's server reads; a copy of the node's configuration
 *     .natsform/docker/project         its name, while there are volumes of a project that is down
 *
 * The project of Compose is the manifest's, or the folder's name. Containers, networks and volumes are found by the labels that
 * Compose gives them, so that they can be stopped and removed without the manifest and without Compose.
 */
#ifndef DEVENV_DOCKER_H
#define DEVENV_DOCKER_H

#include "devenv/runner.h"

/* Is nothing up, but are there volumes of what was? */
bool docker_left_data(struct arena *arena, const struct upstate *state);

/* A runner_make: NULL never. What is missing on this machine, prepare() says. */
struct runner *docker_runner(struct arena *arena, const struct upstate *state);

#endif
