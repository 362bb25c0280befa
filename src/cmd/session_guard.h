/*
 * Guard: a second process beside a run that changes things, which does nothing until that has ended. When the run could not give
 * its lock back, because it was killed or crashed, the guard waits until the server has let go of the lock, and removes what is
 * left of it. It ends by itself: with the run, half a minute after one that was killed, or soon when the server is gone.
 */
#ifndef CMD_SESSION_GUARD_H
#define CMD_SESSION_GUARD_H

#include "cmd/session.h"

/* Before anything is connected: only a process of one thread can be doubled. Without a guard, as when there is no room for one, the run is as good. */
void session_guard(struct session *session);
/* From now on that stream is to be removed, over a connection with the session's settings; NULL: nothing is. The context is the session. */
void session_guard_lock(void *context, const char *stream);
/* Ends it; nothing without one. */
void session_guard_end(struct session *session);

#endif
