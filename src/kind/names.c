/* Keys of objects; see names.h. */
#include "kind/names.h"

const char *resource_key(struct arena *arena, const char *stream, const char *consumer)
{
    char *key = arena_alloc(arena, strlen(stream) + 1 + strlen(consumer) + 1);
    char *at = stpcpy(key, stream);
    *at++ = ' '; /* which names do not have */
    stpcpy(at, consumer);
    return key;
}
