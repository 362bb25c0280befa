/*
 * `natsform watch`: what somebody else does to streams, consumers and buckets is told when it happens, with who did it as far as the server
 * tells. Each test starts it, does something, and waits for the words.
 */
#include <check.h>
#include <nats/nats.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/sanitizer.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "field/field.h"
#include "server/listen.h"
#include "support/client.h"
#include "support/config.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/watched.h"
#include "syntax/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char accounts[] =
    "accounts: {A: {jetstream: enabled, users: [{user: alice, password: x}, {user: bob, password: x}]}}\n";

static const char manifest[] = "project: shop\n"
                               "streams:\n"
                               "  ORDERS:\n"
                               "    subjects: [orders.>]\n"
                               "    max_age: 7d\n"
                               "    consumers: {billing: {ack_policy: explicit}}\n"
                               "key_values:\n"
                               "  sessions: {history: 5}\n"
                               "object_stores:\n"
                               "  files: {}\n";

static const char *version_of(int index)
{
    size_t count;
    return server_versions(&count)[index];
}

static bool is_before_2_10(const struct server_fixture *server)
{
    uint32_t version = 0;
    ck_assert(version_parse(server->version, &version));
    return version < VERSION(2, 10, 0);
}

static struct server_fixture *start(const char *version, const char *config)
{
    return fixture_start_with(
        &(struct fixture_options){.version = version, .config = config, .login = "bob:x"});
}

static const char *url_of(const struct server_fixture *server, const char *login)
{
    return arena_printf(test_arena(), "nats://%s@127.0.0.1:%d", login, server->port);
}

/* ---- edits ---- */

static void must(const struct server_fixture *server, const char *verb, const char *body)
{
    const char *reply = raw_request(server, arena_printf(test_arena(), "$JS.API.%s", verb), body);
    ck_assert_msg(reply && *reply && !strstr(reply, "\"error\""), "%s: %s", verb, reply ? reply : "no reply");
}

/* A client with a name, as most libraries have. */
static natsConnection *connect_as(const struct server_fixture *server, const char *login)
{
    natsOptions *options = NULL;
    natsConnection *connection = NULL;
    ck_assert_int_eq(natsOptions_Create(&options), NATS_OK);
    ck_assert_int_eq(natsOptions_SetURL(options, url_of(server, login)), NATS_OK);
    ck_assert_int_eq(natsOptions_SetName(options, "a hand"), NATS_OK);
    ck_assert_int_eq(natsConnection_Connect(&connection, options), NATS_OK);
    natsOptions_Destroy(options);
    return connection;
}

static void ask(natsConnection *connection, const char *verb, const char *body)
{
    natsMsg *reply = NULL;
    const char *subject = arena_printf(test_arena(), "$JS.API.%s", verb);
    ck_assert_int_eq(natsConnection_RequestString(&reply, connection, subject, body, PATIENCE_MS), NATS_OK);
    const char *text =
        arena_strndup(test_arena(), natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply));
    natsMsg_Destroy(reply);
    ck_assert_msg(!strstr(text, "\"error\""), "%s: %s", verb, text);
}

#define CONSUMER(name, more)                                                                                 \
    "{\"stream_name\":\"ORDERS\",\"config\":{\"durable_name\":\"" name "\",\"ack_policy\":\"explicit\"" more \
    "}}"

