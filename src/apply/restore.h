/*
 * Restore: streams with their consumers out of backups. First everything is looked at that can be known before: the archive, byte by
 * byte, whether the server can read it, and whether the stream and its room are free. Then the archive is sent, and what the server has made
 * of it is read back and compared: some servers say yes and keep nothing.
 *
 *     struct restoring restoring = {.arena = …, .server = …, .folder = "backups/ORDERS", .name = NULL};
 *     if (restore_plan(&restoring, diags))
 *         return -1;
 *     … show restoring, ask …
 *     failed = restore_stream(&restoring, diags);
 */
#ifndef APPLY_RESTORE_H
#define APPLY_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/backup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "server/server.h"

struct restoring {
    struct arena *arena;
    struct server *server;
    const char *folder;
    const char *name; /* of the stream; NULL: as it was called */
    bool (*interrupted)(void);
    void (*progress)(void *context, uint64_t bytes); /* may be NULL */
    void *context;
    /* set by restore_plan(): */
    struct backup backup;
    struct backup_contents contents;
    VEC(const struct node *)
    anew; /* INFO of consumers that the archive lacks: they are made from where they were */
    /* The stream is there, with just these messages: a run that was killed has restored it. Only consumers may be missing. */
    bool is_there;
    /* The server keeps nothing of an archive in memory: the messages are published again, with new times. */
    bool by_messages;
    bool is_left; /* a run that was killed has left a part of the stream, which goes first */
    bool is_seen; /* and others see that, and could publish there meanwhile */
    /* set by restore_stream(): */
    const struct node *state; /* of the stream that is there now */
};

/* Verifies the backup, and whether this server can take it. Nothing is changed. Returns 0, or -1 with diagnostics. */
int restore_plan(struct restoring *restoring, struct diags *diags);

/*
 * Returns 0 when the stream is there with all its messages and consumers. Otherwise -1 with diagnostics; what was made of it is taken away
 * again if it is certainly that.
 */
int restore_stream(struct restoring *restoring, struct diags *diags);

/* The sequence from which a consumer that is made anew goes on; 0: from where its policy says. */
uint64_t restore_start(const struct node *consumer);

#endif
