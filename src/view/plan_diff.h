/*
 * Prints a plan as a unified diff of YAML, from what the server has to what the manifest says.
 */
#ifndef VIEW_PLAN_DIFF_H
#define VIEW_PLAN_DIFF_H

#include "plan/plan.h"
#include "view/style.h"

/* With what the paths of each side begin. */
struct diff_sides {
    const char *before;
    const char *after;
};

/* Returns 0, or -1 if the diff could not be made. */
int view_plan_diff(const struct style *style, const struct plan *plan, const struct diff_sides *sides);

#endif
