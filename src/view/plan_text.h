/* Prints a plan, and the result of its apply, as text for people. */
#ifndef VIEW_PLAN_TEXT_H
#define VIEW_PLAN_TEXT_H

#include "apply/apply.h"
#include "plan/plan.h"
#include "view/style.h"

void view_plan_text(const struct style *style, const struct plan *plan);
/* One of its steps, as it stands in the plan. */
void view_plan_step(const struct style *style, const struct plan *plan, const struct step *step);

/* A heading, if there are several connections: what follows is about this one. */
void view_connection(const struct style *style, const char *name);

/* After an apply: one line if everything is done, otherwise a table of what was done and what was not. */
void view_report(const struct style *style, const struct plan *plan, const struct apply_report *report);

#endif
