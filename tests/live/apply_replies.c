/*
 * Applying when replies are not as they should be: late, lost or false, with fields that natsform does not know. All through the program,
 * against a real server behind a relay.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/client.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

/* Messages name the manifest and the server. */
static const char *normal(const char *text, const char *path, const char *url)
{
    return masked(masked(text, path, "natsform.yaml"), url, "URL");
}

static void create(const struct server_fixture *server, const char *stream, const char *config)
{
    const char *reply =
        raw_request(server, arena_printf(test_arena(), "$JS.API.STREAM.CREATE.%s", stream), config);
    ck_assert_msg(reply && strstr(reply, "\"created\""), "%s", reply ? reply : "no reply");
}

/* ---- replies that do not come ---- */

/* The next `times` requests of that kind get no reply; they take effect or not. */
struct mute {
    const char *verb;
    const char *name;
    int times;
    enum {
        LOST,        /* it does not even take effect */
        LAST,        /* the last of them does */
        MUTE,        /* each takes effect */
        LATE,        /* the same, and the reply comes after the deadline */
        LOST_STREAM, /* it takes no effect: whoever answers does not know the stream yet */
    } fate;
};

#define LOCK "natsform_lock_*"

/* For how long the program waits: for the other requests it must be long enough, on any machine. */
#define GIVEN "1s"

/* One at work: what it keeps for later. */
struct muting {
    struct mute mute;
    const char *late_to;
    const char *late_text;
};

static const char *mute_hook(struct relay *relay, const struct relay_request *request)
{
    struct muting *muting = relay->context;
    struct mute *mute = &muting->mute;
    bool hit = mute->times > 0 && relay_is_of(request, mute->verb, mute->name);
    if (muting->late_text)
        relay_answer(relay, muting->late_to, muting->late_text);
    muting->late_text = NULL;
    if (!hit)
        return relay_pass(relay, request, request->body);
    mute->times--;
    if (mute->fate == LOST_STREAM)
        return "{\"type\":\"io.nats.jetstream.api.v1.consumer_create_response\",\"error\":{\"code\":404,"
               "\"err_code\":10059,\"description\":\"stream not found\"}}";
    bool lost = mute->fate == LOST || (mute->fate == LAST && mute->times > 0);
    const char *reply = lost ? NULL : relay_pass(relay, request, request->body);
    if (mute->fate == LATE) {
        muting->late_to = request->reply_to;
        muting->late_text = reply;
    }
    return NULL;
}

struct mute_case {
    struct mute mute;
    const char *command;
    int exit_code;
    size_t requests; /* of that kind, in all */
    const char *err; /* a part */
};

#define MUTE_MANIFEST                                                                                        \
    "streams:\n"                                                                                             \
    "  NEW: {subjects: [new], consumers: {c: {ack_policy: explicit}}}\n"                                     \
    "  OLD:\n"                                                                                               \
    "    subjects: [old]\n"                                                                                  \
    "    max_msgs: 9\n"                                                                                      \
    "    consumers:\n"                                                                                       \
    "      old: {ack_policy: explicit, description: new words}\n"                                            \
    "      paused: {ack_policy: explicit, pause_until: 2099-01-01T00:00:00Z}\n"

#define UNKNOWN(label)                                                                                       \
    "error: it is unknown whether the change of " label                                                      \
    " took effect: no reply came in time, nor could it be read back [unknown-outcome]\n"

