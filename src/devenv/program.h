/*
 * Program: running a short-lived program for what it prints.
 */
#ifndef DEVENV_PROGRAM_H
#define DEVENV_PROGRAM_H

#include <stddef.h>

#include "base/arena.h"

struct program_result {
    int status;         /* exit status; 128 and more: the number of the signal that ended it, and 128 */
    const char *output; /* standard output and error, as they came; at most 1 MiB */
    size_t length;
};

/*
 * Runs argv[0] (looked for in PATH unless it has a slash) in a folder (NULL: the current one) with nothing on standard input, and waits for
 * it. After `deadline_ms` it is killed. Returns 0, or -1 when it could not be started or had to be killed, with a reason
 * in the arena ("…: No such file or directory").
 */
int program_run(struct arena *arena, const char *const *argv, const char *folder, int deadline_ms,
                struct program_result *ret_result, const char **ret_error);

#endif
