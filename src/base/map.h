/*
 * Map: string keys to pointers, in an arena. Keys are not copied. Iteration (`entries`) is in the order of
 * insertion, so the same input always gives the same output. Nothing can be removed.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct map_entry {
    const char *key;
    void *value;
    uint32_t hash;
};

struct map {
    struct arena *arena;
    struct map_entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* index into entries + 1, 0 is free */
    size_t slot_count;
};

void map_init(struct map *map, struct arena *arena);

/* Adds or replaces. Returns the value that was there before, or NULL. */
void *map_put(struct map *map, const char *key, void *value);
void *map_get(const struct map *map, const char *key); /* NULL when absent */

#endif
