/*
 * Fetching a repository: what the process does that remote.c starts for it. Only for this room.
 *
 * It reports through a pipe, in lines: "b 4711" how many bytes have come, also 0 as a sign of life; and before it fails, "e …" why, and
 * "h …" what to do.
 */
#ifndef REPO_REMOTE_FETCH_H
#define REPO_REMOTE_FETCH_H

#include "repo/remote.h"
#include "repo/remote_url.h"

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

/* Returns 0 when all of it is there, or -1 after an "e" line. */
int remote_fetch(const struct fetch_job *job);

#endif
