/* Loading of libgit2. */
#include "repo/libgit2.h"

#include "base/library.h"

#define CALL(name) "git_" #name,
static const char *const names[] = {GIT_CALLS(CALL)};
#undef CALL

enum { COUNT = sizeof(names) / sizeof(*names) };

static union {
    void *addresses[COUNT];
    struct git_calls calls;
} found;

const struct git_calls *git(void)
{
    return &found.calls;
}

int libgit2_start(const char **ret_reason)
{
    const struct library library = {LIBRARY_FILE(LIBGIT2), names, COUNT, found.addresses};
    if (library_open(&library, ret_reason))
        return -1;
    if (git()->libgit2_init() >= 0)
        return 0;
    const git_error *error = git()->error_last();
    *ret_reason = error && error->message ? error->message : "it gives no reason";
    return -1;
}
