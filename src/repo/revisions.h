/*
 * Revisions: manifests read from a Git repository as of a revision, without a checkout.
 *
 *     struct revisions *revisions = revisions_new(arena, environment, context);
 *     if (revisions_open(revisions, paths, count, diags) == 0) {
 *         revisions_reader(revisions, &reader);       "REV:path" from the revision, everything else from disk
 *         manifest_load(arena, &reader, paths, count, diags);
 *     }
 *     revisions_free(revisions);
 *
 * The repository is the one around the working directory, found as git finds it: GIT_DIR, GIT_CEILING_DIRECTORIES and
 * the like count, and it may be bare. It is opened only when a path asks for it. What a file of a revision includes comes from
 * the same revision; symbolic links are followed within it, and nothing outside of the repository is ever read.
 *
 * A text with a colon is a revision when its first part is one. A file of that very name is read when it is none;
 * when both are there, that is an error, as it is for git.
 */
#ifndef REPO_REVISIONS_H
#define REPO_REVISIONS_H

#include "base/diag.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "syntax/vars.h"

struct revisions;

/* `environment` is the process's, for GIT_DIR and friends. The arena must outlive the result. */
struct revisions *revisions_new(struct arena *arena, vars_lookup *environment, void *context);
void revisions_free(struct revisions *revisions);

/* Resolves the revisions in the paths that have one. May be called again, with other paths. Returns 0, or -1 with diagnostics. */
int revisions_open(struct revisions *revisions, const char *const *paths, size_t count, struct diags *diags);

/* Fills read, expand, beside, hint and context. */
void revisions_reader(struct revisions *revisions, struct manifest_reader *reader);

/*
 * Bytes of the files at these paths together, on disk or of revisions; 0 when one of them is no plain file or cannot be read, or when one of the
 * words stands anywhere in their texts.
 */
size_t revisions_without_words(struct revisions *revisions, const char *const *paths, size_t count,
                               const char *const *words, size_t word_count);

/*
 * What an object made from these paths is from: the commits' full ids, each once, by commas. "-dirty" is added when some of the paths
 * are no revision's, so that the commits alone do not tell it. NULL when none is.
 */
const char *revisions_record(const struct revisions *revisions, const char *const *paths, size_t count);

/* Both sides of "A..B" and its other spellings: what `natsform diff` compares. */
struct revision_sides {
    const char *names[2];  /* of the sides, for people: "main~1" */
    const char **paths[2]; /* of each side, `count` of them; those of a side on disk are as they were given */
    size_t count;
};

/*
 * The paths, which are relative to the working directory as paths on disk are, as both sides have them: "A:dir/natsform.yaml". A range
 * of one revision is compared with the files on disk. Returns 0, or -1 with diagnostics.
 */
int revisions_between(struct revisions *revisions, const char *range, const char *const *paths, size_t count,
                      struct revision_sides *ret_sides, struct diags *diags);

#endif
