/*
 * The raw floor: the requests that natsform sends for the benchmark's manifest, pipelined in the same window over the
 * same library, with no manifest, no decoding and no checks. What natsform takes beyond this is its own.
 *
 * usage: bench_floor URL apply|plan STREAMS CONSUMERS_PER_STREAM
 */
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many requests without an answer as natsform has: of those that only read, and of others. */
enum { READ_WINDOW = 1024, WRITE_WINDOW = 256, PAGE = 256, TIMEOUT_MS = 30000 };

struct floor {
    natsConnection *connection;
    natsSubscription *replies;
    char inbox[64];
    size_t under_way;
    size_t window;
};

static void fail(const char *what, natsStatus status)
{
    fprintf(stderr, "bench_floor: %s: %s\n", what, natsStatus_GetText(status));
    exit(1);
}

static void take_reply(struct floor *floor)
{
    natsMsg *reply = NULL;
    natsStatus status = natsSubscription_NextMsg(&reply, floor->replies, TIMEOUT_MS);
    if (status != NATS_OK)
        fail("no reply", status);
    if (strstr(natsMsg_GetData(reply), "\"error\":{")) {
        fprintf(stderr, "bench_floor: %.300s\n", natsMsg_GetData(reply));
        exit(1);
    }
    natsMsg_Destroy(reply);
    floor->under_way--;
}

static void drain(struct floor *floor)
{
    while (floor->under_way)
        take_reply(floor);
}

static void request(struct floor *floor, const char *subject, const char *body)
{
    while (floor->under_way >= floor->window)
        take_reply(floor);
    natsStatus status =
        natsConnection_PublishRequest(floor->connection, subject, floor->inbox, body, (int)strlen(body));
    if (status != NATS_OK)
        fail(subject, status);
    floor->under_way++;
}

static void apply(struct floor *floor, int streams, int consumers)
{
    char subject[128];
    char body[512];
    for (int i = 0; i < streams; i++) {
        snprintf(subject, sizeof(subject), "$JS.API.STREAM.CREATE.S%05d", i);
        snprintf(
            body, sizeof(body),
            "{\"name\":\"S%05d\",\"description\":\"Stream %d of the benchmark\",\"subjects\":[\"bench.%05d.>\"],"
            "\"max_bytes\":1048576,\"max_age\":604800000000000}",
            i, i, i);
        request(floor, subject, body);
    }
    drain(floor);
    for (int i = 0; i < streams; i++) {
        for (int j = 0; j < consumers; j++) {
            snprintf(subject, sizeof(subject), "$JS.API.CONSUMER.CREATE.S%05d.c%d", i, j);
            snprintf(
                body, sizeof(body),
                "{\"stream_name\":\"S%05d\",\"config\":{\"name\":\"c%d\",\"durable_name\":\"c%d\",\"ack_policy\":"
                "\"explicit\",\"ack_wait\":60000000000,\"max_deliver\":5,\"filter_subject\":\"bench.%05d.%d\"},"
                "\"action\":\"create\"}",
                i, j, j, i, j);
            request(floor, subject, body);
        }
    }
    drain(floor);
}

static void plan(struct floor *floor, int streams)
{
    char text[128];
    for (int offset = 0; offset < streams; offset += PAGE) {
        snprintf(text, sizeof(text), "{\"offset\":%d}", offset);
        request(floor, "$JS.API.STREAM.LIST", text);
    }
    for (int i = 0; i < streams; i++) {
        snprintf(text, sizeof(text), "$JS.API.CONSUMER.LIST.S%05d", i);
        request(floor, text, "{\"offset\":0}");
    }
    drain(floor);
}

int main(int argc, char **argv)
{
    struct floor floor = {.inbox = "_INBOX.bench.floor"};
    if (argc != 5) {
        fputs("usage: bench_floor URL apply|plan STREAMS CONSUMERS_PER_STREAM\n", stderr);
        return 64;
    }
    int streams = atoi(argv[3]);
    int consumers = atoi(argv[4]);
    natsStatus status = natsConnection_ConnectTo(&floor.connection, argv[1]);
    if (status == NATS_OK)
        status = natsConnection_SubscribeSync(&floor.replies, floor.connection, floor.inbox);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(floor.replies, -1, -1);
    if (status != NATS_OK)
        fail(argv[1], status);
    floor.window = 1;
    request(&floor, "$JS.API.INFO", "");
    drain(&floor);
    floor.window = strcmp(argv[2], "apply") == 0 ? WRITE_WINDOW : READ_WINDOW;
    if (floor.window == WRITE_WINDOW)
        apply(&floor, streams, consumers);
    else
        plan(&floor, streams);
    natsSubscription_Destroy(floor.replies);
    natsConnection_Destroy(floor.connection);
    nats_Close();
    return 0;
}
