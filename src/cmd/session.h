/*
 * Session: the process, once: its arguments, its environment, the streams that it writes to, and the manifest that it
 * was pointed at. What a command does with a server is an account's; see account.h.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/idle_work.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "cmd/options.h"
#include "generate/environment.h"
#include "kind/manifest_rows.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "repo/files.h"
#include "repo/revisions.h"
#include "server/server.h"
#include "view/help.h"
#include "view/style.h"

/*
 * ---- interrupt ----
 * Remembers SIGINT, SIGTERM and SIGHUP instead of ending at once, for commands that have to clean up.
 */

/* From now on the first of each of these signals is only remembered. A second one of a kind says so, and ends the process. */
void interrupt_defer(void);
bool interrupt_came(void);

/* ---- session ---- */

struct path_list {
    VEC(const char *) list;
};

struct session {
    struct arena arena;
    struct diags diags;                 /* of the command; those of one account of several are apart */
    const struct command_help *command; /* the one that runs */
    struct options options;             /* as they were given */
    struct option_list arguments;       /* those that are no options */
    struct option_list named;           /* those of -f, or the usual one */
    struct option_list files; /* of the manifest: the same, each with its revision where --repo is given */
    struct remote remote;     /* the repository of --repo; without a URL: there is none */
    struct option_list env_files;
    struct option_list connections; /* those of --connection */
    VEC(struct envfile *) env_read; /* those that were read */
    struct style out;
    struct style err;                /* of diagnostics and questions */
    struct style told;               /* of what is done on the way: the same, or nowhere */
    struct revisions *revisions;     /* see session_revisions() */
    struct manifest *manifest;       /* after session_load() */
    struct environment *environment; /* of its servers; it has no nodes if there are none */
    const char *revision;            /* the Git revision of the manifest; NULL: no file is from one */
    struct node
        *document; /* with -o json: what is printed in the end, with the diagnostics; NULL: those alone */
    const char *resume; /* with -o github: the word behind which commands count again; NULL: they count */
    struct node *plans; /* of the document, if it is about several accounts */
    struct node *diagnostics; /* those of several accounts; NULL: there are none */
    bool again;               /* a later turn of --watch, which tells only what has changed */
    struct path_list *reads;  /* files and patterns that are read for the manifest go there; NULL: nowhere */
    struct option_list
        replaced; /* addresses of what was refused, and could be made anew with what is in it */
    struct option_list recreated; /* names of streams and buckets that could be made anew without */
    struct option_list lossy;     /* streams that lose messages, which nothing has allowed */
    bool told_of_place;           /* that backups go where they may be forgotten */
    bool in_lines; /* with -o json: the command prints a line for each thing that happens, and no document */
    bool sized;    /* plain_bytes is known */
    size_t plain_bytes; /* see session_plain_bytes() */
};

void session_init(struct session *session);
void session_release(struct session *session);

/* Parses the arguments after the command's name. Returns 0, or -1 with code_usage. */
int session_take_arguments(struct session *session, const struct command_help *command, char **argv);
/*
 * Takes the manifest from these files, or the usual one when there are none; with `repo`, from that Git repository: what names no revision is
 * of its HEAD. Returns 0, or -1 with code_usage.
 */
int session_take_files(struct session *session, struct option_list files, const char *repo);
/* Were at least and at most so many given? Returns 0, or -1 with code_usage. */
int session_check_arguments(struct session *session, size_t least, size_t most);

/*
 * Looks a variable up in the environment and then in the files of --env-file, each of which is read once. For environment_lookup and vars_lookup;
 * the context is the session.
 */
const char *session_lookup(void *context, const char *name);
/* Checks the files of --env-file. Returns 0, or -1 with diagnostics. */
int session_check_env_files(struct session *session);

/*
 * The folder of the manifest: that of the first -f, or what it names, if that is a folder itself. The working directory for anything
 * else.
 */
const char *session_folder(struct session *session);
/* What natsform keeps beside the manifest: ".natsform" there, and the journal in it. Neither has to be there. */
const char *session_own_folder(struct session *session);
const char *session_journal(struct session *session);

/* Loads the manifest, unless it is loaded. Returns 0, or -1 with diagnostics. */
int session_load(struct session *session);
/* The same, with something else to do while a long file is read. */
int session_load_with(struct session *session, const struct idle_work *idle_work);

/* Loads a manifest from these paths, which may be in Git revisions. NULL with diagnostics if anything is wrong. */
struct manifest *session_load_paths(struct session *session, const char *const *paths, size_t count,
                                    const struct idle_work *idle_work);
/* The revisions of the Git repository, for paths that need it. */
struct revisions *session_revisions(struct session *session);
/* The reader for the manifest's files, after it was loaded. */
void session_reader(struct session *session, struct manifest_reader *ret_reader);
/*
 * The size of the manifest's files, if they say nothing about connections. Then the server can be asked before they are
 * read. Otherwise 0.
 */
size_t session_plain_bytes(struct session *session);

/* Does -o ask for a document? Is anything printed as text? The workflow of GitHub has both. */
bool session_prints_document(const struct session *session);
bool session_prints_text(const struct session *session);
/* Shows the diagnostics, behind what was printed. */
void session_show_findings(struct session *session);

/* The present time. */
struct instant session_now(void);

/*
 * Asks for a typed "yes" on the terminal, and keeps the connection of `server` busy meanwhile, which may be NULL.
 * Returns 0 for yes, or the exit code: EXIT_FAILED for no, EXIT_USAGE with a diagnostic that names the flag when there
 * is no terminal.
 */
int session_confirm(struct session *session, const char *question, struct server *server,
                    struct diags *diags);

/*
 * The exit code that a command's result means: its own, or where that is -1, or nothing is said although there are errors, the
 * diagnostics'.
 */
int session_exit_code(int result, const struct diags *diags);

#endif
