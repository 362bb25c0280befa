/*
 * Live: an object as a server describes it, taken out of a reply of INFO, LIST, CREATE or UPDATE.
 */
#ifndef SERVER_LIVE_OBJECT_H
#define SERVER_LIVE_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "field/value.h"

/* What a stream held when it was read. */
struct stream_state {
    uint64_t messages;
    uint64_t bytes;
    uint64_t subjects; /* how many different ones hold messages */
    uint64_t consumers;
    struct instant first; /* time of the oldest message; meaningless without messages */
    struct instant now;   /* by the server's clock, from 2.10 on; 0 seconds: not told */
};

struct live_object {
    const struct table *table;
    const char *stream; /* the consumer's stream; NULL for a stream */
    const char *name;
    const struct node *config; /* as on the wire */
    struct stream_state state; /* of a stream */
    bool bound;                /* of a push consumer: somebody listens on its deliver subject */
};

/* Reads the description; false when it is not one (no name or no configuration). References the node. */
bool live_stream(const struct node *info, struct live_object *ret_live);
bool live_consumer(const struct node *info, struct live_object *ret_live);

/* A copy that stays when the reply, which it was read out of, goes. */
struct live_object live_keep(struct arena *arena, const struct live_object *live);

/* Decodes and normalises the configuration, as it counts at the moment `now`. The name is kept by reference. */
struct object *live_decode(struct arena *arena, const struct live_object *live, struct instant now);

#endif
