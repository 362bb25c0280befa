/*
 * Holdings: what a stream holds, subject by subject, and what each of its consumers still waits for. Servers tell as much of it as goes
 * on one page; what is more stays unknown.
 *
 *     struct holdings holdings = {.arena = arena, .stream = "ORDERS", .by_subject = true, .by_consumer = true};
 *     holdings_ask(server, &holdings);
 *     api_drain(server);
 */
#ifndef SERVER_HOLDINGS_H
#define SERVER_HOLDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "server/live_object.h"
#include "server/server.h"

enum {
    HOLDINGS_SUBJECTS_MOST = 10000, /* of so many subjects a reply stays below a megabyte */
    HOLDINGS_FIRSTS_MOST = 64,      /* of so many subjects the oldest message is read */
    HOLDINGS_FIRST_BYTES = 65536,   /* if messages are no larger, on the average */
};

struct held_subject {
    const char *subject;
    uint64_t messages;
    uint64_t first; /* sequence of the oldest one; 0: not known */
};

struct holdings {
    struct arena *arena; /* of all that is read */
    const char *stream;
    bool by_subject; /* are the messages of each subject wanted? */
    bool
        by_consumer; /* are the consumers? With both, also where each subject begins, if one has delivered any */
    void (*done)(void *context); /* called when all replies have come; NULL is fine */
    void *context;               /* of that */
    /* What was read: first the consumers, then the stream. A message that comes between is held, and not waited for. */
    bool consumers_known;
    VEC(struct live_object) consumers;
    struct api_reply
        reply; /* of the stream's INFO, without a body; the next ones are known if it is API_DONE */
    struct stream_state state;
    const char *retention;
    bool subjects_known;
    VEC(struct held_subject) subjects;
    struct server *server;
    size_t firsts_asked; /* replies that are still to come */
};

/* Asks. What is not told, or not to this user, stays unknown; nothing is reported. */
void holdings_ask(struct server *server, struct holdings *holdings);

#endif
