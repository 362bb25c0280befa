/*
 * Options: every option of every command, by one table, parsed into one struct.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "kind/manifest_rows.h"
#include "view/help.h"

struct option_list {
    const char **items;
    size_t count;
};

enum output {
    OUTPUT_TEXT,
    OUTPUT_JSON,
    OUTPUT_MARKDOWN, /* these are of validate, plan and diff alone */
    OUTPUT_GITHUB,
    OUTPUT_JUNIT,
};

struct options {
    bool help;
    int colour; /* enum colour_choice */
    struct option_list files;
    const char *repo;
    struct option_list env_files;
    const char *stream;
    struct option_list connections; /* names; none: all of them */
    struct connection_settings connection;
    int output; /* enum output */
    bool detailed_exitcode;
    bool allow_empty;
    bool recursive;
    bool quiet;
    bool yes;
    bool prune;
    bool destroy;
    const char *out;
    struct option_list allow_loss;
    bool no_backup;
    struct option_list replaces; /* addresses of objects */
    bool rehearse;
    struct option_list recreates; /* names of streams and buckets */
    const char *backup_dir;
    const char *server_version;
    const char *out_dir;
    const char *project;
    bool force;
    bool dry_run;
    const char *from_project;
    bool no_server_check;
    bool no_lock;
    bool check;
    struct option_list subjects;
    bool cluster;
    bool websocket;
    bool from_live;
    int ci;                          /* enum ci_service */
    struct option_list environments; /* of the pipeline */
    const char *name;                /* of the server that is imported */
    const char *secrets;             /* the file for its secrets */
    bool skip_missing;               /* leave out included files that do not exist */
    const char *prefix;
    const char *probe;
    int64_t lock_timeout_ms;
    bool wait; /* until all is ready */
    int64_t wait_ms;
    int64_t ready_ms; /* deadline for servers to get ready */
    bool no_context;
    bool watch;
    bool remove; /* what was booted, in the end */
    bool docker;
    bool volumes;
    bool all; /* of the account */
    const char *replicas;
    const char *cluster_name;
    struct option_list tags;
    struct option_list sets; /* of fields */
    bool no_project;
    const char *from_sequence;
    const char *from_time;
    struct option_list renames; /* of subjects */
    struct option_list keeps;   /* of backups */
    bool follow;
    const char *tail;
    int64_t every_ms; /* how often everything is read again */
};

void option_list_add(struct arena *arena, struct option_list *list, const char *item);

/* The rows, in the order in which help shows them; those of the connection come from kind/manifest_rows.c. */
const struct option_row *options_rows(size_t *ret_count);

/*
 * Parses the arguments after the command's name, which argv[0] is; NULL ends them. Options may stand anywhere; what is
 * not one is kept in *ret_arguments. Returns 0, or -1 with code_usage.
 */
int options_parse(struct arena *arena, char **argv, const struct command_help *command,
                  struct options *ret_options, struct option_list *ret_arguments, struct diags *diags);

/* Writes the options of these groups as they were given, by their long names, and without their secrets: " --prune --yes". */
void options_write(struct arena *arena, const struct options *options, unsigned groups, struct strbuf *out);

/* "json", as -o was given. */
const char *options_output(const struct options *options);

#endif
