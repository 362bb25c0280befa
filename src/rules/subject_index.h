/*
 * Subject index: which of many subjects collide with a given one, without comparing it with each. A tree by tokens.
 *
 *     struct subject_index *index = subject_index_new(arena);
 *     subject_index_add(index, "orders.*.new", stream);
 *     subject_index_find(index, "orders.>", found, context);
 */
#ifndef RULES_SUBJECT_INDEX_H
#define RULES_SUBJECT_INDEX_H

#include <stdbool.h>

#include "base/arena.h"

struct subject_index;

struct subject_index *subject_index_new(struct arena *arena);
/* The subject must be valid; it and its owner are kept by reference. */
void subject_index_add(struct subject_index *index, const char *subject, void *owner);

/* Returns false to be told of no more. */
typedef bool subject_found(void *context, const char *subject, void *owner);
/* Calls for each subject that collides, as subjects_collide() has it, in an order that depends on the additions only. */
void subject_index_find(const struct subject_index *index, const char *subject, subject_found *found,
                        void *context);

#endif
