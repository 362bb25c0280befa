/* Reading small files; see connection_file.h. The bound keeps a mistaken path, such as a disk image, out. */
#include "server/connection_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/strbuf.h"

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

int connection_file_read(struct arena *arena, const char *path, const char **ret_text, size_t *ret_length)
{
    FILE *file __attribute__((cleanup(close_file))) = fopen(path, "rb");
    struct strbuf text __attribute__((cleanup(strbuf_release))) = {0};
    char chunk[4096];
    size_t got = 0;
    if (!file)
        return errno;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        strbuf_add(&text, chunk, got);
        if (text.length > CONNECTION_FILE_MOST)
            return EFBIG;
    }
    if (ferror(file))
        return errno ? errno : EIO;
    *ret_text = arena_strndup(arena, strbuf_text(&text), text.length);
    *ret_length = text.length;
    return 0;
}
