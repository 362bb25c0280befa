/* What `status` prints of an account: tables for people, and JSON. */
#ifndef VIEW_STATUS_TEXT_H
#define VIEW_STATUS_TEXT_H

#include "plan/condition.h"
#include "syntax/node.h"
#include "view/style.h"

/* An account as it is. */
struct account_status {
    const struct target *target;
    const char *connection; /* the name of the manifest's connection; NULL: the default one */
    const struct census *census;
    const struct conditions *conditions;
    const struct plan *plan; /* NULL: there is no manifest */
    bool all;                /* long tables are not cut */
    size_t unwell;           /* servers of this folder that are not well, as is shown above */
};

void view_account_status(const struct style *style, struct arena *arena, const struct account_status *status);
struct node *account_status_json(struct arena *arena, const struct account_status *status);

#endif
