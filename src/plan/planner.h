/*
 * Planner: compares a manifest with what a server holds. It takes the objects one by one, as they are read.
 *
 *     struct planner *planner = planner_new(arena, manifest, &target, &options, diags);
 *     for (each stream read) planner_see(planner, &live);       streams first,
 *     for (each consumer read) planner_see(planner, &live);     then consumers, named by the manifest or not
 *     struct plan *plan = planner_finish(planner);
 *
 * A live object may be freed after planner_see(), which copies only objects that differ. Problems go to `diags`. If
 * there are errors, the plan has refused steps and must not be applied.
 */
#ifndef PLAN_PLANNER_H
#define PLAN_PLANNER_H

#include "base/diag.h"
#include "plan/plan.h"
#include "plan/prune.h"
#include "server/live_object.h"

struct planner;

struct planner *planner_new(struct arena *arena, struct manifest *manifest, const struct target *target,
                            const struct plan_options *options, struct diags *diags);
void planner_see(struct planner *planner, const struct live_object *live);
/*
 * Instead, with the option `earlier`: an object of an earlier manifest, as if the server had it and it were the
 * project's own. Both manifests went through planner_check() for the target. The plan tells what changes, and refuses
 * nothing: no server was asked.
 */
void planner_see_earlier(struct planner *planner, struct resource *earlier);
/*
 * What else the planner wants to know about streams outside of the manifest, after it has seen those of the manifest.
 * planner_see() takes the answers. False: nothing more. It is optional: without the answers, some refusals of the server
 * are not predicted.
 */
bool planner_ask(struct planner *planner, struct live_questions *ret_questions);
struct plan *planner_finish(struct planner *planner);
/*
 * Of the manifest, what planner_see() has to be given: all of it. With the option `again`: those streams, and what differed when
 * the manifest was planned last, each with all that the manifest has of its consumers, and what they copy from. The rest counts as it
 * was then, whatever the server has by now: who takes the option knows that nothing has happened to it.
 */
const struct manifest *planner_part(const struct planner *planner);
/*
 * With the option `minds_content`: does the server have another configuration of the consumer than when this was asked last, or when
 * it was first seen? What the manifest leaves to the server counts, too. The question is asked once for each change.
 */
bool planner_is_news(const struct resource *consumer);
/* What planner_is_news() knows of the consumers of `before` goes on to those of `now`. Both were planned. */
void planner_hand_on_news(const struct manifest *before, const struct manifest *now);
/* Called instead of planner_finish() if the server could not be read to the end. */
void planner_cancel(struct planner *planner);

/*
 * Reports everything that is wrong with a manifest for such a server, as `validate` does, and normalises its objects. It
 * uses the target's version, `version_text` (what messages call the version; NULL: the version itself), `clustered` and
 * `now`.
 */
void planner_check(struct arena *arena, struct manifest *manifest, const struct target *target,
                   struct diags *diags);

#endif
