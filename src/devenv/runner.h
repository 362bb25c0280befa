/*
 * Runner: a way to run nodes, as processes of this machine (processes.h) or in containers (docker.h). Everything else in
 * `up`, `down`, `status` and `logs` is the same for both: ports, configurations, waiting, streams, the nats CLI context.
 *
 * A runner works on struct upnode, and stores what it learns there (pid, program, version). It reports problems as
 * diagnostics, and never prints.
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
    const struct upstate *state; /* its nodes are the ones to run */
    void *own;                   /* data of this kind of runner */
    bool publishes; /* its nodes are elsewhere, and only published at addresses of this machine */

    /*
     * Finds the program or image for this node, and sets node->program and node->version. It is called for each node
     * before anything is written or started.
     */
    int (*prepare)(struct runner *runner, const struct envnode *plan, struct upnode *node,
                   struct diags *diags);
    /* The place that the node's configuration is made for. */
    struct environment_place (*place)(struct runner *runner, const struct upnode *node);
    /*
     * The node's whole configuration, if environment_config() for place() is not enough: containers, for example, need
     * the addresses that they are published at. NULL: it is enough.
     */
    struct node *(*config)(struct runner *runner, const struct envnode *plan, const struct upnode *node);
    /*
     * What the node is made of beside its configuration, such as a container's ports and files: where that changes, it has to be
     * made anew. NULL: nothing.
     */
    const char *(*shape)(struct runner *runner, const struct envnode *plan);
    /* Called before what may take long, such as fetching an image. May be NULL. */
    void (*doing)(void *context, const char *what, const char *of);
    void *context; /* of doing() */
    /* Asks `nats-server -t` whether the node's server would accept the configuration at this path. */
    int (*check)(struct runner *runner, const struct upnode *node, const char *path, struct diags *diags);
    /*
     * Starts all of these at once, and does not wait until they are ready. If one cannot be started, others may run; the
     * caller stops them.
     */
    int (*start)(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags);
    /*
     * Does the node that was started still run? Another process or container that has its pid or name by now does not
     * count. False only if it is certain that it does not run.
     */
    bool (*alive)(struct runner *runner, struct upnode *node);
    /* What keeps a node that is alive from answering, such as "it is stopped (…)"; NULL: nothing that can be seen. */
    const char *(*held)(struct runner *runner, const struct upnode *node);
    /* Tells the server to read its configuration again (SIGHUP). The caller has to find out what came of it. */
    int (*reload)(struct runner *runner, struct upnode *node, struct diags *diags);
    /*
     * Stops these, gently and then not, and waits until they are gone; one that is held is let go on for it. Those that
     * do not run are fine. What does not end stays in the node as it was, and is code_no_answer.
     */
    int (*stop)(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags);
    /*
     * A descriptor to read the node's log from: its last `tail` lines (-1: all) and, with `follow`, what is added later.
     * While the node lives, an end of file then only means that there is nothing more yet. Returns -1 if there is no
     * log. The caller closes it.
     */
    int (*log)(struct runner *runner, const struct upnode *node, int64_t tail, bool follow);
    /* Called after all nodes are stopped. Removes what is left of them (networks, containers) and, if told so, their volumes. */
    int (*remove)(struct runner *runner, bool volumes, struct diags *diags);
    /* The data that remove() with `volumes` would delete, in words for the question; NULL: none. May be NULL: what is in files is known to left.h. */
    const char *(*volumes)(struct runner *runner);
};

/* Makes a runner for the state's nodes. */
typedef struct runner *runner_make(struct arena *arena, const struct upstate *state);

#endif
