/*
 * Ready: waiting until nodes are what their topology makes of them: JetStream on, a meta leader that every node of the cluster
 * follows, gateways to all other clusters, leafnodes connected. Asked of the monitoring endpoints; of the client port's greeting where
 * there is no monitoring by plain HTTP.
 */
#ifndef DEVENV_READY_H
#define DEVENV_READY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "devenv/runner.h"
#include "generate/environment.h"

enum { READY_MOST_MS = 30000 };

enum ready_stage {
    READY_STARTING, /* nothing answers yet */
    READY_LEADER,   /* no meta leader is known */
    READY_CURRENT,  /* not caught up with the cluster */
    READY_ROUTES,
    READY_GATEWAYS,
    READY_LEAFNODES,
    READY_DONE,
};

/* What a node has to reach. */
struct ready_node {
    struct upnode *node;
    const struct node *config;
    size_t members; /* of its cluster, itself included; 1: none */
    /* its own: */
    enum ready_stage stage;
    int64_t since; /* when it came to that stage */
    bool ended;
};

struct ready_wait {
    struct runner *runner;
    struct ready_node *nodes;
    size_t count;
    int64_t most_ms;
    bool (*interrupted)(void); /* may be NULL */
};

enum ready_outcome {
    READY_REACHED,
    READY_ENDED, /* a node ended: its `ended` is set */
    READY_LATE,
    READY_INTERRUPTED,
};

enum ready_outcome ready_await(struct ready_wait *wait);

/* "waits for a meta leader", … */
const char *ready_stage_text(enum ready_stage stage);

#endif
