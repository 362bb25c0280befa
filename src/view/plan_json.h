/*
 * Plans as JSON for programs.
 * Terraform's `resource_changes`, plus risk, server rule and source. docs/plan-json.md documents it. Any change
 * of the format changes its version.
 */
#ifndef VIEW_PLAN_JSON_H
#define VIEW_PLAN_JSON_H

#include "plan/plan.h"
#include "syntax/node.h"

/* What every document begins with: the versions of its format and of natsform. */
struct node *document_json(struct arena *arena);
struct node *plan_json(struct arena *arena, const struct plan *plan);
/* One of the plan's `resource_changes`. */
struct node *step_json(struct arena *arena, const struct plan *plan, const struct step *step);
/* One document from a list of plans, one for each connection. */
struct node *plans_json(struct arena *arena, struct node *plans);

#endif
