/*
 * Account: what a command does with one account: its connection, its part of the manifest, its lock and its diagnostics.
 * Where a manifest is for several, a command has one after the other; see account_step.
 *
 *     struct account_terms terms = account_terms(session);
 *     struct account_run account = {.terms = &terms, .session = session, .diags = &session->diags};
 *     struct plan *plan = account_plan(&account);
 *     …
 *     account_end(&account);
 */
#ifndef CMD_ACCOUNT_H
#define CMD_ACCOUNT_H

#include "apply/lock.h"
#include "cmd/session.h"
#include "cmd/unfinished.h"
#include "devenv/private_server.h"
#include "devenv/state.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "server/connection.h"
#include "server/live_object.h"

/* What `up` has just booted. */
struct booted_here {
    const struct upstate *state;
    struct connection_settings base; /* what connection_find_booted() takes */
};

/* What a command decides once, for all the accounts that it works on. */
struct account_terms {
    struct session *session;
    struct style out;                 /* where it is told what is done */
    struct style told;                /* and where what is on the way */
    struct plan_options plan;         /* what may be done; the revision is the manifest's */
    bool locks;                       /* other runs on the project are kept out */
    bool only_changes;                /* a plan without any is not shown */
    bool goes_on;                     /* the process does not end with it: nothing may stay open */
    bool listens;                     /* what is read has to be younger than the first thing that it hears */
    const struct booted_here *booted; /* only this is written to; NULL: settings are found as ever */
};

struct account_run {
    const struct account_terms *terms;
    struct session *session;
    struct diags *diags;
    struct manifest *manifest;           /* its part of the whole; NULL until that is loaded */
    struct connection_settings settings; /* once it is connected, as the next two */
    struct server *server;
    struct ahead *ahead; /* of that server */
    struct lock *lock;   /* NULL: it has none */
    bool adopts;         /* that of adoption is joined to it */
    bool asked;          /* somebody has seen the plan, and said yes to exactly that */
    size_t list_later; /* bytes of the manifest, for lists that are asked for once the lock is held; else 0 */
};

/* The terms that the command's options say. */
struct account_terms account_terms(struct session *session);

/* Connects without any manifest. Returns 0, or -1 with diagnostics, as the next two. */
int account_connect_alone(struct account_run *account);
/* Connects and loads, unless its manifest is given; whichever can be done first. */
int account_connect(struct account_run *account);
/* Loads the part of the manifest that the command is about, for one that may be connected already. Returns 0, or -1 with diagnostics. */
int account_load(struct account_run *account);
/*
 * May the terms' command not write where this part of the manifest leads? Then *ret_place says where that is. False if it may, or
 * that is not known: the account's own diagnostics will say why.
 */
bool account_is_elsewhere(const struct account_run *account, const char **ret_place);
/* Is it the server that its manifest expects? */
int account_check_expected(struct account_run *account);
/*
 * Loads, connects, locks if the terms say so, reads and plans. NULL when that was not possible; a plan with refused
 * steps has diagnostics too.
 */
struct plan *account_plan(struct account_run *account);
/*
 * Plans once more, with what is on the server now and with the locks that the plan which was shown needs; connects again if it
 * has to. NULL with diagnostics in the account's; those of the plan go to `diags`.
 */
struct plan *account_plan_again(struct account_run *account, const struct plan *shown, struct diags *diags);
/* Plans for one that is connected and loaded: it only reads. NULL with diagnostics. */
struct plan *account_plan_here(struct account_run *account);
/* As session_confirm(). The question has no '?' at its end: it goes on with where the server is. */
int account_confirm(struct account_run *account, const char *question);
/* The target of a plan or an export: what the server is, now. */
struct target account_target(struct account_run *account);

/* One that can be started, to rehearse on. */
struct private_server account_private_server(const struct account_run *account);

/* The project's lock; see apply/lock.h. */

/*
 * Takes it for a connected account whose manifest is loaded, if the terms say so and it has none. Returns 0, or -1 with
 * diagnostics, as the next.
 */
int account_lock(struct account_run *account);
/* Also keeps out runs of another project, whose objects are taken over. */
int account_lock_other(struct account_run *account, const char *project);
/* Also keeps others from adopting anything in the account: two projects would both find an object without an owner. */
int account_lock_adoption(struct account_run *account);
/* Nobody is kept out while a question waits for its answer. */
void account_unlock(struct account_run *account);
/* What killed runs have left open of it. It is connected. */
struct unfinished account_unfinished(struct account_run *account);
/* Is there room for the plan's streams beside the lock, which is one? Returns 0, or -1 with code_lock. */
int account_check_room(struct account_run *account, const struct plan *plan);

/*
 * ---- accounts ----
 * Runs a command for each account of a manifest, one after the other: first the default connection, then the
 * others by name.
 */

/* What a command does with one account. Returns what a command's run does; the account's diagnostics are meant. */
typedef int account_step(struct account_run *account, void *context);

/*
 * Loads the manifest if it may name connections. *ret_accounts are those that it is about when there are several, or one
 * that is named; else NULL. Returns 0, or -1 with diagnostics.
 */
int accounts_find(struct session *session, const struct accounts **ret_accounts);
/*
 * Runs the step for each account. Each has its own diagnostics, which are shown when its step ends. When an account
 * fails, the others still get their turn. Returns the exit code of the first that failed, or else the largest.
 */
int accounts_each(const struct account_terms *terms, const struct accounts *accounts, account_step *step,
                  void *context);
/* Runs the step with the only account; what is wrong is said in `diags`. */
int accounts_single(const struct account_terms *terms, struct diags *diags, account_step *step,
                    void *context);

/* Both with the terms that the command's options say, and without a context: with the only account, or with each. */
int accounts_run_single(struct session *session, account_step *step);
int accounts_run(struct session *session, account_step *step);

#endif
