/*
 * Lifecycle: how natsform treats an object: whether it may be deleted or lose messages, and which fields are left alone.
 */
#ifndef MANIFEST_LIFECYCLE_H
#define MANIFEST_LIFECYCLE_H

#include "base/diag.h"
#include "manifest/manifest.h"

/* Takes what `lifecycle` of the resource says. Names of no field are reported. */
void lifecycle_read(struct arena *arena, struct resource *resource, const struct object *lifecycle,
                    struct diags *diags);

/* Reports old names (renamed_from) that cannot be meant: its own, one that the manifest has for another object, or one of two of them. */
void lifecycle_check_names(struct arena *arena, const struct manifest *manifest, struct diags *diags);

#endif