static const struct mute_case mute_cases[] = {
    {{"STREAM.CREATE", "NEW", 1, MUTE}, "apply", 0, 1, NULL},
    {{"STREAM.CREATE", "NEW", 1, LOST}, "apply", 0, 2, NULL},
    {{"STREAM.CREATE", "NEW", 1, LATE}, "apply", 0, 1, NULL},
    {{"STREAM.CREATE", "NEW", 2, MUTE}, "apply", 0, 1, NULL},
    {{"STREAM.CREATE", "NEW", 2, LAST}, "apply", 0, 2, NULL},
    {{"STREAM.CREATE", "NEW", 2, LOST}, "apply", 69, 2, UNKNOWN("stream NEW")},
    {{"STREAM.UPDATE", "OLD", 1, MUTE}, "apply", 0, 1, NULL},
    {{"STREAM.UPDATE", "OLD", 1, LOST}, "apply", 0, 2, NULL},
    {{"STREAM.UPDATE", "OLD", 1, LATE}, "apply", 0, 1, NULL},
    {{"STREAM.UPDATE", "OLD", 9, LOST}, "apply", 69, 2, UNKNOWN("stream OLD")},
    {{"CONSUMER.CREATE", "NEW.c", 1, MUTE}, "apply", 0, 1, NULL},
    {{"CONSUMER.CREATE", "NEW.c", 1, LOST}, "apply", 0, 2, NULL},
    {{"CONSUMER.CREATE", "NEW.c", 9, LOST}, "apply", 69, 2, UNKNOWN("consumer NEW > c")},
    {{"CONSUMER.CREATE", "OLD.old", 1, MUTE}, "apply", 0, 1, NULL},
    {{"CONSUMER.CREATE", "OLD.old", 1, LOST}, "apply", 0, 2, NULL},
    {{"CONSUMER.PAUSE", "OLD.paused", 1, MUTE}, "apply", 0, 1, NULL},
    {{"CONSUMER.PAUSE", "OLD.paused", 1, LOST}, "apply", 0, 2, NULL},
    {{"CONSUMER.PAUSE", "OLD.paused", 9, LOST}, "apply", 69, 2, UNKNOWN("consumer OLD > paused")},
    {{"STREAM.DELETE", "OLD", 1, MUTE}, "destroy", 0, 1, NULL},
    {{"STREAM.DELETE", "OLD", 1, LOST}, "destroy", 0, 2, NULL},
    {{"STREAM.DELETE", "OLD", 1, LATE}, "destroy", 0, 1, NULL},
    {{"STREAM.DELETE", "OLD", 9, LOST}, "destroy", 69, 2, UNKNOWN("stream OLD")},
    {{"STREAM.CREATE", LOCK, 1, MUTE}, "apply", 0, 2, NULL},
    {{"STREAM.CREATE", LOCK, 1, LOST}, "apply", 0, 2, NULL},
    {{"STREAM.CREATE", LOCK, 1, LATE}, "apply", 0, 1, NULL},
    {{"STREAM.CREATE", LOCK, 9, LOST},
     "apply",
     69,
     2,
     "cannot lock manifests without a project: no reply within " GIVEN " [timeout]\n"},
    {{"STREAM.NAMES", "", 1, LOST}, "apply", 0, 3, NULL},
    {{"STREAM.NAMES", "", 9, LOST},
     "apply",
     69,
     2,
     "cannot lock manifests without a project: no reply within " GIVEN " [timeout]\n"},
    {{"CONSUMER.CREATE", LOCK, 2, LOST_STREAM}, "apply", 0, 3, NULL},
    {{"STREAM.DELETE", LOCK, 1, LOST}, "apply", 0, 2, NULL},
    {{"STREAM.DELETE", LOCK, 1, MUTE}, "apply", 0, 2, NULL},
    {{"STREAM.LIST", "", 9, LOST},
     "plan",
     69,
     1,
     "cannot list the streams: no reply within " GIVEN " [timeout]\n"},
    {{"CONSUMER.LIST", "OLD", 9, LOST},
     "plan",
     69,
     1,
     "the consumers of stream 'OLD': no reply within " GIVEN},
    {{"INFO", "", 9, LOST}, "plan", 69, 1, "does not answer: no reply within " GIVEN " [timeout]\n"},
};

#define EXPLICIT(name)                                                                                       \
    "{\"stream_name\":\"OLD\",\"config\":{\"durable_name\":\"" name "\",\"ack_policy\":\"explicit\"}}"

