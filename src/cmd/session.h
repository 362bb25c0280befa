/*
 * Session: what the commands share: arena, diagnostics, options, the manifest and the connection.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include <sys/types.h>

#include "apply/apply.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "cmd/options.h"
#include "generate/environment.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "plan/planner.h"
#include "repo/revisions.h"
#include "server/live.h"
#include "view/style.h"

/* Files and patterns that a manifest was read from. */
struct read_log {
    struct arena *arena;
    VEC(const char *) paths;
    struct manifest_reader inner;
};

struct session {
    struct arena arena;
    struct diags diags;
    const struct command_help *command; /* that is run */
    struct options options;
    struct option_list arguments; /* that are no options */
    struct style out;
    struct style err;
    struct connection_settings settings; /* after session_connect() */
    const struct connection_settings
        *booted;                     /* where what `up` has started is; NULL: settings are found as ever */
    struct server *server;           /* after session_connect() */
    struct ahead *ahead;             /* of that server */
    struct revisions *revisions;     /* of the Git repository, if a path asks for one */
    struct manifest *manifest;       /* after session_load() */
    struct environment *environment; /* of its servers; without nodes when it has none */
    struct manifest *whole;          /* of which `manifest` is one account's part; NULL: that is the whole */
    struct accounts *accounts;       /* of a manifest for several; see accounts.h. NULL: it is for one */
    struct node *plans;              /* as JSON, of several accounts; else NULL */
    bool sized;                      /* plain_bytes is known */
    size_t plain_bytes;
    const char *revision;   /* that the manifest is from; NULL when no file is of a Git revision */
    struct read_log *reads; /* what was read for the manifest is noted there; NULL: nowhere */
    size_t manifest_bytes;  /* when the lists are to be asked for once the lock is held; else 0 */
    struct lock *lock;      /* after session_plan() of a command that changes things */
};

void session_init(struct session *session);
void session_release(struct session *session);

/* An environment_lookup and a vars_lookup: the environment, then the --env-file files. The context is the session. */
const char *session_lookup(void *context, const char *name);

/* The manifest's files: those of -f, or the usual one. */
struct option_list session_files(const struct session *session);
/* Are the files of --env-file what they should be? Returns 0, or -1 with diagnostics. */
int session_check_env_files(struct session *session);
/* Loads files, whichever they are, Git revisions among them. NULL with diagnostics when anything is wrong. */
struct manifest *session_load_paths(struct session *session, const char *const *paths, size_t count);

/* Bytes of the manifest's files when nothing in them says anything about connections, so that the server can be asked first; else 0. */
size_t session_plain_bytes(struct session *session);
/* Gives the lock back and closes the connection. */
void session_disconnect(struct session *session);

/* Each returns 0, or -1 with diagnostics. */
int session_load(struct session *session);
int session_connect_alone(struct session *session); /* without any manifest */
int session_connect(struct session *session);       /* and loads; whichever can be done first */
/* How the manifest is read, once it was loaded. */
void session_reader(struct session *session, struct manifest_reader *ret_reader);
/* Loads, connects, locks if the command has OPTIONS_LOCK, reads and plans. NULL when that was not possible; a plan with refused steps has diagnostics too. */
struct plan *session_plan(struct session *session);

/* The project's lock, as commands take it (session_lock.c); see apply/lock.h. */

/* Does the command change things, without --no-lock? */
bool session_locks(const struct session *session);
/* Takes the lock of a connected session whose manifest is loaded, unless --no-lock. Returns 0, or -1 with diagnostics. */
int session_lock(struct session *session);
/* Is there room for the plan's streams beside the lock, which is one? Returns 0, or -1 with code_lock. */
int session_check_room(struct session *session, const struct plan *plan);
/* Gives it back; nothing without one. */
void session_unlock(struct session *session);

/* The moment of the call. */
struct instant session_now(void);

/* Takes at most `most` arguments. */
int session_check_arguments(struct session *session, size_t least, size_t most);

/* Asks for a typed "yes" on the terminal. Without a terminal it is code_usage, naming the flag. */
int session_confirm(struct session *session, const char *question);

#endif