/* One after the other; `told` behind "by a hand" where the server tells who. */
static const struct edit {
    const char *verb, *body;
    const char *what, *told;
} edits[] = {
    {"STREAM.UPDATE.ORDERS", "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":86400000000000}",
     "stream ORDERS updated", "      max_age: 1d -> 7d\n"},
    {"STREAM.UPDATE.ORDERS", "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":604800000000000}",
     "stream ORDERS updated", "\n"},
    {"CONSUMER.DURABLE.CREATE.ORDERS.billing", CONSUMER("billing", ",\"description\":\"by hand\""),
     "consumer ORDERS > billing updated", "      description: by hand -> (none)\n"},
    {"CONSUMER.DURABLE.CREATE.ORDERS.extra", CONSUMER("extra", ""), "consumer ORDERS > extra created",
     ": not in the manifest\n"},
    {"CONSUMER.DELETE.ORDERS.extra", "", "consumer ORDERS > extra deleted", ": not in the manifest\n"},
    {"CONSUMER.DELETE.ORDERS.billing", "", "consumer ORDERS > billing deleted",
     "  + consumer ORDERS > billing\n"},
    {"CONSUMER.DURABLE.CREATE.ORDERS.billing", CONSUMER("billing", ""), "consumer ORDERS > billing created",
     "\n"},
    /* What the manifest leaves to the server. */
    {"CONSUMER.DURABLE.CREATE.ORDERS.billing", CONSUMER("billing", ",\"max_ack_pending\":50"),
     "consumer ORDERS > billing updated", "\n"},
    {"STREAM.PURGE.ORDERS", "", "stream ORDERS purged", "\n"},
    {"STREAM.DELETE.ORDERS", "", "stream ORDERS deleted", "  + stream ORDERS\n"},
    {"STREAM.CREATE.ORDERS", "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":604800000000000}",
     "stream ORDERS created", "\n"},
    {"STREAM.UPDATE.KV_sessions",
     "{\"name\":\"KV_sessions\",\"subjects\":[\"$KV.sessions.>\"],\"max_msgs_per_subject\":9,\"discard\":\"new\","
     "\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"allow_direct\":true,\"duplicate_window\":120000000000}",
     "key-value bucket sessions updated", "      history: 9 -> 5\n"},
    {"STREAM.DELETE.KV_sessions", "", "key-value bucket sessions deleted", "  + key-value bucket sessions\n"},
    {"STREAM.CREATE.KV_sessions",
     "{\"name\":\"KV_sessions\",\"subjects\":[\"$KV.sessions.>\"],\"max_msgs_per_subject\":5,\"discard\":\"new\","
     "\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"allow_direct\":true,\"duplicate_window\":120000000000}",
     "key-value bucket sessions created", "\n"},
    {"STREAM.UPDATE.OBJ_files",
     "{\"name\":\"OBJ_files\",\"subjects\":[\"$O.files.C.>\",\"$O.files.M.>\"],\"max_bytes\":1000000,"
     "\"discard\":\"new\",\"allow_rollup_hdrs\":true,\"allow_direct\":true}",
     "object store files updated", "      max_bytes: 1m -> unlimited\n"},
    {"STREAM.DELETE.OBJ_files", "", "object store files deleted", "  + object store files\n"},
    {"STREAM.CREATE.OBJ_files",
     "{\"name\":\"OBJ_files\",\"subjects\":[\"$O.files.C.>\",\"$O.files.M.>\"],\"discard\":\"new\","
     "\"allow_rollup_hdrs\":true,\"allow_direct\":true}",
     "object store files created", "\n"},
    {"STREAM.CREATE.OTHER", "{\"name\":\"OTHER\",\"subjects\":[\"other\"]}", "stream OTHER created",
     ": not in the manifest\n"},
    {"STREAM.UPDATE.OTHER", "{\"name\":\"OTHER\",\"subjects\":[\"other\"],\"max_msgs\":5}",
     "stream OTHER updated", ": not in the manifest\n"},
    {"STREAM.DELETE.OTHER", "", "stream OTHER deleted", ": not in the manifest\n"},
    {"STREAM.CREATE.KV_x", "{\"name\":\"KV_x\",\"subjects\":[\"$KV.x.>\"]}", "key-value bucket x created",
     ": not in the manifest\n"},
};

static struct watched start_watching(struct server_fixture *server)
{
    const char *url = url_of(server, "alice:x");
    ck_assert_exit(RUN("apply", "--yes", "-f", write_file(test_directory(), "m.yaml", manifest), "-s", url),
                   0);
    struct watched watched = watched_start(manifest, url, NULL);
    watched_expect(&watched, "Plan: 4 in sync, on nats-server ");
    watched_expect(&watched, "watching; Ctrl-C ends it\n");
    return watched;
}

