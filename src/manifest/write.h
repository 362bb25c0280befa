/*
 * Write: turns a manifest back into the nodes of one file, as short as possible. `convert` prints it.
 */
#ifndef MANIFEST_WRITE_H
#define MANIFEST_WRITE_H

#include "manifest/manifest.h"

/*
 * The manifest must have been checked (planner_check()), so that its objects are normalised. Includes and defaults are
 * in the objects already. Secrets are not written; the path of each, such as "connection.password", is added to
 * `ret_secrets`.
 */
struct node *manifest_encode(struct arena *arena, const struct manifest *manifest, struct map *ret_secrets);

#endif
