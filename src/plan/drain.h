/*
 * Drain: the messages that a new mirror or source takes out of a work queue, and that the copy does not keep.
 */
#ifndef PLAN_DRAIN_H
#define PLAN_DRAIN_H

#include "plan/plan.h"

/* The state of the work queue of that name as it is live; NULL if there is none, or if it is another kind of stream. */
typedef const struct stream_state *drain_find(void *context, const char *name);

/* Adds them to the loss of a step of a stream. */
void drain_assess(struct arena *arena, struct step *step, const struct target *target, drain_find *find,
                  void *context);

#endif