START_TEST(each_edit)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched = start_watching(server);
    natsConnection *hand = connect_as(server, "bob:x");
    bool tells_who = !is_before_2_10(server);
    if (!tells_who)
        watched_expect(&watched, "not seen: who changes something; nats-server 2.9.10 does not tell\n");
    for (size_t i = 0; i < COUNT(edits); i++) {
        ask(hand, edits[i].verb, edits[i].body);
        watched_expect(&watched, edits[i].what);
        if (tells_who)
            watched_expect(&watched, " by bob (a hand at 127.0.0.1)");
        watched_expect(&watched, edits[i].told);
    }
    /* Somebody else's natsform, and the objects are as the manifest says once more. */
    ck_assert_exit(RUN("apply", "--yes", "-f", write_file(test_directory(), "m.yaml", manifest), "-s",
                       url_of(server, "alice:x")),
                   0);
    watched_expect(&watched, "consumer ORDERS > billing created");
    watched_expect(&watched, tells_who ? " by alice (natsform apply at 127.0.0.1): in sync again\n"
                                       : ": in sync again\n");
    natsConnection_Destroy(hand);
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

static void put_billing(const struct server_fixture *server, const struct node *config)
{
    must(server, "CONSUMER.DURABLE.CREATE.ORDERS.billing",
         arena_printf(test_arena(), "{\"stream_name\":\"ORDERS\",\"config\":%s}", config_json(config)));
}

/* Clients put their consumers again at each start, and those without a name come and go. Neither is anybody's edit. */
START_TEST(what_clients_do)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched = start_watching(server);
    const struct raw_reply billing =
        raw_reply_read(raw_request(server, "$JS.API.CONSUMER.INFO.ORDERS.billing", ""));
    put_billing(server, billing.config);
    must(
        server, "CONSUMER.CREATE.ORDERS",
        "{\"stream_name\":\"ORDERS\",\"config\":{\"ack_policy\":\"none\",\"inactive_threshold\":100000000}}");
    must(server, "STREAM.INFO.ORDERS", "");
    must(server, "STREAM.CREATE.LAST", "{\"name\":\"LAST\",\"subjects\":[\"last\"]}");
    watched_expect(&watched, "stream LAST created");
    ck_assert_lacks(read_file(watched.out), "consumer ORDERS > ");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

static void told_once(const struct server_fixture *server, struct watched *watched, const struct node *config)
{
    put_billing(server, config);
    watched_expect(watched, "consumer ORDERS > billing updated");
    watched_expect(watched, ": still in sync\n");
    put_billing(server, config);
}

/*
 * What the manifest leaves to the server changes nothing of the plan. It is told each time when it changes, whether what is read for it is that
 * stream or everything, and not when a client puts the same.
 */
START_TEST(what_is_left_open)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched = start_watching(server);
    const struct node *billing =
        raw_reply_read(raw_request(server, "$JS.API.CONSUMER.INFO.ORDERS.billing", "")).config;
    const struct node *other = config_over(billing, config_read("max_ack_pending: 50"));
    told_once(server, &watched, other);
    must(server, "STREAM.CREATE.FIRST", "{\"name\":\"FIRST\",\"subjects\":[\"first\"]}");
    watched_expect(&watched, "stream FIRST created");
    write_file(watched.folder, "m.yaml", arena_printf(test_arena(), "# a remark\n%s", manifest));
    watched_expect(&watched, "the manifest changed; it is read again");
    told_once(server, &watched, billing);
    must(server, "STREAM.CREATE.LAST", "{\"name\":\"LAST\",\"subjects\":[\"last\"]}");
    watched_expect(&watched, "stream LAST created");
    size_t told = 0;
    for (const char *at = read_file(watched.out); (at = strstr(at, "consumer ORDERS > ")); at++)
        told++;
    ck_assert_uint_eq(told, 2);
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

