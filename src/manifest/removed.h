/*
 * Removed: the objects that a manifest lets go without deleting them.
 *
 *     removed:
 *       streams: [OLD]                            with the project's consumers of it
 *       consumers: [{stream: ORDERS, name: audit}]
 */
#ifndef MANIFEST_REMOVED_H
#define MANIFEST_REMOVED_H

#include "manifest/manifest.h"

/* Fills manifest->removed from its root. An object that is defined too, or a missing project, is an error. */
void removed_collect(struct arena *arena, struct manifest *manifest, struct diags *diags);

/*
 * The entry that lets an object go, or NULL. `consumer` is NULL for a stream. A stream takes its consumers along, unless the manifest
 * goes on with the stream as somebody else's.
 */
const struct removed *removed_find(const struct manifest *manifest, struct arena *scratch, const char *stream,
                                   const char *consumer);

#endif
