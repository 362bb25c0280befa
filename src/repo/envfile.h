/*
 * Env files: NAME=VALUE lines for variables, as Compose reads them. Lines may be '#' comments and may begin with "export
 * ". Single or double quotes around a value are removed.
 */
#ifndef REPO_ENVFILE_H
#define REPO_ENVFILE_H

#include "base/diag.h"

/* Reports a file that cannot be read, and lines that are neither empty nor a comment nor an assignment. */
int envfile_check(struct arena *arena, const char *path, struct diags *diags);
/* The last value of the name in the file, or NULL. */
const char *envfile_lookup(struct arena *arena, const char *path, const char *name);

#endif
