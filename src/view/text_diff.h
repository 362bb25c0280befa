/* Unified diffs in colours, as `git apply` and reviewers know them: of texts, and of what a plan changes. */
#ifndef VIEW_TEXT_DIFF_H
#define VIEW_TEXT_DIFF_H

#include "base/source.h"
#include "plan/plan.h"
#include "view/style.h"

/*
 * ---- text diff ----
 * Unified diffs in colours, as `git apply` and reviewers know them.
 */

/* The same, with the names of both files above. */
int view_text_diff(const struct style *style, const struct source *before, const struct source *after);

/*
 * ---- plan diff ----
 * Prints a plan as a unified diff of YAML, from what the server has to what the manifest says.
 */

/* With what the paths of each side begin. */
struct diff_sides {
    const char *before;
    const char *after;
};

/* The lines that differ of one step, without names of files and without colours. In the arena; "" if nothing differs. */
const char *view_step_diff(struct arena *arena, const struct step *step);

/* Returns 0, or -1 if the diff could not be made. */
int view_plan_diff(const struct style *style, const struct plan *plan, const struct diff_sides *sides);

#endif
