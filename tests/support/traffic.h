/*
 * Traffic: somebody publishes to all subjects of a pair, one message after the other, while something else happens.
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

enum { TRAFFIC_MOST = 4096 };

struct traffic_message {
    unsigned token;
    unsigned stream; /* that acknowledged it; PAIR_STREAMS: none did */
    uint64_t seq;
};

struct traffic {
    size_t count;
    struct traffic_message list[TRAFFIC_MOST];
    /* Of its thread, made before it starts: the test's arena is the test's. */
    const char *url;
    const char *subjects[PAIR_TOKENS];
    const char *names[PAIR_STREAMS];
    pthread_t thread;
    atomic_bool over;
};

void traffic_start(struct traffic *traffic, const struct server_fixture *server, const struct pair *pair);
/* How many messages were published. */
size_t traffic_end(struct traffic *traffic);

#endif
