/*
 * Remote: a Git repository that is somewhere else. A folder of this machine is read where it is. What a server has is fetched, without a `git`
 * program, into a bare copy in the user's cache, which all runs share:
 *
 *     $XDG_CACHE_HOME/natsform/git/HOST-PATH-ID         or $HOME/.cache/natsform/git/…
 *
 * libgit2 has no deadline before 1.7 and none for all of a fetch. So the fetch runs in a process of its own (remote_fetch.h), which is
 * ended when the other side is silent for too long.
 */
#ifndef REPO_REMOTE_H
#define REPO_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "repo/remote_model.h"
#include "syntax/vars.h"

struct remote {
    const char *url; /* as the user gave it: https://…, ssh://…, user@host:path, file://…, or a folder */
    int64_t most_ms; /* how long a fetch may take; 0: REMOTE_MOST_MS */
    bool kept;       /* a copy that is there is good enough, however old */
    /* Told while it is fetched, several times a second: bytes that came, and for how long it goes on. NULL: nobody is. */
    void (*progress)(void *context, uint64_t bytes, int64_t passed_ms);
    void *context;
    vars_lookup *environment; /* variables of the process, such as HOME */
    void *environment_context;
};

enum {
    REMOTE_MOST_MS = 5 * 60 * 1000,
    REMOTE_SILENCE_MS = 30 * 1000, /* for so long the other side may say nothing, whatever a fetch may take */
};

/*
 * Sees to it that the repository is in a folder of this machine: *ret_folder. If the names are ids of commits that an earlier
 * run has fetched, nothing is asked for. Returns 0, or -1 with diagnostics.
 */
int remote_bring(struct arena *arena, const struct remote *remote, const struct remote_names *names,
                 const char **ret_folder, struct diags *diags);

/* The URL without a password in it: to be shown, kept in files, and given to others. */
const char *remote_shown(struct arena *arena, const char *url);

#endif
