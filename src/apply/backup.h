/*
 * Backup: streams with their consumers as directories in the nats CLI's format, one for each stream:
 *
 *     FOLDER/STREAM/stream.arc.s2    the server's archive, as it was sent; stream.tar.s2 of servers before 2.15
 *     FOLDER/STREAM/backup.json      configuration and state by the server's reply
 *     FOLDER/STREAM/natsform.json    what the archive may lack: each consumer as it was read by itself; checksum, version. Written
 *                                    last, so that a directory without it is not finished
 *
 *     struct backup_run run = {.arena = …, .server = …, .folder = "backups", .at_once = 4};
 *     if (backup_streams(&run, streams, count, diags))
 */
#ifndef APPLY_BACKUP_H
#define APPLY_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/backup.h"
#include "base/diag.h"
#include "base/instant.h"
#include "server/server.h"
#include "syntax/node.h"

enum { BACKUP_AT_ONCE = 4 };

/* One stream. */
struct backup_stream {
    const char *name;
    uint64_t bytes; /* of its messages, as the server counts them; an archive is mostly smaller */
    /* set by backup_streams(): */
    bool kept;   /* it was there from an earlier run that did not end */
    bool done;   /* its directory is whole */
    bool copied; /* message by message, since the server makes no archive of it */
    const char *folder;
    const char *archive; /* path */
    uint64_t archive_bytes;
    bool lets_go;                           /* what its consumers have acknowledged, by its retention */
    const struct node *state;               /* by the server's reply; NULL until it has come */
    const struct backup_contents *contents; /* as they are on the disk, once it is done; NULL: it was kept */
    size_t consumers;                       /* as they were read by themselves */
};

struct backup_run {
    struct arena *arena;
    struct server *server;
    const char *folder;
    size_t at_once;
    struct instant now; /* stands in natsform.json */
    bool (*interrupted)(void);
    /* Called after each piece, with the bytes of all archives until now. May be NULL. */
    void (*progress)(void *context, const struct backup_stream *stream, uint64_t bytes);
    /* Called when a stream's directory is whole. May be NULL. */
    void (*ended)(void *context, const struct backup_stream *stream);
    void *context;
    bool by_messages;          /* each message is read by itself, although the server could make an archive */
    bool no_consumers;         /* they are left out */
    const struct node *config; /* stands in backup.json instead of what the server says; NULL: that */
    int lock;                  /* of the folder, while it works; set by backup_streams() */
};

/*
 * Returns 0 if all of them are done; else -1 with diagnostics, and those that are done stay. If an earlier run did not end in that folder,
 * what it has finished is kept, and the rest is made. A folder with a finished backup is refused.
 */
int backup_streams(struct backup_run *run, struct backup_stream *const *streams, size_t count,
                   struct diags *diags);

#endif
