/*
 * Overlay: one tree laid over another, by the field table, before anything is decoded.
 */
#ifndef MANIFEST_OVERLAY_H
#define MANIFEST_OVERLAY_H

#include "base/diag.h"
#include "field/field.h"
#include "syntax/node.h"

enum overlay_rule {
    /* `-f a -f b`, as Compose does: maps merge, sets gain the items they lack, the rest is replaced; null resets. */
    OVERLAY_FILES,
    /* `defaults` under an object: maps merge, everything else is the object's own where it says anything. */
    OVERLAY_DEFAULTS,
    /* files of one layer side by side: maps merge, anything said twice is code_defined_twice. */
    OVERLAY_INCLUDES,
};

/* A new map of `below` with `above` laid over it; both stay as they are. `diags` may be NULL but for OVERLAY_INCLUDES. */
struct node *overlay_maps(struct arena *arena, const struct table *table, struct node *below,
                          struct node *above, enum overlay_rule rule, struct diags *diags);

#endif
