/*
 * Copies a stream message by message into an archive, where the server makes none: streams in memory, before nats-server 2.15. Sequences,
 * subjects, headers and times come along; consumers do not, backup.c reads them by themselves.
 *
 *     struct stream_copy copy = {.arena = …, .server = …, .stream = "CACHE", .take = …};
 *     if (stream_copy(&copy, diags))
 */
#ifndef APPLY_COPY_H
#define APPLY_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/instant.h"
#include "server/server.h"
#include "syntax/node.h"

struct stream_copy {
    struct arena *arena;
    struct server *server;
    const char *stream;
    struct instant now; /* stands in the archive */
    /* Takes the next piece of the archive. Not 0: it cannot, which it has reported. */
    int (*take)(void *context, const char *data, size_t length);
    void *context;
    bool (*interrupted)(void); /* may be NULL */
    /* set by stream_copy(): `config` and `state`, as the reply to the request for a snapshot has them */
    const struct node *reply;
};

/*
 * Returns 0 when each message that the stream had at the beginning is in the archive, unless it went meanwhile by a limit or by somebody. Otherwise
 * -1 with diagnostics.
 */
int stream_copy(struct stream_copy *copy, struct diags *diags);

#endif
