/*
 * Process: starts processes that outlive the command, and recognises them later. A pid alone may belong to another
 * process by then, so pid, start time and executable are compared together.
 */
#ifndef DEVENV_PROCESS_H
#define DEVENV_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct process {
    int64_t pid;         /* 0: none */
    uint64_t born;       /* start time, in the system's own units; 0: not known */
    const char *program; /* path of the executable, without symbolic links; NULL: any */
};

/* The start time of a process; 0 if there is none, or it is a zombie. */
uint64_t process_born(int64_t pid);
/* The path of its executable; NULL if the system does not tell. */
const char *process_program(struct arena *arena, int64_t pid);
/* The folder that it works in: where that is now, also if it was moved. NULL: it was removed, or the system does not tell. */
const char *process_folder(struct arena *arena, int64_t pid);
/* Its arguments, separated by spaces; "" if the system does not tell. */
const char *process_command(struct arena *arena, int64_t pid);
/*
 * Finds the value of an option in its command, in any of the spellings ("-c", "--config"), as `-c VALUE` or `-c=VALUE`.
 * NULL: the option is not there; "": it has no value. Returns false if the system does not tell the command.
 */
bool process_option(struct arena *arena, int64_t pid, const char *const *spellings, const char **ret_value);

/*
 * Does it run in a PID namespace below ours, as processes in containers do? The system tells this even about processes
 * of other users. False if not, or if it is not known.
 */
bool process_is_contained(struct arena *arena, int64_t pid);

enum process_life {
    PROCESS_GONE, /* it ended; if its pid exists, that is another process */
    PROCESS_RUNS,
    PROCESS_STOPPED, /* by SIGSTOP, a terminal or a debugger: it does nothing until it is continued */
    PROCESS_UNKNOWN, /* a process has this pid, and the system does not tell which one it is */
};

enum process_life process_look(struct arena *arena, const struct process *process);
/* Does it still exist? If that is not known, yes. */
bool process_runs(struct arena *arena, const struct process *process);

struct process_start {
    const char *const *arguments; /* [0] is the program's path; NULL-terminated */
    const char *folder;           /* to run in */
    const char *log;              /* standard output and error are appended to this file */
    /* The new process writes "PID BORN PROGRAM\n" to it before it becomes the program. */
    const char *pid_file;
    int lock;          /* a descriptor that it inherits, and keeps open as long as it lives; -1: none */
    bool ends_with_us; /* it is killed when this process ends, however that is; on Linux alone */
};

/* Starts the program in a session of its own. Returns 0, or an errno; *ret_what then says what failed. */
int process_start(struct arena *arena, const struct process_start *start, struct process *ret_process,
                  const char **ret_what);

/* Reads a pid file. The pid is 0 if there is no such file, or it cannot be understood. */
struct process process_read(struct arena *arena, const char *pid_file);

/*
 * Ends all of these by SIGINT, and by SIGKILL after `patience_ms`. A stopped process is continued, so that it gets the
 * signal. A process that may be another one by now is left alone. Returns how many still exist.
 */
size_t processes_stop(struct arena *arena, const struct process *processes, size_t count,
                      int64_t patience_ms);

#endif
