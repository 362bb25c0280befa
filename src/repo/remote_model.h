/* What a fetch is about: see remote.h. Only for this room. */
#ifndef REPO_REMOTE_MODEL_H
#define REPO_REMOTE_MODEL_H

#include <stddef.h>

#include "base/arena.h"
#include "repo/remote_url.h"
#include "syntax/vars.h"

/* What is wanted of a repository, beside all branches and tags. */
struct remote_names {
    const char *const *items; /* names of revisions; whole ones, such as refs/pull/12/head, are asked for */
    size_t count;
};

struct fetch_job {
    struct arena *arena;
    const char *given; /* the URL, with its login */
    struct remote_url url;
    const char *folder; /* of the bare copy; nobody else writes there */
    const struct remote_names *names;
    vars_lookup *environment;
    void *context;
    int report; /* the pipe */
    unsigned
        patience; /* seconds, after which the process ends if nothing came: for the case that nobody is there to end it */
};

#endif
