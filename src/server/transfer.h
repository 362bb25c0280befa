/*
 * Transfer: whole streams with their consumers as archives, from the server (a snapshot) and to it (a restore). The archive's
 * bytes pass through in pieces, and what the server sends is acknowledged piece by piece, so memory stays small
 * however large a stream is.
 *
 * Source: STREAM.SNAPSHOT and STREAM.RESTORE of the JetStream API, measured on nats-server 2.9.10, 2.10.27 and 2.15.1.
 */
#ifndef SERVER_TRANSFER_H
#define SERVER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "server/server.h"

enum { SNAPSHOT_WAITS = 1 };

/* A stream's archive that is to come. */
struct snapshot {
    const char *stream;
    bool no_consumers;
    /* Takes the next piece; the reply mostly was there before. Not 0: it cannot, which it has reported; then the rest is not wanted. */
    int (*take)(void *context, const char *data, size_t length);
    /*
     * Called once all of it has come, and the next ones may not have; again and again while it returns SNAPSHOT_WAITS. Less than 0: it cannot be
     * used, which was reported.
     */
    int (*end)(void *context, const struct snapshot *snapshot);
    void *context;
    /* set by snapshots_receive(): */
    const struct node
        *reply;     /* with `config` and `state`, in the arena; NULL: it has not come, or is a refusal */
    uint64_t bytes; /* so many have come */
    bool whole;     /* and that is all of it */
    /* The server makes no archive of this stream, as those before 2.15 of one in memory. That is nothing that was reported. */
    bool has_none;
};

struct snapshot_terms {
    struct arena *arena; /* of the replies */
    size_t at_once;      /* so many streams at the same time */
    bool (*interrupted)(void);
    /* Called after each piece. May be NULL. */
    void (*progress)(void *context, const struct snapshot *snapshot);
    void *context;
};

/*
 * Receives all of them. Returns 0, or -1 with diagnostics if one is not whole: of the server's refusal, of one that went silent for
 * longer than the connection's deadline, or of an interruption. Those that are whole stay so.
 */
int snapshots_receive(struct server *server, const struct snapshot_terms *terms, struct snapshot *const *list,
                      size_t count, struct diags *diags);

/* A stream that is to be made of an archive. */
struct restore {
    const char *stream;
    const char *body; /* of the request: {"config": …, "state": …} */
    /* The next piece, of at most `most` bytes. 0: that was all. Less than 0: it cannot be read, which it has reported. */
    int64_t (*next)(void *context, char *data, size_t most);
    void *context;
    bool (*interrupted)(void);
    void (*progress)(void *context, uint64_t bytes); /* may be NULL */
    /* set by restore_send(): */
    bool begun;               /* the server may have something of the stream */
    bool in_use;              /* it has the stream already, or is about to */
    const struct node *reply; /* what the stream is now */
};

/* Returns 0 once the server says that it has the stream; whether that is so has to be read. Otherwise -1 with diagnostics. */
int restore_send(struct arena *arena, struct server *server, struct restore *restore, struct diags *diags);

#endif
