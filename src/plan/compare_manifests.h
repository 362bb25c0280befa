/*
 * Compare manifests: what changes from one manifest to another, without a server: what a plan of the second would say to
 * a server that holds exactly what the first one says, and owns it.
 */
#ifndef PLAN_COMPARE_MANIFESTS_H
#define PLAN_COMPARE_MANIFESTS_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

/*
 * Checks and normalises both manifests for the version. The plan has a create, an update or a delete for each object
 * that differs, in no order. It refers to objects of both manifests. NULL if the second one is wrong for that version.
 * Mistakes in the first do not matter, as long as it can be read.
 */
struct plan *compare_manifests(struct arena *arena, struct manifest *before, struct manifest *after,
                               uint32_t version, struct diags *diags);

#endif
