/*
 * Explain: prints what the tables of fields, options and diagnostics say.
 */
#ifndef VIEW_EXPLAIN_H
#define VIEW_EXPLAIN_H

#include "base/codes.h"
#include "base/diag.h"
#include "view/style.h"

/*
 * Explains "stream", "consumer.ack_policy", "stream.mirror.name", "connection.timeout", a diagnostic code, or "codes":
 * all of these, in Markdown. Without a topic, lists what there is. Returns 0, or -1 with code_usage for an unknown
 * topic.
 */
int view_explain(const struct style *style, const char *topic, struct diags *diags);

#endif
