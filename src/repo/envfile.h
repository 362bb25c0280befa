/*
 * Env files: NAME=VALUE lines for variables, as Compose reads them: '#' comments, an optional "export ", and values in single or double
 * quotes, which are taken off.
 */
#ifndef REPO_ENVFILE_H
#define REPO_ENVFILE_H

#include "base/diag.h"

/* Reports an unreadable file, and lines that are neither empty, a comment nor an assignment. */
int envfile_check(struct arena *arena, const char *path, struct diags *diags);
/* The last value of the name in the file, or NULL. */
const char *envfile_lookup(struct arena *arena, const char *path, const char *name);

#endif
