/*
 * Wanted: what a stream's consumers still wait for once the plan is carried out. Interest retention keeps that, and drops the rest.
 */
#ifndef PLAN_WANTED_H
#define PLAN_WANTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "plan/plan.h"
#include "server/holdings.h"

enum {
    SOON_S = 3600
}; /* what goes within this time is lost by a change: nobody has the time to take it back */

struct wanted {
    uint64_t least; /* so many messages at least */
    uint64_t
        given_up; /* by a consumer's step: so many at most that nobody else waits for; UINT64_MAX if that is not known */
    bool nobodys; /* no consumer is there */
};

/*
 * For a step with holdings whose consumers are known. `begun`: right before the step, when the plan's new consumers count only if they
 * are there. Temporary data goes into the arena.
 */
struct wanted wanted_of(struct arena *arena, const struct plan *plan, const struct step *step, bool begun);

/*
 * Messages that the consumers do not wait for any more, at most: what a work queue lets go that is made of the stream. `holdings` has its
 * consumers.
 */
uint64_t wanted_no_more(struct arena *arena, const struct holdings *holdings);

/* Messages that a consumer passes by. */
struct skipped {
    uint64_t messages; /* so many at most */
    bool exact;
};

/*
 * Of a step that gives a consumer other filters: what these match, the old ones did not, and is older than the last message that it
 * has delivered. A server leaves the position where it is (2.9.10, 2.10.27, 2.15.1).
 */
struct skipped skipped_of(struct arena *arena, const struct step *step);

#endif
