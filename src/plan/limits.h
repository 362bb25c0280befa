/*
 * Limits: what a stream's consumer limits and its existing consumers allow each other.
 *
 * A server refuses limits that a consumer exceeds (error 10069), so a consumer that goes down with them has to go
 * first; but until then it is under the old limits.
 */
#ifndef PLAN_LIMITS_H
#define PLAN_LIMITS_H

#include <stdint.h>

#include "field/value.h"

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

/* When refused, *ret_field is the consumer's field that exceeds its limit; ret_field may be NULL. */
enum limits_order limits_order_of(const struct limits_change *change, uint32_t version,
                                  const struct field **ret_field);

#endif
