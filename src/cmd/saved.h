/*
 * Saved: `plan --out FILE` and `apply FILE`.
 */
#ifndef CMD_SAVED_H
#define CMD_SAVED_H

#include "cmd/account.h"
#include "plan/saved.h"

/* Checks --out before anything else is done: if the file exists, it must be a saved plan too. Returns 0 or -1. */
int saved_check_place(struct session *session);
/* Writes the plan to --out. Returns 0 or -1. */
int saved_write(struct account_run *account, const struct plan *plan);

/*
 * Reads the plan that the argument names. Its manifest is the session's, unless that was named again, and what it may do
 * the terms'. Returns 0 or -1.
 */
int saved_take(struct account_terms *terms, struct saved_plan *ret_saved);
/*
 * Is the new plan equal to the saved one? Returns 0, or -1 with diagnostics, which are the caller's: a difference need not end
 * the run.
 */
int saved_check(struct account_run *account, const struct saved_plan *saved, const struct plan *plan,
                struct diags *diags);

/* Keeps a plan that is shown, for saved_check(). With `counts` more messages that go are a difference. */
struct saved_plan saved_keep(struct account_run *account, const struct plan *plan, bool counts);

#endif
