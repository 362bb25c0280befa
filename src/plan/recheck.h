/*
 * Recheck: a step once more, from its object as it was read right before the step is carried out. Since the plan was
 * made, somebody else may have changed the object, taken it over, or put messages into it.
 */
#ifndef PLAN_RECHECK_H
#define PLAN_RECHECK_H

#include "base/diag.h"
#include "plan/plan.h"

/* A step of the plan, and what was read for it right before. */
struct recheck_look {
    const struct step *step;
    const struct live_object *live;
    const struct stream_state *state; /* of the step's stream, as the next; NULL: not read */
    const char *retention;
    const struct plan_options
        *allowed; /* the streams named there may lose more than was shown; NULL: none may */
};

enum recheck {
    RECHECK_GOES_ON,
    RECHECK_DONE,   /* somebody else has done it already */
    RECHECK_REFUSED /* with a diagnostic */
};

/* Does the step have to know what its stream holds, besides its own object? */
bool recheck_asks_stream(const struct step *step);

/*
 * If it goes on, *ret_now is the step from the fresh object on: what the step does not change is sent as it is now. It
 * has neither needs nor a rank.
 */
enum recheck recheck_step(struct arena *arena, const struct plan *plan, const struct recheck_look *look,
                          struct step *ret_now, struct diags *diags);

/* Says that the object to create is there, and is another one than is wanted. */
void recheck_refuse_place(const struct step *step, struct diags *diags);

#endif
