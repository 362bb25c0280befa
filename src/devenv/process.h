/*
 * Processes that outlive the command, and how they are known again: by pid, start time and executable together, so that nobody
 * else's process is ever taken for one of them.
 */
#ifndef DEVENV_PROCESS_H
#define DEVENV_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct process {
    int64_t pid;         /* 0: none */
    uint64_t born;       /* as the system counts it; 0: not known */
    const char *program; /* path of the executable, without symbolic links; NULL: any */
};

/* When the process was started; 0 when there is none, or it has ended and waits to be buried. */
uint64_t process_born(int64_t pid);
/* The path of its executable; NULL when that cannot be known. */
const char *process_program(struct arena *arena, int64_t pid);
/* Its arguments, by spaces; "" when they cannot be known. */
const char *process_command(struct arena *arena, int64_t pid);
/* Does it still run, and is it still the same? */
bool process_runs(struct arena *arena, const struct process *process);

struct process_start {
    const char *const *arguments; /* [0] is the program's path; NULL-terminated */
    const char *folder;           /* to run in */
    const char *log;              /* standard output and error are added to this file */
    const char *pid_file; /* the process writes "PID BORN PROGRAM\n" there before it becomes the program */
    int lock;             /* a descriptor that it keeps open as long as it lives; -1: none */
};

/* Starts it in a session of its own. Returns 0, or an errno with what could not be done in *ret_what. */
int process_start(struct arena *arena, const struct process_start *start, struct process *ret_process,
                  const char **ret_what);

/* What a pid file says; pid 0 when there is none. */
struct process process_read(struct arena *arena, const char *pid_file);

/* Ends all of these: by SIGINT, and by SIGKILL after `patience_ms`. Returns the number of those that are still there. */
size_t processes_stop(struct arena *arena, const struct process *processes, size_t count,
                      int64_t patience_ms);

#endif
