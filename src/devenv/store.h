/*
 * Store: the directory of a server's JetStream. Servers do not lock it, and two on one destroy each other's streams: here a file in it is
 * locked by the server's own process, for as long as it lives.
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
 * Makes the directory and locks it for a server. Returns a descriptor for the process to keep (process_start.lock); closing it everywhere lets
 * go. -1 with code_store when it cannot be written or another server uses it, which is named.
 * `node` of the folder `root` signs the lock.
 */
int store_take(struct arena *arena, const char *store, const char *node, const char *root,
               struct diags *diags);

/* How long to wait for what is not known. */
struct store_patience {
    int64_t most_ms;
    bool (*interrupted)(void); /* may be NULL */
};

/*
 * Is the directory fit, and unused, also by servers that natsform did not start? Makes it. A server that is stopped, or of which nothing tells
 * where its store is, is waited for, and then is code_no_answer: unknown is not free.
 */
int store_check(struct arena *arena, const char *store, const char *node, const char *root,
                const struct store_patience *patience, struct diags *diags);

/* Does another process have the directory's lock? */
bool store_is_taken(struct arena *arena, const char *store);

/* Removes the lock's file, and the directory when it is empty then. */
void store_release(struct arena *arena, const char *store);

/* Is the directory below the folder, links followed? */
bool store_is_inside(struct arena *arena, const char *root, const char *store);

#endif
