/*
 * Advisory: what a server says of changes to streams and consumers while they happen, to whoever listens in the account.
 *
 * Two kinds of messages tell the same from two sides. One says what became of an object, whoever did it: a stream was created, updated or
 * deleted; a consumer was created, deleted or paused. The other one, the audit, repeats a request of the API with its reply, and says who sent
 * it. Only the audit tells of updates of consumers. Which of the two comes first is open (nats-server 2.10.27 sends either first).
 *
 * Anybody in the account may publish such messages. So they are a reason to read the object, and no more.
 */
#ifndef SERVER_ADVISORY_H
#define SERVER_ADVISORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/instant.h"
#include "server/listen.h"
#include "server/server.h"

/* What became of the object. */
enum deed {
    DEED_CREATED,
    DEED_UPDATED,
    DEED_DELETED,
    DEED_RESTORED, /* a stream, out of a backup */
    DEED_PURGED,   /* a stream, of messages */
    DEED_PAUSED,   /* a consumer; or it was resumed */
    DEED_PUT, /* a consumer, by a request that creates or updates it: which one, the audit does not tell */
};

/* Who sent a request. Texts are "" where the server does not tell; nats-server 2.9 tells nothing but the account. */
struct client_told {
    const char *user; /* never a token */
    const char *name; /* what its program calls the connection */
    const char *host;
    const char *account;
};

struct advisory {
    enum deed deed;
    bool is_audit;        /* it has the client */
    bool is_ephemeral;    /* of an audit: the consumer that was put has no durable name */
    const char *stream;   /* its name on the server, also of a bucket */
    const char *consumer; /* NULL: it is about the stream */
    struct client_told client;
};

/* The subjects of advisories, with what is not heard of where one of them may not be subscribed to. */
enum { ADVISORY_AUDIT = 6, ADVISORY_SUBJECTS };
extern const char *const advisory_subjects[ADVISORY_SUBJECTS];
extern const char *const advisory_tells[ADVISORY_SUBJECTS];

/* For struct listening: is it no audit, or that of a request which changes something? */
bool advisory_wants(const char *data, size_t length);

/*
 * Reads one that was heard on the server. Texts are in the arena. False if it is none, is of another JetStream domain, or says of a request that it failed.
 */
bool advisory_read(struct arena *arena, const struct server *server, const struct heard *heard,
                   struct advisory *ret_advisory);

#endif
