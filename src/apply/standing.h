/*
 * Standing: what a stream and its consumers are at one moment, or one consumer alone, to know whether anything has moved since.
 */
#ifndef APPLY_STANDING_H
#define APPLY_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "server/server.h"
#include "syntax/node.h"

struct standing {
    const struct node *info;      /* INFO of the stream; NULL: one consumer was looked at */
    const struct node *consumers; /* a list of each one's INFO */
    const char *text;             /* it is another one when a message came or went, or a consumer moved */
    uint64_t messages;
    uint64_t unacked; /* messages that consumers have delivered, and wait for */
    bool partly;      /* not every consumer has answered */
};

struct standing_terms {
    struct arena *arena;
    struct server *server;
    const char *stream;
    const char *consumer; /* it alone; NULL: the stream, and all its consumers */
    bool clustered;       /* then it takes a little longer until all have heard of all */
    bool (*interrupted)(void);
};

/* Looks at it. Returns 0, or -1 with diagnostics. */
int standing_look(const struct standing_terms *terms, struct standing *ret_standing, struct diags *diags);

/*
 * Waits until nothing moves any more: what was under way has arrived, and was acknowledged. Returns 0, or -1 with diagnostics: after ten
 * seconds it says who still moves.
 */
int standing_await(const struct standing_terms *terms, struct standing *ret_standing, struct diags *diags);

/* Has a consumer, by its INFO, acknowledged messages behind one that it has not? Whoever goes on behind its floor gets them again. */
bool standing_has_gap(const struct node *consumer);

#endif
