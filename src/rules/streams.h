/* Subjects of streams, found quickly; the rules about them are in streams.c. */
#ifndef RULES_STREAMS_H
#define RULES_STREAMS_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * ---- subject index ----
 * Finds out of many subjects those that overlap a given one, without comparing it with each. It is a tree
 * of tokens.
 *
 *     struct subject_index *index = subject_index_new(arena);
 *     subject_index_add(index, "orders.*.new", stream);
 *     subject_index_find(index, "orders.>", found, context);
 */

struct subject_index;

struct subject_index *subject_index_new(struct arena *arena);
/* Adds a valid subject. Neither it nor its owner is copied. */
void subject_index_add(struct subject_index *index, const char *subject, void *owner);

/* Returns false to end the search. */
typedef bool subject_found(void *context, const char *subject, void *owner);
/* Calls `found` for each subject that overlaps (subjects_collide()). The order depends only on the order of additions. */
void subject_index_find(const struct subject_index *index, const char *subject, subject_found *found,
                        void *context);

#endif
