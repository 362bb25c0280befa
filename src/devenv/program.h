/*
 * Program: runs a short-lived program and takes its output, or talks with one.
 */
#ifndef DEVENV_PROGRAM_H
#define DEVENV_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"

struct program_result {
    int status;         /* its exit status; 128 plus the number of the signal that ended it */
    const char *output; /* standard output and error together; at most 1 MiB */
    size_t length;
};

/*
 * Runs argv[0], which is searched in PATH unless it has a slash, in a folder (NULL: the current one) with empty standard
 * input, and waits for its end. After `deadline_ms` it is killed. Returns 0, or -1 with a reason in the arena ("…: No
 * such file or directory") if it could not be started or was killed.
 */
int program_run(struct arena *arena, const char *const *argv, const char *folder, int deadline_ms,
                struct program_result *ret_result, const char **ret_error);

/* A program that is talked with. */
struct program_talk {
    pid_t pid;
    int input, output, errors; /* pipes to its standard input, and from the other two */
};

/*
 * Starts argv[0] as above. On Linux it ends when this process does, whatever happens to that. Returns 0, or an errno when it does not
 * start. Ends with program_end(), which closes the pipes and kills it, unless it has ended.
 */
int program_begin(const char *const *argv, struct program_talk *ret_talk);
void program_end(struct program_talk *talk);

#endif
