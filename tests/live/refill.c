/*
 * Streams in memory that are filled message by message, where the server keeps nothing of an archive of them: whoever publishes meanwhile, with ids that
 * come twice, and killed anywhere. Versions from 2.15 on restore the archive, and have to show the same.
 */
#include <check.h>
#include <nats/nats.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "field/field.h"
#include "server/publishing.h"
#include "support/client.h"
#include "support/content.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { MESSAGES = 2000, KILLS = 12, LATE_US = 500000 };

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char stream[] =
    "{\"name\":\"M\",\"subjects\":[\"m.>\"],\"storage\":\"memory\",\"duplicate_window\":100000000}";

struct filled {
    struct test_environment *here;
    const struct server_fixture *server;
    natsConnection *connection;
    uint32_t version;
    struct content wanted;
};

static bool is_since(const struct filled *filled, uint32_t since)
{
    return version_has(filled->version, since);
}

static const char *state(const struct filled *filled)
{
    return raw_request(filled->server, "$JS.API.STREAM.INFO.M", "");
}

static void publish_many(const struct filled *filled)
{
    for (int i = 0; i < MESSAGES; i++)
        natsConnection_PublishString(filled->connection, format("m.%d", i % 5), format("message %d", i));
    AWAIT(strstr(state(filled), format("\"last_seq\":%d,", MESSAGES)) != NULL);
}

/* The same id as often as that, each time when the server has forgotten it. */
static void publish_with_id(const struct filled *filled, int times)
{
    for (int i = 0; i < times; i++) {
        bool stored = false;
        while (!stored) {
            natsMsg *message = NULL, *reply = NULL;
            ck_assert_int_eq(natsMsg_Create(&message, "m.id", NULL, "again", 5), NATS_OK);
            natsMsgHeader_Set(message, "Nats-Msg-Id", "the same");
            ck_assert_int_eq(natsConnection_RequestMsg(&reply, filled->connection, message, PATIENCE_MS),
                             NATS_OK);
            stored = !strstr(natsMsg_GetData(reply), "duplicate");
            natsMsg_Destroy(message);
            natsMsg_Destroy(reply);
        }
    }
}

/* A server with the stream, backed up and deleted. */
static struct filled begin(const char *version, const char *config)
{
    struct filled filled = {.here = environment_new(version, "servers: {dev: {ports: auto}}\n"),
                            .version = version_number(version)};
    ck_assert_exit(NF(filled.here, "up"), 0);
    filled.server = environment_server(filled.here, "dev", NULL);
    AWAIT(natsConnection_ConnectTo(&filled.connection, filled.server->url) == NATS_OK);
    ck_assert(strstr(raw_request(filled.server, "$JS.API.STREAM.CREATE.M", config), "\"error\"") == NULL);
    publish_many(&filled);
    publish_with_id(&filled, 3);
    for (int i = 1; i < MESSAGES; i += 97)
        raw_request(filled.server, "$JS.API.STREAM.MSG.DELETE.M", format("{\"seq\":%d}", i));
    raw_request(filled.server, "$JS.API.CONSUMER.DURABLE.CREATE.M.c",
                "{\"stream_name\":\"M\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}");
    raw_consume(filled.server, "M.c");
    filled.wanted = content_read(filled.connection, "M");
    ck_assert_exit(NF(filled.here, "backup", "M", "--out", "out"), 0);
    raw_request(filled.server, "$JS.API.STREAM.DELETE.M", "");
    return filled;
}

static void end(struct filled *filled)
{
    natsConnection_Destroy(filled->connection);
    ck_assert_exit(NF(filled->here, "down", "--volumes", "--yes"), 0);
    environment_end(filled->here);
}

/* Each message of the backup is where it was; behind them there may be others. */
static void check(const struct filled *filled)
{
    const struct content is = content_read(filled->connection, "M");
    ck_assert(is.there);
    ck_assert_uint_ge(is.list.count, filled->wanted.list.count);
    for (size_t i = 0; i < filled->wanted.list.count; i++) {
        const struct content_message *was = &filled->wanted.list.items[i], *now = &is.list.items[i];
        ck_assert_uint_eq(now->seq, was->seq);
        ck_assert_str_eq(now->subject, was->subject);
        ck_assert_str_eq(now->data, was->data);
    }
    ck_assert(strstr(state(filled), "natsform.refill") == NULL);
    ck_assert(strstr(raw_request(filled->server, "$JS.API.CONSUMER.INFO.M.c", ""), "\"num_pending\"") !=
              NULL);
}

START_TEST(ids_come_twice)
{
    struct filled filled = begin(version_at(_i), stream);
    struct run run = NF(filled.here, "restore", "out", "--dry-run");
    ck_assert_exit(run, 0);
    bool new_times = strstr(run.out, "Their times are new then") != NULL;
    ck_assert(new_times != is_since(&filled, V_2_15));
    ck_assert((strstr(run.out, "nobody else may publish there meanwhile") == NULL) ==
              is_since(&filled, V_2_10));
    ck_assert_exit(NF(filled.here, "restore", "out", "--yes"), 0);
    check(&filled);
    end(&filled);
}
END_TEST

