/* Without a server: what changes from one manifest to another, and what is wrong with one for a range of versions. */
#ifndef PLAN_WITHOUT_SERVER_H
#define PLAN_WITHOUT_SERVER_H

#include "base/diag.h"
#include "field/field.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

/*
 * planner_check() for every version of a range; the target's `version_text` is the range as it was written. A problem with
 * several versions is reported once, with a note if it is not one with all of them. The manifest stays as it was read.
 */
void planner_check_range(struct arena *arena, struct manifest *manifest, const struct version_range *range,
                         const struct target *target, struct diags *diags);

/*
 * ---- compare manifests ----
 * What changes from one manifest to another, without a server: what a plan of the second would say to
 * a server that holds exactly what the first one says, and owns it.
 */

/*
 * Checks and normalises both manifests for the version. The plan has a create, an update or a delete for each object
 * that differs, in no order. It refers to objects of both manifests. NULL if the second one is wrong for that version.
 * Mistakes in the first do not matter, as long as it can be read.
 */
struct plan *compare_manifests(struct arena *arena, struct manifest *before, struct manifest *after,
                               uint32_t version, struct diags *diags);

#endif
