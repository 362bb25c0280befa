/*
 * Revtree: files and directories of a revision's tree. Only for this room; others use revisions.h.
 *
 * Paths are from the root of the tree, as revspec_path() makes them. Symbolic links are followed as on disk, but only
 * within the tree. A function that fails gives a reason, in lower case and without the path.
 */
#ifndef REPO_REVTREE_H
#define REPO_REVTREE_H

#include "repo/repository.h"

/* Why something failed. */
struct revtree_fault {
    const char *error;
    const char *hint; /* or NULL */
};

/* The file's text, in the arena. */
int revtree_read(struct arena *arena, const struct revision *revision, const char *path,
                 const char **ret_text, size_t *ret_length, struct revtree_fault *ret_fault);

/*
 * The files that a path means, sorted: the file itself, the *.yaml and *.yml files of a directory, or what matches a
 * pattern, as in glob(3).
 */
int revtree_expand(struct arena *arena, const struct revision *revision, const char *pattern,
                   const char ***ret_paths, size_t *ret_count, struct revtree_fault *ret_fault);

#endif
