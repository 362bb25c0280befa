/*
 * Lock API: the requests of the lock. Only for lock.c.
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
/*
 * Waits for the reply. Did none come, and may it be asked for once more? A cluster that chooses a new leader at that moment answers
 * nobody (2.10.27, on a busy machine).
 */
bool lock_is_unheard(struct server *server, const struct api_answer *reply);
/* Sends a request without a body, and waits; what may be done twice: it is sent once more when it is unheard. */
struct api_answer lock_request(struct arena *arena, struct server *server, const char *verb, const char *name,
                               const char *type);

/* How a lock's stream is stored: in memory on one server, if that is allowed. */
struct lock_storage {
    const char *storage;
    int replicas;
};

/* Ways to store the lock, in this order. An account may not allow memory, or may have limits for other numbers of replicas only. */
enum { LOCK_STORAGES = 4 };
extern const struct lock_storage lock_storages[LOCK_STORAGES];
/* Was one way refused for want of room, so that another may do? */
bool lock_may_fit_elsewhere(const struct api_answer *reply);

/*
 * The configuration of a stream that cannot hold messages. A stream needs a subject; it takes its own name below
 * $natsform. If another stream captures that, as one on '>' does, it has a source instead, which does not exist.
 */
const char *lock_stream_config(struct arena *arena, const char *stream, const char *who,
                               const struct lock_storage *storage, bool captured);
const char *lock_consumer_config(struct arena *arena, const char *stream, int64_t hold_ms);

/* What the server says about a lock's stream. */
struct lock_state {
    const char *who;
    struct instant created;
    struct instant now; /* by the server's clock, which servers before 2.10 do not tell: 0 */
    uint64_t consumers;
    bool unreadable; /* it could not be read, so the rest means nothing */
};

void lock_state_read(struct arena *arena, const struct node *info, struct lock_state *ret_state);

/* The beginning of the names of the project's locks: "natsform_lock_0123456789abcdef_". */
const char *lock_prefix(struct arena *arena, const char *project);

/* A token that no other run has, by process, host and nanoseconds. Tokens sort by time. */
const char *lock_token(struct arena *arena);

#endif
