/* Restores of streams that nobody may publish to before they are whole. */
#ifndef APPLY_RESTORE_FREEZE_H
#define APPLY_RESTORE_FREEZE_H

#include "apply/restoring.h"

/* Decides whether it is restored frozen, once its configuration is known: restoring->frozen. And what its consumers may take from it meanwhile. */
void restore_plan_freeze(struct restoring *restoring);
/* It is whole: it gets what it was not to have before. Returns 0, or -1 with diagnostics. */
int restore_thaw(const struct restoring *restoring, struct diags *diags);
/* Says that it takes nothing yet, if that is so. Returns -1. */
int restore_report_frozen(const struct restoring *restoring, struct diags *diags);

#endif
