/*
 * Revisions: reads manifests of a revision from a Git repository, without a checkout.
 *
 *     struct revisions *revisions = revisions_new(arena, environment, context);
 *     if (revisions_open(revisions, paths, count, diags) == 0) {
 *         revisions_reader(revisions, &reader);       "REV:path" from the revision, everything else from disk
 *         manifest_load(arena, &reader, paths, count, diags);
 *     }
 *     revisions_free(revisions);
 *
 * The repository is the one around the working directory. It is found as git finds it, with GIT_DIR, GIT_CEILING_DIRECTORIES
 * and the like, and it may be bare. It is opened only if a path needs it. What a file of a revision includes comes from the
 * same revision. Symbolic links are followed within it, and nothing outside of the repository is read.
 *
 * A path with a colon means a revision if its first part is one. Otherwise it is a file of that name. If there are both,
 * that is an error, as in git.
 */
#ifndef REPO_REVISIONS_H
#define REPO_REVISIONS_H

#include "base/diag.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "repo/remote.h"
#include "syntax/vars.h"

struct revisions;

/* `environment` looks up the variables of the process, such as GIT_DIR. The arena must outlive the result. */
struct revisions *revisions_new(struct arena *arena, vars_lookup *environment, void *context);
void revisions_free(struct revisions *revisions);

/*
 * Takes everything from a repository elsewhere, instead of the one around the working directory. It is brought when the first path
 * is opened. Then each path has to have a revision.
 */
void revisions_take_from(struct revisions *revisions, const struct remote *remote);

/*
 * Resolves the revisions in those paths that have one. May be called again with other paths. Returns 0, or -1 with
 * diagnostics.
 */
int revisions_open(struct revisions *revisions, const char *const *paths, size_t count, struct diags *diags);

/* Fills read, expand, beside, hint and context. */
void revisions_reader(struct revisions *revisions, struct manifest_reader *reader);

/*
 * The record of where an object of these paths comes from: the commits' full ids, each once, separated by commas.
 * "-dirty" is added if some paths are not in a revision, because then the commits do not say everything. NULL if no path
 * is in a revision.
 */
const char *revisions_record(const struct revisions *revisions, const char *const *paths, size_t count);

/* Both sides of "A..B" and its other spellings: what `natsform diff` compares. */
struct revision_sides {
    const char *names[2];  /* for people, such as "main~1"; NULL: the files on disk */
    const char **paths[2]; /* `count` of them on each side; on disk they are as they were given */
    size_t count;
};

/*
 * Turns paths, which are given as on disk, into those of both sides, such as "A:dir/natsform.yaml". If the range is a
 * single revision, the other side is the files on disk. Returns 0, or -1 with diagnostics.
 */
int revisions_between(struct revisions *revisions, const char *range, const char *const *paths, size_t count,
                      struct revision_sides *ret_sides, struct diags *diags);

#endif
