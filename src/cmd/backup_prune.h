/*
 * Backup prune: `natsform backup prune DIR... --keep N|DURATION`.
 */
#ifndef CMD_BACKUP_PRUNE_H
#define CMD_BACKUP_PRUNE_H

#include "cmd/session.h"

/* Returns what a command's run does. The first argument is the word "prune". */
int backup_prune(struct session *session);

#endif
