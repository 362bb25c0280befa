/*
 * Carrying a plan out, with progress and a report: what apply, destroy and import share.
 */
#ifndef CMD_CARRY_OUT_H
#define CMD_CARRY_OUT_H

#include "cmd/session.h"
#include "plan/plan.h"

/* The plan was seen and confirmed. Returns the exit code. */
int carry_out(struct session *session, const struct plan *plan);

#endif
