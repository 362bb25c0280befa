/*
 * Moments: something is done while `natsform apply` is at its question or at work, once a word shows on its terminal.
 *
 *     struct moment moment = {.word = "[1/", .then = kill_it, .server = server};
 *     struct run run = moment_run_in_the_middle(&moment, server, many_streams());
 */
#ifndef SUPPORT_MOMENT_H
#define SUPPORT_MOMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "support/run.h"
#include "support/server_fixture.h"

struct moment {
    const char *word; /* on the terminal */
    void (*then)(struct moment *moment, pid_t pid);
    const struct server_fixture *server;
    const char *path;
    int signal;
    bool done;
    pid_t pid;
    atomic_bool over; /* that was done */
};

/* The run comes to its end, or to the one that the moment has for it. */
struct run moment_run(struct moment *moment, const char *path, const char *url, bool yes);
/* By a relay, and with many_streams(): the moment comes when some streams are there and no consumer is. */
struct run moment_run_in_the_middle(struct moment *moment, struct server_fixture *server, const char *path);

/* Manifests: streams S000 … of project `many`, with a consumer `c` each; and of a project one that has its name. */
const char *many_streams(void);
const char *project_manifest(const char *project);

/* That no run has a lock on the server. */
void assert_no_lock(const struct server_fixture *server);

#endif