/* Where nobody can get in between they find no stream, or the whole one; on 2.9 the first of them is found, and ends it. */
START_TEST(others_publish)
{
    static const char *const restore[] = {"restore", "out", "--yes", NULL};
    struct filled filled = begin(version_at(_i), stream);
    bool stays_out = is_since(&filled, V_2_10);
    for (bool met = false; !met;) {
        raw_request(filled.server, "$JS.API.STREAM.DELETE.M", "");
        pid_t pid = environment_spawn(filled.here, restore);
        const char *reply = "";
        AWAIT(strstr(state(&filled), "\"messages\":0") == NULL &&
              strstr(state(&filled), "\"messages\":") != NULL);
        AWAIT(*(reply = raw_request(filled.server, "m.1", "of somebody else")));
        int code = environment_exit_code(pid);
        bool behind = strstr(reply, format("\"seq\":%d,", MESSAGES + 4)) ||
                      strstr(reply, format("\"seq\":%d}", MESSAGES + 4));
        ck_assert_msg(code == (behind ? 0 : 1), "exit code %d, and %s", code, reply);
        ck_assert(!stays_out || behind);
        if (behind)
            check(&filled);
        met = stays_out || !behind;
    }
    if (!stays_out) {
        const char *said = read_file(format("%s/out", filled.here->home));
        ck_assert_contains(said, "as somebody else publishes to it [publishing]");
        ck_assert_contains(said, "something is left of stream 'M'");
        ck_assert(strstr(state(&filled), "\"messages\":") != NULL);
    }
    end(&filled);
}
END_TEST

/*
 * The next run goes on or begins anew; where there is no mark (2.9, and archives from 2.15 on), it says if something is there. Killed behind its last
 * request, a run has left all of it, and no mark either.
 */
START_TEST(killed_anywhere)
{
    static const char *const restore[] = {"restore", "out", "--yes", NULL};
    static const char ages[] =
        "{\"name\":\"M\",\"subjects\":[\"m.>\"],\"storage\":\"memory\",\"sealed\":false,"
        "\"duplicate_window\":100000000,\"max_age\":3600000000000}";
    struct filled filled = begin(version_at(_i), ages);
    int64_t whole = environment_microseconds(filled.here, restore);
    for (int i = 0; i < KILLS; i++) {
        raw_request(filled.server, "$JS.API.STREAM.DELETE.M", "");
        environment_disturb(filled.here, restore, SIGKILL, whole * i / KILLS);
        struct run run = NF(filled.here, "restore", "out", "--yes");
        bool marks = is_since(&filled, V_2_10) && !is_since(&filled, V_2_15);
        if (run.exit_code != 0 && marks) {
            ck_assert_contains(run.err, "a stream 'M' is there already");
            check(&filled);
            continue;
        }
        if (run.exit_code != 0) {
            ck_assert_contains(run.err, "a stream 'M' is there already");
            raw_request(filled.server, "$JS.API.STREAM.DELETE.M", "");
            run = NF(filled.here, "restore", "out", "--yes");
        }
        ck_assert_exit(run, 0);
        check(&filled);
    }
    end(&filled);
}
END_TEST

/* ---- a stream that is not heard of yet ---- */

static void *make_late(void *context)
{
    const struct server_fixture *server = context;
    let_pass(LATE_US);
    raw_request(server, "$JS.API.STREAM.CREATE.LATE", "{\"name\":\"LATE\",\"subjects\":[\"late.>\"]}");
    return NULL;
}

/* As in a cluster, where a stream that was just made may be heard of a moment later. */
START_TEST(stream_that_comes_late)
{
    struct server_fixture *fixture = fixture_start(version_at(_i), NULL);
    struct server *server = client_of(fixture);
    struct diags diags = {0};
    const struct outgoing message = {.subject = "late.a", .sequence = 1, .headers = "", .data = ""};
    struct publishing *publishing = publishing_begin(server, "LATE", NULL, &diags);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, make_late, fixture), 0);
    ck_assert_int_eq(publishing_await(publishing, "late.a"), 0);
    ck_assert_msg(publishing_send(publishing, &message) == 0 && publishing_settle(publishing) == 0, "%s",
                  said(&diags));
    pthread_join(thread, NULL);
    /* The question is not in it. */
    ck_assert_contains(raw_request(fixture, "$JS.API.STREAM.INFO.LATE", ""), "\"messages\":1,");
    publishing_end(publishing);
    server_close(server);
    diags_release(&diags);
    fixture_stop(fixture);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = stream_that_comes_late, .each_version = true},
        {.test = ids_come_twice, .each_version = true},
        {.test = others_publish, .each_version = true},
        {.test = killed_anywhere, .each_version = true},
    };
    return suite_run("live/refill", tests, sizeof(tests) / sizeof(tests[0]));
}
