/*
 * Patience: how tests wait. A state is looked at until it is there; that it never comes is known by one deadline for all, so long that
 * only what hangs meets it. No test asserts how long something takes: what is slow is seen by `make bench`.
 *
 *     AWAIT(is_there(path));
 *
 * No other file of the tests has a clock, and tools/lint sees to it.
 */
#ifndef SUPPORT_PATIENCE_H
#define SUPPORT_PATIENCE_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    PATIENCE_MS =
        300 * 1000, /* of whatever waits; CK_DEFAULT_TIMEOUT, of a whole test, is longer (tests/run) */
    BEYOND_MS = 24 * 3600 *
                1000 /* a deadline for the program that no test lives to see: what ends did not end by it */
};
#define BEYOND "24h" /* the same for --timeout */

/* Waiting for one state; all zero before the first look. */
struct patience {
    int64_t since;
};

/* Stands still a little, so that another look is worth it. False: all patience is gone. */
bool patience_lasts(struct patience *patience);

/* Looks until it holds. */
#define AWAIT(condition)                                                                                     \
    do {                                                                                                     \
        struct patience patience_here = {0};                                                                 \
        while (!(condition))                                                                                 \
            ck_assert_msg(patience_lasts(&patience_here), "in vain: %s", #condition);                        \
    } while (0)

/*
 * Lets time go by, at least so much: to disturb a program at some point of its work, whichever that is, or until a time of the
 * program's own is over. What was to happen meanwhile may not have happened.
 */
void let_pass(int64_t microseconds);

#endif
