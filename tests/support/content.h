/*
 * Content: the messages of a stream, as they are now, and what became of them later.
 *
 *     struct content before = content_read(server, "ORDERS");
 *     …
 *     struct content lost = content_lost(&before, &after);
 */
#ifndef SUPPORT_CONTENT_H
#define SUPPORT_CONTENT_H

#include <nats/nats.h>

#include "base/vec.h"
#include "support/server_fixture.h"

struct content_message {
    uint64_t seq;
    const char *subject;
    const char *data; /* as the server writes it */
    const char *id;   /* by its publisher; "" without one */
    const char *time;
};

struct content {
    bool there;
    uint64_t last_seq;
    const char *state;                /* as the server tells it, with when the stream was made */
    VEC(struct content_message) list; /* by sequence */
};

/* Reads without a consumer, which could change what is there. `stream` need not exist. */
struct content content_read(natsConnection *connection, const char *stream);
/* For looks at what changes or not: reads the messages only when the state is not that of `earlier`, which is what comes back else. */
struct content content_look(natsConnection *connection, const char *stream, const struct content *earlier);

bool content_has_seq(const struct content *content, uint64_t seq);
bool content_has_data(const struct content *content, const char *data);
bool content_has(const struct content *content, const struct content_message *message);
/* What is in `before` and not in `after`. */
struct content content_lost(const struct content *before, const struct content *after);
/* The first that is there twice, by its data; NULL: none. */
const struct content_message *content_twice(const struct content *content);

enum { CONTENT_NAME_MOST = 64 };

/*
 * Publishes and waits for the acknowledgement: the sequence, or 0 if there is none. `ret_stream` may be NULL. Uses nothing of the
 * test's, so that it may be called in any thread.
 */
uint64_t content_publish(natsConnection *connection, const char *subject, const char *data,
                         char ret_stream[CONTENT_NAME_MOST]);

/* The sequence of a message that a consumer delivered, by the subject that it is acknowledged on; 0: none has it. In any thread. */
uint64_t content_delivered_seq(const char *reply);
/* What an acknowledgement says: the sequence, or 0 if it is none. `ret_stream` may be NULL. In any thread. */
uint64_t content_acknowledged_seq(const char *text, char ret_stream[CONTENT_NAME_MOST]);

#endif
