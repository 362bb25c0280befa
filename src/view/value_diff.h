/*
 * What differs between two values, for people: "1d -> 7d" where that is readable, and otherwise one element of a list, a map
 * or a long text per line, with "-" before what goes and "+" before what comes.
 */
#ifndef VIEW_VALUE_DIFF_H
#define VIEW_VALUE_DIFF_H

#include "plan/plan.h"
#include "view/style.h"

/* Is the difference told in lines of its own, below the field's name? */
bool value_diff_has_lines(struct arena *arena, const struct shown *shown);

/* Prints these lines, or "1d -> 7d" without a newline. Marks of natsform's own in metadata are left out. */
void view_value_diff(const struct style *style, struct arena *arena, const struct shown *shown);

/* The metadata without natsform's marks; absent if it has nothing else. */
struct value value_without_marks(struct arena *arena, const struct value *value);

#endif
