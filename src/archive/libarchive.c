/* Loading of libarchive. */
#include "archive/libarchive.h"

#include "base/library.h"

#define CALL(name) "archive_" #name,
static const char *const names[] = {ARCHIVE_CALLS(CALL)};
#undef CALL

enum { COUNT = sizeof(names) / sizeof(*names) };

static union {
    void *addresses[COUNT];
    struct archive_calls calls;
} found;

const struct archive_calls *libarchive(void)
{
    return &found.calls;
}

int libarchive_load(const char **ret_reason)
{
    const struct library library = {LIBRARY_FILE(LIBARCHIVE), names, COUNT, found.addresses};
    return library_open(&library, ret_reason);
}
