/*
 * Saved plan: a plan as `plan --out` writes it and `apply FILE` reads it, with the options that it was made with.
 *
 * It is carried out by planning anew and comparing: what is applied is the new plan, after it was found to be the saved one. So a
 * saved plan is never trusted with anything, and whatever changed since is found and named.
 *
 *     saved_plan_node(arena, &options, plan_json(arena, plan));        to be written
 *     saved_plan_read(arena, &source, &saved, diags);                  back
 *     saved_plan_compare(&saved, manifest, plan, plan_json(…), diags)  against a new plan with the same options
 */
#ifndef PLAN_SAVED_H
#define PLAN_SAVED_H

#include "base/diag.h"
#include "plan/plan.h"
#include "syntax/node.h"

extern const struct diag_code code_stale_plan;
extern const struct diag_code code_plan_file;

/* The major number says whether this natsform can read it. */
#define SAVED_PLAN_VERSION "1.0"

struct saved_texts {
    const char **items;
    size_t count;
};

/* What the plan depends on beside manifest and server, as it was given. Nothing here is secret. */
struct saved_options {
    struct saved_texts files;
    struct saved_texts env_files;
    struct saved_texts allow_loss;
    bool destroy;
    bool prune;
};

struct saved_plan {
    const struct source *source;
    struct saved_options options;
    const struct node *plan; /* in the shape of plan_json() */
};

struct node *saved_plan_node(struct arena *arena, const struct saved_options *options, struct node *plan);

/* Is it the beginning of a saved plan, whole or not? */
bool saved_plan_begins(const char *text, size_t length);

/*
 * Reads one. Returns 0, or -1 with what is wrong: code_usage for what is no saved plan at all, code_plan_file for a damaged one,
 * code_stale_plan for one of a natsform that this one does not understand.
 */
int saved_plan_read(struct arena *arena, const struct source *source, struct saved_plan *ret_saved,
                    struct diags *diags);

/*
 * Does the new plan do what the saved one does, to the same server? `now` is its plan_json(). Returns 0, or -1 with a code_stale_plan
 * for each object that changed.
 */
int saved_plan_compare(struct arena *arena, const struct saved_plan *saved, const struct manifest *manifest,
                       const struct plan *plan, const struct node *now, struct diags *diags);

#endif
