/*
 * The requests of the lock, each waited for; for lock.c only.
 */
#ifndef APPLY_LOCK_API_H
#define APPLY_LOCK_API_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/instant.h"
#include "server/api.h"
#include "server/server.h"

#define LOCK_CONSUMER "holder"

/* Sends; the reply is kept in *answer, which must live until it is done. */
void lock_send(struct arena *arena, struct server *server, const struct api_request *request,
               struct api_answer *reply);
/* Sends a request without a body, and waits. */
struct api_answer lock_request(struct arena *arena, struct server *server, const char *verb, const char *name,
                               const char *type);

/* How a lock's stream is stored: in memory on one server where that is allowed. */
struct lock_storage {
    const char *storage;
    int replicas;
};

/*
 * A stream that can hold nothing. It needs a subject, for which it takes its own name under $natsform; where another stream captures that,
 * as one on '>' does, it has a source instead, of which nobody knows.
 */
const char *lock_stream_config(struct arena *arena, const char *stream, const char *who,
                               const struct lock_storage *storage, bool captured);
const char *lock_consumer_config(struct arena *arena, const char *stream, int64_t hold_ms);

/* What is there of a stream. */
struct lock_state {
    const char *who;
    struct instant created;
    struct instant now; /* by the server's clock; 0 before 2.10 */
    uint64_t consumers;
    bool unreadable; /* the rest is made up */
};

void lock_state_read(struct arena *arena, const struct node *info, struct lock_state *ret_state);

/* "natsform_lock_0123456789abcdef_" */
const char *lock_prefix(struct arena *arena, const char *project);

#endif
