/*
 * Up: makes the running servers what the manifest's servers say. It starts, reloads, restarts and stops them, and waits
 * until all are ready.
 *
 *     struct up up = {.arena = …, .root = …, .environment = …};
 *     if (up_open(&up, diags))                     reads the state and keeps other commands out
 *         return -1;
 *     up.runner = processes_runner(arena, &up.state, lookup, context);
 *     failed = up_boot(&up, diags);
 *     … streams, contexts …
 *     up_close(&up);
 *
 * If the process is killed at any moment, the next up_boot() or up_down() finds what was started: see state.h.
 */
#ifndef DEVENV_UP_H
#define DEVENV_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "devenv/runner.h"
#include "devenv/state.h"
#include "generate/environment.h"

enum up_deed {
    UP_KEEP, /* it runs as it should */
    UP_START,
    UP_RELOAD,
    UP_RESTART,
    UP_STOP,
};

const char *up_deed_name(enum up_deed deed); /* "up already", "started", … */

struct up {
    struct arena *arena;
    const char *root;     /* folder of the manifest, absolute */
    const char *project;  /* the manifest's, or the folder's name */
    const char *contexts; /* where the nats CLI has its contexts; NULL: nowhere */
    /* up_boot() fills in ports for `ports: auto`; not needed for up_down(). */
    struct environment *environment;
    struct runner *runner;
    const char *restart;       /* why all nodes have to be restarted; NULL: they need not */
    int64_t most_ms;           /* deadline for getting ready; 0: READY_MOST_MS */
    bool (*interrupted)(void); /* may be NULL */
    /* Called after each deed; `why` may be NULL. The callback may be NULL. */
    void (*event)(void *context, enum up_deed deed, const struct upnode *node, const char *why);
    /* Called now and then while a node is not ready: what it is doing, such as "has no routes to …". May be NULL. */
    void (*waiting)(void *context, const struct upnode *node, const char *what, int64_t waited_ms);
    void *context;
    struct upstate state;
    size_t done[UP_STOP + 1]; /* how many deeds of each kind */
    /* The certificate of the authority that up_boot() has just made for `tls: dev`; NULL: none. */
    const char *new_authority;
};

/* Returns 0, or -1 with code_environment. */
int up_open(struct up *up, struct diags *diags);
void up_close(struct up *up);

/* Does anything of its runner still run? Then another one has to wait until it is down. */
bool up_anything_runs(const struct up *up);

/*
 * Returns 0 if every node is ready. Otherwise -1 with diagnostics. Problems that are found before anything is touched
 * leave all as it was. If a start fails, what this call started is stopped again.
 */
int up_boot(struct up *up, struct diags *diags);

/* The configuration that a node runs with, after up_boot(); NULL if the node is not in the environment. */
const struct node *up_config(struct up *up, const struct envnode *node);

/* Stops everything and removes the state. With `volumes` it removes data in the manifest's folder too. */
int up_down(struct up *up, bool volumes, struct diags *diags);

#endif
