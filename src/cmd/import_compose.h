/*
 * Import compose: `natsform import compose FILE`, a form of the import command.
 */
#ifndef CMD_IMPORT_COMPOSE_H
#define CMD_IMPORT_COMPOSE_H

#include "cmd/session.h"

/* Do the arguments ask for this form? */
bool import_compose_is_meant(const struct session *session);
/* Returns the exit code. */
int import_compose_run(struct session *session);

#endif
