/*
 * Temporary: files and folders that are there for a moment. Their names are counted and not drawn, and each is locked while it is in use: so
 * what a run left that was killed is known, and the next one that works in that folder removes it.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include <stdbool.h>

#include "base/arena.h"

enum temporary { TEMPORARY_FILE, TEMPORARY_FOLDER };

/*
 * Makes one in a folder, in which others may write too; only its owner gets at it. Returns a descriptor, of the file to write to, which has
 * to stay open until it is moved or removed; or -1 with an errno.
 */
int temporary_make(struct arena *arena, enum temporary kind, const char *folder, const char **ret_path);
/* Removes what killed runs left in the folder. */
void temporary_drop(struct arena *arena, enum temporary kind, const char *folder);

#endif
