/*
 * Explain: prints what the tables of fields, options and diagnostics say.
 */
#ifndef VIEW_EXPLAIN_H
#define VIEW_EXPLAIN_H

#include "base/arena.h"
#include "base/codes.h"
#include "base/diag.h"
#include "field/field.h"
#include "view/style.h"

/*
 * Explains "stream", "consumer.ack_policy", "stream.mirror.name", "connection.timeout", a diagnostic code, or "codes":
 * all of these, in Markdown. Without a topic, lists what there is. Returns 0, or -1 with code_usage for an unknown
 * topic.
 */
int view_explain(const struct style *style, const char *topic, struct diags *diags);

/* What has an explanation of its own, in the order of the overview; ends with NULL. */
extern const struct table *const view_topics[];
bool view_is_topic(const struct table *table);

/* Calls it with everything that can be explained, and what it is. */
void view_explain_topics(struct arena *arena, void (*each)(void *context, const char *topic, const char *doc),
                         void *context);

#endif
