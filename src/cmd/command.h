/*
 * Command: a verb of natsform: its help, and a function.
 *
 * To add one, write a file cmd/NAME.c with a `const struct command NAME_command`, and add it to the list here. main.c finds
 * and runs it; help, man page and completion are made from it.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <stdint.h>

#include "cmd/session.h"
#include "view/help.h"

struct command {
    struct command_help help;
    size_t least, most; /* arguments that it takes */
    /* Returns the exit code, or -1: it failed, the session's diagnostics say why, and the code is theirs. */
    int (*run)(struct session *session);
    bool hidden; /* from help and completion */
};

/* Every command, in the order of the overview. */
#define EACH_COMMAND(each)                                                                                   \
    each(init) each(validate) each(plan) each(diff) each(apply) each(destroy) each(unlock) each(export)      \
        each(import) each(pull) each(convert) each(backup) each(restore) each(recover) each(generate)        \
            each(up) each(down) each(status) each(logs) each(watch) each(explain) each(schema)               \
                each(completion) each(man) each(version) each(complete)

#define DECLARE_COMMAND(name) extern const struct command name##_command;
EACH_COMMAND(DECLARE_COMMAND)

/* All commands that are not hidden, for help, man pages and completion. */
const struct help *commands_help(void);

#endif
