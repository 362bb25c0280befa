/*
 * Traffic: somebody publishes to all subjects of a pair, one message after the other, and consumers of the first manifest are used,
 * while something else happens.
 *
 *     traffic_start(&traffic, server, pair);
 *     …
 *     traffic_end(&traffic);
 */
#ifndef SUPPORT_TRAFFIC_H
#define SUPPORT_TRAFFIC_H

#include <pthread.h>
#include <stdatomic.h>

#include "support/pair.h"
#include "support/server_fixture.h"

enum { TRAFFIC_MOST = 4096, TRAFFIC_CONSUMERS = PAIR_STREAMS * PAIR_CONSUMERS };

struct traffic_message {
    unsigned token;
    unsigned stream; /* that acknowledged it; PAIR_STREAMS: none did */
    uint64_t seq;
};

/* A message that was delivered, and is acknowledged. */
struct traffic_delivery {
    unsigned stream;
    uint64_t seq;
};

/* A consumer in use. */
struct traffic_consumer {
    unsigned stream;
    const char *subject; /* to ask for messages */
};

struct traffic {
    size_t count;
    struct traffic_message list[TRAFFIC_MOST];
    size_t delivered;
    struct traffic_delivery deliveries[TRAFFIC_MOST];
    /* Of its thread, made before it starts: the test's arena is the test's. */
    const char *url;
    const char *subjects[PAIR_TOKENS];
    const char *names[PAIR_STREAMS];
    size_t consumers;
    struct traffic_consumer used[TRAFFIC_CONSUMERS];
    pthread_t thread;
    atomic_bool over;
};

void traffic_start(struct traffic *traffic, const struct server_fixture *server, const struct pair *pair);
void traffic_end(struct traffic *traffic);
/* Was it delivered? */
bool traffic_delivered(const struct traffic *traffic, unsigned stream, uint64_t seq);

#endif
