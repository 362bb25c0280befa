/*
 * Pull: brings what differs on the server back into the manifest. Only the places that differ are changed; comments,
 * layout and every other byte stay. No file is written here: the new texts are returned.
 *
 * Each change is tried in memory: the texts are read and planned again. The change is kept only if its difference is
 * gone and there is no new one.
 */
#ifndef EDIT_PULL_H
#define EDIT_PULL_H

#include "base/diag.h"
#include "base/vec.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "server/survey.h"

/* An object that gets a new entry, before anything is compared. */
struct pull_addition {
    /* Of the manifest, such as "streams"; NULL: it is inside another addition, and only has a label. */
    const char *section;
    const char *name;
    const char *consumer;    /* NULL: the object itself */
    const struct node *node; /* the entry's value */
    const char *lines;       /* the whole entry as text, with key and comments */
    size_t indent;           /* the indentation of these lines */
    const char *label;       /* the object's name in plans */
    const char
        *path; /* of a file of its own, where the manifest includes such; below the manifest's folder */
    const char *own_text; /* the text of that file */
};

struct pull_request {
    const struct manifest_reader *reader;
    const char *const *paths; /* the manifest's, as for manifest_load() */
    size_t path_count;
    const char *connection; /* only the objects of that account; NULL: of the default one */
    const struct target *target;
    const struct survey *survey;
    const struct plan_options *options;
    const struct pull_addition *additions; /* if there are any, only these objects are pulled */
    size_t addition_count;
};

struct pulled_file {
    /* The path of a new file for it, below the manifest's folder, if the manifest includes such files. */
    const char *path;
    bool is_new; /* the file does not exist yet */
    struct source before;
    struct source after;
};

struct pulled {
    VEC(struct pulled_file) files; /* files that change, in the order of reading */
    size_t fields;                 /* how many fields were pulled */
    size_t left;                   /* that could not be, each with a code_not_pulled */
    size_t others;                 /* objects that were not compared, such as those of another project */
};

/* Returns 0, or -1 with diagnostics if the manifest cannot be read or has no place for an addition. */
int pull_drift(struct arena *arena, const struct pull_request *request, struct diags *diags,
               struct pulled *ret_pulled);

#endif
