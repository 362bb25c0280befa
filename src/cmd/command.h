/*
 * Command: a verb of natsform: its help, and a function.
 *
 * To add one, write a file cmd/NAME.c with a `const struct command NAME_command`, declare it here and add it to the list
 * in commands.c. Help, man page and completion are made from it.
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

extern const struct command apply_command;
extern const struct command completion_command;
extern const struct command convert_command;
extern const struct command destroy_command;
extern const struct command diff_command;
extern const struct command down_command;
extern const struct command explain_command;
extern const struct command export_command;
extern const struct command generate_command;
extern const struct command import_command;
extern const struct command init_command;
extern const struct command logs_command;
extern const struct command man_command;
extern const struct command plan_command;
extern const struct command pull_command;
extern const struct command schema_command;
extern const struct command status_command;
extern const struct command unlock_command;
extern const struct command up_command;
extern const struct command validate_command;
extern const struct command version_command;

/* All commands that are not hidden, for help, man pages and completion. */
const struct help *commands_help(void);

/* Runs natsform: finds the command, parses its options, runs it, prints diagnostics. Returns the exit code. */
int commands_run(int argc, char **argv);

#endif
