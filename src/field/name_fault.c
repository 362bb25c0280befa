/*
 * Names, byte by byte; see name_fault.h. A name becomes a token of subjects and a directory of the server, so
 * blanks, dots, wildcards and slashes are out.
 */
#include "field/name_fault.h"

#include <string.h>

const char *name_fault(const char *name)
{
    enum { NAME_MOST = 255 };
    if (!*name)
        return "is empty";
    /* The server's limit, and that of most file systems for one name. */
    if (strlen(name) > NAME_MOST)
        return "is longer than 255 bytes";
    if (strpbrk(name, " \t\r\n\f"))
        return "has white space in it";
    if (strpbrk(name, ".*>/\\"))
        return "has one of . * > / \\ in it";
    return NULL;
}

/* Stricter than servers, which would take more: clients refuse to open a bucket of another name (^[a-zA-Z0-9_-]+$). */
const char *bucket_name_fault(const char *name)
{
    if (!*name)
        return "is empty";
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")])
        return "has other characters in it than A-Z a-z 0-9 _ -";
    return NULL;
}