START_TEST(replies_are_lost)
{
    const struct mute_case *row = &mute_cases[_i];
    struct muting muting = {.mute = row->mute};
    struct server_fixture *server = fixture_start(NULL, NULL);
    const char *path = manifest(MUTE_MANIFEST);
    create(server, "OLD", "{\"name\":\"OLD\",\"subjects\":[\"old\"]}");
    raw_request(server, "$JS.API.CONSUMER.CREATE.OLD.old", EXPLICIT("old"));
    raw_request(server, "$JS.API.CONSUMER.CREATE.OLD.paused", EXPLICIT("paused"));
    struct relay *relay = relay_start(server, mute_hook, &muting);
    bool writes = strcmp(row->command, "plan") != 0;
    struct run run = RUN(row->command, writes ? "--yes" : "--detailed-exitcode", "-f", path, "-s", relay->url,
                         "--timeout", GIVEN);
    ck_assert_exit(run, row->exit_code);
    ck_assert_contains(masked(run.err, path, "natsform.yaml"), row->err ? row->err : "");
    ck_assert_uint_eq(relay_count(relay, row->mute.verb, row->mute.name), row->requests);
    ck_assert_lacks(raw_request(server, "$JS.API.STREAM.NAMES", ""), "natsform_lock_");
    if (strcmp(row->command, "apply") == 0) {
        apply_at(path, server->url);
        assert_in_sync_at(path, server->url, 5);
    }
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- replies that are wrong ---- */

/* Puts one text in the place of another in the replies to some requests, or another reply in the place of all. */
struct forger {
    const char *verb;
    const char *name;
    const char *from; /* NULL: the whole reply, and the request is not passed on */
    const char *to;
};

static const char *forger_hook(struct relay *relay, const struct relay_request *request)
{
    const struct forger *forger = relay->context;
    bool hit = strcmp(request->verb, forger->verb) == 0 && strcmp(request->name, forger->name) == 0;
    if (hit && !forger->from)
        return forger->to;
    const char *reply = relay_pass(relay, request, request->body);
    return hit && reply ? relay_replace(relay, reply, forger->from, forger->to) : reply;
}

struct forged_case {
    struct forger forger;
    const char *out;
    const char *err;
    int exit_code;
};

#define FORGED_MANIFEST                                                                                      \
    "streams:\n"                                                                                             \
    "  A: {subjects: [a], consumers: {c: {ack_policy: explicit}}}\n"                                         \
    "  B: {subjects: [b], consumers: {c: {ack_policy: explicit}}}\n"                                         \
    "  C: {mirror: {name: B}}\n"

#define FORGED_PLAN                                                                                          \
    "  + stream A\n"                                                                                         \
    "      subjects: [a]\n"                                                                                  \
    "  + stream B\n"                                                                                         \
    "      subjects: [b]\n"                                                                                  \
    "  + stream C\n"                                                                                         \
    "      mirror: {name: B}\n"                                                                              \
    "  + consumer A > c\n"                                                                                   \
    "      ack_policy: explicit\n"                                                                           \
    "  + consumer B > c\n"                                                                                   \
    "      ack_policy: explicit\n"                                                                           \
    "\n"                                                                                                     \
    "Plan: 5 to create, 0 in sync, on nats-server (version unknown) at URL (--server)\n"

#define FORGED_PROGRESS                                                                                      \
    "done: create stream A\n"                                                                                \
    "done: create stream B\n"                                                                                \
    "done: create stream C\n"                                                                                \
    "done: create consumer A > c\n"                                                                          \
    "done: create consumer B > c\n"

static const struct forged_case forged_cases[] = {
    /* an error in the middle: what does not depend on it is done */
    {{"STREAM.CREATE", "B", NULL,
      "{\"type\":\"io.nats.jetstream.api.v1.stream_create_response\",\"error\":{\"code\":500,\"err_code\":10047,"
      "\"description\":\"insufficient storage resources available\"}}"},
     FORGED_PLAN
     "  done       create   stream A\n"
     "  failed     create   stream B\n"
     "  not tried  create   stream C\n"
     "  done       create   consumer A > c\n"
     "  not tried  create   consumer B > c\n"
     "Incomplete: 2 of 5 changes done, 1 failed, 2 not tried; run the same command again to go on\n",
     "done: create stream A\n"
     "failed: create stream B\n"
     "done: create consumer A > c\n"
     "natsform.yaml:3:3: error: cannot create stream B: insufficient storage resources available (10047) [api]\n"
     "    3 |   B: {subjects: [b], consumers: {c: {ack_policy: explicit}}}\n"
     "      |   ^\n",
     1},
    /* an echo that differs: one update more, and it is as wanted */
    {{"STREAM.CREATE", "B", "\"max_msgs\":-1", "\"max_msgs\":7"},
     FORGED_PLAN "Done: 5 of 5 changes\n",
     FORGED_PROGRESS,
     0},
    /* it came into being meanwhile, such as by a request that a killed apply left behind: that is fine as well */
    {{"STREAM.CREATE", "B", "\"config\":",
      "\"error\":{\"code\":400,\"err_code\":10065,\"description\":\"subjects overlap with an existing stream\"},"
      "\"config\":"},
     FORGED_PLAN "Done: 5 of 5 changes\n",
     FORGED_PROGRESS,
     0},
    /* a reply that is none is no reply: the object is read */
    {{"CONSUMER.CREATE", "B.c", "io.nats.jetstream.api.v1.consumer_create_response", "something.else"},
     FORGED_PLAN "Done: 5 of 5 changes\n",
     FORGED_PROGRESS,
     0},
};

START_TEST(replies_are_forged)
{
    const struct forged_case *row = &forged_cases[_i];
    struct forger forger = row->forger;
    struct server_fixture *server = fixture_start(NULL, NULL);
    struct relay *relay = relay_start(server, forger_hook, &forger);
    const char *path = manifest(FORGED_MANIFEST);
    struct run run = RUN("apply", "--yes", "-f", path, "-s", relay->url, "--timeout", "5s");
    ck_assert_exit(run, row->exit_code);
    ck_assert_str_eq(normal(run.out, path, relay->url), row->out);
    ck_assert_str_eq(masked(run.err, path, "natsform.yaml"), row->err);
    apply_at(path, server->url);
    assert_in_sync_at(path, server->url, 5);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* Whatever it is asked for, it keeps 7 messages. */
static const char *stubborn_hook(struct relay *relay, const struct relay_request *request)
{
    const char *reply = relay_pass(relay, request, request->body);
    return reply ? relay_replace(relay, reply, "\"max_msgs\":5", "\"max_msgs\":7") : NULL;
}

START_TEST(echo_differs)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    struct relay *relay = relay_start(server, stubborn_hook, NULL);
    const char *path = manifest("streams:\n"
                                "  S:\n"
                                "    subjects: [s]\n"
                                "    max_msgs: 5\n"
                                "    consumers: {c: {}}\n");
    struct run run = RUN("apply", "--yes", "-f", path, "-s", relay->url);
    ck_assert_exit(run, 1);
    ck_assert_str_eq(
        masked(run.err, path, "natsform.yaml"),
        "failed: create stream S\n"
        "natsform.yaml:2:3: error: the server kept another configuration of stream S than was sent "
        "[echo]\n"
        "    2 |   S:\n"
        "      |   ^\n"
        "natsform.yaml:4:15: note: 'max_msgs' is 7, not 5\n"
        "hint: somebody else may change it too; run 'natsform plan' to see what is there now\n");
    ck_assert_contains(run.out, "  failed     create   stream S\n"
                                "  not tried  create   consumer S > c\n"
                                "Incomplete: 0 of 2 changes done, 1 failed, 1 not tried; ");
    ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "S"), 1);
    ck_assert_uint_eq(relay_count(relay, "STREAM.UPDATE", "S"), 1);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- fields of a newer server ---- */

