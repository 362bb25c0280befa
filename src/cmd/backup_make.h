/*
 * Backup make: `natsform backup [NAME...] --out DIR`.
 */
#ifndef CMD_BACKUP_MAKE_H
#define CMD_BACKUP_MAKE_H

#include "cmd/session.h"

/* Returns what a command's run does. */
int backup_make(struct session *session);

#endif
