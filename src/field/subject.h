/* Subjects, what they may be transformed to, and names: what is wrong with them by the rules of nats-server. */
#ifndef FIELD_SUBJECT_H
#define FIELD_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * ---- subject ----
 * The algebra of subjects, as nats-server has it: tokens between dots, '*' for one token, '>' at the end
 * for one and more. "a*" and "b>" are literal tokens.
 */

bool subject_is_valid(const char *subject);
/* Valid and without a wildcard token. */
bool subject_is_literal(const char *subject);
/* Is there a subject that both match? */
bool subjects_collide(const char *a, const char *b);
/* Is every subject that `a` matches also matched by `b`? */
bool subject_is_subset(const char *a, const char *b);

/*
 * ---- name fault ----
 * What is wrong with a name, by the rules of nats-server and of the official clients.
 */

/* Why a stream, consumer or durable may not have that name, or NULL. */
const char *name_fault(const char *name);
/* Why official clients would not open a bucket of that name, its length apart, or NULL. */
const char *bucket_name_fault(const char *name);

/*
 * ---- subject transform ----
 * Can a server make this destination out of that source? nats-server's own rules, which differ by version
 * and by what the transform is for.
 */

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
