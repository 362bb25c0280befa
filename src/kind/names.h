/*
 * Names of objects: their keys in maps, and names that natsform uses for itself.
 */
#ifndef KIND_NAMES_H
#define KIND_NAMES_H

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"

/* The key of a consumer in maps: "STREAM CONSUMER". Names have no blanks. */
const char *resource_key(struct arena *arena, const char *stream, const char *consumer);

/* Is it a lock's stream (apply/lock.h)? No plan, export or prune shows those. */
#define LOCK_STREAM_PREFIX "natsform_lock_"
#define LOCK_SUBJECT_PREFIX "$natsform.lock."

static inline bool stream_name_is_reserved(const char *name)
{
    return strncmp(name, LOCK_STREAM_PREFIX, strlen(LOCK_STREAM_PREFIX)) == 0;
}

#endif