START_TEST(a_pause)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    uint32_t version = 0;
    ck_assert(version_parse(server->version, &version));
    if (version >= VERSION(2, 11, 0)) {
        struct watched watched = start_watching(server);
        must(server, "CONSUMER.PAUSE.ORDERS.billing", "{\"pause_until\":\"2099-01-01T00:00:00Z\"}");
        watched_expect(&watched,
                       "consumer ORDERS > billing paused or resumed by bob (at 127.0.0.1): still in sync\n");
        watched_end(&watched);
    }
    fixture_stop(server);
}
END_TEST

START_TEST(server_restarts)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched = start_watching(server);
    fixture_shut_down(server);
    watched_expect(&watched, "the connection was lost; watching goes on once the server is there again\n");
    fixture_restart(server, NULL);
    /* Before it is connected again, or after. */
    must(server, "STREAM.UPDATE.ORDERS",
         "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":86400000000000}");
    watched_expect(&watched, "connected again; everything is read once more\n");
    watched_expect(&watched, "stream ORDERS ");
    watched_expect(&watched, "      max_age: 1d -> 7d\n");
    must(server, "STREAM.DELETE.KV_sessions", "");
    watched_expect(&watched, "key-value bucket sessions deleted");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* What the user may not listen to is said, and found by the next reading. */
