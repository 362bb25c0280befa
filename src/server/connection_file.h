/*
 * Small files that connecting needs: contexts, credentials. Whole, as text, into an arena.
 */
#ifndef SERVER_CONNECTION_FILE_H
#define SERVER_CONNECTION_FILE_H

#include <stddef.h>

#include "base/arena.h"

enum { CONNECTION_FILE_MOST = 1024 * 1024 };

/* Returns 0 or an errno, such as EFBIG past CONNECTION_FILE_MOST bytes. A NUL follows the text. */
int connection_file_read(struct arena *arena, const char *path, const char **ret_text, size_t *ret_length);

#endif
