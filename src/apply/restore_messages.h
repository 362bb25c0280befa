/*
 * Restore messages: the way of a restore where the server takes no archive of the stream, as those before 2.15 of one in memory: refill.h.
 */
#ifndef APPLY_RESTORE_MESSAGES_H
#define APPLY_RESTORE_MESSAGES_H

#include "apply/refill.h"
#include "apply/restoring.h"

/* What is to be filled: the restoring's stream, as far as its configuration is known. */
struct refill restore_refill(const struct restoring *restoring);

/* restore_stream(), that way. Returns 0, or -1 with diagnostics. */
int restore_by_messages(struct restoring *restoring, struct diags *diags);

#endif
