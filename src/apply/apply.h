/*
 * Apply: carries a plan out, rank by rank, with the requests of one rank pipelined.
 *
 * Every reply is checked: its type, its error, and whether the configuration in it equals what was wanted. If a request
 * is cut off (deadline, lost connection), its outcome is unknown until the object was read back. After a failure, steps
 * that do not depend on it are still done.
 *
 * Before a change or a deletion its object is read once more. If it is not as the plan saw it, or would lose more messages, the
 * step fails, and no later rank is begun.
 */
#ifndef APPLY_APPLY_H
#define APPLY_APPLY_H

#include "apply/applying.h"

extern const struct diag_code code_unknown_outcome;

/*
 * Returns 0 if every step is done, otherwise -1 with diagnostics. *ret_report is filled in both cases. `*server` may be
 * closed and replaced by a new connection; it is NULL if there is no new one.
 */
int apply_plan(struct arena *arena, struct server **server, const struct plan *plan,
               const struct apply_options *options, struct apply_report *ret_report, struct diags *diags);

#endif
