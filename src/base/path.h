/*
 * Paths: taken apart and put together as texts. The system is asked by the last five only.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* What stands behind the last slash: "c" of "a/b/c", "" of "a/b/". */
const char *path_name(const char *path);
/* Bytes of what stands before it, with the slash; 0 when there is none. */
size_t path_folder_length(const char *path);
/* The folder that a path is in: "a/b" of "a/b/c", "/" of "/c", "." of "c". */
const char *path_folder(struct arena *arena, const char *path);

/* The path of a name in a folder: "a/b" of "a" and "b", and of "a/" and "b". */
const char *path_in(struct arena *arena, const char *folder, const char *name);
/* What `path` is to somebody in the folder: itself when it is absolute, else below the folder, and without "./" at its start. */
const char *path_from(struct arena *arena, const char *folder, const char *path);
/* The path of a name in the folder that `file` is in: "a/c" of "a/b" and "c", "c" of "b" and "c". */
const char *path_beside(struct arena *arena, const char *file, const char *name);

/* Without "." and "..", where links are no matter; ".." stays at the start of a relative path. "." for none at all. */
const char *path_clean(struct arena *arena, const char *path);

/* Has it a ".." among its names? As they may be links, nothing tells then what it stays inside of. */
bool path_goes_up(const char *path);
/* Is it the folder, or anything below it? As texts: both have to be real, or both as they were given. */
bool path_is_below(const char *path, const char *folder);

/* Absolute, links followed; NULL with an errno when there is no such file. */
const char *path_real(struct arena *arena, const char *path);
/* In the folder that the process works in, links as they are. */
const char *path_absolute(struct arena *arena, const char *path);
/* The name that a file or folder has where it is, also when it is given as "."; NULL when ".." is in the way. */
const char *path_own_name(struct arena *arena, const char *path);
/*
 * What to give to glob(3) for a pattern: its first names, as far as there is something by exactly these, stand for that,
 * whatever characters they have.
 */
const char *path_pattern(struct arena *arena, const char *pattern);
/* The path of the folder `to`, relative to the folder `from`. Absolute if the names alone do not tell. */
const char *path_between(struct arena *arena, const char *from, const char *to);

#endif
