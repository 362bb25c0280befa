/*
 * Live tests of server/api.h: pipelining, and each way in which a request can end, on every server version.
 */
#include <check.h>
#include <nats/nats.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "server/library.h"
#include "support/client.h"
#include "support/patience.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/suite.h"

enum { MANY = 2000, OUTCOMES = API_STRANGE + 1 };

static const char *version_of(int index)
{
    size_t count = 0;
    return server_versions(&count)[index];
}

static const char *text_of(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);
    return node && node->type == NODE_SCALAR ? node->text : "";
}

/* Outcomes of many requests: how many of each kind, and that none has two. */
struct tally {
    size_t of[OUTCOMES];
    size_t total;
    const char *trouble; /* what the last one said that was not done */
    unsigned char seen[MANY];
};

struct ticket {
    struct tally *tally;
    size_t index;
    const char *name; /* that the reply must bear, or NULL */
};

static void count(void *context, const struct api_reply *reply)
{
    struct ticket *ticket = context;
    ck_assert_uint_eq(ticket->tally->seen[ticket->index]++, 0);
    ticket->tally->of[reply->outcome]++;
    ticket->tally->total++;
    if (reply->outcome != API_DONE)
        ticket->tally->trouble = arena_strdup(test_arena(), reply->description);
    ck_assert_ptr_nonnull(reply->description);
    if (ticket->name && reply->outcome == API_DONE)
        ck_assert_str_eq(text_of(node_get(reply->body, "config"), "name"), ticket->name);
}

/* A client whose requests are given up after so long; on a slow machine connecting takes longer, and is tried again. */
static struct server *hurried_client_of(const struct server_fixture *fixture, int64_t timeout_ms)
{
    struct connection_settings settings = {.url = fixture->url, .timeout_ms = timeout_ms};
    struct diags diags = {0};
    struct server *server = NULL;
    AWAIT(server_connect(&settings, &server, &diags) == 0);
    diags_release(&diags);
    return server;
}

/* The same again as long as no reply comes in time: for what has one. */
static struct client_reply request_at_last(struct server *server, const char *verb, const char *name,
                                           const char *type)
{
    struct client_reply reply = {0};
    AWAIT((reply = client_request(server, verb, name, NULL, type)).outcome != API_TIMEOUT);
    return reply;
}

/* ---- pipelining ---- */

static void submit_all(struct server *server, const char *verb, const char *type, bool with_body,
                       struct tally *tally)
{
    memset(tally, 0, sizeof(*tally));
    for (size_t i = 0; i < MANY; i++) {
        struct ticket *ticket = ARENA_NEW(test_arena(), struct ticket);
        const char *name = arena_printf(test_arena(), "S%zu", i);
        const char *body = arena_printf(
            test_arena(), "{\"name\":\"%s\",\"subjects\":[\"s.%zu\"],\"storage\":\"memory\"}", name, i);
        *ticket = (struct ticket){.tally = tally, .index = i, .name = name};
        api_submit(server, &(struct api_request){.verb = verb,
                                                 .name = name,
                                                 .body = with_body ? body : NULL,
                                                 .type = type,
                                                 .done = count,
                                                 .context = ticket});
    }
    api_drain(server);
    ck_assert_uint_eq(tally->total, MANY);
    ck_assert_msg(tally->of[API_DONE] == MANY, "%zu are done; else: %s", tally->of[API_DONE], tally->trouble);
}

