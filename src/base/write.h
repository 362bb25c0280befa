/*
 * Write: files that are there whole or not at all: a temporary file beside the place, synced to the disk, then put there by name.
 */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include <stdbool.h>

#include "base/arena.h"

/* Is anything at the path, whatever it is? */
bool file_exists(const char *path);

/*
 * Replaces the file, which keeps its mode; through a symbolic link, what it leads to. Without `replace`, whatever is there stays, and
 * that is an error. Returns 0, or -1 with a reason (lower case, without the path) in the arena.
 */
int file_write(struct arena *arena, const char *path, const char *text, size_t length, bool replace,
               const char **ret_error);

/* Replaces or makes a file that only its owner may read. */
int file_write_private(struct arena *arena, const char *path, const char *text, size_t length,
                       const char **ret_error);

/* Makes a folder and the ones above it; those that are there are fine. */
int folder_make(struct arena *arena, const char *path, const char **ret_error);

#endif
