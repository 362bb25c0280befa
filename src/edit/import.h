/*
 * Import: takes live objects that are named one by one into the manifest.
 *
 *     import_pick(…)        finds the objects that the names mean
 *     export_account(…)     writes what a manifest would say about them
 *     import_additions(…)   turns that into entries for pull_drift(), which adds them to the manifest
 */
#ifndef EDIT_IMPORT_H
#define EDIT_IMPORT_H

#include "edit/export.h"
#include "edit/pull.h"
#include "manifest/manifest.h"

struct import_picks {
    VEC(struct export_pick) list;
};

struct import_additions {
    VEC(struct pull_addition) list;
};

/* Does a name, which may be a glob, mean this stream or a consumer of it? */
bool import_names_stream(const char *name, const char *stream);

/* What is asked for. */
struct import_request {
    const struct survey *survey;
    const struct manifest *manifest;
    /*
     * "STREAM", "STREAM/CONSUMER" or "STREAM > CONSUMER", and buckets by their own names; each part may be a glob, which passes
     * over what is in the manifest already.
     */
    const char *const *names;
    size_t count;
    const char *
        from; /* what this project owns is meant as well, in the manifest or not; NULL: nothing of another's */
};

/* In the arena; NULL with diagnostics. */
const struct import_picks *import_pick(struct arena *arena, const struct import_request *request,
                                       struct diags *diags);

/* Returns 0, or -1 with diagnostics. */
int import_additions(struct arena *arena, const struct exported *exported, const struct manifest *manifest,
                     struct diags *diags, struct import_additions *ret_additions);

#endif
