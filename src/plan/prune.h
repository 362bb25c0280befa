/*
 * Strays: the objects on the server that bear the project's mark and that the manifest does not define: to forget
 * (`removed`), to delete (prune), or to mention.
 */
#ifndef PLAN_PRUNE_H
#define PLAN_PRUNE_H

#include "plan/plan.h"

extern const struct diag_code code_immutable;
extern const struct diag_code code_protected;

struct strays;

struct strays *strays_new(struct arena *arena, const struct manifest *manifest, struct plan *plan,
                          const struct plan_options *options, struct diags *diags);

/* Any stream, defined or not, before its consumers: what it is matters to them. */
void strays_see_stream(struct strays *strays, const struct live_object *live);
/* An object that the manifest does not define, or only as somebody else's stream. May be seen twice. */
void strays_see(struct strays *strays, const struct live_object *live);

/* Adds their steps to the plan: streams by name, then consumers. */
void strays_finish(struct strays *strays);

#endif
