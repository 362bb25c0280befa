/*
 * Risk: the messages that a step would destroy, by the rows' risks and what the stream holds.
 */
#ifndef PLAN_RISK_H
#define PLAN_RISK_H

#include "plan/plan.h"

/*
 * Fills step->loss. `stream` is the state and `retention` the live retention of the stream concerned: the step's own, or the one that
 * the consumer belongs to.
 */
void assess_loss(struct arena *arena, struct step *step, const struct target *target,
                 const struct stream_state *stream, const char *retention);

#endif
