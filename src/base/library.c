/*
 * Opening of shared libraries on demand. All functions are looked up at once, so that a library which lacks one is
 * refused before anything has begun.
 */
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static int find_all(const struct library *library, void *handle)
{
    for (size_t i = 0; i < library->count; i++) {
        library->addresses[i] = dlsym(handle, library->names[i]);
        if (!library->addresses[i])
            return -1;
    }
    return 0;
}

static int open_and_find(const struct library *library)
{
    void *handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
    if (!handle)
        return -1;
    if (!find_all(library, handle))
        return 0;
    memset(library->addresses, 0, library->count * sizeof(*library->addresses));
    return -1;
}

int library_open(const struct library *library, const char **ret_reason)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    int failed = 0;
    pthread_mutex_lock(&one_at_a_time);
    if (!library->addresses[0])
        failed = open_and_find(library);
    if (failed)
        *ret_reason = dlerror();
    pthread_mutex_unlock(&one_at_a_time);
    return failed;
}
