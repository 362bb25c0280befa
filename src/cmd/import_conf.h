/*
 * Import conf: `natsform import conf FILE`, a form of the import command.
 */
#ifndef CMD_IMPORT_CONF_H
#define CMD_IMPORT_CONF_H

#include "cmd/session.h"

/* Do the arguments ask for this form? */
bool import_conf_is_meant(const struct session *session);
/* Returns the exit code. */
int import_conf_run(struct session *session);
/* Were options given that only this form takes? Reports that and returns -1. */
int import_conf_check_unused(struct session *session);

#endif
