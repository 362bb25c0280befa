/*
 * Apply: carries a plan out, rank by rank, with the requests of one rank pipelined.
 *
 * Every reply is checked: its type, its error, and that the echoed configuration equals what was wanted. A request that was cut off
 * (deadline, lost connection) has an unknown outcome, which is settled by reading the object back. After a failure,
 * what does not depend on it is still done.
 */
#ifndef APPLY_APPLY_H
#define APPLY_APPLY_H

#include "apply/lock.h"
#include "base/diag.h"
#include "plan/plan.h"
#include "server/api.h"
#include "server/server.h"

extern const struct diag_code code_unknown_outcome;

enum outcome {
    OUTCOME_WAITING, /* not tried yet */
    OUTCOME_DONE,
    OUTCOME_FAILED,  /* the server refused, or did something else; a diagnostic says what */
    OUTCOME_UNKNOWN, /* cut off, and could not be read back */
    OUTCOME_SKIPPED, /* not tried: a step that it needs was not done, the connection or the lock was lost, or a signal came */
};

struct apply_report {
    enum outcome *outcomes; /* by step of the plan */
    size_t counts[OUTCOME_SKIPPED + 1];
};

/* Called as each step ends, in the order of ending. May be NULL. */
typedef void apply_progress(void *context, const struct plan *plan, const struct step *step,
                            enum outcome outcome);

struct apply_options {
    const struct connection_settings *settings; /* to connect again with, after a cut */
    apply_progress *progress;
    void *context;
    struct lock *lock;         /* without which nothing is written; NULL: there is none */
    bool (*interrupted)(void); /* nothing new is begun once it is true; may be NULL */
};

/*
 * Returns 0 when every step is done, else -1 with diagnostics; *ret_report is filled in both cases. `*server` may be
 * closed and replaced by a new connection; it is NULL when that could not be had.
 */
int apply_plan(struct arena *arena, struct server **server, const struct plan *plan,
               const struct apply_options *options, struct apply_report *ret_report, struct diags *diags);

const char *outcome_name(enum outcome outcome);

#endif
