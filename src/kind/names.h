/*
 * Names of objects: the keys under which they are kept in maps, and those that natsform has for itself.
 */
#ifndef KIND_NAMES_H
#define KIND_NAMES_H

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"

/* "STREAM CONSUMER": one text for both. */
const char *resource_key(struct arena *arena, const char *stream, const char *consumer);

/* Streams of apply/lock.h. They are nobody's: no plan, export or prune ever shows one. */
#define LOCK_STREAM_PREFIX "natsform_lock_"
#define LOCK_SUBJECT_PREFIX "$natsform.lock."

static inline bool stream_name_is_reserved(const char *name)
{
    return strncmp(name, LOCK_STREAM_PREFIX, strlen(LOCK_STREAM_PREFIX)) == 0;
}

#endif
