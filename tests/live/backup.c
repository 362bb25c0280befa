/*
 * Backups and restores on real servers: what comes back is compared message by message and consumer by consumer with what was there,
 * on each version; nothing is written over, and nothing half is left.
 */
#include <check.h>
#include <nats/nats.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "field/field.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/stored.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

enum { MESSAGES = 300, KILLS = 12 };

static bool is_since(const char *version, uint32_t since)
{
    uint32_t number = 0;
    return version_parse(version, &number) && version_has(number, since);
}

static struct run run_in(const char *directory, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = directory});
}

#define RUN_IN(directory, ...) run_in((directory), (const char *const[]){__VA_ARGS__, NULL})

static const struct node *ask(const struct server_fixture *server, const char *subject, const char *body)
{
    struct diags faults = {0};
    const char *text = raw_request(server, subject, body);
    ck_assert_ptr_nonnull(text);
    const struct node *reply = json_read(test_arena(), text, strlen(text), NULL, &faults);
    ck_assert_msg(reply && !node_get(reply, "error"), "%s: %s", subject, text);
    return reply;
}

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* ---- what is there ---- */

/* With gaps, and consumers half way: one in memory, one that was never used. */
static void fill(const struct server_fixture *server)
{
    bool starts = is_since(server->version, V_2_10);
    ask(server, "$JS.API.STREAM.CREATE.A", "{\"name\":\"A\",\"subjects\":[\"a.>\"]}");
    ask(server, "$JS.API.STREAM.CREATE.B",
        format("{\"name\":\"B\",\"subjects\":[\"b\"]%s}", starts ? ",\"first_seq\":1000" : ""));
    ask(server, "$JS.API.STREAM.CREATE.EMPTY",
        "{\"name\":\"EMPTY\",\"subjects\":[\"e\"],\"max_age\":3600000000000}");
    ask(server, "$JS.API.CONSUMER.DURABLE.CREATE.A.half",
        "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"half\",\"ack_policy\":\"explicit\"}}");
    ask(server, "$JS.API.CONSUMER.DURABLE.CREATE.A.fresh",
        "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"fresh\",\"ack_policy\":\"explicit\","
        "\"filter_subject\":\"a.1\"}}");
    ask(server, "$JS.API.CONSUMER.DURABLE.CREATE.A.memory",
        "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"memory\",\"ack_policy\":\"explicit\","
        "\"mem_storage\":true}}");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, format("a.%d", i % 3), format("message %d, \\u0001 \xff", i));
    for (int i = 0; i < 5; i++)
        raw_publish(server, "b", "hello");
    for (int i = 0; i < 7; i++) {
        raw_consume(server, "A.half");
        raw_consume(server, "A.memory");
    }
    for (int i = 20; i < 40; i += 3)
        ask(server, "$JS.API.STREAM.MSG.DELETE.A", format("{\"seq\":%d}", i));
}

/* Every message, with its sequence and time, or that there is none. */
static const char *messages_of(const struct server_fixture *server, const char *stream, int first, int last)
{
    const char *all = "";
    for (int i = first; i <= last; i++)
        all = format(
            "%s%s\n", all,
            raw_request(server, format("$JS.API.STREAM.MSG.GET.%s", stream), format("{\"seq\":%d}", i)));
    return all;
}

static const char *position_of(const struct server_fixture *server, const char *consumer)
{
    const struct node *info = ask(server, format("$JS.API.CONSUMER.INFO.%s", consumer), "");
    return format("%s %s %s %s", node_get_text(node_get(info, "delivered"), "stream_seq"),
                  node_get_text(node_get(info, "ack_floor"), "stream_seq"),
                  node_get_text(info, "num_ack_pending"), node_get_text(info, "num_pending"));
}

static const char *state_of(const struct server_fixture *server, const char *stream)
{
    const struct node *state = node_get(ask(server, format("$JS.API.STREAM.INFO.%s", stream), ""), "state");
    return format("%s %s..%s", node_get_text(state, "messages"), node_get_text(state, "first_seq"),
                  node_get_text(state, "last_seq"));
}

