/*
 * Order: which steps of a plan wait for which others, and what may be done at once.
 *
 *   a consumer            for its stream
 *   a mirror or a stream with sources   for its origins (soft), and for the consumers it reads them through; up to 2.13
 *                         also for all consumers of an origin that is a work queue
 *   a stream that claims a subject      for the stream that releases it, which waits (soft) for whatever else the other needs
 *   an interest stream that captures more  for its consumers, which wait for its first part: hold_streams()
 *   a stream that changes consumer_limits  for its consumers that go below them first, or go
 *   a consumer of a work queue             for those of the queue that go, or that give up a filter which it takes
 *   an origin that goes   for its mirrors that go (soft)
 */
#ifndef PLAN_ORDER_H
#define PLAN_ORDER_H

#include "base/diag.h"
#include "plan/plan.h"

/* Each step stands where its object would stand in a manifest of both; what goes, before another one of its name. */
void plan_sort(struct plan *plan);
/* Sorts the steps into ranks by what they need. Cycles that cannot be broken are code_cycle. */
void plan_order(struct arena *arena, struct plan *plan, struct diags *diags);

#endif
