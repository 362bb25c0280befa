/*
 * Native: a manifest back into the nodes of one file, in as few words as say the same. What `convert` prints.
 */
#ifndef MANIFEST_WRITE_H
#define MANIFEST_WRITE_H

#include "manifest/manifest.h"

/*
 * The manifest was checked (planner_check()), so that its objects are normalised. Includes and defaults are in the objects
 * already. Secrets are not written: what was left out for that is added to `ret_secrets`, by path ("connection.password").
 */
struct node *manifest_encode(struct arena *arena, const struct manifest *manifest, struct map *ret_secrets);

#endif