/* ---- what a server does not remove meanwhile ---- */

/* Up to 2.12.2 what is acknowledged while an archive is made stays. */
START_TEST(queue_in_use)
{
    static const struct {
        const char *name, *config;
        bool lets_go, is_used;
    } streams[] = {
        {"QUEUE", "\"retention\":\"workqueue\"", true, true},
        {"INTEREST", "\"retention\":\"interest\"", true, true},
        {"UNUSED", "\"retention\":\"workqueue\"", true, false},
        {"PLAIN", "\"retention\":\"limits\"", false, true},
        {"MEMORY", "\"retention\":\"workqueue\",\"storage\":\"memory\"", false,
         true}, /* it is copied, or removes */
    };
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool removes = is_since(server->version, VERSION(2, 12, 3));
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        const char *name = streams[i].name;
        ask(server, format("$JS.API.STREAM.CREATE.%s", name),
            format("{\"name\":\"%s\",\"subjects\":[\"%s\"],%s}", name, name, streams[i].config));
        if (streams[i].is_used)
            ask(server, format("$JS.API.CONSUMER.DURABLE.CREATE.%s.c", name),
                format(
                    "{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}",
                    name));
        raw_publish(server, name, "1");
        struct run run =
            RUN("backup", name, "--out", format("%s/%s", test_directory(), name), "-s", server->url);
        ck_assert_exit(run, 0);
        bool notes = strstr(run.out, "this server removes nothing while it makes an archive\n") != NULL;
        ck_assert_msg(notes == (streams[i].lets_go && streams[i].is_used && !removes), "%s", run.out);
    }
    fixture_stop(server);
}
END_TEST

/* ---- there and back ---- */

static void remove_all(const struct server_fixture *server)
{
    static const char *const streams[] = {"A", "B", "EMPTY"};
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
        ask(server, format("$JS.API.STREAM.DELETE.%s", streams[i]), "");
}