/* Renames fields in replies, and back in requests, so that natsform does not know them. */
static const char *const renamed[][2] = {
    {"\"allow_batched\":", "\"future_flag\":"},    /* of a stream */
    {"\"headers_only\":", "\"future_headers\":"},  /* inside its republish */
    {"\"opt_start_seq\":", "\"future_start\":"},   /* inside each of its sources */
    {"\"sample_freq\":", "\"future\\u001b[2J\":"}, /* of a consumer; a name that is out for the terminal */
};
enum { RENAMED = sizeof(renamed) / sizeof(renamed[0]) };

static const char *renaming_hook(struct relay *relay, const struct relay_request *request)
{
    const char *body = request->body;
    for (size_t i = 0; i < RENAMED; i++)
        body = relay_replace(relay, body, renamed[i][1], renamed[i][0]);
    const char *reply = relay_pass(relay, request, body);
    for (size_t i = 0; reply && i < RENAMED; i++)
        reply = relay_replace(relay, reply, renamed[i][0], renamed[i][1]);
    return reply;
}

START_TEST(unknown_fields_survive)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    create(server, "O", "{\"name\":\"O\",\"subjects\":[\"o\"]}");
    create(server, "P", "{\"name\":\"P\",\"subjects\":[\"p\"]}");
    create(server, "S",
           "{\"name\":\"S\",\"subjects\":[\"s\"],\"allow_batched\":true,"
           "\"republish\":{\"src\":\">\",\"dest\":\"r.>\",\"headers_only\":true},"
           "\"sources\":[{\"name\":\"O\",\"opt_start_seq\":7},{\"name\":\"P\",\"opt_start_seq\":8}]}");
    raw_request(server, "$JS.API.CONSUMER.CREATE.S.c",
                "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"sample_freq\":\"30%\"}}");
    struct relay *relay = relay_start(server, renaming_hook, NULL);
    const char *path = manifest("streams:\n"
                                "  S:\n"
                                "    subjects: [s, more]\n"
                                "    republish: {src: '>', dest: other.>}\n"
                                "    sources: [{name: P}, {name: O}]\n"
                                "    consumers: {c: {description: new}}\n");
    struct run run = RUN("apply", "--yes", "-f", path, "-s", relay->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "      subjects:\n        + \"more\"\n");
    ck_assert_contains(
        run.out,
        "      unmanaged, kept as it is: future_flag, sources.future_start, republish.future_headers\n");
    ck_assert_contains(run.out, "      unmanaged, kept as it is: future\\x1b[2J\n");
    for (int i = 0; i < 2; i++) { /* in sync, and nothing of it forgotten */
        run = RUN("plan", "--detailed-exitcode", "-f", path, "-s", relay->url);
        ck_assert_exit(run, 0);
        ck_assert_contains(run.out, "Plan: 2 in sync, ");
        ck_assert_contains(run.err, "has here: future_flag, sources.future_start, republish.future_headers, "
                                    "future\\x1b[2J [newer-server]\n");
    }
    const char *stream = raw_request(server, "$JS.API.STREAM.INFO.S", "");
    ck_assert_contains(stream, "\"allow_batched\":true");
    ck_assert_contains(stream, "\"dest\":\"other.\\u003e\",\"headers_only\":true");
    ck_assert_contains(stream, "{\"name\":\"O\",\"opt_start_seq\":7}");
    ck_assert_contains(stream, "{\"name\":\"P\",\"opt_start_seq\":8}");
    ck_assert_contains(stream, "\"subjects\":[\"s\",\"more\"]");
    const char *consumer = raw_request(server, "$JS.API.CONSUMER.INFO.S.c", "");
    ck_assert_contains(consumer, "\"sample_freq\":\"30%\"");
    ck_assert_contains(consumer, "\"description\":\"new\"");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* Values that a careless client would change: beyond a double, floats as written, nesting, escapes. */
