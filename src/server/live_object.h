/*
 * Live: an object as a server describes it, taken out of a reply of INFO, LIST, CREATE or UPDATE. live.c takes it.
 */
#ifndef SERVER_LIVE_OBJECT_H
#define SERVER_LIVE_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/vec.h"
#include "field/value.h"
#include "server/api.h"
#include "server/server.h"
#include "syntax/node.h"

/*
 * ---- live page ----
 * Of an account's streams, or of a stream's consumers.
 */

enum {
    LIVE_PAGE = 256,      /* objects in one page, on every version */
    LIVE_PAGE_LIGHT = 16, /* so many cost next to nothing */
};

struct live_page {
    const char *stream; /* whose consumers; NULL: the streams */
    const char
        *subject; /* only streams with a subject that collides with it, from the first one on; NULL: all */
    uint64_t offset;
    bool is_light;  /* of few objects */
    bool positions; /* of consumers, also how far they have come */
};

/* Asks for it. What live_stream() and live_consumer() do not look at is not read. */
void live_page_ask(struct server *server, const struct live_page *page, api_done *done, void *context);

/* The objects in a page. An empty list when there are none: Go writes null for it. */
const struct node *live_page_items(const struct live_page *page, const struct node *body);

/* ---- live object ---- */

/* What a stream held when it was read; or where a consumer stood. */
struct stream_state {
    uint64_t messages;
    uint64_t bytes;
    uint64_t subjects; /* how many different ones hold messages */
    uint64_t consumers;
    uint64_t pending; /* of a consumer: messages that it has not delivered yet */
    uint64_t unacked; /* of a consumer: messages that wait for their acknowledgement */
    uint64_t
        last; /* sequence of the last message; of a consumer: of the last that it has delivered, if `positions` was asked */
    struct instant first; /* time of the oldest message; meaningless without messages */
    struct instant now;   /* by the server's clock, from 2.10 on; 0 seconds: not told */
};

struct live_object {
    const struct table *table;
    const char *stream; /* the consumer's stream; NULL for a stream */
    const char *name;
    const struct node *config; /* as on the wire */
    /* Of a stream: how its mirror and each of its sources are doing; NULL: it has none, or the object was kept. */
    const struct node *mirror, *sources;
    struct stream_state state; /* of a stream */
    bool bound;                /* of a push consumer: somebody listens on its deliver subject */
};

struct holdings;

/* What else of the account is to be read: live_find(). */
struct live_questions {
    VEC(const char *) streams;       /* streams with these names */
    VEC(const char *) subjects;      /* streams with a subject that overlaps one of these */
    VEC(const char *) consumers;     /* all consumers of these streams */
    VEC(struct holdings *) holdings; /* what is to be filled in: server/holdings.h */
};

/* Reads the description; false when it is not one (no name or no configuration). References the node. */
bool live_stream(const struct node *info, struct live_object *ret_live);
bool live_consumer(const struct node *info, struct live_object *ret_live);

/* Did the server make the consumer of that configuration, for copies? Such is nobody's to judge, to hold, or to bring back. */
bool live_is_servers(const struct node *consumer);

/* A copy that stays when the reply, which it was read out of, goes. */
struct live_object live_keep(struct arena *arena, const struct live_object *live);

/* Decodes and normalises the configuration, as it counts at the moment `now`. The name is kept by reference. */
struct object *live_decode(struct arena *arena, const struct live_object *live, struct instant now);

#endif
