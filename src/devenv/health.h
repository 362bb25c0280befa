/*
 * Health: the present state of the nodes of a booted environment.
 */
#ifndef DEVENV_HEALTH_H
#define DEVENV_HEALTH_H

#include <stdbool.h>

#include "base/arena.h"
#include "devenv/runner.h"

struct node_health {
    const struct upnode *node;
    bool runs;
    bool well;             /* it runs and says that it is well */
    const char *trouble;   /* in the server's words; NULL: none */
    const char *uptime;    /* "1h2m3s", as the server says it; NULL: not known */
    const char *version;   /* NULL: not known */
    const char *jetstream; /* "on", "off", "leader" or "follower" of the meta group */
    const char *leader;    /* of the meta group; NULL: none, or none known */
};

/* Asks every node of the runner's state. The array has one entry for each, in the same order. */
struct node_health *health_ask(struct arena *arena, struct runner *runner);

#endif
