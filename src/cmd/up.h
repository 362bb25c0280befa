/*
 * Up: the parts of `natsform up`, one turn and the watching for the next.
 */
#ifndef CMD_UP_H
#define CMD_UP_H

#include "cmd/session.h"

/* Boots and applies once. Returns what a command's run does. */
int up_once(struct session *session);

/*
 * Does it again whenever a file of the manifest changes or a server ends, until a signal comes. With --rm, all is taken down
 * then. Returns the exit code.
 */
int up_watch(struct session *session);

#endif
