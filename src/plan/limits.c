/* Consumer limits of streams; see limits.h. */
#include "plan/limits.h"

#include "kind/kinds.h"

/* Each limit, and what it bounds. */
static const struct {
    unsigned limit;
    unsigned bounded;
} bounds[] = {
    {LIMITS_INACTIVE_THRESHOLD, CONSUMER_INACTIVE_THRESHOLD},
    {LIMITS_MAX_ACK_PENDING, CONSUMER_MAX_ACK_PENDING},
};

static int64_t limit_of(const struct object *stream, unsigned id)
{
    const struct object *limits = object_object(stream, STREAM_CONSUMER_LIMITS);
    return limits ? object_integer(limits, id) : 0;
}

/* Before 2.12.12, and in 2.14.0 to 2.14.2, no limit counts as one of 0. Unlimited is -1, and never too much. */
static bool exceeds(int64_t value, int64_t limit, uint32_t version)
{
    bool none_is_zero = !version_has(version, VERSION(2, 12, 12)) ||
                        (version_has(version, VERSION(2, 14, 0)) && !version_has(version, VERSION(2, 14, 3)));
    return value > limit && (limit > 0 || none_is_zero);
}

/* Left out, it would be filled in with the limit. */
static bool fits_under(int64_t value, int64_t limit)
{
    return limit <= 0 || value < 0 || (value > 0 && value <= limit);
}

enum limits_order limits_order_of(const struct limits_change *change, uint32_t version,
                                  const struct field **ret_field)
{
    enum limits_order order = LIMITS_ANY_ORDER;
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        int64_t limit = limit_of(change->stream_wanted, bounds[i].limit);
        int64_t wanted = object_integer(change->consumer_wanted, bounds[i].bounded);
        if (!exceeds(object_integer(change->consumer_live, bounds[i].bounded), limit, version))
            continue;
        order = LIMITS_CONSUMER_FIRST;
        if (!exceeds(wanted, limit, version) &&
            fits_under(wanted, limit_of(change->stream_live, bounds[i].limit)))
            continue;
        if (ret_field)
            *ret_field = table_field_by_id(change->consumer_wanted->table, bounds[i].bounded);
        return LIMITS_REFUSED;
    }
    return order;
}
