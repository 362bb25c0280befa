/*
 * Docker: runs nodes as containers, by Docker Compose (`docker compose` or docker-compose, whichever is installed).
 *
 *     .natsform/docker/compose.yaml    written anew at each start
 *     .natsform/docker/NODE.conf       a copy of the node's configuration, which the container's server reads
 *     .natsform/docker/project         the project's name, while it is down and still has volumes
 *
 * The project of Compose has the name of the manifest's project, or of the folder. Containers, networks and volumes are found by
 * the labels that Compose gives them. So they can be stopped and removed without the manifest and without Compose.
 */
#ifndef DEVENV_DOCKER_H
#define DEVENV_DOCKER_H

#include "devenv/runner.h"

/* Is nothing up, while there are still volumes of an earlier run? */
bool docker_left_data(struct arena *arena, const struct upstate *state);

/* A function of type runner_make. Never returns NULL: prepare() reports what is missing on this machine. */
struct runner *docker_runner(struct arena *arena, const struct upstate *state);

#endif
