/*
 * Risk: the messages that a step would destroy, take away or store twice. Losses have to be allowed by the name of their stream.
 */
#ifndef PLAN_RISK_H
#define PLAN_RISK_H

#include "base/diag.h"
#include "plan/plan.h"

/*
 * ---- drain ----
 * The messages that a new mirror or source takes out of a work queue, and that the copy does not keep.
 */

/* The state of the work queue of that name as it is live; NULL if there is none, or if it is another kind of stream. */
typedef const struct stream_state *drain_find(void *context, const char *name);

/* Adds them to the loss of a step of a stream. */
void drain_assess(struct arena *arena, struct step *step, const struct target *target, drain_find *find,
                  void *context);

/*
 * ---- recopy ----
 * Sources that a server would copy once more from their first message, so that what the stream has is there twice.
 */

/* Refuses such a step. `state` is that of its stream. */
void recopy_refuse(struct step *step, const struct target *target, const struct stream_state *state,
                   struct diags *diags);

/*
 * ---- risk ----
 * The messages that a step would destroy, by the rows' risks and what the stream holds. They have to be allowed by
 * the name of their stream.
 */

extern const struct diag_code code_data_loss;

/*
 * Fills step->loss. `stream` and `retention` are the state and the live retention of the step's stream; for a consumer,
 * of the stream that it belongs to.
 */
void risk_assess(struct arena *arena, struct step *step, const struct target *target,
                 const struct stream_state *stream, const char *retention);

/* Can the step destroy messages at all, whatever its stream holds? */
bool risk_is_possible(const struct step *step);
/* Is more lost than before? */
bool risk_is_more(const struct loss *now, const struct loss *before);
/* May the step's stream lose messages? */
bool risk_is_allowed(const struct plan_options *options, const struct step *step);

/* Refuses a step whose loss is not allowed. */
void risk_refuse(const struct plan_options *options, struct step *step, struct diags *diags);

/*
 * A name that is allowed to lose messages, and that neither the manifest nor the plan has, is code_usage. With prune
 * only the plan tells what there is; it may be NULL otherwise. Returns 0 or -1.
 */
int risk_check_names(const struct plan_options *options, const struct manifest *manifest,
                     const struct plan *plan, struct diags *diags);

#endif
