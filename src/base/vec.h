/*
 * Vec: a growing array in an arena.
 *
 *     VEC(struct item *) items;            declares {items, count, capacity}; zeroed is empty
 *     VEC_PUSH(arena, &items, item);
 *     for (size_t i = 0; i < items.count; i++) use(items.items[i]);
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC(type)                                                                                            \
    struct {                                                                                                 \
        type *items;                                                                                         \
        size_t count;                                                                                        \
        size_t capacity;                                                                                     \
    }

#define VEC_PUSH(arena, vec, item)                                                                           \
    do {                                                                                                     \
        if ((vec)->count == (vec)->capacity) {                                                               \
            (vec)->capacity = (vec)->capacity ? (vec)->capacity * 2 : 8;                                     \
            (vec)->items =                                                                                   \
                arena_grow((arena), (vec)->items, (vec)->count, (vec)->capacity, sizeof((vec)->items[0]));   \
        }                                                                                                    \
        (vec)->items[(vec)->count++] = (item);                                                               \
    } while (0)

#endif
