/*
 * Somebody publishes while an apply is at work: before and after each of its requests, which a relay passes on. No message
 * that a stream has acknowledged is missing for the stream's consumer, nor one that is tried again until it is.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "field/field.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    MESSAGES_MOST = 400,
    ACK_MS = 100,
    LOOK_US = 20000, /* from look to look */
};

struct story {
    const char *title;
    uint32_t since;
    const char *before; /* manifests; NULL: nothing is there */
    const char *manifest;
    const char *subject;  /* that somebody publishes to */
    const char *stream;   /* that has it in the end */
    const char *consumer; /* that waits for all that this stream acknowledged */
    bool at_once;         /* without an apply before it that is cut off */
    bool loses;           /* as the plan says: what its consumers do not want */
    const char *origin;   /* or for what this one acknowledged, of which the stream is a copy */
    bool catches_up;      /* it is one from its first moment on: it has all before its consumer is there */
};

static const struct story stories[] = {
    {
        .title = "a new interest stream",
        .manifest =
            "streams: {S: {subjects: [s.>], retention: interest, consumers: {c: {ack_policy: explicit}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
    },
    {
        .title = "a new one whose consumer filters",
        .manifest = "streams: {S: {subjects: [s.>], retention: interest, consumers: {\n"
                    "  c: {ack_policy: explicit, filter_subject: s.a}, d: {ack_policy: explicit}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
    },
    {
        .title = "a new one that republishes",
        .manifest =
            "streams: {S: {subjects: [s.>], retention: interest, republish: {src: s.>, dest: out.>},\n"
            "  consumers: {c: {ack_policy: explicit}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
    },
    {
        .title = "a subject that is there in other words",
        .before =
            "streams: {S: {subjects: [s.*], retention: interest, consumers: {c: {ack_policy: explicit}}}}\n",
        .manifest =
            "streams: {S: {subjects: [s.>], retention: interest, description: more,\n"
            "  consumers: {c: {ack_policy: explicit}, d: {ack_policy: explicit, filter_subject: s.a.b}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
    },
    {
        .title = "a subject that moves to a new one",
        .before = "streams: {A: {subjects: [a, s.>]}}\n",
        .manifest = "streams: {A: {subjects: [a]}, S: {subjects: [s.>], retention: interest, consumers: {\n"
                    "  c: {ack_policy: explicit, filter_subject: s.a}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
    },
    {
        .title = "a subject that moves to one that is there",
        .before = "streams: {A: {subjects: [a, s.>]}, S: {subjects: [x], retention: interest, consumers: {\n"
                  "  c: {ack_policy: explicit, filter_subject: x}}}}\n",
        .manifest =
            "streams: {A: {subjects: [a]}, S: {subjects: [x, s.>], retention: interest, description: more,\n"
            "  consumers: {c: {ack_policy: explicit, filter_subject: x},\n"
            "              d: {ack_policy: explicit, filter_subject: s.a}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "d",
    },
    {
        .title = "one that was limits",
        .loses = true,
        .since = VERSION(2, 10, 0),
        .before = "streams: {S: {subjects: [s.>]}}\n",
        .manifest =
            "streams: {S: {subjects: [s.>, t], retention: interest, consumers: {c: {ack_policy: explicit}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
    },
    {
        .title = "a copy",
        .before = "streams: {O: {subjects: [s.>]}}\n",
        .manifest =
            "streams: {O: {subjects: [s.>]}, S: {subjects: [], retention: interest, sources: [{name: O}],\n"
            "  consumers: {c: {ack_policy: explicit}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
        .origin = "O",
    },
    {
        .title = "a mirror",
        .catches_up = true,
        .at_once = true,
        .since = VERSION(2, 10, 0),
        .before = "streams: {O: {subjects: [s.>]}}\n",
        .manifest = "streams: {O: {subjects: [s.>]}, S: {retention: interest, mirror: {name: O},\n"
                    "  consumers: {c: {ack_policy: explicit}}}}\n",
        .subject = "s.a",
        .stream = "S",
        .consumer = "c",
        .origin = "O",
    },
};

/* ---- the publisher ---- */

struct publisher {
    const struct story *story;
    bool refuses;             /* the consumers */
    size_t count;             /* of messages, each with an id */
    bool ours[MESSAGES_MOST]; /* acknowledged, by the stream that counts */
    bool acknowledged[MESSAGES_MOST];
};

static void publish(struct publisher *publisher, natsConnection *connection, size_t id)
{
    natsMsg *message = NULL;
    natsMsg *ack = NULL;
    char text[32];
    char stream[32];
    const char *counts = publisher->story->origin ? publisher->story->origin : publisher->story->stream;
    snprintf(text, sizeof(text), "%zu", id);
    snprintf(stream, sizeof(stream), "\"stream\":\"%s\"", counts);
    natsMsg_Create(&message, publisher->story->subject, NULL, "x", 1);
    natsMsgHeader_Set(message, "Nats-Msg-Id", text);
    natsStatus status = natsConnection_RequestMsg(&ack, connection, message, ACK_MS);
    if (status == NATS_OK && natsMsg_GetDataLength(ack) && !strstr(natsMsg_GetData(ack), "\"error\"")) {
        publisher->acknowledged[id] = true;
        publisher->ours[id] = strstr(natsMsg_GetData(ack), stream) != NULL;
    }
    natsMsg_Destroy(ack);
    natsMsg_Destroy(message);
}

