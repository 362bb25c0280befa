/*
 * Compare: finds the differences between a wanted and a live object, row by row, and what the server's update rules say
 * about each.
 */
#ifndef PLAN_COMPARE_H
#define PLAN_COMPARE_H

#include "field/normalise.h"
#include "plan/plan.h"

/* Fills step->changes and step->keep. Both objects must be normalised. Returns the number of changes. */
size_t compare_objects(struct arena *arena, struct step *step, const struct target *target);

/*
 * The same for an object that is to be adopted: compared as if it had the project's marks, while the step begins with
 * what was read. False, and nothing is done, if it has an owner.
 */
bool compare_adopting(struct arena *arena, struct step *step, const char *project,
                      const struct target *target);

/*
 * Is a live configuration, as the server sent it, certainly equal to what is wanted (which is normalised)? This is a
 * quick look without decoding the object, because most of what a plan reads is in sync. If it says false,
 * compare_objects() has to decide.
 */
bool compare_is_in_sync(struct arena *scratch, const struct object *wanted, const struct node *live,
                        struct instant now);

/* Does a field keep the server from updating the object at all? */
bool compare_frozen(const struct object *live, uint32_t version);

/* Does the rule allow to change the field of an existing object from one value to the other? */
bool update_is_allowed(const struct update_rule *rule, const struct field *field, const struct value *before,
                       const struct value *after, bool clustered);

#endif
