/*
 * A plan as JSON, in the shape of Terraform's `resource_changes` with risk, server rule and source added.
 * docs/plan-json.md documents it; the format version changes with it.
 */
#ifndef VIEW_PLAN_JSON_H
#define VIEW_PLAN_JSON_H

#include "plan/plan.h"
#include "syntax/node.h"

#define PLAN_FORMAT_VERSION "1.1"

struct node *plan_json(struct arena *arena, const struct plan *plan);
/* Those of several connections, a list, as one document. */
struct node *plans_json(struct arena *arena, struct node *plans);

#endif