START_TEST(forbidden)
{
    static const char config[] =
        "accounts: {A: {jetstream: enabled, users: [{user: alice, password: x, permissions: {subscribe: "
        "{deny: ['$JS.EVENT.ADVISORY.>']}}}, {user: bob, password: x}]}}\n";
    struct server_fixture *server = start(version_of(_i), config);
    const char *url = url_of(server, "alice:x");
    ck_assert_exit(RUN("apply", "--yes", "-f", write_file(test_directory(), "m.yaml", manifest), "-s", url),
                   0);
    struct watched watched = WATCH(manifest, url, "--every", "300ms");
    watched_expect(&watched,
                   "not seen at once: new streams; the user may not subscribe to "
                   "'$JS.EVENT.ADVISORY.STREAM.CREATED.*', so everything is read again every 300ms\n");
    watched_expect(
        &watched,
        "not seen at once: who changes something, updates of consumers and purges; the user may not "
        "subscribe to '$JS.EVENT.ADVISORY.API', so everything is read again every 300ms\n");
    must(server, "STREAM.UPDATE.ORDERS",
         "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":86400000000000}");
    watched_expect(&watched, "stream ORDERS changed, and no advisory told of it\n");
    watched_expect(&watched, "      max_age: 1d -> 7d\n");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* It may run for weeks: what it has read for one edit is gone at the next, also where it reads everything. */
START_TEST(does_not_grow)
{
    enum { STREAMS = 1000, EDITS = 40, MOST_KB = 100 * 1024 };
    static const char config[] =
        "accounts: {A: {jetstream: enabled, users: [{user: alice, password: x, permissions: {subscribe: "
        "{deny: ['$JS.EVENT.ADVISORY.>']}}}, {user: bob, password: x}]}}\n";
    size_t count;
    struct server_fixture *server = start(server_versions(&count)[0], config);
    const char *url = url_of(server, "alice:x");
    struct strbuf text SCOPED(strbuf_release) = {0};
    strbuf_adds(&text, "project: shop\nstreams:\n");
    for (int i = 0; i < STREAMS; i++)
        strbuf_addf(&text, "  S%d: {subjects: [s%d], storage: memory}\n", i, i);
    ck_assert_exit(
        RUN("apply", "--yes", "-f", write_file(test_directory(), "m.yaml", strbuf_text(&text)), "-s", url),
        0);
    struct watched watched = WATCH(strbuf_text(&text), url, "--every", "1ms");
    watched_expect(&watched, "Plan: 1000 in sync, on nats-server ");
    for (int i = 0; i < EDITS; i++) {
        must(server, "STREAM.UPDATE.S7",
             arena_printf(test_arena(),
                          "{\"name\":\"S7\",\"subjects\":[\"s7\"],\"storage\":\"memory\",\"max_msgs\":%d}",
                          i + 1));
        watched_expect(&watched, arena_printf(test_arena(), "max_msgs: %d -> ", i + 1));
    }
    long peak_kb = watched_end(&watched).ru_maxrss;
    ck_assert_msg(IS_SANITIZED || peak_kb < MOST_KB, "%ld KB", peak_kb);
    fixture_stop(server);
}
END_TEST

/* Only the audit is forbidden: who did it is not told, and all else is. */
START_TEST(without_audit)
{
    static const char config[] =
        "accounts: {A: {jetstream: enabled, users: [{user: alice, password: x, permissions: {subscribe: "
        "{deny: ['$JS.EVENT.ADVISORY.API']}}}, {user: bob, password: x}]}}\n";
    struct server_fixture *server = start(version_of(_i), config);
    struct watched watched = start_watching(server);
    watched_expect(&watched, "not seen at once: who changes something");
    must(server, "STREAM.UPDATE.ORDERS",
         "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":86400000000000}");
    watched_expect(&watched, "stream ORDERS updated\n");
    watched_expect(&watched, "      max_age: 1d -> 7d\n");
    must(server, "CONSUMER.DELETE.ORDERS.billing", "");
    watched_expect(&watched, "consumer ORDERS > billing deleted\n");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

static const char forged[] =
    "{\"type\":\"io.nats.jetstream.advisory.v1.api_audit\",\"client\":{\"user\":\"u\\u001b]0;x\\u0007\",\"name\":"
    "\"n\\n12:00\",\"host\":\"\\u202e\"},\"subject\":\"$JS.API.STREAM.DELETE.GONE\",\"response\":\"{}\"}";

/* Anybody in the account may send what looks like an advisory. */
START_TEST(hostile)
{
    static const char *const sent[] = {
        "",
        "{",
        "[]",
        "{\"type\":\"io.nats.jetstream.advisory.v1.api_audit\"}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.api_audit\",\"subject\":\"$JS.API.STREAM.UPDATE.\",\"response\":\"{}\"}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.api_audit\",\"subject\":\"$JS.API.CONSUMER.CREATE.ORDERS\",\"response\":\"{}\"}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.api_audit\",\"subject\":\"$JS.API.CONSUMER.DELETE.ORDERS\",\"response\":\"{}\"}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.stream_action\",\"stream\":\"\",\"action\":\"create\"}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.stream_action\",\"stream\":{},\"action\":[]}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.consumer_action\",\"stream\":\"S\",\"action\":\"create\"}",
        "{\"type\":7,\"stream\":\"S\",\"action\":\"create\"}",
        "{\"type\":\"io.nats.jetstream.advisory.v1.stream_action\",\"stream\":\"evil\\u001b[2J\\r\\nPlan\",\"action\":\"create\"}",
        forged,
    };
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched = start_watching(server);
    natsConnection *hand = connect_as(server, "bob:x");
    for (size_t i = 0; i < COUNT(sent); i++)
        ck_assert_int_eq(natsConnection_PublishString(hand, "$JS.EVENT.ADVISORY.API", sent[i]), NATS_OK);
    watched_expect(&watched, "stream evil\\x1b[2J\\x0d\\nPlan created: not in the manifest\n");
    watched_expect(&watched, "stream GONE deleted by u\\x1b]0;x\\x07 (n\\n12:00 at ");
    must(server, "STREAM.DELETE.ORDERS", "");
    watched_expect(&watched, "stream ORDERS deleted");
    ck_assert_lacks(read_file(watched.out), "\x1b");
    natsConnection_Destroy(hand);
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* Over leafnodes come those of other domains. */
START_TEST(other_domain)
{
    struct server_fixture *server = fixture_start(version_of(_i), "jetstream: {domain: hub}\n");
    struct watched watched = watched_start("streams: {S: {subjects: [s]}}\n", server->url, NULL);
    natsConnection *hand = NULL;
    ck_assert_int_eq(natsConnection_ConnectTo(&hand, server->url), NATS_OK);
    watched_expect(&watched, "watching; Ctrl-C ends it\n");
    ck_assert_int_eq(natsConnection_PublishString(
                         hand, "$JS.EVENT.ADVISORY.STREAM.CREATED.X",
                         "{\"type\":\"io.nats.jetstream.advisory.v1.stream_action\",\"stream\":\"X\","
                         "\"action\":\"create\",\"domain\":\"leaf\"}"),
                     NATS_OK);
    ask(hand, "STREAM.CREATE.S", "{\"name\":\"S\",\"subjects\":[\"s\"]}");
    watched_expect(&watched, "stream S created");
    ck_assert_lacks(read_file(watched.out), "stream X");
    natsConnection_Destroy(hand);
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* nats-server 2.10 tells a token where others have the name of a user. */
START_TEST(token)
{
    struct server_fixture *server = fixture_start_with(&(struct fixture_options){
        .version = version_of(_i), .config = "authorization: {token: s3cr3t}\n", .login = "s3cr3t"});
    const char *url = url_of(server, "s3cr3t");
    struct watched watched = watched_start("streams: {S: {subjects: [s]}}\n", url, NULL);
    watched_expect(&watched, "watching; Ctrl-C ends it\n");
    must(server, "STREAM.CREATE.S", "{\"name\":\"S\",\"subjects\":[\"s\"]}");
    watched_expect(&watched, "stream S created");
    must(server, "STREAM.DELETE.S", "");
    watched_expect(&watched, "stream S deleted");
    ck_assert_lacks(read_file(watched.out), "s3cr3t");
    ck_assert_lacks(read_file(watched.out), "REDACTED");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

START_TEST(manifest_changes)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched = start_watching(server);
    write_file(watched.folder, "m.yaml",
               "project: shop\nstreams: {ORDERS: {subjects: [orders.>], max_age: 9d}}\n");
    watched_expect(&watched, "the manifest changed; it is read again\n");
    watched_expect(&watched, "stream ORDERS compared with the manifest as it is now\n");
    watched_expect(&watched, "      max_age: 7d -> 9d\n");
    write_file(watched.folder, "m.yaml", "streams: {ORDERS: {subjects: 7, max_age: 9}}\n");
    watched_expect(&watched, "error: ");
    must(server, "STREAM.DELETE.ORDERS", "");
    watched_expect(&watched, "stream ORDERS deleted");
    write_file(watched.folder, "m.yaml", "streams: {ORDERS: {subjects: [orders.>], max_age: 9d}}\n");
    watched_expect(&watched, "  + stream ORDERS\n");
    write_file(watched.folder, "m.yaml", "streams: {ORDERS: {subjects: [orders.>], max_age: 8d}}\n");
    watched_expect(&watched, "stream ORDERS compared with the manifest as it is now\n");
    watched_expect(&watched, "      max_age: 8d\n");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* What others have may leave no room for what the manifest wants. */
START_TEST(account_limit)
{
    static const char config[] =
        "accounts: {A: {jetstream: {max_streams: 2}, users: [{user: alice, password: x}, "
        "{user: bob, password: x}]}}\n";
    struct server_fixture *server = start(version_of(_i), config);
    must(server, "STREAM.CREATE.A", "{\"name\":\"A\",\"subjects\":[\"a\"]}");
    struct watched watched =
        WATCH("streams: {A: {subjects: [a]}, B: {subjects: [b]}}\n", url_of(server, "alice:x"), "-o", "json");
    watched_expect(&watched,
                   "\"address\":\"stream.B\",\"type\":\"stream\",\"name\":\"B\",\"action\":\"create\"");
    must(server, "STREAM.CREATE.X", "{\"name\":\"X\",\"subjects\":[\"x\"]}");
    watched_expect(&watched,
                   "\"address\":\"stream.B\",\"type\":\"stream\",\"name\":\"B\",\"action\":\"refused\"");
    must(server, "STREAM.DELETE.X", "");
    watched_expect(&watched,
                   "\"address\":\"stream.B\",\"type\":\"stream\",\"name\":\"B\",\"action\":\"create\"");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* An include that came later is watched, too. */
START_TEST(manifest_grows)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    struct watched watched =
        watched_start("streams: {A: {subjects: [a]}}\n", url_of(server, "alice:x"), NULL);
    watched_expect(&watched, "watching; Ctrl-C ends it\n");
    write_file(watched.folder, "m.yaml", "include: [more.yaml]\nstreams: {A: {subjects: [a]}}\n");
    watched_expect(&watched, "error: ");
    write_file(watched.folder, "more.yaml", "streams: {B: {subjects: [b]}}\n");
    watched_expect(&watched, "stream B compared with the manifest as it is now\n");
    write_file(watched.folder, "more.yaml", "streams: {A: {max_age: 1d}}\n");
    watched_expect(&watched, "error: ");
    write_file(watched.folder, "more.yaml", "streams: {C: {subjects: [c]}}\n");
    watched_expect(&watched, "stream C compared with the manifest as it is now\n");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

/* Nobody gets what it has to tell: that is a failure, and no reason to go on for ever. */
START_TEST(full_disk)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    const char *file = write_file(test_directory(), "m.yaml", manifest);
    const char *program = getenv("NATSFORM");
    const char *script = arena_printf(test_arena(), "exec '%s' watch -f '%s' -s '%s' >/dev/full",
                                      program ? program : "", file, url_of(server, "alice:x"));
    const struct run run = run_natsform(
        &(struct run_options){.program = "/bin/sh", .arguments = (const char *const[]){"-c", script, NULL}});
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(run.err, "natsform: cannot write to standard output\n");
    fixture_stop(server);
}
END_TEST

/* Each line is an object of its own, and has a type and a time. */
START_TEST(in_json)
{
    struct server_fixture *server = start(version_of(_i), accounts);
    const char *url = url_of(server, "alice:x");
    ck_assert_exit(RUN("apply", "--yes", "-f", write_file(test_directory(), "m.yaml", manifest), "-s", url),
                   0);
    struct watched watched = WATCH(manifest, url, "-o", "json");
    watched_expect(&watched, "\"type\":\"started\",\"plan\":{");
    must(server, "STREAM.DELETE.KV_sessions", "");
    watched_expect(&watched,
                   "\"type\":\"change\",\"address\":\"key_value.sessions\",\"done\":\"deleted\",\"by\":{");
    watched_expect(&watched, is_before_2_10(server) ? "\"user\":null," : "\"user\":\"bob\",");
    watched_expect(
        &watched, "\"account\":\"A\"},\"state\":\"differs\",\"news\":true,\"resource_change\":{\"address\":");
    watched_expect(&watched, "\n");
    watched_end(&watched);
    char *lines = arena_strdup(test_arena(), read_file(watched.out)), *rest = NULL;
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        struct diags diags = {0};
        const struct node *node = json_read(test_arena(), line, strlen(line), NULL, &diags);
        ck_assert_msg(node && *node_get_text(node, "type") && *node_get_text(node, "time"), "%s", line);
    }
    fixture_stop(server);
}
END_TEST

/* It hears of what is done on another node. */
START_TEST(in_a_cluster)
{
    struct cluster_fixture *cluster = cluster_start(version_of(_i), "C");
    const char *url = cluster->nodes[0]->url;
    const char *text =
        "streams: {S: {subjects: [s], num_replicas: 3, consumers: {c: {ack_policy: explicit}}}}\n";
    ck_assert_exit(RUN("apply", "--yes", "-f", write_file(test_directory(), "m.yaml", text), "-s", url), 0);
    struct watched watched = watched_start(text, url, NULL);
    watched_expect(&watched, "watching; Ctrl-C ends it\n");
    must(cluster->nodes[1], "STREAM.UPDATE.S",
         "{\"name\":\"S\",\"subjects\":[\"s\"],\"num_replicas\":3,\"max_age\":86400000000000}");
    watched_expect(&watched, "stream S updated");
    watched_expect(&watched, "      max_age: 1d -> (none)\n");
    must(cluster->nodes[2], "CONSUMER.DELETE.S.c", "");
    watched_expect(&watched, "consumer S > c deleted");
    watched_expect(&watched, "  + consumer S > c\n");
    watched_end(&watched);
    cluster_stop(cluster);
}
END_TEST

static bool is_no_hash(const char *data, size_t length)
{
    return length == 0 || data[0] != '#';
}

/* A queue that is full says so, once, and goes on; what nobody wants takes no room in it. */
START_TEST(full_queue)
{
    static const char *const subjects[] = {"a.*", "b"};
    const struct listening listening = {
        .subjects = subjects, .count = COUNT(subjects), .wants = is_no_hash, .most_bytes = 2000};
    struct server_fixture *fixture = fixture_start(version_of(_i), NULL);
    struct server *server = client_of(fixture);
    struct diags diags = {0};
    struct listen *listen = NULL;
    ck_assert_int_eq(listen_open(server, &listening, &listen, &diags), 0);
    ck_assert(client_request(server, "INFO", NULL, NULL, "account_info_response").outcome == API_DONE);
    natsConnection *hand = NULL;
    ck_assert_int_eq(natsConnection_ConnectTo(&hand, fixture->url), NATS_OK);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(natsConnection_PublishString(hand, "a.x", i ? "#nothing" : "first"), NATS_OK);
    ck_assert_int_eq(natsConnection_Flush(hand), NATS_OK);
    struct heard heard;
    AWAIT((heard = listen_next(listen, 10)).kind != HEARD_NOTHING);
    ck_assert_int_eq(heard.kind, HEARD_MESSAGE);
    ck_assert_msg(heard.length == 5 && strncmp(heard.data, "first", 5) == 0, "%.*s", (int)heard.length,
                  heard.data);
    ck_assert_int_eq(listen_next(listen, 0).kind, HEARD_NOTHING);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(natsConnection_PublishString(hand, "a.x", "more"), NATS_OK);
    AWAIT(listen_next(listen, 10).kind == HEARD_GAP);
    while (listen_next(listen, 100).kind != HEARD_NOTHING)
        continue;
    ck_assert_int_eq(natsConnection_PublishString(hand, "b", "last"), NATS_OK);
    AWAIT((heard = listen_next(listen, 10)).kind == HEARD_MESSAGE && heard.length == 4 &&
          strncmp(heard.data, "last", 4) == 0);
    natsConnection_Destroy(hand);
    listen_close(listen);
    server_close(server);
    fixture_stop(fixture);
}
END_TEST

START_TEST(usage)
{
    const char *several =
        write_file(test_directory(), "m.yaml",
                   "connections: {a: {url: nats://127.0.0.1:1}, b: {url: nats://127.0.0.1:1}}\n"
                   "streams: {S: {subjects: [s], connection: a}, T: {subjects: [t], connection: b}}\n");
    struct run run = RUN("watch", "-f", "-");
    ck_assert_exit(run, EXIT_USAGE);
    ck_assert_contains(run.err,
                       "'watch' reads the manifest again and again, which standard input cannot give");
    run = RUN("watch", "-f", several);
    ck_assert_exit(run, EXIT_USAGE);
    ck_assert_contains(run.err, "hint: say which one with --connection NAME");
    run = RUN("watch", "-f", several, "--connection", "a", "-o", "json");
    ck_assert_exit(run, EXIT_UNREACHABLE);
    ck_assert_contains(run.out, "\"diagnostics\":[{");
    ck_assert_ptr_eq(strchr(run.out, '\n'), run.out + strlen(run.out) - 1);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = each_edit, .each_version = true},
        {.test = what_clients_do, .each_version = true},
        {.test = what_is_left_open, .each_version = true},
        {.test = a_pause, .each_version = true},
        {.test = server_restarts, .each_version = true},
        {.test = forbidden, .each_version = true},
        {.test = without_audit, .each_version = true},
        {.test = hostile, .each_version = true},
        {.test = other_domain, .each_version = true},
        {.test = token, .each_version = true},
        {.test = manifest_changes, .each_version = true},
        {.test = in_json, .each_version = true},
        {.test = in_a_cluster, .each_version = true},
        {.test = full_queue, .each_version = true},
        {.test = does_not_grow},
        {.test = account_limit, .each_version = true},
        {.test = manifest_grows, .each_version = true},
        {.test = full_disk, .each_version = true},
        {.test = usage},
    };
    return suite_run("watch", tests, COUNT(tests));
}
