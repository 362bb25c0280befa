/*
 * Health: how the nodes of a booted environment are, right now.
 */
#ifndef DEVENV_HEALTH_H
#define DEVENV_HEALTH_H

#include <stdbool.h>

#include "base/arena.h"
#include "devenv/runner.h"

struct node_health {
    const struct upnode *node;
    bool runs;
    bool well;             /* runs, and says itself that it is well */
    const char *trouble;   /* in the server's words; NULL: none */
    const char *uptime;    /* "1h2m3s", as the server says it; NULL: not known */
    const char *version;   /* NULL: not known */
    const char *jetstream; /* "on", "off", "leader" or "follower" of the meta group */
    const char *leader;    /* of the meta group; NULL: none, or none known */
};

/* Asks every node of the state. Returns as many as it has. */
struct node_health *health_ask(struct arena *arena, struct runner *runner);

#endif
