/* Somebody who publishes; see traffic.h. */
#include "support/traffic.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/content.h"
#include "support/patience.h"

enum { PAUSE_US = 200 };

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

static void *publish_on(void *context)
{
    struct traffic *traffic = context;
    natsConnection *connection = NULL;
    if (natsConnection_ConnectTo(&connection, traffic->url) != NATS_OK)
        return NULL;
    while (!atomic_load(&traffic->over) && traffic->count < TRAFFIC_MOST) {
        publish_next(traffic, connection);
        let_pass(PAUSE_US);
    }
    natsConnection_Destroy(connection);
    return NULL;
}

void traffic_start(struct traffic *traffic, const struct server_fixture *server, const struct pair *pair)
{
    traffic->count = 0;
    traffic->url = server->url;
    for (unsigned i = 0; i < PAIR_TOKENS; i++)
        traffic->subjects[i] = pair_subject(pair, i, i % PAIR_KEYS);
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        traffic->names[i] = pair_stream_name(pair, i);
    atomic_store(&traffic->over, false);
    ck_assert_int_eq(pthread_create(&traffic->thread, NULL, publish_on, traffic), 0);
}

size_t traffic_end(struct traffic *traffic)
{
    atomic_store(&traffic->over, true);
    pthread_join(traffic->thread, NULL);
    return traffic->count;
}
