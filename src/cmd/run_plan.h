/*
 * Carrying a plan out, with progress and a report: what apply, destroy, import and up share.
 */
#ifndef CMD_RUN_PLAN_H
#define CMD_RUN_PLAN_H

#include "cmd/session.h"
#include "plan/plan.h"

/* The plan was seen and confirmed. Returns the exit code. */
int carry_out(struct session *session, const struct plan *plan);

/* Plans, shows it and carries it out, for each account: `apply --yes`. Returns the exit code. */
int apply_now(struct session *session);

#endif
