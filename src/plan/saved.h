/*
 * Saved plan: a plan with its options, as `plan --out` writes it and `apply FILE` reads it.
 *
 * To carry it out, a new plan is made and compared with it. If they are equal, the new plan is applied. So nothing in
 * the file has to be trusted, and every change since is found and named.
 *
 *     saved_plan_node(arena, &options, plan_json(arena, plan));        to be written
 *     saved_plan_read(arena, &source, &saved, diags);                  back
 *     saved_plan_compare(&saved, manifest, plan, plan_json(…), diags)  against a new plan with the same options
 *
 * A plan that was shown, with a question, is compared in the same way with the one that is carried out after the answer.
 */
#ifndef PLAN_SAVED_H
#define PLAN_SAVED_H

#include "base/diag.h"
#include "plan/plan.h"
#include "syntax/node.h"

extern const struct diag_code code_stale_plan;
extern const struct diag_code code_plan_file;

/* The version of the file's format. This natsform reads files with the same major number. */
#define SAVED_PLAN_VERSION "1.0"

struct saved_texts {
    const char **items;
    size_t count;
};

/* The options that the plan depends on, as they were given. None of them is secret. */
struct saved_options {
    struct saved_texts files;
    struct saved_texts env_files;
    struct saved_texts allow_loss;
    bool destroy;
    bool prune;
};

struct saved_plan {
    const struct source *source; /* NULL: it was never a file, but shown */
    bool counts; /* more messages that go are a difference; else that any do, where none did */
    struct saved_options options;
    const struct node *plan; /* as plan_json() makes it */
};

struct node *saved_plan_node(struct arena *arena, const struct saved_options *options, struct node *plan);

/* Does the text begin like a saved plan? It may be cut off. */
bool saved_plan_begins(const char *text, size_t length);

/*
 * Reads one. Returns 0, or -1 with what is wrong: code_usage for what is no saved plan at all, code_plan_file for a damaged one,
 * code_stale_plan for one of a natsform that this one does not understand.
 */
int saved_plan_read(struct arena *arena, const struct source *source, struct saved_plan *ret_saved,
                    struct diags *diags);

/*
 * Does the new plan do what the saved one does, to the same server? `now` is its plan_json(). Returns 0, or -1 with a
 * code_stale_plan for each object that changed.
 */
int saved_plan_compare(struct arena *arena, const struct saved_plan *saved, const struct manifest *manifest,
                       const struct plan *plan, const struct node *now, struct diags *diags);

#endif
