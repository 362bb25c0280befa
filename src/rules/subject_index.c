/*
 * A tree of subjects' tokens; see subject_index.h. Accounts may have thousands of streams. Comparing each subject
 * with each other one takes too long there.
 */
#include "rules/subject_index.h"

#include <string.h>

#include "base/map.h"
#include "base/vec.h"

struct owned {
    const char *subject;
    void *owner;
};

struct subject_index {
    struct arena *arena;
    struct map children;         /* by token, "*" among them, to struct subject_index */
    VEC(struct owned) here;      /* subjects that end here */
    VEC(struct owned) from_here; /* subjects that go on with ">" */
};

struct search {
    subject_found *found;
    void *context;
    bool done;
};

struct subject_index *subject_index_new(struct arena *arena)
{
    struct subject_index *index = ARENA_NEW(arena, struct subject_index);
    index->arena = arena;
    map_init(&index->children, arena);
    return index;
}

/* The first token of *cursor, which moves on to the next or to NULL. */
static const char *next_token(struct arena *arena, const char **cursor)
{
    size_t length = strcspn(*cursor, ".");
    const char *token = arena_strndup(arena, *cursor, length);
    *cursor = (*cursor)[length] ? *cursor + length + 1 : NULL;
    return token;
}

void subject_index_add(struct subject_index *index, const char *subject, void *owner)
{
    struct owned owned = {subject, owner};
    const char *cursor = subject;
    while (cursor) {
        const char *token = next_token(index->arena, &cursor);
        if (!cursor && strcmp(token, ">") == 0) {
            VEC_PUSH(index->arena, &index->from_here, owned);
            return;
        }
        struct subject_index *child = map_get(&index->children, token);
        if (!child) {
            child = subject_index_new(index->arena);
            map_put(&index->children, token, child);
        }
        index = child;
    }
    VEC_PUSH(index->arena, &index->here, owned);
}

/* Whoever asks may stop the search by returning false: often one finding is enough. */
static void tell(struct search *search, const struct owned *items, size_t count)
{
    for (size_t i = 0; i < count && !search->done; i++)
        search->done = !search->found(search->context, items[i].subject, items[i].owner);
}

/* Everything that has at least one more token. */
static void find_below(const struct subject_index *index, struct search *search)
{
    tell(search, index->from_here.items, index->from_here.count);
    for (size_t i = 0; i < index->children.count && !search->done; i++) {
        const struct subject_index *child = index->children.entries[i].value;
        tell(search, child->here.items, child->here.count);
        find_below(child, search);
    }
}

static void find(const struct subject_index *index, const char *cursor, struct search *search)
{
    if (!cursor) {
        tell(search, index->here.items, index->here.count);
        return;
    }
    const char *rest = cursor;
    const char *token = next_token(index->arena, &rest);
    if (!rest && strcmp(token, ">") == 0) {
        find_below(index, search);
        return;
    }
    tell(search, index->from_here.items, index->from_here.count);
    /* A wildcard of the question meets every token of the index, and each wildcard of the index meets every token. */
    if (strcmp(token, "*") == 0) {
        for (size_t i = 0; i < index->children.count && !search->done; i++)
            find(index->children.entries[i].value, rest, search);
        return;
    }
    const struct subject_index *same = map_get(&index->children, token);
    const struct subject_index *any = map_get(&index->children, "*");
    if (same && !search->done)
        find(same, rest, search);
    if (any && !search->done)
        find(any, rest, search);
}

void subject_index_find(const struct subject_index *index, const char *subject, subject_found *found,
                        void *context)
{
    struct search search = {.found = found, .context = context};
    find(index, subject, &search);
}
