/*
 * Env files: NAME=VALUE lines for variables, as Compose reads them. Lines may be '#' comments and may begin with "export
 * ". Single or double quotes around a value are removed. A file is read once, as it may be a pipe.
 *
 *     struct envfile *file = envfile_read(arena, path);
 *     if (envfile_check(arena, file, diags) == 0) … envfile_lookup(arena, file, "NAME") …
 */
#ifndef REPO_ENVFILE_H
#define REPO_ENVFILE_H

#include "base/diag.h"
#include "base/source.h"

struct envfile {
    const char *path;
    struct source file;
    const char *why; /* it could not be read; else NULL */
};

/* "-" is standard input. */
struct envfile *envfile_read(struct arena *arena, const char *path);
/* Reports a file that cannot be read, a NUL in it, and lines that are neither empty nor a comment nor a whole assignment. */
int envfile_check(struct arena *arena, const struct envfile *file, struct diags *diags);
/* The last value of the name in the file, or NULL. */
const char *envfile_lookup(struct arena *arena, const struct envfile *file, const char *name);

#endif
