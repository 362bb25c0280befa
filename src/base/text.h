/* Text: the comparison that is made most often, and the plural. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Are they equal? Most texts that differ do so in the first byte, and that needs no call. */
static inline bool text_is(const char *a, const char *b)
{
    return *a == *b && strcmp(a, b) == 0;
}

/* What makes a word one of so many: "1 message", "2 messages". */
static inline const char *text_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static inline bool text_begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static inline bool text_ends(const char *text, const char *ending)
{
    size_t length = strlen(text), end = strlen(ending);
    return length >= end && strcmp(text + length - end, ending) == 0;
}

#endif
