/*
 * Scope: what is let go at the end of the scope that it is declared in, whichever way that ends.
 *
 *     int fd SCOPED(close_fd) = open(path, O_RDONLY | O_CLOEXEC);
 *     struct strbuf text SCOPED(strbuf_release) = {0};
 *     struct diags unheard SCOPED(diags_release) = {0};
 */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define SCOPED(release) __attribute__((cleanup(release)))

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

static inline void free_text(char *const *text)
{
    free(*text);
}

#endif
