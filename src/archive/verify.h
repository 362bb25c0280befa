/*
 * Verify: one walk over an archive, in two halves, so that the walk can be another thread's (proof.h): it touches nothing but its scan, the
 * backup and what it returns; what it has found is told by the other half.
 */
#ifndef ARCHIVE_VERIFY_H
#define ARCHIVE_VERIFY_H

#include "archive/backup.h"
#include "archive/scan.h"

/* A file that is still being written, under another name maybe. */
struct growing {
    const char *path;
    /* How many bytes of it may be read. Waits until they are more than `had`, or the file has its end: then it returns `had`. */
    uint64_t (*wait)(void *context, uint64_t had);
    void *context;
};

/* `growing` may be NULL. Returns 0, or -1 with the scan's fault. */
int verify_walk(struct scan *scan, const struct backup *backup, const struct growing *growing,
                struct backup_contents *ret_contents);
/* The fault of a walk, or what is to be said of the contents. Returns 0, or -1 if there was a fault. */
int verify_tell(struct arena *arena, const struct backup *backup, const char *fault,
                const struct backup_contents *contents, struct diags *diags);

#endif
