/*
 * Source: a text that somebody wrote (a file, a flag, an environment variable), and positions in it.
 *
 * A position without a line (line 0) means the source as a whole. Live values have a source too, such as
 * "stream ORDERS on server"; its text is NULL.
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
    const char *name; /* as the user gave it: relative paths stay relative */
    const char *text; /* NULL: there is none to show */
    size_t length;    /* bytes of text */
};

struct srcpos {
    const struct source *source; /* NULL: nowhere in particular */
    uint32_t line;               /* 1-based; 0 is the whole source */
    uint32_t column;             /* 1-based, in characters (code points) */
    uint32_t width;              /* characters to underline; 0 is unknown */
    const char *
        unwritten; /* it is not written there: why it holds all the same; a note to each diagnostic; or NULL */
};

int srcpos_compare(struct srcpos a, struct srcpos b); /* by source name, line, column */

/* The text of line `line` (1-based) without its newline; NULL when there is none. */
const char *source_line(const struct source *source, uint32_t line, size_t *ret_length);

#endif
