/*
 * Same units: writes a live value in the units of the old text, if that is exact: 7d becomes 8d, 168h becomes 192h, 1GiB
 * becomes 2GiB.
 */
#ifndef FIELD_SAME_UNITS_H
#define FIELD_SAME_UNITS_H

#include "field/value.h"

/* `old` is the old text; NULL: there is none. An absent value is written as a word: 0, unlimited, null. */
struct node *value_respell(struct arena *arena, const struct field *field, const struct value *value,
                           const char *old);

#endif
