/*
 * Planner: compares a manifest with what a server holds, object by object as they are read.
 *
 *     struct planner *planner = planner_new(arena, manifest, &target, &options, diags);
 *     for (each stream read) planner_see(planner, &live);       streams first,
 *     for (each consumer read) planner_see(planner, &live);     then consumers, named by the manifest or not
 *     struct plan *plan = planner_finish(planner);
 *
 * What a live object is made of may be forgotten after planner_see(): only what differs is copied. Everything wrong is
 * in `diags`; the plan then has refused steps and must not be applied.
 */
#ifndef PLAN_PLANNER_H
#define PLAN_PLANNER_H

#include "base/diag.h"
#include "field/version_range.h"
#include "plan/plan.h"
#include "plan/unmanaged.h"
#include "server/live_object.h"

struct planner;

struct planner *planner_new(struct arena *arena, struct manifest *manifest, const struct target *target,
                            const struct plan_options *options, struct diags *diags);
void planner_see(struct planner *planner, const struct live_object *live);
/*
 * Instead, with the option `earlier`: an object of an earlier manifest, as if the server had it and it were the project's own. Both
 * manifests went through planner_check() for the target. The plan tells what changes, and refuses nothing: no server was asked.
 */
void planner_see_earlier(struct planner *planner, struct resource *earlier);
/*
 * What else it would have to know of streams outside the manifest, once those of the manifest have been seen; planner_see() takes the
 * answers. False when there is nothing more. Nobody has to ask, nor to answer: what is not known is not foreseen.
 */
bool planner_ask(struct planner *planner, struct unmanaged_questions *ret_questions);
struct plan *planner_finish(struct planner *planner);
/* Instead of finishing, when the server could not be read to the end. */
void planner_cancel(struct planner *planner);

/*
 * Everything that is wrong with a manifest for such a server, and nothing else: what `validate` says. Normalises the objects
 * for it. Of the target, its version, its `version_text` (what messages call the version; NULL: the version as it is), `clustered`
 * and `now` count.
 */
void planner_check(struct arena *arena, struct manifest *manifest, const struct target *target,
                   struct diags *diags);

/*
 * The same for every version of a range, which the target's `version_text` wrote: what is wrong with several is said once, with a note
 * where it is not so with all of them. The manifest stays as it was read.
 */
void planner_check_range(struct arena *arena, struct manifest *manifest, const struct version_range *range,
                         const struct target *target, struct diags *diags);

#endif
