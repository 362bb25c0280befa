/* Differences as text: of two texts, of two values of a field, and of all that a plan changes. */
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
 * ---- value diff ----
 * What differs between two values of a field, in the units of manifests, without natsform's own marks.
 */

/* Is it told in lines of its own, below the field's name? */
bool value_diff_has_lines(struct arena *arena, const struct shown *shown);
/* Prints these lines, or "1d -> 7d" without a newline. */
void view_value_diff(const struct style *style, struct arena *arena, const struct shown *shown);

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
