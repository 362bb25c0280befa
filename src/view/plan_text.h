/* Prints a plan, where it goes, and the result of its apply, as text for people. */
#ifndef VIEW_PLAN_TEXT_H
#define VIEW_PLAN_TEXT_H

#include "apply/apply.h"
#include "plan/plan.h"
#include "view/style.h"

/* Where a server is, and who said so: "nats://10.0.0.7:4222 (nats context 'prod')". `found` may be NULL or "". */
const char *view_place(struct arena *arena, const char *url, const char *found);

/* The same with the account and who we are there, as far as that is known: "…, account APP, user bob (nats context 'prod')". */
const char *view_target_place(struct arena *arena, const struct target *target);

/* "on nats-server 2.15.1 at nats://127.0.0.1:4222 (NATS_URL), cluster c, account A, user u", and the end of the line. */
void view_target(const struct style *style, struct arena *arena, const struct target *target);

void view_plan_text(const struct style *style, const struct plan *plan);
/* One of its steps, as it stands in the plan. */
void view_plan_step(const struct style *style, const struct plan *plan, const struct step *step);

/* A heading, if there are several connections: what follows is about this one. */
void view_connection(const struct style *style, const char *name);

/* After an apply: one line if everything is done, otherwise a table of what was done and what was not. */
void view_report(const struct style *style, const struct plan *plan, const struct apply_report *report);

#endif
