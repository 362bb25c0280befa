/*
 * File locks: whoever has one is the only one, until it is closed everywhere or its holders end, however that happens.
 */
#ifndef BASE_FILE_LOCK_H
#define BASE_FILE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Is what is open there still what has that path? */
bool file_is_at(int fd, const char *path);

/*
 * Locks the file of that path, which is made when it is not there and `make` says so; only its owner may read it. Returns 0 with a
 * descriptor, 1 when somebody else has the lock, and for so long, or -1 with an errno.
 */
int file_lock(const char *path, bool make, int64_t most_ms, int *ret_fd);
/* Writes into the file who has the lock. Returns 0, or -1 with an errno. */
int file_lock_sign(int fd, const char *text);

#endif
