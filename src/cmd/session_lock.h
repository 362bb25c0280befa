/*
 * The project's lock, as commands take it; see apply/lock.h.
 */
#ifndef CMD_SESSION_LOCK_H
#define CMD_SESSION_LOCK_H

#include "cmd/session.h"

/* Does the command change things, without --no-lock? */
bool session_locks(const struct session *session);
/* Takes the lock of a connected session whose manifest is loaded, unless --no-lock. Returns 0, or -1 with diagnostics. */
int session_lock(struct session *session);
/* Is there room for the plan's streams beside the lock, which is one? Returns 0, or -1 with DIAG_LOCK. */
int session_check_room(struct session *session, const struct plan *plan);
/* Gives it back; nothing without one. */
void session_unlock(struct session *session);

#endif
