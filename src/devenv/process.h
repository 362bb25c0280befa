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
/*
 * What an option of its command says, in any of the spellings ("-c", "--config"), as `-c VALUE` or `-c=VALUE`; NULL: it is not there. "" when it
 * is there without a value. False when the command cannot be known.
 */
bool process_option(struct arena *arena, int64_t pid, const char *const *spellings, const char **ret_value);

/*
 * Does it run in a PID namespace below this one, as processes of containers do? Every user may know that of every process. False when it does
 * not, or when that cannot be known.
 */
bool process_is_contained(struct arena *arena, int64_t pid);

enum process_life {
    PROCESS_GONE, /* it ended; what has its pid now is another one */
    PROCESS_RUNS,
    PROCESS_STOPPED, /* by SIGSTOP, a terminal or a debugger: it is there, and does nothing until it is continued */
    PROCESS_UNKNOWN, /* something has its pid, and the system does not tell what it is */
};

enum process_life process_look(struct arena *arena, const struct process *process);
/* Is it still there, as far as can be known? What is not known to be gone is there. */
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

/* What a pid file says; pid 0 when there is none, or it says nothing. */
struct process process_read(struct arena *arena, const char *pid_file);

/*
 * Ends all of these: by SIGINT, with which a stopped one is continued, and by SIGKILL after `patience_ms`. Those that are not known to be the
 * same are left alone. Returns the number of those that are still there.
 */
size_t processes_stop(struct arena *arena, const struct process *processes, size_t count,
                      int64_t patience_ms);

#endif
