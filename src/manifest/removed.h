/*
 * Removed: objects that a manifest lets go without deleting them.
 *
 *     removed:
 *       streams: [OLD]                            with the project's consumers of it
 *       consumers: [{stream: ORDERS, name: audit}]
 */
#ifndef MANIFEST_REMOVED_H
#define MANIFEST_REMOVED_H

#include "manifest/manifest.h"

/* Fills manifest->removed. An object that is also defined is an error, and so is a manifest without a project. */
void removed_collect(struct arena *arena, struct manifest *manifest, struct diags *diags);

/*
 * The entry that lets an object go, or NULL. `consumer` is NULL for a stream. A stream takes its consumers along, unless
 * the manifest has it as `external`.
 */
const struct removed *removed_find(const struct manifest *manifest, struct arena *scratch, const char *stream,
                                   const char *consumer);

#endif
