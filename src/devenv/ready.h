/*
 * Ready: waits until nodes are ready. That means, as far as their topology has it: JetStream is on, every node of a
 * cluster follows its meta leader, gateways lead to all other clusters, and leafnodes are connected. The monitoring
 * endpoints tell. Without monitoring by plain HTTP only the greeting of the client port is looked at.
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
    READY_PEERS,    /* members of JetStream's cluster are missing */
    READY_CURRENT,  /* it has not caught up with the cluster */
    READY_ROUTES,
    READY_GATEWAYS,
    READY_LEAFNODES,
    READY_DONE,
};

/* A node that is waited for. */
struct ready_node {
    struct upnode *node;
    const struct node *config;
    size_t members; /* number of nodes in its cluster, with itself; 1: it is in no cluster */
    size_t peers;   /* number of those with JetStream, with those of the clusters that it has gateways to */
    /* set by ready_await(): */
    enum ready_stage stage;
    int64_t since; /* when it reached that stage */
    bool ended;
    bool told; /* that it is ready */
    bool lost; /* members of JetStream's cluster do not know each other, and will not */
};

struct ready_wait {
    struct runner *runner;
    struct ready_node *nodes;
    size_t count;
    int64_t most_ms;
    bool (*interrupted)(void); /* may be NULL */
    /* Called once for each node when it is ready, and every now and then for one that is not yet, with how long that is. */
    void (*ready)(void *context, const struct ready_node *at);
    void (*waiting)(void *context, const struct ready_node *at, int64_t waited_ms);
    void *context;
    /* set by ready_await(): when it called waiting() last */
    int64_t told_ms;
};

enum ready_outcome {
    READY_REACHED,
    READY_ENDED, /* a node ended; its `ended` is set */
    READY_LATE,
    READY_INTERRUPTED,
};

enum ready_outcome ready_await(struct ready_wait *wait);

/* What a node at this stage is doing, such as "waits for a meta leader". */
const char *ready_stage_text(enum ready_stage stage);

#endif
