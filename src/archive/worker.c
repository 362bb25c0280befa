/* Threads; see worker.h. */
#include "archive/worker.h"

#include <signal.h>

void worker_start(struct worker *worker, void *run(void *), void *context)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    worker->is_there = pthread_create(&worker->thread, NULL, run, context) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void worker_join(struct worker *worker)
{
    if (worker->is_there)
        pthread_join(worker->thread, NULL);
    worker->is_there = false;
}
