/*
 * Left: the data of this folder's servers, of those that are up and of those that were: each has its folder in .natsform/, with its
 * data or the names of its stores (state.h). So 'down --volumes' finds it without a record of what is up.
 */
#ifndef DEVENV_LEFT_H
#define DEVENV_LEFT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "devenv/state.h"

struct left {
    VEC(const char *) nodes;
    VEC(const char *) stores; /* in the manifest's folder, each once; those in .natsform/ too */
    VEC(const char *) kept;   /* outside of it: they are the user's */
};

void left_find(struct arena *arena, const struct upstate *state, struct left *ret_left);
/* How much it is and where, in words for the question; NULL: nothing. */
const char *left_text(struct arena *arena, const struct upstate *state, const struct left *left);
/* Removes all but what is kept. Of a store that a server uses by now nothing is removed: code_store. */
int left_remove(struct arena *arena, const struct upstate *state, const struct left *left,
                struct diags *diags);

#endif
