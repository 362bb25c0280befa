/*
 * Library: a shared library that is opened when it is first needed, rather than when the program starts. Most runs need
 * neither libgit2 nor libarchive; these two with all that they bring along are 28 libraries, and were three quarters of a start.
 * The Makefile defines LIBGIT2 and LIBARCHIVE: the file names of the versions whose headers the program was built with.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stddef.h>

/* A macro of the Makefile's as text. */
#define LIBRARY_FILE(macro) LIBRARY_FILE_TEXT(macro)
#define LIBRARY_FILE_TEXT(file) #file

struct library {
    const char *file;         /* as dlopen() takes it, such as "libgit2.so.1.5" */
    const char *const *names; /* of its functions */
    size_t count;             /* of them */
    void **addresses;         /* of the functions, once it is open; all NULL before */
};

/*
 * Opens it, if it is not open yet; it stays so until the process ends. Several threads may do so at a time. Returns 0, or
 * -1 with a reason, which stands until the thread's next call.
 */
int library_open(const struct library *library, const char **ret_reason);

#endif
