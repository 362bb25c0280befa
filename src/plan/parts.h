/*
 * Parts: steps that are done in two requests. An interest stream captures messages only when its consumers are there, and a stream
 * that moves and gets another number of copies does the one after the other.
 */
#ifndef PLAN_PARTS_H
#define PLAN_PARTS_H

#include "plan/plan.h"

/* Fills `first` and `late` of such steps, and `awaits` of those that wait for consumers. Called before they are ordered. */
void parts_divide(struct arena *arena, struct plan *plan);

#endif
