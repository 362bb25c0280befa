/*
 * Up: brings what runs to what the manifest's servers say: starts, reloads, restarts, stops; and waits until all of it is ready.
 *
 *     struct up up = {.arena = …, .root = …, .environment = …};
 *     if (up_open(&up, diags))                     reads the state and keeps other commands out
 *         return -1;
 *     up.runner = processes_runner(arena, &up.state, lookup, context);
 *     failed = up_boot(&up, diags);
 *     … streams, contexts …
 *     up_close(&up);
 *
 * Killed at any moment, the next up_boot() or up_down() finds what was started: see state.h.
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
    UP_KEEP, /* runs as it should */
    UP_START,
    UP_RELOAD,
    UP_RESTART,
    UP_STOP,
};

const char *up_deed_name(enum up_deed deed); /* "up already", "started", … */

struct up {
    struct arena *arena;
    const char *root;                /* folder of the manifest, absolute */
    const char *project;             /* the manifest's, or the folder's name */
    struct environment *environment; /* its ports are filled in where any would do; not for up_down() */
    struct runner *runner;
    const char *restart;       /* why every node is to be restarted; NULL: it is not */
    int64_t most_ms;           /* for getting ready; 0: READY_MOST_MS */
    bool (*interrupted)(void); /* may be NULL */
    /* Called as each thing is done; `why` may be NULL. May be NULL itself. */
    void (*event)(void *context, enum up_deed deed, const struct upnode *node, const char *why);
    void *context;
    struct upstate state;
    size_t done[UP_STOP + 1];  /* how many of each */
    const char *new_authority; /* the certificate of one that up_boot() has made for `tls: dev`; NULL: none */
};

/* Returns 0, or -1 with code_environment. */
int up_open(struct up *up, struct diags *diags);
void up_close(struct up *up);

/*
 * Returns 0 when every node is ready. Else -1 with diagnostics: of what was found before anything was touched, then all is as it was;
 * of a start that failed, then what this call started is stopped again.
 */
int up_boot(struct up *up, struct diags *diags);

/* A node's configuration as it runs; NULL when it is not of the environment. After up_boot(). */
const struct node *up_config(struct up *up, const struct envnode *node);

/* Stops everything and forgets it; removes data below .natsform/ too with `volumes`. */
int up_down(struct up *up, bool volumes, struct diags *diags);

#endif
