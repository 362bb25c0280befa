/*
 * Repository: the Git repository around the working directory, and what a revision is in it. Of this room alone: others
 * see revisions.h.
 */
#ifndef REPO_REPOSITORY_H
#define REPO_REPOSITORY_H

#include <git2.h>

#include "base/diag.h"
#include "syntax/vars.h"

extern const struct diag_code code_revision;

struct repository {
    git_repository *handle;
    const char
        *prefix; /* of the working directory within the work tree, as revspec_path() has it; "" at its top */
};

/* A revision that was asked for. */
struct revision {
    const char *name;   /* as the user wrote it */
    const char *commit; /* its full id; NULL when the revision is a mere tree */
    git_tree *root;
    struct repository *repository;
};

/* git_error_last()'s message in our style: without a capital. */
const char *git_reason(struct arena *arena);

/* Finds and opens it as git would. Returns 0; GIT_ENOTFOUND when there is none, without a diagnostic; else -1 with one. */
int repository_open(struct arena *arena, vars_lookup *environment, void *context,
                    struct repository *ret_repository, struct diags *diags);
void repository_close(struct repository *repository);

/*
 * Finds what `name` stands for. Returns 0, or a code of libgit2: GIT_ENOTFOUND when nothing has that name. ret_revision->root belongs
 * to the caller.
 */
int revision_find(struct arena *arena, struct repository *repository, const char *name,
                  struct revision *ret_revision);
/* Says why revision_find() failed, with what might have been meant. `text` is all that the user wrote. Returns -1. */
int revision_diagnose(struct repository *repository, const char *name, int code, struct diags *diags);

#endif
