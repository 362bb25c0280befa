/*
 * Who uses a store directory: looked up in Linux's /proc, since servers lock nothing. What cannot be known is said to be so: it is not free.
 */
#ifndef DEVENV_STORE_USER_H
#define DEVENV_STORE_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define STORE_LOCK "natsform.lock"

enum store_use {
    STORE_FREE,
    STORE_UNKNOWN, /* a server is there of which nothing tells where its store is */
    STORE_USED,
};

struct store_user {
    enum store_use use;
    int64_t pid;  /* 0: not known */
    bool stopped; /* it may go on at any time, and answers nothing until then */
    bool locked;  /* by another run of natsform: store.c says so */
};

/*
 * A nats-server that natsform did not start, and that uses the directory (a path without symbolic links). One that does counts more than one
 * that may. Elsewhere than on Linux none is ever found.
 */
struct store_user store_user_find(struct arena *arena, const char *store);

/* The process that has the directory's STORE_LOCK open: STORE_USED, or STORE_FREE when none can be seen. */
struct store_user store_holder_find(struct arena *arena, const char *store);

/* The directory whose STORE_LOCK the process has open; NULL: none that can be seen. */
const char *store_of_process(struct arena *arena, int64_t pid);

#endif
