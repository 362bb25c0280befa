/*
 * Docker log: a container's output as a file that grows, like the log of a process.
 */
#ifndef DEVENV_DOCKER_LOG_H
#define DEVENV_DOCKER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * A descriptor to read a container's output from: its last `tail` lines (-1: all) and, with `follow`, what comes later.
 * Reading never blocks; an end of file means that there is nothing more yet. The output is kept in a file in `folder`
 * that has no name. Returns -1 if `docker` cannot be run, or does not know the container. The caller closes the
 * descriptor.
 */
int docker_log_open(struct arena *arena, const char *folder, const char *container, int64_t tail,
                    bool follow);

#endif
