/*
 * Rescue: the backups of apply, destroy and up before they destroy messages: where to, and what is told of it (apply/rescue.h makes them).
 */
#ifndef CMD_RESCUE_H
#define CMD_RESCUE_H

#include "apply/rescue.h"
#include "cmd/account.h"
#include "plan/plan.h"

/* The folder where backups go; NULL with diagnostics. Said once: that it may be forgotten. */
const char *account_backup_folder(struct account_run *account);

/* Backs up what the plan takes messages from, which it does. Returns 0, or -1 with diagnostics: then nothing may be done. */
int account_rescue(struct account_run *account, const struct plan *plan, struct rescue *ret_rescue);

#endif
