/*
 * Hold: an interest stream drops, and acknowledges, what no consumer waits for. So if consumers are made or get other
 * filters in the same plan, what the stream captures has to wait for them. Its step is then done in two parts: the first
 * before the consumers, without what must wait, and the rest after them.
 *
 *   subjects, sources   the new ones come last; a new stream has a subject of its own until then
 *   retention           what has messages or is a mirror keeps `limits` until then
 *   all of it           before 2.10 a consumer's filter has to match the subjects: until then the stream neither takes nor
 *                       acknowledges a message
 */
#ifndef PLAN_HOLD_H
#define PLAN_HOLD_H

#include "plan/plan.h"

/* Fills `awaits`, `late` and `first` of the steps of such streams. */
void hold_streams(struct arena *arena, struct plan *plan);

#endif
