/*
 * Store: the directory where a server keeps JetStream's data. nats-server does not lock it, and two servers on one store
 * destroy each other's streams. So natsform locks a file in it. The server's process inherits that lock and holds it as
 * long as it lives.
 */
#ifndef DEVENV_STORE_H
#define DEVENV_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"

extern const struct diag_code code_store;
extern const struct diag_code code_no_answer;

/*
 * Makes the directory and locks it for a server. Returns a descriptor for the process to keep (process_start.lock);
 * closing it everywhere lets go. -1 with code_store when it cannot be written or another server uses it, which is named.
 * `node` of the folder `root` signs the lock.
 */
int store_take(struct arena *arena, const char *store, const char *node, const char *root,
               struct diags *diags);

/* How long to wait while it is not known whether a store is free. */
struct store_patience {
    int64_t most_ms;
    bool (*interrupted)(void); /* may be NULL */
};

/*
 * Is the directory fit, and unused, also by servers that natsform did not start? Makes it. A server that is stopped, or
 * of which nothing tells where its store is, is waited for, and then is code_no_answer: unknown is not free.
 */
int store_check(struct arena *arena, const char *store, const char *node, const char *root,
                const struct store_patience *patience, struct diags *diags);

/* Does another process hold the directory's lock? */
bool store_is_taken(struct arena *arena, const char *store);

/* Removes the lock's file and, if it is empty then, the directory. */
void store_release(struct arena *arena, const char *store);

/* Is the directory inside the folder, with symbolic links followed? */
bool store_is_inside(struct arena *arena, const char *root, const char *store);

#endif
