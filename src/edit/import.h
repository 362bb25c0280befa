/*
 * Import: live objects, named one by one, into the manifest.
 *
 *     import_pick(…)        names to objects that are there, and not in the manifest yet
 *     export_account(…)     what each of them would say
 *     import_additions(…)   which entries that makes for pull_drift()
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

/* Does a name speak of the stream? Globs are allowed. */
bool import_names_stream(const char *name, const char *stream);

/*
 * Names are "STREAM", "STREAM/CONSUMER" or "STREAM > CONSUMER", and buckets by their own names; each part may be a glob, which passes over
 * what is in the manifest already. In the arena; NULL with diagnostics.
 */
const struct import_picks *import_pick(struct arena *arena, const struct survey *survey,
                                       const struct manifest *manifest, const char *const *names,
                                       size_t count, struct diags *diags);

/* Returns 0, or -1 with diagnostics. */
int import_additions(struct arena *arena, const struct exported *exported, const struct manifest *manifest,
                     struct diags *diags, struct import_additions *ret_additions);

#endif
