/*
 * Reading: whole files, of at most so many bytes, so that a mistaken path, such as a disk image's, costs little. Pipes and devices are read
 * to their end, but a pipe that nobody writes into is not waited for; folders are refused.
 *
 *     struct source file;
 *     const char *why;
 *     if (file_read(arena, path, FILE_SMALL_MOST, &file, &why))
 *         return diag_error(diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", path, why);
 */
#ifndef BASE_READ_H
#define BASE_READ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"

enum { FILE_SMALL_MOST = 1024 * 1024 }; /* of what people write by hand: credentials, contexts, variables */

/*
 * The text, with a NUL behind it, and the path as its name, all in the arena. Returns 0 or an errno, such as EFBIG when there are more than
 * `most` bytes; *ret_error, which may be NULL itself, then has the reason in lower case.
 */
int file_read(struct arena *arena, const char *path, size_t most, struct source *ret_source,
              const char **ret_error);
/* The same, and "-" is standard input, which can be read once and is called <stdin>. Returns -1 with code_file. */
int file_read_told(struct arena *arena, const char *path, size_t most, struct source *ret_source,
                   struct diags *diags);
/* The first bytes alone, at most so many, for those who have words of their own for a text that is too long; "-" as above. */
int file_read_start(struct arena *arena, const char *path, size_t most, struct source *ret_source,
                    const char **ret_error);

/*
 * A regular file that is read piece by piece, since it may be larger than memory.
 *
 *     struct file_pieces pieces SCOPED(file_pieces_close);
 *     if (file_pieces_open(arena, path, &pieces, &why) == 0)
 *         while ((got = file_pieces_read(&pieces, buffer, sizeof(buffer))) > 0)
 */
struct file_pieces {
    int fd;
    uint64_t bytes; /* its size when it was opened */
};

/* Returns 0 or an errno with a reason. Pipes and devices are refused. In any case there is something to close. */
int file_pieces_open(struct arena *arena, const char *path, struct file_pieces *ret_pieces,
                     const char **ret_error);
/* As read(): 0 at the end, -1 with an errno. */
ssize_t file_pieces_read(const struct file_pieces *pieces, void *buffer, size_t size);
void file_pieces_close(const struct file_pieces *pieces);

/*
 * What stands there instead of a file: "a named pipe", "a device", "a socket". Such a thing is read only if the user named it, never
 * because it was found. NULL for a file, for a folder, and where there is nothing.
 */
const char *file_oddity(const char *path);

/* What an errno means, in the style of diagnostics: lower case, without a full stop. */
const char *errno_text(struct arena *arena, int error);

#endif
