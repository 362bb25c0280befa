/*
 * Rescue: the backups of apply, destroy and up before they destroy messages: where to, and what is told of it (apply/rescue.h makes them).
 * And the command that would allow what was refused.
 */
#ifndef CMD_RESCUE_H
#define CMD_RESCUE_H

#include "apply/rescue.h"
#include "cmd/account.h"
#include "plan/plan.h"

/* Backs up what the plan takes messages from, if it does. Returns 0, or -1 with diagnostics: then nothing may be done. */
int account_rescue(struct account_run *account, const struct plan *plan, struct rescue *ret_rescue);

/* Remembers the streams whose loss the plan refused, for rescue_offer(). */
void rescue_note(struct session *session, const struct plan *plan);
/* Prints the command that was given, with what would allow those. */
void rescue_offer(struct session *session);

#endif
