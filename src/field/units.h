/*
 * Units: durations and sizes as people write them, to and from the wire's nanoseconds and bytes, exactly.
 *
 * Durations: numbers with units ns us ms s m h d w, largest first, fractions allowed: 250ms, 7d, 1h30m, 1.5s.
 * Sizes: the NATS configuration language: k m g t p are powers of 1000, kb ki kib … powers of 1024, in any case;
 * a bare number is bytes.
 */
#ifndef FIELD_UNITS_H
#define FIELD_UNITS_H

#include <stdint.h>

#include "base/arena.h"

enum units_fault {
    UNITS_OK,
    UNITS_MALFORMED,
    UNITS_NO_UNIT, /* a duration other than 0 without a unit */
    UNITS_NEGATIVE,
    UNITS_TOO_BIG, /* beyond 63 bits: durations end at 292 years */
    UNITS_INEXACT, /* a fraction finer than a nanosecond or a byte */
};

enum units_fault duration_parse(const char *text, int64_t *ret_nanos);
enum units_fault size_parse(const char *text, int64_t *ret_bytes);

/* The shortest spelling that reads back to the same value: "1d12h", "90s" is "1m30s", "0". */
const char *duration_format(struct arena *arena, int64_t nanos);
/* The shortest spelling: "1GiB", "20m" (20 000 000), or the plain number. */
const char *size_format(struct arena *arena, int64_t bytes);

#endif
