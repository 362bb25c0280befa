/*
 * Apply: plans, shows and asks, and carries a plan out with progress and a report, for import and up as well.
 */
#ifndef CMD_APPLY_H
#define CMD_APPLY_H

#include "cmd/account.h"
#include "plan/plan.h"

/* The plan was seen and confirmed. Returns what a command's run does. */
int carry_out(struct account_run *account, const struct plan *plan);

/*
 * Plans, shows it and carries it out, for each account, without asking: `apply --yes`. What is wrong with the only
 * account is said in `diags`. Returns what a command's run does.
 */
int apply_now(const struct account_terms *terms, struct diags *diags);

#endif
