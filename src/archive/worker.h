/*
 * Worker: a thread that does a part of the work, if the system has one to give.
 *
 *     struct worker worker;
 *     worker_start(&worker, run, context);
 *     if (!worker.is_there)
 *         run(context);
 *     worker_join(&worker);
 */
#ifndef ARCHIVE_WORKER_H
#define ARCHIVE_WORKER_H

#include <pthread.h>
#include <stdbool.h>

struct worker {
    pthread_t thread;
    bool is_there; /* else what it is for is done by whoever waits for it */
};

/* Signals are for the other threads. */
void worker_start(struct worker *worker, void *run(void *), void *context);
/* Waits for its end. May be called again, and of one that is not there. */
void worker_join(struct worker *worker);

#endif
