/*
 * Pull: what differs on the server goes back into the manifest, by changing only the places that say otherwise. Comments, layout and
 * every other byte stay. Nothing is written here: the new texts are handed back.
 *
 * Each change is tried on the texts in memory: they are read and planned again, and a change stays only when its difference is
 * gone and no other has come.
 */
#ifndef APPLY_PULL_H
#define APPLY_PULL_H

#include "base/diag.h"
#include "base/vec.h"
#include "kind/manifest.h"
#include "plan/plan.h"
#include "server/survey.h"

struct pull_request {
    const struct manifest_reader *reader;
    const char *const *paths; /* of the manifest, as manifest_load() takes them */
    size_t path_count;
    const struct target *target;
    const struct survey *survey;
    const struct plan_options *options;
};

struct pulled_file {
    const char *path;
    struct source before;
    struct source after; /* the same as before where nothing changed */
};

struct pulled {
    VEC(struct pulled_file) files; /* those that change, in the order of reading */
    size_t fields;                 /* that were pulled */
    size_t left;                   /* that could not be, each with a DIAG_NOT_PULLED */
};

/* Returns 0, or -1 when the manifest cannot be read, which is in `diags`. */
int pull_drift(struct arena *arena, const struct pull_request *request, struct diags *diags,
               struct pulled *ret_pulled);

#endif
