/*
 * Fetching a repository: what the process does that remote.c starts for it. Only for this room.
 *
 * It reports through a pipe, in lines: "b 4711" how many bytes have come, also 0 as a sign of life; and before it fails, "e …" why, and
 * "h …" what to do.
 */
#ifndef REPO_REMOTE_FETCH_H
#define REPO_REMOTE_FETCH_H

#include "repo/remote_model.h"

/* Returns 0 when all of it is there, or -1 after an "e" line. */
int remote_fetch(const struct fetch_job *job);

#endif