START_TEST(comes_back_equal)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool keeps_memory = is_since(server->version, V_2_15);
    fill(server);
    const char *messages = messages_of(server, "A", 1, MESSAGES + 1);
    const char *state = state_of(server, "A"), *other = state_of(server, "B");
    const char *half = position_of(server, "A.half"), *fresh = position_of(server, "A.fresh");
    const char *memory = position_of(server, "A.memory");
    struct run run = RUN_IN(folder, "backup", "--all", "--out", "out", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Backed up 3 streams to out\n");
    ck_assert_contains(run.out, "A: 293 messages (1..300), ");
    ck_assert((strstr(run.out, "consumer memory is left out by the server") == NULL) == keeps_memory);
    run_shell(folder, "test \"$(stat -c %a out out/A out/A/* | sort -u | tr '\\n' ' ')\" = '600 700 '\n"
                      "test ! -e out/.natsform-unfinished\n");
    ck_assert_exit(RUN_IN(folder, "backup", "verify", "out"), 0);
    remove_all(server);
    run = RUN_IN(folder, "restore", "out", "--dry-run", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "stream A, from out/A: 293 messages (1..300), ");
    ck_assert(!strstr(raw_request(server, "$JS.API.STREAM.NAMES", ""), "\"A\""));
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url), 0);
    ck_assert_text(messages_of(server, "A", 1, MESSAGES + 1), messages);
    ck_assert_str_eq(state_of(server, "A"), state);
    ck_assert_str_eq(state_of(server, "B"), other);
    ck_assert_str_eq(position_of(server, "A.half"), half);
    ck_assert_str_eq(position_of(server, "A.fresh"), fresh);
    /* Where the server leaves it out it goes on behind what it had acknowledged, and nothing is passed over. */
    ck_assert_str_eq(position_of(server, "A.memory"),
                     keeps_memory ? memory : format("7 0 0 %d", MESSAGES - 7 - 7));
    fixture_restart(server, NULL);
    ck_assert_text(messages_of(server, "A", 1, MESSAGES + 1), messages);
    fixture_stop(server);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(nothing_is_replaced)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    fill(server);
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    struct run run = RUN_IN(folder, "backup", "A", "B", "--out", "out", "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "'out/A' is there already [backup]");
    ck_assert(access(format("%s/out/B", folder), F_OK) != 0);
    raw_publish(server, "a.1", "one more");
    const char *state = state_of(server, "A");
    run = RUN_IN(folder, "restore", "out/A", "--yes", "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "a stream 'A' is there already [restore]");
    ck_assert_str_eq(state_of(server, "A"), state);
    run = RUN_IN(folder, "backup", "A", "NOPE", "--out", "other", "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "no stream and no bucket is called 'NOPE' [not-there]");
    ck_assert(access(format("%s/other", folder), F_OK) != 0);
    /* Without an answer nothing is sent. */
    remove_all(server);
    ck_assert_exit(RUN_IN(folder, "restore", "out/A", "-s", server->url), 64);
    /* Nor a damaged one. */
    run_shell(
        folder,
        "f=$(echo out/A/stream.*); dd if=/dev/zero of=$f bs=1 seek=300 count=4 conv=notrunc 2>/dev/null");
    run = RUN_IN(folder, "restore", "out/A", "--yes", "-s", server->url);
    ck_assert_int_ne(run.exit_code, 0);
    ck_assert(!strstr(raw_request(server, "$JS.API.STREAM.NAMES", ""), "\"A\""));
    fixture_stop(server);
}
END_TEST

/* Servers before 2.15 make no archive of a stream in memory: natsform copies its messages, as is said, and 2.15 takes that as any other. */
START_TEST(in_memory)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct server_fixture *newest = fixture_start(NULL, NULL);
    bool archives = is_since(server->version, V_2_15);
    ask(server, "$JS.API.STREAM.CREATE.M", "{\"name\":\"M\",\"subjects\":[\"m\"],\"storage\":\"memory\"}");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "m", format("message %d, \\u0001 \xff", i));
    /* Gaps of one message and of many, and one at the end. */
    ask(server, "$JS.API.STREAM.MSG.DELETE.M", "{\"seq\":7}");
    for (int i = 100; i < 200; i++)
        ask(server, "$JS.API.STREAM.MSG.DELETE.M", format("{\"seq\":%d}", i));
    ask(server, "$JS.API.STREAM.MSG.DELETE.M", format("{\"seq\":%d}", MESSAGES));
    const char *messages = messages_of(server, "M", 1, MESSAGES + 1), *state = state_of(server, "M");
    struct run run = RUN_IN(folder, "backup", "M", "--out", "out", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert((strstr(run.out, "its messages were copied one by one") == NULL) == archives);
    run = RUN_IN(folder, "backup", "show", "out/M");
    ck_assert_exit(run, 0);
    ck_assert((strstr(run.out, ", copied message by message\n") == NULL) == archives);
    ck_assert_exit(RUN_IN(folder, "restore", "out/M", "--yes", "-s", newest->url), 0);
    ck_assert_text(messages_of(newest, "M", 1, MESSAGES + 1), messages);
    ck_assert_str_eq(state_of(newest, "M"), state);
    fixture_stop(newest);
    fixture_stop(server);
}
END_TEST

/* No piece is larger than the server, and those on the way to it, let through. */
START_TEST(pieces_fit)
{
    const char *folder = test_directory();
    enum { BYTES = 20000, PIECE = 40000 };
    struct server_fixture *server = fixture_start(version_at(_i), "max_payload: 40000\n");
    natsConnection *connection = NULL;
    natsSubscription *requests = NULL;
    natsMsg *request = NULL;
    ask(server, "$JS.API.STREAM.CREATE.A", "{\"name\":\"A\",\"subjects\":[\"a\"]}");
    for (int i = 0; i < 20; i++)
        raw_publish(server, "a", stored_noise(BYTES));
    ck_assert_int_eq(natsConnection_ConnectTo(&connection, server->url), NATS_OK);
    ck_assert_int_eq(natsConnection_SubscribeSync(&requests, connection, "$JS.API.STREAM.SNAPSHOT.A"),
                     NATS_OK);
    ck_assert_int_eq(natsConnection_Flush(connection), NATS_OK);
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    ck_assert_int_eq(natsSubscription_NextMsg(&request, requests, PATIENCE_MS), NATS_OK);
    ck_assert_contains(natsMsg_GetData(request), format("\"chunk_size\":%d,", PIECE));
    ck_assert_exit(RUN_IN(folder, "backup", "verify", "out"), 0);
    natsMsg_Destroy(request);
    natsSubscription_Destroy(requests);
    natsConnection_Destroy(connection);
    fixture_stop(server);
}
END_TEST

/* What a run that was killed has left half is made anew; what it had finished stays. */
START_TEST(goes_on)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    fill(server);
    ck_assert_exit(RUN_IN(folder, "backup", "A", "B", "--out", "out", "-s", server->url), 0);
    run_shell(
        folder,
        "touch out/.natsform-unfinished out/B/.natsform-unfinished && rm out/B/natsform.json && : >out/B/stream.tar.s2 && ls -i out/A >before\n");
    struct run run = RUN_IN(folder, "backup", "A", "B", "--out", "out", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Backed up 2 streams to out, 1 of them by an earlier run that did not end\n");
    run_shell(folder, "ls -i out/A | diff before - && test ! -e out/.natsform-unfinished\n");
    /* What it has not begun is somebody else's, such as a backup of the nats CLI: it stays. */
    run_shell(folder, "touch out/.natsform-unfinished && rm out/B/natsform.json && ls -i out/B >other\n");
    run = RUN_IN(folder, "backup", "A", "B", "--out", "out", "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "'out/B' is there already [backup]");
    run_shell(folder, "ls -i out/B | diff other -\n");
    /* While another run is at work there, nothing of it is touched. */
    int lock = -1;
    ck_assert_int_eq(file_lock(format("%s/out/.natsform-unfinished", folder), true, 0, &lock), 0);
    run = RUN_IN(folder, "backup", "A", "EMPTY", "--out", "out", "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "another backup is being written to 'out' [backup]");
    close(lock);
    run_shell(folder, "rm out/.natsform-unfinished && ls -i out/A | diff before -\n");
    ck_assert_exit(RUN_IN(folder, "backup", "verify", "out"), 0);
    fixture_stop(server);
}
END_TEST

/* An archive of 2.15 is nothing to servers before it, and is refused before anything is sent. One of theirs is taken by 2.15. */
START_TEST(between_versions)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct server_fixture *newest = fixture_start(NULL, NULL);
    bool is_new = is_since(server->version, V_2_15);
    fill(server);
    ask(newest, "$JS.API.STREAM.CREATE.N", "{\"name\":\"N\",\"subjects\":[\"n\"]}");
    raw_publish(newest, "n", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    ck_assert_exit(RUN_IN(folder, "backup", "N", "--out", "out-new", "-s", newest->url), 0);
    ck_assert_exit(RUN_IN(folder, "restore", "out/A", "--yes", "-s", newest->url), 0);
    ck_assert_str_eq(state_of(newest, "A"), state_of(server, "A"));
    struct run run = RUN_IN(folder, "restore", "out-new/N", "--yes", "-s", server->url);
    ck_assert_int_eq(run.exit_code, is_new ? 0 : 1);
    if (!is_new)
        ck_assert_contains(run.err, "cannot read archives of 2.15 and later [restore]");
    /* Under another name, where the server can: its subjects are those of the first one, so that has to be gone. */
    ask(newest, "$JS.API.STREAM.DELETE.A", "");
    ck_assert_exit(RUN_IN(folder, "restore", "out/A", "--as", "A2", "--yes", "-s", newest->url),
                   is_new ? 0 : 1);
    fixture_stop(newest);
    fixture_stop(server);
}
END_TEST

/* ---- killed ---- */

static const char many[] = "servers: {dev: {ports: auto}}\n"
                           "streams:\n"
                           "  A: {subjects: [a], consumers: {c: {ack_policy: explicit}}}\n"
                           "  B: {subjects: [b]}\n"
                           "  C: {subjects: [c]}\n";

static struct test_environment *filled(const char *version, const struct server_fixture **ret_server)
{
    struct test_environment *here = environment_new(version, many);
    ck_assert_exit(NF(here, "up"), 0);
    *ret_server = environment_server(here, "dev", NULL);
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(*ret_server, format("%c", 'a' + i % 3), format("message %d", i));
    for (int i = 0; i < 3; i++)
        raw_consume(*ret_server, "A.c");
    return here;
}

/* Whatever passes is whole; the next run goes on, and then all is. */
START_TEST(backup_killed_anywhere)
{
    static const char *const backup[] = {"backup", "--out", "out", NULL};
    const struct server_fixture *server;
    struct test_environment *here = filled(version_at(_i), &server);
    int64_t whole = environment_microseconds(here, backup);
    for (int i = 0; i < KILLS; i++) {
        run_shell(here->folder, "rm -rf out");
        environment_disturb(here, backup, SIGKILL, whole * i / KILLS);
        run_shell(here->folder, "for stream in A B C; do\n"
                                "    if test -e out/$stream/natsform.json; then\n"
                                "        \"$NATSFORM\" backup verify out/$stream >said || exit 1\n"
                                "        grep -q 'whole: 100 messages' said || { cat said >&2; exit 1; }\n"
                                "    fi\n"
                                "done\n");
        /* One that was killed behind the last file has nothing to go on with. */
        if (access(format("%s/out/C/natsform.json", here->folder), F_OK) != 0 ||
            access(format("%s/out/.natsform-unfinished", here->folder), F_OK) == 0)
            ck_assert_exit(NF(here, "backup", "--out", "out"), 0);
        ck_assert_exit(NF(here, "backup", "verify", "out"), 0);
        run_shell(
            here->folder,
            "test \"$(ls out/*)\" = \"$(ls out/A out/B out/C)\" && ! ls -a out out/A out/B out/C | grep -q unfinished\n");
    }
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
}
END_TEST

/* The next run goes on, and then all is there. */
START_TEST(restore_killed_anywhere)
{
    static const char *const restore[] = {"restore", "out", "--yes", NULL};
    static const char *const streams[] = {"A", "B", "C"};
    const struct server_fixture *server;
    struct test_environment *here = filled(version_at(_i), &server);
    const char *wanted[3], *position = position_of(server, "A.c");
    ck_assert_exit(NF(here, "backup", "--out", "out"), 0);
    for (size_t i = 0; i < 3; i++) {
        wanted[i] = state_of(server, streams[i]);
        ask(server, format("$JS.API.STREAM.DELETE.%s", streams[i]), "");
    }
    int64_t whole = environment_microseconds(here, restore);
    for (int i = 0; i < KILLS; i++) {
        for (size_t j = 0; j < 3; j++)
            raw_request(server, format("$JS.API.STREAM.DELETE.%s", streams[j]), "");
        environment_disturb(here, restore, SIGKILL, whole * i / KILLS);
        AWAIT(NF(here, "restore", "out", "--yes").exit_code == 0);
        for (size_t j = 0; j < 3; j++)
            ck_assert_str_eq(state_of(server, streams[j]), wanted[j]);
        ck_assert_str_eq(position_of(server, "A.c"), position);
    }
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = queue_in_use, .each_version = true},
        {.test = comes_back_equal, .each_version = true},
        {.test = nothing_is_replaced, .each_version = true},
        {.test = in_memory, .each_version = true},
        {.test = pieces_fit, .each_version = true},
        {.test = goes_on, .each_version = true},
        {.test = between_versions, .each_version = true},
        {.test = backup_killed_anywhere, .each_version = true},
        {.test = restore_killed_anywhere, .each_version = true},
    };
    return suite_run("live/backup", tests, sizeof(tests) / sizeof(tests[0]));
}
