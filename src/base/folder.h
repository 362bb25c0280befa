/*
 * Folders: made, gone through, measured and removed.
 *
 *     DIR *folder SCOPED(close_directory) = opendir(path);
 *     for (const char *name; (name = folder_next(folder));)
 *         use(name);
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"

/* The next name but "." and ".."; NULL at the end, or when there is no folder. */
const char *folder_next(DIR *folder);

/* The user's home by the password database; NULL: it has no entry for the user. HOME may be another one. */
const char *folder_home(struct arena *arena);

/* Makes a folder and the ones above it; those that are there are fine. Returns 0, or -1 with a reason in lower case. */
int folder_make(struct arena *arena, const char *path, const char **ret_error);

/* The total size of the regular files below a folder. */
unsigned long long folder_bytes(const char *path);
/* Does the user own it, or anything in it? */
bool folder_has_owner(const char *path, uid_t user);
/* Removes a folder and all in it, or a file, without following links out of it. Nothing there is fine. Returns 0 or an errno. */
int folder_remove(const char *path);

#endif
