/* Wait: `apply --wait`, until what was applied can be used. */
#ifndef CMD_WAIT_H
#define CMD_WAIT_H

#include "cmd/account.h"

/* Waits for each account of the manifest, as long as the options say. Returns what a command's run does. */
int wait_until_ready(const struct account_terms *terms);

#endif
