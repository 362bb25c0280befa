/*
 * Standing: what a stream and its consumers are at one moment, to know whether anything has moved since.
 */
#ifndef APPLY_STANDING_H
#define APPLY_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "server/server.h"
#include "syntax/node.h"

struct standing {
    const struct node *info;      /* INFO of the stream */
    const struct node *consumers; /* a list of each one's INFO */
    const char *text;             /* it is another one when a message came or went, or a consumer moved */
    uint64_t messages;
    uint64_t unacked; /* messages that consumers have delivered, and wait for */
    bool partly;      /* not every consumer has answered */
};

/* Looks at it. Returns 0, or -1 with diagnostics. */
int standing_look(struct arena *arena, struct server *server, const char *stream,
                  struct standing *ret_standing, struct diags *diags);

struct standing_terms {
    struct arena *arena;
    struct server *server;
    const char *stream;
    bool clustered; /* then it takes a little longer until all have heard of all */
    bool (*interrupted)(void);
};

/*
 * Waits until nothing moves any more: what was under way has arrived, and was acknowledged. Returns 0, or -1 with diagnostics: after ten
 * seconds it says who still moves.
 */
int standing_await(const struct standing_terms *terms, struct standing *ret_standing, struct diags *diags);

#endif
