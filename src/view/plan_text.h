/* Prints a plan, and the result of its apply: as text for people, and as JSON for programs. */
#ifndef VIEW_PLAN_TEXT_H
#define VIEW_PLAN_TEXT_H

#include "apply/apply.h"
#include "plan/plan.h"
#include "syntax/node.h"
#include "view/style.h"

/*
 * ---- plan text ----
 * Prints a plan, and the result of its apply, as text for people.
 */

/* Where a server is, and who said so: "nats://10.0.0.7:4222 (nats context 'prod')". `found` may be NULL or "". */
const char *view_place(struct arena *arena, const char *url, const char *found);

void view_plan_text(const struct style *style, const struct plan *plan);

/* A heading, if there are several connections: what follows is about this one. */
void view_connection(const struct style *style, const char *name);

/* After an apply: one line if everything is done, otherwise a table of what was done and what was not. */
void view_report(const struct style *style, const struct plan *plan, const struct apply_report *report);

/*
 * ---- plan json ----
 * Terraform's `resource_changes`, plus risk, server rule and source. docs/plan-json.md documents it. Any change
 * of the format changes its version.
 */

/* What every document begins with: the versions of its format and of natsform. */
struct node *document_json(struct arena *arena);
struct node *plan_json(struct arena *arena, const struct plan *plan);
/* One document from a list of plans, one for each connection. */
struct node *plans_json(struct arena *arena, struct node *plans);

#endif
