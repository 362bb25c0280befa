/*
 * Respell: a live value as the manifest would say it, in the manner of what stands there: 7d becomes 8d, 168h becomes 192h, 1GiB
 * becomes 2GiB, as long as it is exact.
 */
#ifndef FIELD_SAME_UNITS_H
#define FIELD_SAME_UNITS_H

#include "field/value.h"

/* `old` is the text that stands there; NULL when there is none. Nothing (an absent value) is said in so many words: 0, unlimited, null. */
struct node *value_respell(struct arena *arena, const struct field *field, const struct value *value,
                           const char *old);

#endif
