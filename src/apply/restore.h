/*
 * Restore: streams with their consumers out of backups. First everything is looked at that can be known before: the archive, byte by
 * byte, whether the server can read it, and whether the stream and its room are free. Then the archive is sent, and what the server has made
 * of it is read back and compared: some servers say yes and keep nothing.
 *
 *     struct restoring restoring = {.arena = …, .server = …, .folder = "backups/ORDERS", .name = NULL};
 *     if (restore_plan(&restoring, diags))
 *         return -1;
 *     … show restoring, ask …
 *     failed = restore_stream(&restoring, diags);
 */
#ifndef APPLY_RESTORE_H
#define APPLY_RESTORE_H

#include "apply/restoring.h"

/* Verifies the backup, and whether this server can take it. Nothing is changed. Returns 0, or -1 with diagnostics. */
int restore_plan(struct restoring *restoring, struct diags *diags);

/*
 * Returns 0 when the stream is there with all its messages and consumers. Otherwise -1 with diagnostics; what was made of it is taken away
 * again if it is certainly that.
 */
int restore_stream(struct restoring *restoring, struct diags *diags);

#endif
