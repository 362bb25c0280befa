/*
 * Scan: one walk over an archive, from the first byte to the last. It holds the first thing that is found wrong: whoever finds it
 * ends the walk with -1, and those above pass that on, so that the innermost reason is the one that is told.
 */
#ifndef ARCHIVE_SCAN_H
#define ARCHIVE_SCAN_H

#include "base/arena.h"

struct scan {
    struct arena *arena; /* for what is kept: the fault, names of consumers */
    const char *fault;   /* NULL: nothing is wrong */
};

/* Keeps the first fault. Returns -1. */
int scan_fault(struct scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
