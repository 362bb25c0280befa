/*
 * Help: commands and their options as data. --help, man pages (manual.h) and shell completion are all made from it, so they
 * always say the same.
 */
#ifndef VIEW_HELP_H
#define VIEW_HELP_H

#include <stddef.h>

#include "base/strbuf.h"
#include "view/style.h"

enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_SECRET,   /* const char *, which is never printed */
    OPTION_LIST,     /* struct option_list; the option may be repeated */
    OPTION_DURATION, /* int64_t milliseconds, at least 1 */
    OPTION_PATIENCE, /* the same, or 0 */
    OPTION_CHOICE,   /* int: index into choices */
};

/* Groups of options. A command takes the options of all groups in its mask. */
enum option_group {
    OPTIONS_ALL = 1 << 0, /* every command */
    OPTIONS_MANIFEST = 1 << 1,
    OPTIONS_SERVER = 1 << 2,
    OPTIONS_OUTPUT = 1 << 3,
    OPTIONS_DETAILED = 1 << 4,
    OPTIONS_CONFIRM = 1 << 5,
    OPTIONS_LOSS = 1 << 6,
    OPTIONS_VERSION = 1 << 7,
    OPTIONS_EXPORT = 1 << 8,
    OPTIONS_DRY_RUN = 1 << 20,
    OPTIONS_PRUNE = 1 << 9,
    OPTIONS_DESTROY = 1 << 10,
    OPTIONS_OUT = 1 << 11,
    OPTIONS_LOCK = 1 << 12,
    OPTIONS_UP = 1 << 13,
    OPTIONS_DOWN = 1 << 14,
    OPTIONS_LOGS = 1 << 15,
    OPTIONS_GENERATE = 1 << 24,
    OPTIONS_INIT = 1 << 25,
    OPTIONS_IMPORT_CONF = 1 << 26,
    OPTIONS_IMPORT = 1 << 28,
    OPTIONS_SERVER_CHECK = 1 << 27,
    OPTIONS_CONNECTIONS = 1 << 16,
    OPTIONS_BACKUP = 1 << 17,
    OPTIONS_RESTORE = 1 << 18,
    OPTIONS_RESCUE = 1 << 19,
    OPTIONS_REVIEW = 1 << 21,
    OPTIONS_WAIT = 1 << 23,
    OPTIONS_TIMEOUT = 1 << 22, /* of commands that read a manifest, and have no server */
    OPTIONS_WATCH = 1 << 29,
    OPTIONS_STATUS = 1 << 30,
};

struct option_row {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    unsigned group;
    enum option_type type;
    const char *argument;       /* its name in help; NULL for a flag */
    const char *const *choices; /* of OPTION_CHOICE; ends with NULL */
    size_t offset;              /* into struct options */
    const char *doc;
};

struct command_help {
    const char *name;
    const char *arguments;       /* "[PATH...]"; "" when there are none */
    const char *summary;         /* one line, without a full stop */
    const char *description;     /* a paragraph or more */
    const char *const *examples; /* pairs of what it does and the command; ends with NULL */
    unsigned options;            /* groups */
};

struct help {
    const struct option_row *options;
    size_t option_count;
    const struct command_help *const *commands;
    size_t command_count;
};

void help_overview(const struct style *style, const struct help *help);
void help_command(const struct style *style, const struct help *help, const struct command_help *command);
/* Appends the completion script for "bash", "zsh" or "fish". Returns -1 for any other shell. */
int help_completion(struct strbuf *out, const char *shell);

#endif
