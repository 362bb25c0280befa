/*
 * Order: which steps of a plan wait for which others, and what may be done at once.
 *
 *   a consumer            for its stream
 *   a mirror or a stream with sources   for its origins (soft), and for the consumers it reads them through
 *   a stream that claims a subject      for the stream that releases it, which waits (soft) for whatever else the other needs
 *   an interest stream that captures more  for its consumers, which wait for its first part: plan/hold.h
 *   a stream that changes consumer_limits  for its consumers that go below them first, or go
 *   a consumer of a work queue             for those of the queue that go, or that give up a filter which it takes
 *   an origin that goes   for its mirrors that go (soft)
 */
#ifndef PLAN_ORDER_H
#define PLAN_ORDER_H

#include "base/diag.h"
#include "plan/plan.h"

/* Sorts the steps into ranks by what they need. Cycles that cannot be broken are code_cycle. */
void plan_order(struct arena *arena, struct plan *plan, struct diags *diags);

/*
 * What a stream's consumer limits and its existing consumers allow each other. A server refuses limits that a consumer
 * exceeds (error 10069), so a consumer that goes down with them has to go first; but until then it is under the old
 * limits.
 */
enum limits_order {
    LIMITS_ANY_ORDER,
    LIMITS_CONSUMER_FIRST,
    LIMITS_REFUSED, /* in no order */
};

/* A stream and one of its consumers, as they are and as they will be. */
struct limits_change {
    const struct object *stream_live;
    const struct object *stream_wanted;
    const struct object *consumer_live;
    const struct object *consumer_wanted;
};

/* If it is refused, *ret_field is the consumer's field that exceeds its limit. ret_field may be NULL. */
enum limits_order limits_order_of(const struct limits_change *change, uint32_t version,
                                  const struct field **ret_field);

#endif
