/*
 * Arena: memory that lives as long as one stage (load, read, plan).
 *
 * Objects are carved out of large blocks and never freed one by one; arena_release() frees everything at
 * once. Out of memory ends the process with a message: no stage could go on, and nothing on the server is
 * touched while memory is being asked for.
 *
 *     struct arena arena;
 *     arena_init(&arena);
 *     char *copy = arena_strdup(&arena, text);
 *     arena_release(&arena);
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

enum { ARENA_ALIGNMENT = 16 };

struct arena {
    struct arena_block *block; /* newest first */
    unsigned char *free;       /* what is left of the newest: all of it zero */
    unsigned char *end;
    size_t total; /* bytes held in blocks */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Forgets every object but keeps the newest block, to be used again for the next page of replies. */
void arena_reset(struct arena *arena);

/* Only for arena_alloc(): begins a block that has room for `size` bytes, and takes them from it. */
void *arena_alloc_block(struct arena *arena, size_t size);

/* Zeroed memory of `size` bytes, aligned for any type. Inline: a large manifest asks for memory a million times. */
static inline void *arena_alloc(struct arena *arena, size_t size)
{
    size_t need = (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    unsigned char *memory = arena->free;
    if (need < size || need >= (size_t)(arena->end - memory))
        return arena_alloc_block(arena, size);
    arena->free = memory + need;
    return memory;
}

/* A copy of `count` items of `size` bytes each, with room for `capacity` of them. The old items stay where they are. */
void *arena_grow(struct arena *arena, const void *items, size_t count, size_t capacity, size_t size);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))

/* Heap memory for the few things that outlive an arena; ends the process when there is none. */
void *base_alloc(size_t size);
void *base_realloc(void *memory, size_t size);

#endif
