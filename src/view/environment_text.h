/*
 * Environment text: what `up`, `down` and `status` print about nodes, as tables for people and as JSON.
 */
#ifndef VIEW_ENVIRONMENT_TEXT_H
#define VIEW_ENVIRONMENT_TEXT_H

#include "devenv/health.h"
#include "devenv/state.h"
#include "devenv/up.h"
#include "syntax/node.h"
#include "view/style.h"

/* "dev  started  nats-server 2.15.1, pid 4711" */
void view_deed(const struct style *style, enum up_deed deed, const struct upnode *node, const char *why);

/* A table with a row for each node, and a column for each listener that clients use and any node has. */
void view_urls(const struct style *style, struct arena *arena, const struct upstate *state);

/* Shows how to make clients trust the authority of `tls: dev`. `ca` is the path of its certificate. */
void view_trust(const struct style *style, struct arena *arena, const char *ca);

void view_status(const struct style *style, struct arena *arena, const struct node_health *nodes,
                 size_t count);
/* {"nodes": [{"name", "state", …}]} */
struct node *status_json(struct arena *arena, const struct upstate *state, const struct node_health *nodes);

#endif
