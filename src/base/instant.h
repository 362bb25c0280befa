/*
 * Instant: a point in time, from and to RFC 3339 text with up to nine digits of a second, as in the JetStream
 * API. Two texts with different offsets may be the same instant. Servers before 2.10 compare the texts
 * (nats-server 2.9.10 refuses the same instant in another zone), so keep the original text for sending.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct instant {
    int64_t seconds; /* since 1970-01-01T00:00:00Z; year 1 to 9999 */
    int32_t nanos;   /* 0 to 999,999,999 */
};

/* Strict: YYYY-MM-DDThh:mm:ss[.fraction](Z|+hh:mm|-hh:mm), a real calendar date. */
bool instant_parse(const char *text, struct instant *ret_instant);
const char *instant_format(struct arena *arena, struct instant instant); /* in UTC */
/* "20261224T180000Z", for names of files: in the order of time, and without colons, which other systems do not take. */
const char *instant_name(struct arena *arena, struct instant instant);
int instant_compare(struct instant a, struct instant b); /* <0, 0, >0 */

#endif
