/*
 * Hostile: manifests that are made to take much, of which natsform has to say soon what is wrong with them. tests/live/reject.c asserts
 * what it says, bench/run shows what it takes.
 */
#ifndef SUPPORT_HOSTILE_H
#define SUPPORT_HOSTILE_H

#include <stddef.h>
#include <stdio.h>

enum { HOSTILE_WHOLE = 10 }; /* tenths */

struct hostile {
    const char *name;
    void (*make)(FILE *file, int tenths); /* all of it, or of so many tenths of the size */
    const char *said;     /* of all of it: standard error, or its beginning when it ends with "…" */
    const char *variable; /* that it needs: BIG, of 99,000 bytes, or LATIN, which is not UTF-8; NULL: none */
};

extern const struct hostile hostile_texts[];
extern const size_t hostile_count;

#endif
