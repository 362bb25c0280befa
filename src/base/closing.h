/*
 * Closing: what the end of a scope closes.
 *
 *     int fd __attribute__((cleanup(close_fd))) = open(path, O_RDONLY | O_CLOEXEC);
 */
#ifndef BASE_CLOSING_H
#define BASE_CLOSING_H

#include <dirent.h>
#include <unistd.h>

static inline void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void close_directory(DIR *const *directory)
{
    if (*directory)
        closedir(*directory);
}

#endif
