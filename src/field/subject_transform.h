/*
 * Transforms of subjects: can a server make this destination out of that source? nats-server's own rules, which differ by version
 * and by what the transform is for.
 */
#ifndef FIELD_SUBJECT_TRANSFORM_H
#define FIELD_SUBJECT_TRANSFORM_H

#include <stdint.h>

#include "base/arena.h"

enum transform_use {
    TRANSFORM_STREAM,
    TRANSFORM_MIRROR,
    TRANSFORM_SOURCE,
    TRANSFORM_REPUBLISH,
};

/*
 * What is wrong, in the form "… has no '*'" after the destination's name; NULL when nothing is. `source` may be "" or NULL
 * for ">"; without a destination nothing is transformed. The text is in the arena.
 */
const char *transform_fault(struct arena *arena, const char *source, const char *destination,
                            enum transform_use use, uint32_t version);

/* The same of an object with the rows of a transform, as a diagnostic. */
struct diags;
struct object;
void check_transform(const struct object *transform, enum transform_use use, uint32_t version, int err_code,
                     struct diags *diags);

#endif
