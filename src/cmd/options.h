/*
 * Options: every option of every command, parsed into one struct.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "kind/connection.h"
#include "view/help.h"

struct option_list {
    const char **items;
    size_t count;
};

enum output {
    OUTPUT_TEXT,
    OUTPUT_JSON,
};

struct options {
    bool help;
    int colour; /* enum colour_choice */
    struct option_list files;
    struct option_list env_files;
    const char *stream;
    struct connection_settings connection;
    int output; /* enum output */
    bool detailed_exitcode;
    bool yes;
    bool prune;
    bool destroy;
    const char *out;
    struct option_list allow_loss;
    const char *server_version;
    const char *out_dir;
    const char *project;
    bool force;
    bool dry_run;
    bool no_server_check;
    bool no_lock;
    bool check;
    struct option_list subjects;
    bool cluster;
    bool from_live;
    const char *name;    /* of the server that is imported */
    const char *secrets; /* the file for its secrets */
    bool skip_missing;   /* leave out included files that do not exist */
    const char *prefix;
    const char *probe;
    int64_t lock_timeout_ms;
    int64_t ready_ms; /* deadline for servers to get ready */
    bool no_context;
    bool watch;
    bool docker;
    bool volumes;
    bool follow;
    const char *tail;
};

/* The rows, in the order in which help shows them; those of the connection come from kind/connection.c. */
const struct option_row *options_rows(size_t *ret_count);

/*
 * Parses the arguments after the command's name, which argv[0] is; NULL ends them. Options may stand anywhere; what is
 * not one is kept in *ret_arguments. Returns 0, or -1 with code_usage.
 */
int options_parse(struct arena *arena, char **argv, const struct command_help *command,
                  struct options *ret_options, struct option_list *ret_arguments, struct diags *diags);

#endif
