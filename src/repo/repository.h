/*
 * Repository: the Git repository around the working directory, and the meaning of a revision in it. Only for this room;
 * others use revisions.h.
 */
#ifndef REPO_REPOSITORY_H
#define REPO_REPOSITORY_H

#include "base/diag.h"
#include "repo/libgit2.h"
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
    const char *commit; /* its full id; NULL if the revision is only a tree */
    git_tree *root;
    struct repository *repository;
};

/* The message of git_error_last(), beginning in lower case like ours. */
const char *git_reason(struct arena *arena);

/* Finds and opens it as git would. Returns 0, GIT_ENOTFOUND without a diagnostic if there is none, or -1 with a diagnostic. */
int repository_open(struct arena *arena, vars_lookup *environment, void *context,
                    struct repository *ret_repository, struct diags *diags);
/* Opens the one in that very folder, whatever the environment says: a bare one, or one with a work tree. Returns 0, or -1 with a diagnostic. */
int repository_open_at(struct arena *arena, const char *folder, struct repository *ret_repository,
                       struct diags *diags);
void repository_close(struct repository *repository);

/*
 * Finds what `name` means. Returns 0, or a code of libgit2, such as GIT_ENOTFOUND if nothing has that name. The caller
 * has to free ret_revision->root.
 */
int revision_find(struct arena *arena, struct repository *repository, const char *name,
                  struct revision *ret_revision);
/* Reports why revision_find() failed with `code`, and what might have been meant. Returns -1. */
int revision_diagnose(struct repository *repository, const char *name, int code, struct diags *diags);

#endif
