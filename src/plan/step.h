/*
 * Steps: how one is made, and how it is shown. A bucket is planned as its stream; its label, the names of its fields and their
 * values are the bucket's own.
 */
#ifndef PLAN_STEP_H
#define PLAN_STEP_H

#include "plan/plan.h"

/* For an object of a manifest, from `live` (NULL: there is none yet) to what the manifest says. */
struct step *step_new(struct arena *arena, enum action action, struct resource *resource,
                      struct object *live);
/* For an object that no manifest defines. It is copied, decoded, and shown as the bucket that it is, if it is one. */
struct step *step_of_live(struct arena *arena, enum action action, const struct live_object *live,
                          const struct target *target);
/* The same step from another live object on, not compared yet. */
struct step step_from(const struct step *step, struct object *live);

/* Its object, as it was read. */
struct live_object step_as_read(const struct step *step);

/* For qsort() of pointers: streams before consumers, each by name; of one name, by index. */
int step_compare(const void *left, const void *right);
void plan_add(struct arena *arena, struct plan *plan, struct step *step);

/* The table and the name under which people know the step's object. */
const struct table *step_kind(const struct step *step);
const char *step_shown_name(const struct step *step);

/* The step's live or wanted configuration as people know it; for a bucket it is made in the arena. NULL gives NULL. */
const struct object *step_shown(struct arena *arena, const struct step *step, const struct object *config);

/* What the step changes of that field; NULL: nothing. By its id, `step` may be NULL. */
struct change *step_change(const struct step *step, const struct field *field);
struct change *step_change_by_id(const struct step *step, unsigned id);

/* Does the consumer want messages that it did not want before? */
bool step_wants_more(const struct step *consumer);

/* Fills `shown` of every change. compare_objects() calls it. Call it again if `before` was changed since. */
void step_show_changes(struct arena *arena, struct step *step);

#endif
