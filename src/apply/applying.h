/*
 * Applying: what the parts of carrying out a plan have in common: the run, and a task for each of its steps. apply.h says how a plan
 * is carried out.
 */
#ifndef APPLY_APPLYING_H
#define APPLY_APPLYING_H

#include "apply/lock.h"
#include "apply/migrate.h"
#include "apply/refresh.h"
#include "apply/rescue.h"
#include "base/diag.h"
#include "plan/plan.h"
#include "server/api.h"
#include "server/holdings.h"
#include "server/server.h"

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
    const char *journals, *backups;     /* folders, for what is made anew */
    const struct rehearsal_server *apart; /* to try restores on; NULL: none */
    struct instant now;
    void (*told)(void *context, const char *stream,
                 const char *what);                  /* "is frozen"; may be NULL, as the next */
    void (*kept)(void *context, const char *folder); /* a backup of what was made anew */
    struct lock *lock;         /* nothing is written when it is lost; NULL: there is none */
    bool (*interrupted)(void); /* when it returns true, nothing new is begun; may be NULL */
};

struct apply_run;

struct task {
    struct apply_run *run;
    const struct step *step;     /* of the plan; its first part, or what is left after that */
    struct step now;             /* from the object as it was last looked at */
    struct migration *migration; /* while it is made anew; NULL: it is not */
    struct object *left;         /* as the first part has left it; NULL: it has none, or is not done */
    bool first_done;
    bool looks_inside;
    struct holdings holdings; /* of the step's stream, when it was looked at, if it looks inside */
    size_t index;             /* of the step in the plan */
    enum request_kind doing;
    int tries;                     /* how often it was begun */
    bool adjusted;                 /* the one more update was sent */
    struct api_reply refusal;      /* of a create; kept while the object is read */
    bool uncertain;                /* it was cut off, and is not read back yet */
    int again;                     /* how often it was sent again after a passing refusal */
    int waits;                     /* how often the first of two updates was still at work */
    const struct passing *passing; /* that refusal, while the step waits to be sent again */
};

struct apply_run {
    struct arena *arena;
    struct server **server;
    const struct plan *plan;
    const struct apply_options *options;
    struct apply_report *report;
    struct diags *diags;
    struct task *tasks;
    bool refused; /* a look refused a step: the world is not as the plan saw it */
    bool stopped; /* nothing new may be begun */
};

#endif
