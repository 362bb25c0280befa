/*
 * Saved: a plan, or a step of it, is compared with what there is when it is carried out.
 */
#ifndef PLAN_SAVED_H
#define PLAN_SAVED_H

#include "base/diag.h"
#include "plan/plan.h"
#include "server/holdings.h"
#include "syntax/node.h"

/*
 * ---- recheck ----
 * A step once more, from its object as it was read right before the step is carried out. Since the plan was
 * made, somebody else may have changed the object, taken it over, or put messages into it.
 */

/* A step of the plan, and what was read for it right before. */
struct recheck_look {
    const struct step *step;
    const struct live_object *live;
    struct holdings *holdings; /* of the step's stream; NULL: not read */
    const struct plan_options
        *allowed; /* the streams named there may lose more than was shown; NULL: none may */
};

enum recheck {
    RECHECK_GOES_ON,
    RECHECK_DONE,   /* somebody else has done it already */
    RECHECK_REFUSED /* with a diagnostic */
};

/* Does the step have to know what its stream holds, besides its own object? If so, *ret_holdings says what is to be read. */
bool recheck_asks_stream(const struct step *step, struct holdings *ret_holdings);

/*
 * If it goes on, *ret_now is the step from the fresh object on: what the step does not change is sent as it is now. It
 * has neither needs nor a rank.
 */
enum recheck recheck_step(struct arena *arena, const struct plan *plan, const struct recheck_look *look,
                          struct step *ret_now, struct diags *diags);

/* Says that the object to create is there, and is another one than is wanted. */
void recheck_refuse_place(const struct step *step, struct diags *diags);

/*
 * ---- saved ----
 * A plan with its options, as `plan --out` writes it and `apply FILE` reads it.
 *
 * To carry it out, a new plan is made and compared with it. If they are equal, the new plan is applied. So of the
 * file only its options have to be trusted, and every change since is found and named.
 *
 *     saved_plan_node(arena, &options, plans, several);                to be written: each as plan_json() makes it
 *     saved_plan_read(arena, &source, &saved, diags);                  back
 *     saved_plan_compare(&saved, manifest, plan, plan_json(…), diags)  against a new plan with the same options
 *
 * A plan that was shown, with a question, is compared in the same way with the one that is carried out after the answer.
 */

extern const struct diag_code code_stale_plan;
extern const struct diag_code code_plan_file;

struct saved_texts {
    const char **items;
    size_t count;
};

/* The options that the plan depends on, as they were given. None of them is secret. */
struct saved_options {
    struct saved_texts files;
    const char *repo; /* without a password; NULL: none */
    struct saved_texts env_files;
    struct saved_texts connections;
    struct saved_texts allow_loss;
    struct saved_texts replaces;
    bool rehearse;
    bool destroy;
    bool prune;
    bool no_backup;
};

struct saved_plan {
    const struct source *source; /* NULL: it was never a file, but shown */
    bool counts; /* more messages that go are a difference; else that any do, where none did */
    struct saved_options options;
    const struct node *plan;  /* as plan_json() makes it; NULL: there are several */
    const struct node *plans; /* a list of them, each with its connection; NULL: there is one */
    /* Is that still to do which the step, a deletion or one that forgets, was to do? NULL: what is done already is a difference, too. */
    bool (*is_open)(void *context, const struct node *step);
    void *context;
};

struct node *saved_plan_node(struct arena *arena, const struct saved_options *options, struct node *plans,
                             bool several);

/* Does the text begin like a saved plan? It may be cut off. */
bool saved_plan_begins(const char *text, size_t length);

/*
 * Reads one. Returns 0, or -1 with what is wrong: code_usage for what is no saved plan at all, code_plan_file for a damaged one,
 * code_stale_plan for one of a natsform that this one does not understand.
 */
int saved_plan_read(struct arena *arena, const struct source *source, struct saved_plan *ret_saved,
                    struct diags *diags);

/* Does the plan do anything? */
bool saved_plan_does(const struct saved_plan *saved);

/* The saved plan of that connection (NULL: the default one), of several; its plan is NULL if there is none. */
struct saved_plan saved_plan_of(const struct saved_plan *saved, const char *connection);

/*
 * Does the new plan do what the saved one does, to the same server? Or has all of that been done, and is there nothing left to do?
 * `now` is plan_json() of the new one. Returns 0, or -1 with a code_stale_plan for each object that changed.
 */
int saved_plan_compare(struct arena *arena, const struct saved_plan *saved, const struct manifest *manifest,
                       const struct plan *plan, const struct node *now, struct diags *diags);

#endif
