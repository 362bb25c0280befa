/*
 * Environment commands: what up, down, status and logs share: where the environment is, and how its nodes are run.
 */
#ifndef CMD_ENVIRONMENT_H
#define CMD_ENVIRONMENT_H

#include "cmd/session.h"
#include "devenv/up.h"

/* The manifest's folder, as an absolute path; NULL with diagnostics. The manifest itself is not read. */
const char *environment_root(struct session *session);

/*
 * Reads the state and finds its runner, or the usual one if nothing is up. With `change`, other commands are kept out
 * until up_close(). Returns 0, or -1 with diagnostics.
 */
int environment_open(struct session *session, bool change, struct up *ret_up);

/* Has the nodes run by the runner of that name. False: there is none. */
bool environment_take_runner(struct session *session, struct up *up, const char *name);

#endif
