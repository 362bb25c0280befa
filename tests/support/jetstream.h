/*
 * JetStream, asked through one connection, by nats.c alone: for tests that ask much, or in a cluster, where nobody answers for what has no
 * leader yet. What is returned is in test_arena().
 */
#ifndef SUPPORT_JETSTREAM_H
#define SUPPORT_JETSTREAM_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

#include "syntax/node.h"

enum {
    JETSTREAM_REPLY_MS = 60000,
    JETSTREAM_LOOK_MS = 5000, /* of what is asked again */
};

/* The text of the reply, or NULL. */
const char *jetstream_request(natsConnection *connection, const char *subject, const char *body,
                              int64_t milliseconds);
/* The reply; NULL without one in time, or with an error. What nobody answers for now may be asked again soon. */
const struct node *jetstream_try(natsConnection *connection, const char *subject, const char *body,
                                 int64_t milliseconds);
/* The reply, which must be no error. */
const struct node *jetstream_ask(natsConnection *connection, const char *subject, const char *body);
/* INFO of a "STREAM" or "CONSUMER" ("ORDERS.billing"), once there is somebody who answers. */
const struct node *jetstream_info(natsConnection *connection, const char *what, const char *name);

/* Has a consumer deliver seven messages, and acknowledges the first three; if it does so out of order, the fifth as well. */
void jetstream_use(natsConnection *connection, const char *stream, const char *consumer, bool out_of_order);

#endif
