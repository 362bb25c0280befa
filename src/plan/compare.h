/*
 * Compare: the differences between a wanted and a live object, row by row, and what the server's rules make of them.
 */
#ifndef PLAN_COMPARE_H
#define PLAN_COMPARE_H

#include "field/normalise.h"
#include "plan/plan.h"

/* Fills step->changes and step->keep. Both objects must be normalised. Returns the number of changes. */
size_t compare_objects(struct arena *arena, struct step *step, const struct target *target);

/*
 * Is a live configuration, as the server sent it, surely what is wanted (which is normalised)? A quick look at what is there,
 * without an object of its own: most of what a plan reads is in sync. When it is false, compare_objects() decides.
 */
bool compare_is_in_sync(struct arena *scratch, const struct object *wanted, const struct node *live,
                        struct instant now);

/* May the field of an existing object go from one value to the other, by the rule? */
bool update_is_allowed(const struct update_rule *rule, const struct field *field, const struct value *before,
                       const struct value *after, bool clustered);

#endif
