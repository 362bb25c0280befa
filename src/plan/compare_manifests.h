/*
 * Compare manifests: what changes from one manifest to another, without a server: what a plan of the second would say to a server that holds
 * exactly what the first one says, and owns it.
 */
#ifndef PLAN_COMPARE_MANIFESTS_H
#define PLAN_COMPARE_MANIFESTS_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

/*
 * Both manifests are checked and normalised for the version. The plan has a create, an update or a delete for each object that differs,
 * is in no order, and refers to objects of both manifests. NULL when the second is wrong for that version; what is wrong
 * with the first, once it can be read, is nobody's concern any more.
 */
struct plan *compare_manifests(struct arena *arena, struct manifest *before, struct manifest *after,
                               uint32_t version, struct diags *diags);

#endif
