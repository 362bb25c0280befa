/*
 * Idle work: something else to do now and then while a long piece of work goes on, such as the reading of a large file
 * during which a server's answers come in. Cheaper than a second thread, and nothing is shared that is not looked at.
 */
#ifndef BASE_IDLE_WORK_H
#define BASE_IDLE_WORK_H

#include <stddef.h>

struct idle_work {
    void (*call)(void *context);
    void *context;
};

/* NULL is nothing to do. */
static inline void idle_work_do(const struct idle_work *idle_work)
{
    if (idle_work)
        idle_work->call(idle_work->context);
}

#endif