#define FUTURE(greater)                                                                                      \
    ",\"zz_future\":{\"n\":9007199254740993,\"f\":1.50,\"big\":1000000000000000000,\"l\":[1,\"two\",[],{}]," \
    "\"t\":\"" greater " \\\"q\\\" \\u0001\",\"o\":{\"on\":false}}"

static const char *future_hook(struct relay *relay, const struct relay_request *request)
{
    static const char at[] = "\"num_replicas\":1";
    const char *body = relay_replace(relay, request->body, FUTURE(">"), "");
    const char *reply = relay_pass(relay, request, body);
    return reply ? relay_replace(relay, reply, at, arena_printf(&relay->arena, "%s%s", at, FUTURE("\\u003e")))
                 : NULL;
}

START_TEST(unknown_values_are_exact)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    create(server, "S", "{\"name\":\"S\",\"subjects\":[\"s\"]}");
    struct relay *relay = relay_start(server, future_hook, NULL);
    const char *path = manifest("streams:\n  S: {subjects: [s], description: new}\n");
    apply_at(path, relay->url); /* a server of today would refuse what the relay did not find and take out */
    const char *body = relay_body(relay, "STREAM.UPDATE", "S");
    ck_assert_contains(body, FUTURE(">"));
    ck_assert_lacks(body, "_nats.");
    struct run run = RUN("plan", "--detailed-exitcode", "-f", path, "-s", relay->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, "has here: zz_future [newer-server]\n");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- all of it ---- */

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    const struct suite_test tests[] = {
        {.test = replies_are_lost, .times = COUNT(mute_cases)},
        {.test = replies_are_forged, .times = COUNT(forged_cases)},
        {.test = echo_differs},
        {.test = unknown_fields_survive},
        {.test = unknown_values_are_exact},
    };
    return suite_run("apply replies", tests, sizeof(tests) / sizeof(tests[0]));
}
