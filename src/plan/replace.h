/*
 * Replace: what no server changes in place. The object is made anew: with all that is in it (ACTION_MIGRATE), which apply/migrate.c does, or
 * without (ACTION_RECREATE). The manifest says which by `lifecycle: {on_immutable: …}`, and --replace does for one run.
 */
#ifndef PLAN_REPLACE_H
#define PLAN_REPLACE_H

#include "base/diag.h"
#include "plan/plan.h"

struct replace_terms {
    struct arena *arena;
    const struct target *target;
    const struct plan_options *options;
    const char *retention; /* live, of a consumer's stream; "": it is not known */
    bool adopts;           /* it is nobody's yet */
};

enum replace_verdict {
    REPLACE_NOT,     /* the server refuses nothing, or the change stays refused: *ret_fault may say why */
    REPLACE_PLANNED, /* the step's action, and its `replacement`, say how */
    REPLACE_LATER,   /* only consumers' positions tell: step->positions_known */
};

/* Decides it for a step whose changes were compared. *ret_fault: why it cannot be migrated; NULL: it can, or nothing asks for it. */
enum replace_verdict replace_decide(const struct replace_terms *terms, struct step *step,
                                    const char **ret_fault);

/* Plans that it gets another name: step->renamed_from is its old one. False: *ret_fault says why that cannot be. */
bool replace_rename(const struct replace_terms *terms, struct step *step, const char **ret_fault);

/* Would other words in the manifest have it migrated, as far as is known without a consumer's position? Else *ret_fault says why not. */
bool replace_is_possible(const struct replace_terms *terms, const struct step *step, const char **ret_fault);

/* Why a consumer of that configuration fits no work queue; NULL: it does. No server looks at it in a restore, and then some get nothing. */
const char *replace_queue_misfit(struct arena *arena, const char *name, const struct node *config);

/* What that costs, in words; and without what it is made anew where it is recreated. */
const char *replace_cost(struct arena *arena, const struct replace_terms *terms, const struct step *step);
const char *replace_loss(struct arena *arena, const struct step *step);

/* Such as "less than a second", "3 seconds". */
const char *replace_window_text(struct arena *arena, uint64_t milliseconds);

/* About how long publishers are turned away, in milliseconds. */
uint64_t replace_window_ms(const struct step *step, const struct target *target,
                           const struct replacement *replacement);

/* Does an option name the stream or bucket, to be made anew without what is in it? */
bool replace_is_recreated(const struct plan_options *options, const struct step *step);

/* Is a change refused by the server that another object would not have refused? */
bool replace_is_needed(const struct step *step);

/* Names in --replace that the manifest does not have are code_usage. Returns 0 or -1. */
int replace_check_names(const struct plan_options *options, const struct manifest *manifest,
                        struct diags *diags);

/* Divides migrations and recreations into their two parts: made anew first, and then the rest. Called before they are ordered. */
void replace_divide(struct arena *arena, struct plan *plan);

#endif
