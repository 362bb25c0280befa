/*
 * Revspec: the spelling of "REV:path" and "REV..REV", as in Git. This is about texts only; nothing is looked up here.
 */
#ifndef REPO_REVSPEC_H
#define REPO_REVSPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * Splits "REV:path" at the first colon outside of braces ("main@{12:00}:a.yaml"). False if the text can only be a path:
 * there is no such colon, there is nothing before it, or it begins like a path ("/", "./", "../", "C:\").
 */
bool revspec_split(const char *text, size_t *ret_revision_length);

struct revspec_range {
    const char *before; /* "HEAD" if it is left out */
    const char *after;  /* likewise; NULL if the text is a single revision */
    bool from_base;     /* "A...B": from the commit where B left A */
};

/* Reads "A..B", "A...B", "A..", "..B" or "A". False if there is no revision in it. */
bool revspec_range(struct arena *arena, const char *text, struct revspec_range *ret_range);

/*
 * Makes a path from the root of the tree, without ".", ".." and double slashes; "" is the root itself. A path that
 * begins with "./" or "../" is relative to `directory`, which is such a path already. NULL if it leads out of the tree.
 */
const char *revspec_path(struct arena *arena, const char *directory, const char *path);

#endif
