/*
 * Loss: messages that a step would destroy have to be allowed by the name of their stream.
 */
#ifndef PLAN_LOSS_H
#define PLAN_LOSS_H

#include "base/diag.h"
#include "plan/plan.h"

extern const struct diag_code code_data_loss;

/* Refuses a step whose loss (risk.h) is not allowed. */
void loss_refuse(const struct plan_options *options, struct step *step, struct diags *diags);

/*
 * A name that is allowed to lose messages, and that neither the manifest nor the plan has, is code_usage. With prune only the plan
 * tells what there is; it may be NULL otherwise. Returns 0 or -1.
 */
int loss_check_names(const struct plan_options *options, const struct manifest *manifest,
                     const struct plan *plan, struct diags *diags);

#endif