static void publish_next(struct publisher *publisher, natsConnection *connection)
{
    if (publisher->count < MESSAGES_MOST)
        publish(publisher, connection, publisher->count++);
}

static unsigned long last_of(struct relay *relay, const char *stream)
{
    static const char key[] = "\"last_seq\":";
    const char *info = relay_pass(relay, &(struct relay_request){.verb = "STREAM.INFO", .name = stream}, "");
    const char *at = info ? strstr(info, key) : NULL;
    return at ? strtoul(at + strlen(key), NULL, 10) : 0;
}

/* In the relay's thread. */
static const char *around(struct relay *relay, const struct relay_request *request)
{
    struct publisher *publisher = relay->context;
    publish_next(publisher, relay->back_connection);
    if (publisher->refuses && relay_is_of(request, "CONSUMER.CREATE", "S.*"))
        return "{\"type\":\"io.nats.jetstream.api.v1.consumer_create_response\","
               "\"error\":{\"code\":500,\"err_code\":10012,\"description\":\"refused\"}}";
    bool waits = publisher->story->catches_up && relay_is_of(request, "CONSUMER.CREATE", "S.*");
    while (waits && last_of(relay, "S") < last_of(relay, publisher->story->origin))
        let_pass(LOOK_US);
    const char *reply = relay_pass(relay, request, request->body);
    publish_next(publisher, relay->back_connection);
    return reply;
}

/* What was not acknowledged is published again, as a client does it. */
static size_t publish_rest(struct publisher *publisher, const struct server_fixture *server)
{
    natsConnection *connection = NULL;
    size_t ours = 0;
    ck_assert_int_eq(natsConnection_ConnectTo(&connection, server->url), NATS_OK);
    for (size_t i = 0; i < publisher->count; i++) {
        while (!publisher->acknowledged[i])
            publish(publisher, connection, i);
        ours += publisher->ours[i];
    }
    natsConnection_Destroy(connection);
    return ours;
}

/* ---- */

static void apply(const struct story *story, const char *manifest, const char *url, int exit_code,
                  const char *says)
{
    bool loses = story->loses && manifest == story->manifest;
    struct run run = RUN("apply", "--yes", "-s", url, "-f", write_file(test_directory(), "m.yaml", manifest),
                         loses ? "--allow-data-loss" : NULL, "S",
                         "--no-backup"); /* through a relay, which passes no archives on */
    ck_assert_msg(run.exit_code == exit_code, "%s: exit code %d\n%s%s", story->title, run.exit_code, run.out,
                  run.err);
    ck_assert_contains(arena_printf(test_arena(), "%s%s", run.out, run.err), says);
}

static size_t pending_of(const char *info)
{
    static const char key[] = "\"num_pending\":";
    const char *at = strstr(info, key);
    ck_assert_msg(at != NULL, "%s", info);
    return strtoul(at + strlen(key), NULL, 10);
}

START_TEST(publishes_all_the_while)
{
    const struct story *story = &stories[(size_t)_i % COUNT(stories)];
    struct server_fixture *server = fixture_start(version_at((int)((size_t)_i / COUNT(stories))), NULL);
    if (version_number(server->version) < story->since) {
        fixture_stop(server);
        return;
    }
    struct publisher publisher = {.story = story, .refuses = true};
    struct relay *relay = relay_start_same_version(server, around, &publisher);
    if (story->before)
        apply(story, story->before, server->url, EXIT_DONE, "Done: ");
    if (!story->at_once)
        apply(story, story->manifest, relay->url, EXIT_FAILED, "[half-done]");
    publisher.refuses = false;
    apply(story, story->manifest, relay->url, EXIT_DONE, "Done: ");
    relay_stop(relay);
    size_t ours = publish_rest(&publisher, server);
    ck_assert_uint_gt(ours, 0);
    const char *subject =
        arena_printf(test_arena(), "$JS.API.CONSUMER.INFO.%s.%s", story->stream, story->consumer);
    AWAIT(pending_of(raw_request(server, subject, "")) == ours);
    struct run plan = RUN("plan", "--detailed-exitcode", "-s", server->url, "-f",
                          write_file(test_directory(), "m.yaml", story->manifest));
    ck_assert_msg(plan.exit_code == EXIT_DONE, "%s: %s%s", story->title, plan.out, plan.err);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = publishes_all_the_while, .times = COUNT(stories), .each_version = true},
    };
    return suite_run("publisher", tests, sizeof(tests) / sizeof(tests[0]));
}
