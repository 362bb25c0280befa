/*
 * Runner: a way of running nodes: as processes of this machine (processes.h) or in containers. `up`, `down`, `status` and `logs` do the
 * rest alike: ports, configurations, waiting, streams, the nats CLI context.
 *
 * A runner acts on struct upnode; what it learns (pid, program, version) it writes there. It says what is wrong in diagnostics, and
 * never prints.
 */
#ifndef DEVENV_RUNNER_H
#define DEVENV_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "devenv/state.h"
#include "generate/environment.h"

extern const struct diag_code code_not_started;

struct runner {
    const char *name; /* in up.json: "processes", "docker" */
    struct arena *arena;
    const struct upstate *state; /* whose nodes it runs */
    void *own;                   /* the runner's own */

    /*
     * Finds what it takes to run this node, and sets node->program and node->version. Called for each node before anything is
     * written or started.
     */
    int (*prepare)(struct runner *runner, const struct envnode *plan, struct upnode *node,
                   struct diags *diags);
    /* Where the node's configuration is for. */
    struct environment_place (*place)(struct runner *runner, const struct upnode *node);
    /*
     * The node's whole configuration, where it takes more than environment_config() for place(), as with addresses that containers are
     * published at. NULL: it does not.
     */
    struct node *(*config)(struct runner *runner, const struct envnode *plan, const struct upnode *node);
    /* Would the server take the configuration at this path? `nats-server -t`, as the node would read it. */
    int (*check)(struct runner *runner, const struct upnode *node, const char *path, struct diags *diags);
    /*
     * Starts all of these at once, and returns without waiting for them to be ready. When one cannot be started the others may run:
     * the caller stops them.
     */
    int (*start)(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags);
    /*
     * Does what was started still run? Nothing else that has its pid or its name now counts. False only when it is known not to: what cannot be
     * seen may run.
     */
    bool (*alive)(struct runner *runner, struct upnode *node);
    /* What keeps one that is alive from answering, and for how long it pleases, as "it is stopped (…)"; NULL: nothing that can be seen. */
    const char *(*held)(struct runner *runner, const struct upnode *node);
    /* Has it read its configuration anew (SIGHUP). What comes of it the caller sees by itself. */
    int (*reload)(struct runner *runner, struct upnode *node, struct diags *diags);
    /*
     * Stops these, gently and then not, and waits until they are gone; one that is held is let go on for it. Those that do not run are fine.
     * What does not end stays in the node as it was, and is code_no_answer.
     */
    int (*stop)(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags);
    /*
     * A descriptor to read the node's log from: its last `tail` lines (-1: all of them), and then, if `follow`, what is added: an
     * end of file is no end then while the node lives. Returns -1 when there is none. The caller closes it.
     */
    int (*log)(struct runner *runner, const struct upnode *node, int64_t tail, bool follow);
    /* After all nodes are stopped: removes what is left of them (networks, containers) and, if told, their volumes. */
    int (*remove)(struct runner *runner, bool volumes, struct diags *diags);
    /* Bytes of data that `volumes` would remove, in words for the question; NULL: there is none. May be NULL. */
    const char *(*volumes)(struct runner *runner);
};

/* The one of that name, or NULL. */
typedef struct runner *runner_make(struct arena *arena, const struct upstate *state);

#endif
