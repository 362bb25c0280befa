/*
 * Census: how the streams and consumers of an account are doing: what they hold, who leads them, and how far their copies are.
 *
 *     struct census census = {.all = true};           or names, by census_want()
 *     if (census_read(server, arena, &census, diags)) return -1;
 */
#ifndef SERVER_CENSUS_H
#define SERVER_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/map.h"
#include "base/vec.h"
#include "server/server.h"

/* How many copies an object has. A server alone tells none of it. */
struct replica_state {
    uint64_t wanted, current, listed;
    const char *leader; /* "": there is none, or it is not told */
    const char *behind; /* the first server whose copy is not current; NULL: none */
    bool clustered;
};

/* Where a mirror, or one of its sources, stands. */
struct copy_state {
    const char *from; /* the stream that is copied */
    bool is_mirror;
    uint64_t lag;         /* messages that it does not have yet */
    int64_t silent_nanos; /* since its origin was last heard; -1: never */
    const char *error;    /* NULL: none */
};

struct consumer_state {
    const char *stream, *name;
    bool there;
    const char *fault; /* why it could not be read, such as "no reply …"; NULL: it could */
    bool named;        /* by census_want() */
    bool pushes;
    bool bound; /* of one that pushes: somebody listens */
    bool paused;
    uint64_t pending, unacked, redelivered, waiting; /* waiting: requests of pull consumers */
    struct replica_state replicas;
};

struct stream_census {
    const char *name;
    bool there;
    const char *fault; /* as above; also when its consumers could not */
    bool named;
    uint64_t messages, bytes, consumers;
    struct instant created;
    struct instant last; /* time of the last message; meaningless without messages */
    struct replica_state replicas;
    VEC(struct copy_state) copies;
    VEC(struct consumer_state *) list; /* of its consumers */
};

struct census {
    bool all; /* also what nobody has named */
    VEC(struct stream_census *) streams;
    struct map by_name;       /* of these */
    uint64_t other_streams;   /* that nobody has named; without `all` */
    uint64_t other_consumers; /* the same, of the named streams */
};

/* Adds a stream, or a consumer of one. Names are referenced. */
void census_want(struct arena *arena, struct census *census, const char *stream, const char *consumer);
/*
 * Returns 0, or -1 with a diagnostic when the account cannot be read at all. One object that does not answer, as its only server is away, has a
 * fault, and the others are read. Streams are sorted by name, and each one's consumers.
 */
int census_read(struct server *server, struct arena *arena, struct census *census, struct diags *diags);

#endif
