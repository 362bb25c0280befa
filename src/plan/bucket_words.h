/*
 * Shown: steps in the words of the manifest. A bucket is planned as its stream; its label, the names of its fields and their values are
 * the bucket's own.
 */
#ifndef PLAN_BUCKET_WORDS_H
#define PLAN_BUCKET_WORDS_H

#include "plan/plan.h"

/* The table and the name by which people know the step's object. */
const struct table *step_kind(const struct step *step);
const char *step_shown_name(const struct step *step);

/* The step's live or wanted configuration (NULL stays NULL) as people know it; a bucket's is made in the arena. */
const struct object *step_shown(struct arena *arena, const struct step *step, const struct object *config);

/* Fills `shown` of every change. compare_objects() does it; once more when `before` was changed. */
void step_show_changes(struct arena *arena, struct step *step);

/* For a step without a resource: shows the live stream as the bucket that it is, if it is one. Sets the label. */
void step_recognise(struct arena *arena, struct step *step, uint32_t version);

#endif
