/* Somebody who publishes; see traffic.h. */
#include "support/traffic.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/content.h"
#include "support/patience.h"
#include "support/scratch.h"

enum { PAUSE_US = 200, NEXT_MS = 200, PUBLISHED_EACH = 8 };

static unsigned stream_named(const struct traffic *traffic, const char *name)
{
    unsigned index = 0;
    while (index < PAIR_STREAMS && strcmp(traffic->names[index], name) != 0)
        index++;
    return index;
}

static void publish_next(struct traffic *traffic, natsConnection *connection)
{
    struct traffic_message *message = &traffic->list[traffic->count];
    char data[CONTENT_NAME_MOST], stream[CONTENT_NAME_MOST] = "";
    message->token = (unsigned)traffic->count % PAIR_TOKENS;
    snprintf(data, sizeof(data), "t%zu", traffic->count);
    message->seq = content_publish(connection, traffic->subjects[message->token], data, stream);
    message->stream = message->seq ? stream_named(traffic, stream) : PAIR_STREAMS;
    traffic->count++;
}

static void consume_next(struct traffic *traffic, natsConnection *connection)
{
    const struct traffic_consumer *used =
        &traffic->used[traffic->count / PUBLISHED_EACH % traffic->consumers];
    natsMsg *message = NULL, *acked = NULL;
    if (natsConnection_RequestString(&message, connection, used->subject, "{\"batch\":1,\"no_wait\":true}",
                                     NEXT_MS))
        return;
    const char *reply = natsMsg_GetReply(message);
    uint64_t seq = reply ? content_delivered_seq(reply) : 0;
    if (seq && traffic->delivered < TRAFFIC_MOST) {
        traffic->deliveries[traffic->delivered++] = (struct traffic_delivery){used->stream, seq};
        natsConnection_RequestString(&acked, connection, reply, "+ACK", NEXT_MS);
    }
    natsMsg_Destroy(acked);
    natsMsg_Destroy(message);
}

static void *publish_on(void *context)
{
    struct traffic *traffic = context;
    natsConnection *connection = NULL;
    if (natsConnection_ConnectTo(&connection, traffic->url) != NATS_OK)
        return NULL;
    while (!atomic_load(&traffic->over) && traffic->count < TRAFFIC_MOST) {
        publish_next(traffic, connection);
        if (traffic->consumers && traffic->count % PUBLISHED_EACH == 0)
            consume_next(traffic, connection);
        let_pass(PAUSE_US);
    }
    natsConnection_Destroy(connection);
    return NULL;
}

/* Pull consumers whose messages are acknowledged one by one. */
static void find_consumers(struct traffic *traffic, const struct pair *pair)
{
    traffic->consumers = 0;
    for (unsigned i = 0; i < TRAFFIC_CONSUMERS; i++) {
        unsigned stream = i / PAIR_CONSUMERS, number = i % PAIR_CONSUMERS;
        const struct pair_stream *at = &pair->a.streams[stream];
        if (at->there && at->consumers[number].there && at->consumers[number].ack_policy == 0)
            traffic->used[traffic->consumers++] = (struct traffic_consumer){
                stream, arena_printf(test_arena(), "$JS.API.CONSUMER.MSG.NEXT.%s.c%u", traffic->names[stream],
                                     number)};
    }
}

void traffic_start(struct traffic *traffic, const struct server_fixture *server, const struct pair *pair)
{
    traffic->count = traffic->delivered = 0;
    traffic->url = server->url;
    for (unsigned i = 0; i < PAIR_TOKENS; i++)
        traffic->subjects[i] = pair_subject(pair, i, i % PAIR_KEYS);
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        traffic->names[i] = pair_stream_name(pair, i);
    find_consumers(traffic, pair);
    atomic_store(&traffic->over, false);
    ck_assert_int_eq(pthread_create(&traffic->thread, NULL, publish_on, traffic), 0);
}

void traffic_end(struct traffic *traffic)
{
    atomic_store(&traffic->over, true);
    pthread_join(traffic->thread, NULL);
}

bool traffic_delivered(const struct traffic *traffic, unsigned stream, uint64_t seq)
{
    for (size_t i = 0; i < traffic->delivered; i++)
        if (traffic->deliveries[i].stream == stream && traffic->deliveries[i].seq == seq)
            return true;
    return false;
}
