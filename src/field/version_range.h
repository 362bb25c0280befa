/*
 * Version range: which nats-server versions somebody asks about, as users of semantic versions write it.
 *
 *     2.10.27            that version
 *     2.10, 2.10.x       any of its patches
 *     2.9-2.12           from the first to the last, any of its patches included; also 2.9..2.12 and "2.9 - 2.12"
 *     >=2.10, <2.12      comparisons; several by blanks or commas must hold together
 *     ~2.10.3, ^2.10     that or newer, with the same minor or major version
 */
#ifndef FIELD_VERSION_RANGE_H
#define FIELD_VERSION_RANGE_H

#include "field/version.h"

struct version_range {
    uint32_t least; /* both included */
    uint32_t most;  /* UINT32_MAX: without end */
};

/* Returns NULL, or what is wrong with the text: lower case, for after "…: ". */
const char *version_range_parse(const char *text, struct version_range *ret_range);
bool version_range_is_exact(const struct version_range *range);

/* Versions at which something changes, sorted; to be asked in turn. */
struct version_points {
    uint32_t *items;
    size_t count;
};

struct table;
/* Adds a version inside the range, once. VERSION_UNKNOWN adds nothing. */
void version_points_add(struct arena *arena, struct version_points *points, const struct version_range *range,
                        uint32_t version);
/* Adds the first version of each field, choice and constraint of a table and of those below it. */
void version_points_add_table(struct arena *arena, struct version_points *points,
                              const struct version_range *range, const struct table *table);

#endif
