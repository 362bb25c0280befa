/*
 * Docker log: what a container writes, as a file that grows.
 */
#ifndef DEVENV_DOCKER_LOG_H
#define DEVENV_DOCKER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * A descriptor to read a container's output from: its last `tail` lines (-1: all of them) and, with `follow`, what comes later: reading
 * never blocks, and an end of file is where the container is for now. The folder is for a file that has no name any more when this returns.
 * Returns -1 when `docker` cannot be run, or does not know the container. The caller closes it.
 */
int docker_log_open(struct arena *arena, const char *folder, const char *container, int64_t tail,
                    bool follow);

#endif
