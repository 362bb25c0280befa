/*
 * Revtree: files and directories of a revision's tree. Of this room alone: others see revisions.h.
 *
 * Paths are from the root of the tree, as revspec_path() makes them. Symbolic links are followed as on disk, but only within the tree.
 * What fails says so in *ret_error, lower case, without the path being said before.
 */
#ifndef REPO_REVTREE_H
#define REPO_REVTREE_H

#include "repo/repository.h"

/* Room for an answer that fails. */
struct revtree_fault {
    const char *error;
    const char *hint; /* or NULL */
};

/* The file's text, in the arena. */
int revtree_read(struct arena *arena, const struct revision *revision, const char *path,
                 const char **ret_text, size_t *ret_length, struct revtree_fault *ret_fault);

/*
 * What a path stands for, sorted: itself; of a directory its *.yaml and *.yml files; of a pattern, as for glob(3), what matches.
 */
int revtree_expand(struct arena *arena, const struct revision *revision, const char *pattern,
                   const char ***ret_paths, size_t *ret_count, struct revtree_fault *ret_fault);

#endif
