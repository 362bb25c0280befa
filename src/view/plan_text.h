/*
 * A plan, and what became of it, as text for people.
 */
#ifndef VIEW_PLAN_TEXT_H
#define VIEW_PLAN_TEXT_H

#include "apply/apply.h"
#include "plan/plan.h"
#include "view/style.h"

void view_plan_text(const struct style *style, const struct plan *plan);

/* The line above what is about one connection of several. */
void view_connection(const struct style *style, const char *name);

/* After an apply: one line when all is done, else a table of what was and was not done. */
void view_report(const struct style *style, const struct plan *plan, const struct apply_report *report);

#endif