START_TEST(pipelined)
{
    struct server_fixture *fixture = fixture_start(version_of(_i), NULL);
    struct server *server = client_of(fixture);
    struct tally *tally = ARENA_NEW(test_arena(), struct tally);
    submit_all(server, "STREAM.CREATE", "stream_create_response", true, tally);
    submit_all(server, "STREAM.INFO", "stream_info_response", false, tally);
    struct server *second = client_of(fixture);
    ck_assert_uint_eq(server_info(second)->streams, MANY);
    server_close(second);
    struct client_reply names = client_request(server, "STREAM.NAMES", NULL, NULL, "stream_names_response");
    ck_assert_str_eq(text_of(names.body, "total"), "2000");
    for (size_t i = 0; i < MANY; i++)
        ck_assert_uint_eq(tally->seen[i], 1);
    memset(tally, 0, sizeof(*tally));
    for (size_t i = 0; i < MANY; i++) {
        struct ticket *ticket = ARENA_NEW(test_arena(), struct ticket);
        *ticket = (struct ticket){.tally = tally, .index = i};
        api_submit(server, &(struct api_request){.verb = "STREAM.DELETE",
                                                 .name = arena_printf(test_arena(), "S%zu", i),
                                                 .type = "stream_delete_response",
                                                 .done = count,
                                                 .context = ticket});
    }
    api_drain(server);
    ck_assert_msg(tally->of[API_DONE] == MANY, "%zu are done; else: %s", tally->of[API_DONE], tally->trouble);
    ck_assert(server_is_connected(server));
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* Each reply asks twice more: the tree is far wider than the window. */
struct tree {
    struct server *server;
    size_t asked;
    size_t answered;
    bool inside;
};

static void grow(void *context, const struct api_reply *reply)
{
    struct tree *tree = context;
    ck_assert(!tree->inside); /* never one done function within another */
    tree->inside = true;
    ck_assert_int_eq(reply->outcome, API_ERROR);
    ck_assert_int_eq(reply->err_code, 10059);
    ck_assert_int_eq(reply->code, 404);
    ck_assert_str_eq(reply->description, "stream not found");
    tree->answered++;
    for (int i = 0; i < 2 && tree->asked < MANY; i++) {
        tree->asked++;
        api_submit(tree->server, &(struct api_request){.verb = "STREAM.INFO",
                                                       .name = "NONE",
                                                       .type = "stream_info_response",
                                                       .done = grow,
                                                       .context = tree});
    }
    tree->inside = false;
}

START_TEST(requests_from_replies)
{
    struct server_fixture *fixture = fixture_start(version_of(_i), NULL);
    struct tree tree = {.server = client_of(fixture), .asked = 1};
    api_submit(tree.server, &(struct api_request){.verb = "STREAM.INFO",
                                                  .name = "NONE",
                                                  .type = "stream_info_response",
                                                  .done = grow,
                                                  .context = &tree});
    api_drain(tree.server);
    ck_assert_uint_eq(tree.asked, MANY);
    ck_assert_uint_eq(tree.answered, MANY);
    server_close(tree.server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* ---- lost connections and deadlines ---- */

struct killer {
    struct tally tally;
    struct server_fixture *fixture;
};

static void count_and_kill(void *context, const struct api_reply *reply)
{
    struct ticket *ticket = context;
    struct killer *killer = (struct killer *)ticket->tally; /* its first member */
    count(context, reply);
    if (killer->tally.total == 100)
        fixture_kill(killer->fixture);
    if (reply->outcome == API_DISCONNECTED)
        ck_assert_msg(strncmp(reply->description, "the connection was lost", 23) == 0, "%s",
                      reply->description);
}

START_TEST(killed_in_the_middle)
{
    enum { REQUESTS = 1000 };
    struct killer *killer = ARENA_NEW(test_arena(), struct killer);
    killer->fixture = fixture_start(version_of(_i), NULL);
    struct server *server = client_connect(&(struct connection_settings){
        .url = killer->fixture->url, .timeout_ms = BEYOND_MS}); /* what is lost is not known by it */
    for (size_t i = 0; i < REQUESTS; i++) {
        struct ticket *ticket = ARENA_NEW(test_arena(), struct ticket);
        *ticket = (struct ticket){.tally = &killer->tally, .index = i};
        const char *body = arena_printf(test_arena(), "{\"name\":\"S%zu\",\"subjects\":[\"s.%zu\"]}", i, i);
        api_submit(server, &(struct api_request){.verb = "STREAM.CREATE",
                                                 .name = arena_printf(test_arena(), "S%zu", i),
                                                 .body = body,
                                                 .type = "stream_create_response",
                                                 .done = count_and_kill,
                                                 .context = ticket});
    }
    api_drain(server);
    ck_assert_uint_eq(killer->tally.total, REQUESTS);
    ck_assert_uint_ge(killer->tally.of[API_DONE], 100);
    ck_assert_uint_ge(killer->tally.of[API_DISCONNECTED], 1);
    ck_assert_uint_eq(killer->tally.of[API_DONE] + killer->tally.of[API_DISCONNECTED], REQUESTS);
    ck_assert(!server_is_connected(server));
    struct client_reply later = client_request(server, "INFO", NULL, NULL, "account_info_response");
    ck_assert_int_eq(later.outcome, API_DISCONNECTED);
    server_close(server);

    fixture_restart(killer->fixture, NULL);
    server = client_of(killer->fixture);
    ck_assert_uint_ge(server_info(server)->streams, killer->tally.of[API_DONE]);
    server_close(server);
    server_library_release();
    fixture_stop(killer->fixture);
}
END_TEST

START_TEST(stopped_server)
{
    struct server_fixture *fixture = fixture_start(version_of(_i), NULL);
    struct server *server = hurried_client_of(fixture, 300);
    struct tally *tally = ARENA_NEW(test_arena(), struct tally);
    fixture_signal(fixture, SIGSTOP);
    for (size_t i = 0; i < API_WINDOW + 10; i++) { /* the last ones wait for places */
        struct ticket *ticket = ARENA_NEW(test_arena(), struct ticket);
        *ticket = (struct ticket){.tally = tally, .index = i};
        api_submit(server, &(struct api_request){.verb = "STREAM.INFO",
                                                 .name = "LATE",
                                                 .type = "stream_info_response",
                                                 .done = count,
                                                 .context = ticket});
    }
    struct client_reply reply = client_request(server, "STREAM.INFO", "LATE", NULL, "stream_info_response");
    ck_assert_uint_eq(tally->of[API_TIMEOUT], API_WINDOW + 10);
    ck_assert_int_eq(reply.outcome, API_TIMEOUT);
    ck_assert_str_eq(reply.description, "no reply within 300ms");
    fixture_signal(fixture, SIGCONT);
    /* Late replies of "stream not found" find nobody. */
    for (int i = 0; i < 2 * API_WINDOW; i++) {
        reply = request_at_last(server, "INFO", NULL, "account_info_response");
        ck_assert_int_eq(reply.outcome, API_DONE);
    }
    ck_assert_uint_eq(tally->total, API_WINDOW + 10);
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

START_TEST(unknown_verb)
{
    struct server_fixture *fixture = fixture_start(version_of(_i), NULL);
    struct server *server = hurried_client_of(fixture, 200);
    struct diags diags = {0};
    /* JetStream's subscriber of "$JS.API.>" swallows what it does not know. */
    struct client_reply reply = client_request(server, "STREAM.NONSENSE", "X", NULL, "nonsense_response");
    ck_assert_int_eq(reply.outcome, API_TIMEOUT);
    struct api_reply raw = {.outcome = reply.outcome, .description = reply.description};
    api_diagnose(&diags, server, (struct srcpos){0}, "talk nonsense", &raw);
    ck_assert_str_eq(said(&diags), "timeout: cannot talk nonsense: no reply within 200ms\n"
                                   "  hint: the server may be overloaded; --timeout allows for more time\n");
    diags_release(&diags);
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* ---- requests that cannot be sent ---- */

START_TEST(unsendable)
{
    struct server_fixture *fixture = fixture_start(version_of(_i), "max_payload: 1000");
    struct server *server = client_of(fixture);
    char *large = arena_alloc(test_arena(), 2000);
    memset(large, ' ', 1999);
    struct client_reply reply = client_request(server, "STREAM.CREATE", "X", large, "stream_create_response");
    ck_assert_int_eq(reply.outcome, API_ERROR);
    ck_assert_int_eq(reply.err_code, 0);
    ck_assert_str_eq(reply.description, "the request is larger than the server's max_payload");
    reply = client_request(server, "STREAM.DELETE", "X 0\r\nPUB y 0\r\n\r\n", NULL, "stream_delete_response");
    ck_assert_int_eq(reply.outcome, API_ERROR);
    ck_assert_str_eq(reply.description, "the name in the request has a blank in it");
    ck_assert(server_is_connected(server));
    reply = client_request(server, "INFO", NULL, NULL, "account_info_response");
    ck_assert_int_eq(reply.outcome, API_DONE);
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* ---- permissions ---- */

static const char limited[] =
    "accounts { A { jetstream: enabled, users: [\n"
    "  {user: all, password: p},\n"
    "  {user: some, password: p, permissions: {publish: {deny: [\"$JS.API.STREAM.DELETE.>\"]}}},\n"
    "] } }\n";

START_TEST(forbidden)
{
    struct fixture_options options = {.version = version_of(_i), .config = limited, .login = "all:p"};
    struct server_fixture *fixture = fixture_start_with(&options);
    struct server *server =
        client_connect(&(struct connection_settings){.url = fixture->url,
                                                     .user = "some",
                                                     .password = "p",
                                                     .timeout_ms = BEYOND_MS}); /* nothing is known by it */
    struct tally *tally = ARENA_NEW(test_arena(), struct tally);
    for (size_t i = 0; i < 600; i++) {
        struct ticket *ticket = ARENA_NEW(test_arena(), struct ticket);
        *ticket = (struct ticket){.tally = tally, .index = i};
        api_submit(server,
                   &(struct api_request){.verb = i % 2 ? "STREAM.DELETE" : "STREAM.INFO",
                                         .name = arena_printf(test_arena(), "S%zu", i % 10),
                                         .type = i % 2 ? "stream_delete_response" : "stream_info_response",
                                         .done = count,
                                         .context = ticket});
    }
    api_drain(server);
    ck_assert_uint_eq(tally->of[API_FORBIDDEN], 300);
    ck_assert_uint_eq(tally->of[API_ERROR], 300);
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* nats.c cuts the server's words after 255 bytes. */
START_TEST(forbidden_with_a_long_name)
{
    struct fixture_options options = {.version = version_of(_i), .config = limited, .login = "all:p"};
    struct server_fixture *fixture = fixture_start_with(&options);
    struct server *server =
        client_connect(&(struct connection_settings){.url = fixture->url,
                                                     .user = "some",
                                                     .password = "p",
                                                     .timeout_ms = BEYOND_MS}); /* nothing is known by it */
    struct diags diags = {0};
    char *name = arena_alloc(test_arena(), 256);
    memset(name, 'n', 255);
    struct client_reply reply = client_request(server, "STREAM.DELETE", name, NULL, "stream_delete_response");
    ck_assert_int_eq(reply.outcome, API_FORBIDDEN);
    reply = client_request(server, "STREAM.DELETE", "X", NULL, "stream_delete_response");
    ck_assert_int_eq(reply.outcome, API_FORBIDDEN);
    struct api_reply raw = {.outcome = reply.outcome, .description = reply.description};
    api_diagnose(&diags, server, (struct srcpos){0}, "delete stream 'X'", &raw);
    ck_assert_str_eq(said(&diags),
                     "permission: cannot delete stream 'X': Permissions Violation for Publish to "
                     "\"$JS.API.STREAM.DELETE.X\"\n"
                     "  hint: the user must be allowed to publish to '$JS.API.>'\n");
    diags_release(&diags);
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* ---- replies from others ---- */

/*
 * A stream on "*.>" acknowledges every request as if it were a message, before or after JetStream answers.
 * Servers since 2.11 refuse such a stream. Whoever is first, the answer is JetStream's.
 */
START_TEST(hijacked)
{
    const char *version = version_of(_i);
    struct server_fixture *fixture = fixture_start(version, NULL);
    struct server *server = client_of(fixture);
    struct diags diags = {0};
    const char *body = "{\"name\":\"H\",\"subjects\":[\"*.>\"]}";
    struct client_reply reply = client_request(server, "STREAM.CREATE", "H", body, "stream_create_response");
    if (strcmp(version, "2.15.1") == 0) {
        ck_assert_int_eq(reply.err_code, 10052);
        server_close(server);
        fixture_stop(fixture);
        return;
    }
    for (int i = 0; i < 200; i++) {
        reply = client_request(server, "STREAM.INFO", "H", NULL, "stream_info_response");
        ck_assert_int_eq(reply.outcome, API_DONE);
    }
    struct server *second = client_of(fixture);
    ck_assert_str_eq(server_info(second)->version_text, version);
    server_close(second);
    server_close(server);
    server = hurried_client_of(fixture, 1000);
    reply = request_at_last(server, "STREAM.NONSENSE", "H", "nonsense_response");
    ck_assert_int_eq(reply.outcome, API_STRANGE);
    struct api_reply raw = {.outcome = reply.outcome, .description = reply.description};
    api_diagnose(&diags, server, (struct srcpos){0}, "talk nonsense", &raw);
    ck_assert_str_eq(
        said(&diags),
        "reply: cannot talk nonsense: only stream 'H' replied, whose subjects cover those of the "
        "JetStream API\n"
        "  hint: set 'no_ack' on the stream, or take the API's subjects out of its own\n");
    diags_release(&diags);
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

/* Somebody who poses as JetStream on a server that has none. */
static void pose(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure)
{
    static const struct {
        const char *subject, *reply;
    } rows[] = {
        {"$JS.API.INFO", "{\"type\":\"io.nats.jetstream.api.v1.account_info_response\"}"},
        {"$JS.API.STREAM.INFO.TYPE", "{\"type\":\"io.nats.jetstream.api.v1.stream_create_response\"}"},
        {"$JS.API.STREAM.INFO.TYPELESS", "{\"error\":{\"code\":404,\"err_code\":10059}}"},
        {"$JS.API.STREAM.INFO.TEXT", "+OK"},
        {"$JS.API.STREAM.INFO.EMPTY", ""},
        {"$JS.API.STREAM.INFO.LIST", "[1,2]"},
        {"$JS.API.STREAM.INFO.NULL",
         "{\"type\":\"io.nats.jetstream.api.v1.stream_info_response\",\"error\":null}"},
        {"$JS.API.STREAM.INFO.WORDLESS",
         "{\"type\":\"io.nats.jetstream.api.v1.stream_info_response\",\"error\":{}}"},
    };
    (void)subscription;
    (void)closure;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(natsMsg_GetSubject(message), rows[i].subject) == 0)
            natsConnection_PublishString(connection, natsMsg_GetReply(message), rows[i].reply);
    natsMsg_Destroy(message);
}

struct strange_case {
    const char *name;
    enum api_outcome outcome;
    const char *description;
};

static const struct strange_case strange[] = {
    {"TYPE", API_STRANGE, "only a reply of type 'io.nats.jetstream.api.v1.stream_create_response' came"},
    {"TYPELESS", API_STRANGE, "only a reply without a type came"},
    {"TEXT", API_STRANGE, "only something that is not JSON came as a reply"},
    {"EMPTY", API_STRANGE, "only something that is not JSON came as a reply"},
    {"LIST", API_STRANGE, "only a reply without a type came"},
    {"SILENCE", API_TIMEOUT, "no reply within 150ms"},
    {"NULL", API_DONE, "done"},
    {"WORDLESS", API_ERROR, "error without a description"},
};

START_TEST(strange_replies)
{
    natsConnection *impostor = NULL;
    natsSubscription *subscription = NULL;
    struct server_fixture *fixture =
        fixture_start_with(&(struct fixture_options){.version = version_of(_i), .no_jetstream = true});
    ck_assert_int_eq(natsConnection_ConnectTo(&impostor, fixture->url), NATS_OK);
    ck_assert_int_eq(natsConnection_Subscribe(&subscription, impostor, "$JS.API.>", pose, NULL), NATS_OK);
    natsConnection_Flush(impostor);
    struct server *server = hurried_client_of(fixture, 150);
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        struct client_reply reply =
            strange[i].outcome == API_TIMEOUT
                ? client_request(server, "STREAM.INFO", strange[i].name, NULL, "stream_info_response")
                : request_at_last(server, "STREAM.INFO", strange[i].name, "stream_info_response");
        ck_assert_int_eq(reply.outcome, strange[i].outcome);
        ck_assert_str_eq(reply.description, strange[i].description);
    }
    natsSubscription_Destroy(subscription);
    natsConnection_Destroy(impostor);
    struct client_reply reply = request_at_last(server, "STREAM.INFO", "X", "stream_info_response");
    ck_assert_int_eq(reply.outcome, API_NO_RESPONDERS);
    ck_assert_str_eq(reply.description, "nobody listens on '$JS.API.STREAM.INFO.X'");
    server_close(server);
    server_library_release();
    fixture_stop(fixture);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = pipelined, .each_version = true},
        {.test = requests_from_replies, .each_version = true},
        {.test = killed_in_the_middle, .each_version = true},
        {.test = stopped_server, .each_version = true},
        {.test = unknown_verb, .each_version = true},
        {.test = unsendable, .each_version = true},
        {.test = forbidden, .each_version = true},
        {.test = forbidden_with_a_long_name, .each_version = true},
        {.test = hijacked, .each_version = true},
        {.test = strange_replies, .each_version = true},
    };
    return suite_run("requests", tests, sizeof(tests) / sizeof(tests[0]));
}
