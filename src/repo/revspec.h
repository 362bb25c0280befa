/*
 * Revspec: the spelling of "REV:path" and of "REV..REV", as Git has them. Texts only: nothing is looked up here.
 */
#ifndef REPO_REVSPEC_H
#define REPO_REVSPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * Splits "REV:path" at the first colon outside of braces ("main@{12:00}:a.yaml"). False when the text can only be a path: it has no
 * such colon, nothing stands before it, or it begins as paths do ("/", "./", "../", "C:\").
 */
bool revspec_split(const char *text, size_t *ret_revision_length);

struct revspec_range {
    const char *before; /* "HEAD" when left out */
    const char *after;  /* the same; NULL when the text is a single revision */
    bool from_base;     /* "A...B": from where both have parted */
};

/* Reads "A..B", "A...B", "A..", "..B" or "A". False when there is no revision in it at all. */
bool revspec_range(struct arena *arena, const char *text, struct revspec_range *ret_range);

/*
 * A path from the root of the tree, without ".", ".." and doubled slashes; "" is the root itself. "./" and "../" at its beginning are
 * relative to `directory`, which is such a path already. NULL when it leads out of the tree.
 */
const char *revspec_path(struct arena *arena, const char *directory, const char *path);

#endif
