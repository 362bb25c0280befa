/*
 * Store user: finds out who uses a store directory, from Linux's /proc, because servers do not lock their stores. If
 * that is not known, the answer is STORE_UNKNOWN and never STORE_FREE.
 */
#ifndef DEVENV_STORE_USER_H
#define DEVENV_STORE_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define STORE_LOCK "natsform.lock"

enum store_use {
    STORE_FREE,
    STORE_UNKNOWN, /* there is a server, and nothing tells where its store is */
    STORE_USED,
};

struct store_user {
    enum store_use use;
    int64_t pid;  /* 0: not known */
    bool stopped; /* the process is stopped: it answers nothing, and may go on at any time */
    bool locked;  /* by another run of natsform: store.c says so */
};

/*
 * Searches for a nats-server that natsform did not start and that uses the directory (a path without symbolic links). A
 * server that certainly uses it is returned before one that may. On other systems than Linux none is found.
 */
struct store_user store_user_find(struct arena *arena, const char *store);

/* The process that has the directory's STORE_LOCK open: STORE_USED. STORE_FREE if none can be seen. */
struct store_user store_holder_find(struct arena *arena, const char *store);

/* The directory whose STORE_LOCK the process has open; NULL if none can be seen. */
const char *store_of_process(struct arena *arena, int64_t pid);

#endif
