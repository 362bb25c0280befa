/*
 * Refill: a stream in memory made of an archive by publishing its messages again, where the server keeps nothing of an archive in memory: before
 * nats-server 2.15. Sequences, subjects, headers and data come back; times cannot.
 *
 * Nobody gets in between on 2.10 and newer: the stream listens on a prefix of its own, transforms the subjects back, and gets its real ones at
 * the end. 2.9 has no transforms, so there each acknowledgement is looked at, and the first message of somebody else ends it.
 *
 *     if (refill_applies(…) && !refill_fault(…))
 *     … ask …
 *     refill_begin(…) || … consumers … || refill_end(…)
 */
#ifndef APPLY_REFILL_H
#define APPLY_REFILL_H

#include <stdbool.h>

#include "archive/backup.h"
#include "archive/rewrite.h"
#include "base/diag.h"
#include "server/server.h"

struct refill {
    struct arena *arena;
    struct server *server;
    const char *name; /* of the stream */
    const struct backup *backup;
    const struct node *config; /* that the stream gets */
    const struct backup_contents *contents;
    const struct rewrite_terms *terms; /* what subjects become; NULL: they stay */
    bool (*interrupted)(void);
};

/* Is it a stream in memory, on a server that keeps nothing of an archive in memory, and an archive whose messages can be read? */
bool refill_applies(const struct refill *refill);

/* Can it be made that way? NULL, or why not. */
const char *refill_fault(const struct refill *refill);

/* Do others see the messages meanwhile, on their own subjects, and can publish there? */
bool refill_is_seen(const struct refill *refill);

/* What there is of a stream that could not be filled. */
enum refill_left {
    REFILL_NOTHING,
    REFILL_OURS,  /* nothing can be in it but what was put there */
    REFILL_MIXED, /* somebody else may have published to it */
};

/* Makes the stream with all messages, its subjects and limits. Returns 0, or -1 with diagnostics. */
int refill_begin(const struct refill *refill, enum refill_left *ret_left, struct diags *diags);

/*
 * What is the stream of that name, of which this is the INFO? REFILL_OURS: what a killed run had not filled yet, and may be deleted; REFILL_MIXED: it
 * had filled it with this very backup; REFILL_NOTHING: it is somebody's stream. On 2.9 that is always said, as it has no metadata.
 */
enum refill_left refill_found(const struct refill *refill, const struct node *info);

/* What it can only become once it has its consumers: sealed, or with the retention "interest"; and it loses its mark. */
int refill_end(const struct refill *refill, struct diags *diags);

#endif
