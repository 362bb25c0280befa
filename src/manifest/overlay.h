/*
 * Overlay: lays one tree over another, before anything is decoded. The field tables say what merges and what is replaced.
 */
#ifndef MANIFEST_OVERLAY_H
#define MANIFEST_OVERLAY_H

#include "base/diag.h"
#include "field/field.h"
#include "syntax/node.h"

enum overlay_rule {
    /* For `-f a -f b`, as in Compose: maps merge, sets gain the items that they lack, all else is replaced; null resets. */
    OVERLAY_FILES,
    /* For `defaults` under an object: maps merge; otherwise the object's own value counts if there is one. */
    OVERLAY_DEFAULTS,
};

/* Returns a new map: `above` laid over `below`, which both stay as they are. */
struct node *overlay_maps(struct arena *arena, const struct table *table, struct node *below,
                          struct node *above, enum overlay_rule rule);

/*
 * The maps of files of one layer, side by side in a new map: maps merge, anything said twice is code_defined_twice. All
 * at once, because each merge copies what it merges.
 */
struct node *overlay_side_by_side(struct arena *arena, const struct table *table, struct node *const *maps,
                                  size_t count, struct diags *diags);

#endif
