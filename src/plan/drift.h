/* Drift: how what has to be done now differs from what had to be done before, object by object. */
#ifndef PLAN_DRIFT_H
#define PLAN_DRIFT_H

#include "plan/plan.h"

struct drift {
    const char *address;      /* of the object, as step_address() has it */
    const struct step *now;   /* what has to be done to it; NULL: nothing any more */
    const struct step *begun; /* what had to be done before; NULL: nothing */
};

struct drifts {
    VEC(struct drift) list; /* in the order of the plan; then what is in sync again */
};

/*
 * Only objects for which another thing has to be done, or the same in another way. How many messages a step costs is no
 * difference: that changes all the time. `before` may be NULL: then nothing had to be done.
 */
void drift_compare(struct arena *arena, const struct plan *before, const struct plan *now,
                   struct drifts *ret_drifts);

#endif
