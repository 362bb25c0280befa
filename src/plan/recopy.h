/*
 * Recopy: sources that a server would copy once more from their first message, so that what the stream has is there twice.
 */
#ifndef PLAN_RECOPY_H
#define PLAN_RECOPY_H

#include "base/diag.h"
#include "plan/plan.h"

/* Refuses such a step. `state` is that of its stream. */
void recopy_refuse(struct step *step, const struct target *target, const struct stream_state *state,
                   struct diags *diags);

#endif
