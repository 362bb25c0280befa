/*
 * Prune: what becomes of the objects on the server that bear the project's mark and are not defined in the manifest: they are to
 * forget (`removed`), to delete, or to mention.
 */
#ifndef PLAN_PRUNE_H
#define PLAN_PRUNE_H

#include "base/vec.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "rules/rules.h"
#include "server/live_object.h"

extern const struct diag_code code_protected;

struct prune;

struct prune *prune_new(struct arena *arena, const struct manifest *manifest, struct plan *plan,
                        const struct plan_options *options, struct diags *diags);

/* Call this for every stream, defined or not, before its consumers: what a stream is matters to them. */
void prune_see_stream(struct prune *prune, const struct live_object *live);
/* Call this for an object that the manifest does not define, or only as `external`. The same object may come twice. */
void prune_see(struct prune *prune, const struct live_object *live);

/* Calls it with each step so far. */
void prune_visit(const struct prune *prune, void (*visit)(void *context, struct step *step), void *context);
/* Adds their steps to the plan: streams by name, then consumers by name. */
void prune_add(struct prune *prune);
/* Refuses those that cannot or may not be done. */
void prune_judge(struct prune *prune);

#endif
