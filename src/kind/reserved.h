/*
 * Reserved: names of streams that natsform makes for itself. They are nobody's: no plan, export or prune ever shows one.
 */
#ifndef KIND_RESERVED_H
#define KIND_RESERVED_H

#include <stdbool.h>
#include <string.h>

/* Streams of apply/lock.h. */
#define LOCK_STREAM_PREFIX "natsform_lock_"
#define LOCK_SUBJECT_PREFIX "$natsform.lock."

static inline bool stream_name_is_reserved(const char *name)
{
    return strncmp(name, LOCK_STREAM_PREFIX, strlen(LOCK_STREAM_PREFIX)) == 0;
}

#endif
