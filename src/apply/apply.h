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

#include "apply/lock.h"
#include "apply/rescue.h"
#include "base/diag.h"
#include "plan/plan.h"
#include "server/api.h"
#include "server/server.h"

extern const struct diag_code code_unknown_outcome;

enum outcome {
    OUTCOME_WAITING, /* not tried yet */
    OUTCOME_DONE,
    OUTCOME_FAILED,  /* the server refused it, or did something else; a diagnostic says what */
    OUTCOME_UNKNOWN, /* it was cut off and could not be read back */
    /* Not tried: a step that it needs failed, connection or lock was lost, or a signal came. */
    OUTCOME_SKIPPED,
};

struct apply_report {
    enum outcome *outcomes; /* by step of the plan */
    size_t counts[OUTCOME_SKIPPED + 1];
};

/* Called when a step ends. May be NULL. */
typedef void apply_progress(void *context, const struct plan *plan, const struct step *step,
                            enum outcome outcome);

struct apply_options {
    const struct connection_settings *settings; /* to connect again after the connection was lost */
    apply_progress *progress;
    void *context;
    const struct plan_options *allowed; /* streams that may lose more than the plan showed; NULL: none may */
    const struct rescue *rescue;        /* what is backed up; NULL: messages may go without */
    struct lock *lock;                  /* nothing is written when it is lost; NULL: there is none */
    bool (*interrupted)(void);          /* when it returns true, nothing new is begun; may be NULL */
};

/*
 * Returns 0 if every step is done, otherwise -1 with diagnostics. *ret_report is filled in both cases. `*server` may be
 * closed and replaced by a new connection; it is NULL if there is no new one.
 */
int apply_plan(struct arena *arena, struct server **server, const struct plan *plan,
               const struct apply_options *options, struct apply_report *ret_report, struct diags *diags);

#endif
