/*
 * Risk: the messages that a step would destroy, by the rows' risks and what the stream holds. They have to be allowed by
 * the name of their stream.
 */
#ifndef PLAN_RISK_H
#define PLAN_RISK_H

#include "base/diag.h"
#include "plan/plan.h"

extern const struct diag_code code_data_loss;
extern const struct diag_code code_immutable;

/*
 * Fills step->loss. `stream` and `retention` are the state and the live retention of the step's stream; for a consumer,
 * of the stream that it belongs to.
 */
void risk_assess(struct arena *arena, struct step *step, const struct target *target,
                 const struct stream_state *stream, const char *retention);

/* Is the loss that was found only what it could be at most, so that step->holdings would tell more? */
bool risk_needs_count(const struct step *step);
/*
 * Reckons the loss again, with step->holdings; NULL is fine. The plan says which consumers go and come; `begun`: right before the step,
 * when those count only that have come.
 */
void risk_count(struct arena *arena, struct step *step, const struct plan *plan, bool begun);

/* Can the step destroy messages at all, whatever its stream holds? */
bool risk_is_possible(const struct step *step);
/* Is more lost than before? */
bool risk_is_more(const struct loss *now, const struct loss *before);
/*
 * May the step destroy messages? Because an option names its stream, or the manifest says so: of a change until a day, of a deletion by
 * `removed`.
 */
bool risk_is_allowed(const struct plan_options *options, const struct step *step, struct instant now);
/* Refuses a step whose loss is not allowed. */
void risk_refuse(const struct plan_options *options, struct step *step, struct instant now,
                 struct diags *diags);

/*
 * A name that is allowed to lose messages, and that neither the manifest nor the plan has, is code_usage. With prune
 * only the plan tells what there is; it may be NULL otherwise. Returns 0 or -1.
 */
int risk_check_names(const struct plan_options *options, const struct manifest *manifest,
                     const struct plan *plan, struct diags *diags);

/*
 * ---- immutable ----
 * The diagnostics of changes that a server refuses.
 */

/* Refuses the step for one of its changes, with the server's words. */
struct diag *immutable_refuse(struct step *step, const struct change *change, const struct target *target,
                              struct diags *diags);

/* Marks the change as refused if it is of a deliver subject that somebody listens on. */
void immutable_bind(struct change *change, const struct live_object *live);

/*
 * Has somebody sealed the stream? The server has set other fields with it, and they cannot change either; all of that is one
 * cause, and is told as one: what sealing implies is taken off the changes.
 */
bool immutable_is_sealed(struct step *step);
struct diag *immutable_refuse_sealed(struct step *step, const struct target *target, struct diags *diags);

#endif
