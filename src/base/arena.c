/*
 * Stage memory; see arena.h. Blocks double up to a bound, so a small run stays small. Blocks of the largest size are huge
 * pages, where the system has them: one page fault instead of 512.
 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sanitizer.h"

enum { BLOCK_FIRST = 16 * 1024, BLOCK_MOST = 2 * 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    bool is_huge; /* mapped, not allocated: BLOCK_MOST bytes with this head */
    _Alignas(ARENA_ALIGNMENT) unsigned char bytes[];
};

/*
 * No caller checks for NULL. A run may be cut off at any moment anyway, and the next one copes with that, so this is
 * one more way of being cut off. No diagnostic is made of it: that would need memory, too.
 */
static void out_of_memory(void)
{
    fputs("natsform: out of memory\n", stderr);
    abort();
}

/* Zero bytes are one byte: calloc(0) may give NULL, which would look like a failure. */
void *base_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *base_realloc(void *memory, size_t size)
{
    void *grown = realloc(memory, size ? size : 1);
    if (!grown)
        out_of_memory();
    return grown;
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        if (block->is_huge)
            munmap(block, BLOCK_MOST);
        else
            free(block);
        block = next;
    }
}

void arena_release(struct arena *arena)
{
    free_blocks(arena->block);
    *arena = (struct arena){0};
}

/* Clears what was used, and no more: arena_alloc() promises zeroed memory, and a scratch arena is reset for each live object. */
void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->block;
    if (!kept)
        return;
    free_blocks(kept->next);
    kept->next = NULL;
    memset(kept->bytes, 0, (size_t)(arena->free - kept->bytes));
    arena->free = kept->bytes;
    arena->total = kept->size;
}

/*
 * Zeroed and aligned to its size, which is that of a huge page; NULL when there is no room for that. mmap() aligns to small pages
 * only, so twice the size is mapped, and what lies before and behind the aligned block is given back.
 */
static struct arena_block *map_huge_block(void)
{
    unsigned char *memory =
        mmap(NULL, (size_t)2 * BLOCK_MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)memory % BLOCK_MOST;
    if (before)
        munmap(memory, before);
    munmap(memory + before + BLOCK_MOST, BLOCK_MOST - before);
    struct arena_block *block = (struct arena_block *)(memory + before);
#ifdef MADV_HUGEPAGE
    madvise(block, BLOCK_MOST, MADV_HUGEPAGE); /* a wish; small pages do as well */
#endif
    block->is_huge = true;
    return block;
}

static void add_block(struct arena *arena, size_t least)
{
    size_t size = arena->block ? arena->block->size * 2 : BLOCK_FIRST;
    if (size > BLOCK_MOST - sizeof(struct arena_block))
        size = BLOCK_MOST - sizeof(struct arena_block);
    bool is_huge = size + sizeof(struct arena_block) == BLOCK_MOST && least <= size;
    if (size < least)
        size = least;
    /* The leak checker does not search mapped memory for pointers, and would take all that a mapped block points to for lost. */
    struct arena_block *block = !IS_SANITIZED && is_huge ? map_huge_block() : NULL;
    if (!block)
        block = base_alloc(sizeof(*block) + size); /* zeroed: large ones by the kernel */
    block->next = arena->block;
    block->size = size;
    arena->block = block;
    arena->free = block->bytes;
    arena->end = block->bytes + size;
    arena->total += size;
}

void *arena_alloc_block(struct arena *arena, size_t size)
{
    /* Rounding up below would wrap around. */
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size_t need = (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    add_block(arena, need);
    arena->free += need;
    return arena->free - need;
}

/* The old items stay where they are: others may point to them, and an arena gives nothing back one by one. */
void *arena_grow(struct arena *arena, const void *items, size_t count, size_t capacity, size_t size)
{
    void *grown = arena_alloc(arena, capacity * size);
    if (count)
        memcpy(grown, items, count * size);
    return grown;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

/*
 * Measured first, then written: an arena cannot grow a text in place. A text that vsnprintf() cannot make is empty, not
 * NULL.
 */
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = arena_alloc(arena, length < 0 ? 1 : (size_t)length + 1);
    if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}
