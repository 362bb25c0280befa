/* Text: what is asked of two of them most. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <string.h>

/* Are they the same? Most that differ do so in the first byte, which takes no call to see. */
static inline bool text_is(const char *a, const char *b)
{
    return *a == *b && strcmp(a, b) == 0;
}

static inline bool text_begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

#endif
