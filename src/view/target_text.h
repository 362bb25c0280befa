/* Where a plan, a question or a report goes, as text for people: the server, who named it, the account, and who we are there. */
#ifndef VIEW_TARGET_TEXT_H
#define VIEW_TARGET_TEXT_H

#include "base/arena.h"
#include "plan/plan.h"
#include "view/style.h"

/* Where a server is, and who said so: "nats://10.0.0.7:4222 (nats context 'prod')". `found` may be NULL or "". */
const char *view_place(struct arena *arena, const char *url, const char *found);

/* The same with the account and who we are there, as far as that is known: "…, account APP, user bob (nats context 'prod')". */
const char *view_target_place(struct arena *arena, const struct target *target);

/* "on nats-server 2.15.1 at nats://127.0.0.1:4222 (NATS_URL), cluster c, account A, user u", and the end of the line. */
void view_target(const struct style *style, struct arena *arena, const struct target *target);

#endif
