/*
 * Session: the process, once: its arguments, its environment, the streams that it writes to, and the manifest that it was pointed at.
 * What a command does with a server is an account's; see account.h.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/idle_work.h"
#include "base/vec.h"
#include "cmd/options.h"
#include "generate/environment.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "repo/revisions.h"
#include "server/server.h"
#include "view/style.h"

struct path_list {
    VEC(const char *) list;
};

struct session {
    struct arena arena;
    struct diags diags;                 /* of the command; those of one account of several are apart */
    const struct command_help *command; /* that is run */
    struct options options;             /* as they were given */
    struct option_list arguments;       /* that are no options */
    struct option_list files;           /* of the manifest: those of -f, or the usual one */
    struct option_list env_files;
    struct style out;
    struct style err;
    struct revisions *revisions;     /* of the Git repository, if a path asks for one */
    struct manifest *manifest;       /* after session_load() */
    struct environment *environment; /* of its servers; without nodes when it has none */
    const char *revision;            /* that the manifest is from; NULL when no file is of a Git revision */
    struct path_list *reads; /* files and patterns that are read for the manifest go there; NULL: nowhere */
    bool sized;              /* plain_bytes is known */
    size_t plain_bytes;
};

void session_init(struct session *session);
void session_release(struct session *session);

/* Parses the arguments after the command's name. Returns 0, or -1 with code_usage. */
int session_take_arguments(struct session *session, const struct command_help *command, char **argv);
/* Were at least and at most so many given? Returns 0, or -1 with code_usage. */
int session_check_arguments(struct session *session, size_t least, size_t most);

/* An environment_lookup and a vars_lookup: the environment, then the --env-file files. The context is the session. */
const char *session_lookup(void *context, const char *name);
/* Are the files of --env-file what they should be? Returns 0, or -1 with diagnostics. */
int session_check_env_files(struct session *session);

/* Loads the manifest, unless it is loaded. Returns 0, or -1 with diagnostics. */
int session_load(struct session *session);
/* The same, with something else to do while a long file is read. */
int session_load_with(struct session *session, const struct idle_work *idle_work);
/* Loads files, whichever they are, Git revisions among them. NULL with diagnostics when anything is wrong. */
struct manifest *session_load_paths(struct session *session, const char *const *paths, size_t count,
                                    const struct idle_work *idle_work);
/* How the manifest is read, once it was loaded. */
void session_reader(struct session *session, struct manifest_reader *ret_reader);
/* Bytes of the manifest's files when nothing in them says anything about connections, so that the server can be asked first; else 0. */
size_t session_plain_bytes(struct session *session);

/* The moment of the call. */
struct instant session_now(void);

/*
 * Asks for a typed "yes" on the terminal, and keeps the connection of `server` busy meanwhile, which may be NULL. Returns 0 for yes, or
 * the exit code: EXIT_FAILED for no, EXIT_USAGE with a diagnostic that names the flag when there is no terminal.
 */
int session_confirm(struct session *session, const char *question, struct server *server,
                    struct diags *diags);

/*
 * The exit code that a command's result means: its own, or where that is -1, or nothing is said although there are errors, the
 * diagnostics'.
 */
int session_exit_code(int result, const struct diags *diags);

#endif
