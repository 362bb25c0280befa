/*
 * Lock: keeps two runs on one project from writing at the same time.
 *
 *     struct lock *lock = NULL;
 *     if (lock_take(server, &options, &lock, diags))
 *         return -1;                              held by another run: code_locked names it
 *     … read, plan, ask; api_poll() now and then while nothing else waits for the server …
 *     if (lock_check(lock, diags))                before writing: is it still ours?
 *         return -1;
 *     … write, as long as lock_holds() …
 *     lock_release(lock, server, diags);
 *
 * It lives in JetStream, in the account that it protects, and needs nothing but $JS.API:
 *
 *     a stream      natsform_lock_<project's hash>_<token of the run>, which can hold nothing. Its description names the
 *                   run. Whose stream is the only one of the project has the lock.
 *     a consumer    of it, in memory, which the server itself removes when nobody has asked it for messages for LOCK_HOLD_MS. The run
 *                   asks every few seconds: a lock without a consumer is a dead one.
 *
 * Who finds a dead lock deletes it. As its name is the dead run's alone, that can never hit the lock of another one,
 * however late the request arrives. A run that could not ask in time (stopped, cut off) takes its lock for lost before
 * the server does, and never makes the consumer anew: what was found dead stays dead.
 */
#ifndef APPLY_LOCK_H
#define APPLY_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "server/server.h"

extern const struct diag_code code_lock;

enum {
    LOCK_HOLD_MS = 30000, /* so long after the last sign of life the server removes the consumer */
};

struct lock_options {
    const char *project; /* NULL: the lock that all manifests without a project share */
    bool adopts;         /* with that lock, not for such a manifest: for who adopts what has no owner yet */
    const char *who;     /* the run, for others to read: "apply by me@host, pid 4711, since …" */
    bool captured;       /* a stream of the manifest captures all subjects, so none is left for the lock */
    int64_t wait_ms;     /* how long to wait for another run to release it */
    /* Called about once a second while waiting. May be NULL. */
    void (*waiting)(void *context, const char *holder, int64_t waited_ms);
    void *context;
    bool (*interrupted)(void); /* ends the waiting; may be NULL */
};

/* The hint for those who want no lock. */
#define LOCK_GO_WITHOUT "'--no-lock' goes on without it; make sure then that nobody else applies meanwhile"

struct lock;

/*
 * Returns 0, or -1 with code_locked, code_interrupted, or what keeps the lock from being taken. Until lock_release() it
 * is kept alive by the server's tick, in whatever waits for replies.
 */
int lock_take(struct server *server, const struct lock_options *options, struct lock **ret_lock,
              struct diags *diags);

/*
 * From now on the second lock belongs to the first: the functions below are about both. Who takes two takes the project's
 * first, and then that of adoption. So nobody who has the second waits for the first, and no two wait for each other.
 */
void lock_join(struct lock *lock, struct lock *also);

/* Is it certainly ours now? Only looks at the clock. */
bool lock_holds(struct lock *lock);

/* Is it ours? Asks the server unless that is sure; returns -1 with code_lock_lost when not. */
int lock_check(struct lock *lock, struct diags *diags);

/* There is a new connection to the same account, because the old one was closed. lock_check() will use it. */
void lock_reconnected(struct lock *lock, struct server *server);

/* Removes and frees the lock; NULL is fine. Without a connected `server` it cannot be removed, and dies by itself. */
void lock_release(struct lock *lock, struct server *server, struct diags *diags);

/* A lock that somebody has. */
struct lock_found {
    const char *stream;
    const char *who; /* as in the options of the run that took it */
    bool dead;       /* that run is gone */
};

/*
 * Looks for the lock of the options' project. One that was just made may not have its consumer yet: before it is called dead, it is
 * waited for, some seconds, as the options say how. Returns 1 if there is a lock, 0 if not, -1 with diagnostics.
 */
int lock_find(struct arena *arena, struct server *server, const struct lock_options *options,
              struct lock_found *ret_found, struct diags *diags);
/* Removes a lock, whoever holds it. */
int lock_break(struct server *server, const struct lock_found *found, struct diags *diags);

/* What the lock keeps others from that runs of a project take as well, in words. */
#define LOCK_ADOPTION "the adoption of objects"

/* What is locked, in words: "project 'chat'", or "manifests without a project". */
const char *lock_subject_of(struct arena *arena, const char *project);

#endif
