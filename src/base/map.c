/*
 * A hash table with open addressing; see map.h. Slots hold indexes into a dense array of entries in the order of
 * insertion. There are twice as many slots as entries have room, and always a power of two, so a search ends after a few
 * steps.
 */
#include "base/map.h"

#include <string.h>

static uint32_t hash_of(const char *key)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 16777619u;
    return hash;
}

void map_init(struct map *map, struct arena *arena)
{
    *map = (struct map){.arena = arena};
}

/* Ends at a free slot at the latest: at most half of them are taken. A slot holds index + 1, because 0 means free. */
static uint32_t *find_slot(const struct map *map, const char *key, uint32_t hash)
{
    size_t at = hash & (map->slot_count - 1);
    while (map->slots[at]) {
        const struct map_entry *entry = &map->entries[map->slots[at] - 1];
        if (entry->hash == hash && strcmp(entry->key, key) == 0)
            break;
        at = (at + 1) & (map->slot_count - 1);
    }
    return &map->slots[at];
}

/* The old arrays stay in the arena: together they are as large as the new ones. */
static void grow(struct map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 8;
    map->entries = arena_grow(map->arena, map->entries, map->count, capacity, sizeof(*map->entries));
    map->capacity = capacity;
    map->slot_count = capacity * 2;
    map->slots = ARENA_ARRAY(map->arena, uint32_t, map->slot_count);
    for (size_t i = 0; i < map->count; i++)
        *find_slot(map, map->entries[i].key, map->entries[i].hash) = (uint32_t)i + 1;
}

/* Room is made before the search: growing moves all slots, so a slot that was found before would be lost. */
void *map_put(struct map *map, const char *key, void *value)
{
    if (map->count == map->capacity)
        grow(map);
    uint32_t hash = hash_of(key);
    uint32_t *slot = find_slot(map, key, hash);
    if (*slot) {
        void *before = map->entries[*slot - 1].value;
        map->entries[*slot - 1].value = value;
        return before;
    }
    map->entries[map->count++] = (struct map_entry){.key = key, .value = value, .hash = hash};
    *slot = (uint32_t)map->count;
    return NULL;
}

void *map_get(const struct map *map, const char *key)
{
    if (!map->count)
        return NULL;
    const uint32_t *slot = find_slot(map, key, hash_of(key));
    return *slot ? map->entries[*slot - 1].value : NULL;
}
