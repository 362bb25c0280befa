/*
 * Pull: what differs on the server goes back into the manifest, by changing only the places that say otherwise. Comments, layout and
 * every other byte stay. Nothing is written here: the new texts are handed back.
 *
 * Each change is tried on the texts in memory: they are read and planned again, and a change stays only when its difference is
 * gone and no other has come.
 */
#ifndef EDIT_PULL_H
#define EDIT_PULL_H

#include "base/diag.h"
#include "base/vec.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "server/survey.h"

/* An object that gets an entry of its own, before anything is compared. */
struct pull_addition {
    const char *section; /* of the manifest: "streams"; NULL: part of another addition, with a label alone */
    const char *name;
    const char *consumer;    /* NULL: the object itself */
    const struct node *node; /* what it says */
    const char *lines;       /* the same, with its key and comments */
    size_t indent;           /* of these lines */
    const char *label;       /* of the object, as plans name it */
    const char
        *path; /* of a file of its own, where the manifest includes such; below the manifest's folder */
    const char *own_text; /* of that file */
};

struct pull_request {
    const struct manifest_reader *reader;
    const char *const *paths; /* of the manifest, as manifest_load() takes them */
    size_t path_count;
    const struct target *target;
    const struct survey *survey;
    const struct plan_options *options;
    const struct pull_addition *additions; /* none: everything is pulled; else only these objects */
    size_t addition_count;
};

struct pulled_file {
    const char *path;
    bool is_new; /* there is no such file yet */
    struct source before;
    struct source after;
};

struct pulled {
    VEC(struct pulled_file) files; /* those that change, in the order of reading */
    size_t fields;                 /* that were pulled */
    size_t left;                   /* that could not be, each with a code_not_pulled */
};

/* Returns 0, or -1 with diagnostics: the manifest cannot be read, or has no place for an addition. */
int pull_drift(struct arena *arena, const struct pull_request *request, struct diags *diags,
               struct pulled *ret_pulled);

#endif
