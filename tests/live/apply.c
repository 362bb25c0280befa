/*
 * Applying when things go wrong: servers and the program killed in the middle, refusals that pass, lists that change while they are
 * read. All through the program, against real servers, some of them behind a relay. Of replies that are not as they should be is
 * apply_replies.c.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "support/client.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

enum { MANY = 100 };
#define LAST_STREAM "S099"
#define STEPS_CUT_OFF " took effect: the connection was lost, nor could "

static const char *const *versions;
static size_t version_count;

/* ---- manifests ---- */

/* `count` streams S000…, each with `consumers` consumers C000… */
static const char *many_streams(const char *storage, size_t count, size_t consumers)
{
    struct strbuf text = {0};
    strbuf_addf(&text, "project: many\ndefaults: {stream: {storage: %s}}\nstreams:\n", storage);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&text, "  S%03zu:\n    subjects: [s.%zu]\n%s", i, i, consumers ? "    consumers:\n" : "");
        for (size_t j = 0; j < consumers; j++)
            strbuf_addf(&text, "      C%03zu: {ack_policy: explicit}\n", j);
    }
    const char *path = write_file(test_directory(), "natsform.yaml", strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* ---- killing ---- */

/* Kills a process once the program, on a terminal, has shown "[moment/…]". */
struct killer {
    pid_t victim; /* 0: the program itself */
    size_t moment;
    atomic_bool done;
};

static void watch(void *context, pid_t program, const char *text)
{
    struct killer *killer = context;
    for (bool now; !atomic_load(&killer->done) && (text = strchr(text, '[')); text++) {
        now = strtoul(text + 1, NULL, 10) >= killer->moment;
        if (now)
            kill(killer->victim ? killer->victim : program, SIGKILL);
        atomic_store(&killer->done, now);
    }
}

static const size_t moments[] = {1, MANY / 2, MANY + MANY / 2};
enum { MOMENTS = sizeof(moments) / sizeof(moments[0]), LOOK_US = 20000 };

static struct run run_until_killed(struct killer *killer, const char *path, const char *url)
{
    atomic_store(&killer->done, false);
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"apply", "--yes", "--color", "never", "-f", path, "-s", url, NULL},
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .watch = watch,
        .context = killer,
    });
    ck_assert_msg(atomic_load(&killer->done), "it was over before step %zu", killer->moment);
    return run;
}

/* Of the last stream: its reply comes once the program is killed, so that it cannot be through before that. */
static const char *last_consumer_hook(struct relay *relay, const struct relay_request *request)
{
    struct killer *killer = relay->context;
    if (strncmp(request->verb, "CONSUMER.MSG", 12) == 0)
        return NULL; /* 2.9.10 does not answer it once the consumer is gone, and others wait behind it here */
    if (strstr(request->verb, "CREATE") &&
        strncmp(request->name, LAST_STREAM ".", strlen(LAST_STREAM ".")) == 0)
        while (!atomic_load(&killer->done))
            let_pass(LOOK_US);
    return relay_pass(relay, request, request->body);
}

static struct run kill_program(struct server_fixture *server, size_t moment, const char *path)
{
    struct killer killer = {.moment = moment};
    struct relay *relay = relay_start_same_version(server, last_consumer_hook, &killer);
    struct run run = run_until_killed(&killer, path, relay->url);
    relay_stop(relay);
    return run;
}

/* On a busy machine all steps may be done before the kill: then once more, and earlier. */
static struct run kill_server(struct server_fixture *server, size_t moment, const char *path)
{
    struct killer killer = {.moment = moment};
    for (;;) {
        killer.victim = server->pid;
        struct run run = run_until_killed(&killer, path, server->url);
        fixture_kill(server); /* it is dead; this holds its port */
        fixture_restart(server, NULL);
        if (run.exit_code != 0 && strstr(run.out, STEPS_CUT_OFF))
            return run;
        ck_assert_msg(killer.moment > 1, "it was through:\n%s", run.out);
        killer.moment /= 2;
        run = RUN("destroy", "--yes", "-f", path, "-s", server->url);
        ck_assert_exit(run, 0);
    }
}

static bool begins_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static bool is_there(struct server *client, const char *stream, const char *consumer)
{
    struct client_reply reply =
        consumer
            ? client_request(client, "CONSUMER.INFO", arena_printf(test_arena(), "%s.%s", stream, consumer),
                             NULL, "consumer_info_response")
            : client_request(client, "STREAM.INFO", stream, NULL, "stream_info_response");
    ck_assert(reply.outcome == API_DONE || reply.outcome == API_ERROR);
    return reply.outcome == API_DONE;
}

static const char *word_at(const char *text)
{
    return arena_strndup(test_arena(), text, strcspn(text, " \n"));
}

/* The steps of a report's table that are said to be done, not tried or unknown; each is checked with the server. */
static size_t check_table(const struct server_fixture *server, const char *table)
{
    struct server *client = client_of(server);
    size_t count = 0;
    for (const char *line = table; *line; line += strcspn(line, "\n") + 1) {
        bool done = begins_with(line, "  done       create   ");
        bool skipped = begins_with(line, "  not tried  create   ");
        const char *label = line + strlen("  done       create   ");
        ck_assert_msg(!begins_with(line, "  failed"), "%.60s", line);
        if (!done && !skipped && !begins_with(line, "  unknown    create   "))
            continue;
        bool consumer = begins_with(label, "consumer ");
        const char *stream = word_at(strchr(label, ' ') + 1);
        bool there = is_there(client, stream, consumer ? word_at(strstr(label, " > ") + 3) : NULL);
        ck_assert_msg(there || !done, "not there: %.60s", line);
        ck_assert_msg(!there || !skipped, "there: %.60s", line);
        count++;
    }
    server_close(client);
    return count;
}

START_TEST(server_is_killed)
{
    struct server_fixture *server = fixture_start(versions[(size_t)_i / MOMENTS], NULL);
    const char *path = many_streams("file", MANY, 1);
    struct run run = kill_server(server, moments[_i % MOMENTS], path);
    ck_assert_exit(run, 69);
    const char *progress = strrchr(run.out, '\033'); /* its line is erased before the table comes */
    ck_assert_ptr_nonnull(progress);
    ck_assert_contains(run.out,
                       arena_printf(test_arena(), "error: no NATS server answers at '%s'", server->url));
    ck_assert_contains(run.out, "; run the same command again to go on\n");
    ck_assert_uint_eq(check_table(server, progress + strlen("\033[K")), 2 * MANY);
    apply_at(path, server->url);
    assert_in_sync_at(path, server->url, 2 * MANY);
    fixture_stop(server);
}
END_TEST

START_TEST(program_is_killed)
{
    struct server_fixture *server = fixture_start(versions[(size_t)_i / MOMENTS], NULL);
    const char *path = many_streams("memory", MANY, 1);
    struct run run = kill_program(server, moments[_i % MOMENTS], path);
    ck_assert_int_eq(run.signal, SIGKILL);
    run = RUN("unlock", "--yes", "-f", path, "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "project 'many': apply by ");
    apply_at(path, server->url);
    assert_in_sync_at(path, server->url, 2 * MANY);
    fixture_stop(server);
}
END_TEST

/* ---- refusals that pass ---- */

/* A file where the directory of the account's streams belongs, while the first so many creates are answered. */
struct obstacle {
    const char *account;
    const char *streams;
    int times;
};

static const char *obstacle_hook(struct relay *relay, const struct relay_request *request)
{
    struct obstacle *obstacle = relay->context;
    if (strcmp(request->verb, "STREAM.CREATE") != 0 || strcmp(request->name, "S") != 0 ||
        obstacle->times-- <= 0)
        return relay_pass(relay, request, request->body);
    mkdir(obstacle->account, 0700);
    rmdir(obstacle->streams);
    int file = open(obstacle->streams, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const char *reply = relay_pass(relay, request, request->body);
    close(file);
    unlink(obstacle->streams);
    return reply;
}

/*
 * A server that deletes an account's last stream removes the empty directories a moment later, and with them the one that another
 * stream is just being made in. Not while a lock is there: that is a stream in them too.
 */
START_TEST(store_is_taken_away)
{
    bool lasting = _i % 2;
    struct server_fixture *server = fixture_start(versions[_i / 2], NULL);
    struct obstacle obstacle = {
        .account = arena_printf(test_arena(), "%s/store/jetstream/$G", server->directory),
        .streams = arena_printf(test_arena(), "%s/store/jetstream/$G/streams", server->directory),
        .times = lasting ? 2 : 1,
    };
    ck_assert_int_eq(rmdir(arena_printf(test_arena(), "%s/.kept", obstacle.streams)), 0);
    struct relay *relay = relay_start(server, obstacle_hook, &obstacle);
    const char *path = manifest("streams: {S: {subjects: [s]}}\n");
    struct run run = RUN("apply", "--yes", "--no-lock", "-f", path, "-s", relay->url);
    ck_assert_exit(run, lasting);
    ck_assert_contains(run.err, "note: the request for stream S is sent again: the server answered "
                                "'error creating store for stream' (10049) [sent-again]");
    if (lasting)
        ck_assert_contains(run.err, "cannot create stream S: error creating store for stream (10049)");
    ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "S"), 2);
    apply_at(path, server->url);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

static const char *store_hook(struct relay *relay, const struct relay_request *request)
{
    int *times = relay->context;
    if (strncmp(request->verb, "STREAM.CREATE", 13) != 0 || (*times)-- <= 0)
        return relay_pass(relay, request, request->body);
    return "{\"type\":\"io.nats.jetstream.api.v1.stream_create_response\",\"error\":{\"code\":500,"
           "\"err_code\":10049,\"description\":\"error creating store for stream\"}}";
}

/* The lock, the first stream that is created, has it as any other. */
START_TEST(store_of_the_lock_is_taken_away)
{
    bool lasting = _i % 2;
    int times = lasting ? 2 : 1;
    struct server_fixture *server = fixture_start(versions[_i / 2], NULL);
    struct relay *relay = relay_start(server, store_hook, &times);
    const char *path = manifest("streams: {S: {subjects: [s]}}\n");
    struct run run = RUN("apply", "--yes", "-f", path, "-s", relay->url);
    ck_assert_exit(run, lasting);
    if (lasting)
        ck_assert_contains(run.err,
                           "cannot lock manifests without a project: error creating store for stream");
    ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "S"), !lasting);
    apply_at(path, server->url);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

static const char *offline_hook(struct relay *relay, const struct relay_request *request)
{
    int *times = relay->context;
    if (strcmp(request->verb, "STREAM.CREATE") != 0 || strcmp(request->name, "S") != 0 || (*times)-- <= 0)
        return relay_pass(relay, request, request->body);
    return "{\"type\":\"io.nats.jetstream.api.v1.stream_create_response\",\"error\":{\"code\":400,"
           "\"err_code\":10005,\"description\":\"no suitable peers for placement, peer offline\"}}";
}

/*
 * A cluster's leader has not heard from a node that has connected again: that passes, unless the node is down. Without the lock, which
 * is kept by replies that are nothing but headers: the relay passes none on.
 */
START_TEST(peer_is_unheard)
{
    enum { TRIES = 48 }; /* as api_passing() has it */
    bool lasting = _i % 2;
    int times = lasting ? TRIES + 1 : 3;
    struct server_fixture *server = fixture_start(versions[_i / 2], NULL);
    struct relay *relay = relay_start(server, offline_hook, &times);
    const char *path = manifest("streams: {S: {subjects: [s]}, T: {subjects: [t]}}\n");
    struct run run = RUN("apply", "--yes", "--no-lock", "-f", path, "-s", relay->url);
    ck_assert_exit(run, lasting);
    ck_assert_contains(run.err, "note: the request for stream S is sent again: the server answered "
                                "'no suitable peers for placement, peer offline' (10005) [sent-again]");
    if (lasting)
        ck_assert_contains(run.err,
                           "cannot create stream S: no suitable peers for placement, peer offline (10005)");
    ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "S"), lasting ? TRIES + 1 : 4);
    ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "T"), 1);
    apply_at(path, server->url);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- lists ---- */

static const size_t list_sizes[] = {1, 255, 256, 257, 600};
enum { LIST_SIZES = sizeof(list_sizes) / sizeof(list_sizes[0]) };

static size_t pages(size_t count)
{
    return (count + 255) / 256;
}

static const char *many_consumers(size_t count)
{
    struct strbuf text = {0};
    strbuf_adds(&text, "streams:\n  S:\n    subjects: [s]\n    storage: memory\n    consumers:\n");
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "      C%03zu: {ack_policy: explicit}\n", i);
    const char *path = write_file(test_directory(), "natsform.yaml", strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* What is there grows from size to size, first the account's streams and then the consumers of one. */
START_TEST(lists_have_pages)
{
    struct server_fixture *server = fixture_start(versions[_i], NULL);
    bool counts = (size_t)_i + 1 == version_count;
    struct relay *relay = counts ? relay_start(server, NULL, NULL) : NULL;
    for (size_t i = 0; i < LIST_SIZES; i++) {
        const char *path = many_streams("memory", list_sizes[i], 0);
        apply_at(path, server->url);
        size_t before = counts ? relay_count(relay, "STREAM.LIST", NULL) : 0;
        assert_in_sync_at(path, counts ? relay->url : server->url, list_sizes[i]);
        if (!counts)
            continue;
        ck_assert_uint_eq(relay_count(relay, "STREAM.LIST", NULL) - before, pages(list_sizes[i]));
        ck_assert_uint_eq(relay_count(relay, "STREAM.INFO", NULL), 0);
    }
    size_t guessed = counts ? relay_count(relay, "CONSUMER.LIST", "S") : 0; /* before a manifest was known */
    for (size_t i = 0; i < LIST_SIZES; i++) {
        const char *path = many_consumers(list_sizes[i]);
        apply_at(path, server->url);
        assert_in_sync_at(path, counts ? relay->url : server->url, list_sizes[i] + 1);
        guessed += pages(list_sizes[i]);
        if (counts)
            ck_assert_uint_eq(relay_count(relay, "CONSUMER.LIST", "S"), guessed);
    }
    if (counts) {
        ck_assert_uint_eq(relay_count(relay, "CONSUMER.INFO", NULL), 0);
        relay_stop(relay);
    }
    fixture_stop(server);
}
END_TEST

/* Where servers keep marks, what the account has beside the manifest is to be named: only lists tell that. */
START_TEST(few_of_many_are_asked_by_name)
{
    bool marks = _i > 0;
    struct server_fixture *server = fixture_start(marks ? NULL : versions[0], NULL);
    apply_at(many_streams("file", 10, 6), server->url);
    struct relay *relay = relay_start_same_version(server, NULL, NULL);
    const char *path = manifest("project: many\n"
                                "streams:\n"
                                "  S007:\n"
                                "    subjects: [s.7]\n"
                                "    consumers: {C001: {ack_policy: explicit}, NEW: {}}\n"
                                "  T: {subjects: [t]}\n");
    struct run run = RUN("plan", "-f", path, "-s", relay->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Plan: 2 to create, 2 in sync, ");
    ck_assert_uint_eq(relay_count(relay, "STREAM.LIST", NULL), 1); /* who has the new stream's subject? */
    /* Each stream that has consumers, as they may be the project's. */
    ck_assert_uint_eq(relay_count(relay, "CONSUMER.LIST", NULL), marks ? 10 : 0);
    ck_assert_uint_eq(relay_count(relay, "STREAM.INFO", NULL), marks ? 0 : 2);
    ck_assert_uint_eq(relay_count(relay, "CONSUMER.INFO", NULL), marks ? 0 : 2);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* Does something to the server just before the second page of a list is read. */
static const char *meddling_hook(struct relay *relay, const struct relay_request *request)
{
    const char *const *meddling = relay->context; /* verb, name, body */
    bool second = strcmp(request->verb, "STREAM.LIST") == 0 && strcmp(request->body, "{\"offset\":256}") == 0;
    if (second)
        relay_pass(relay, &(struct relay_request){.verb = meddling[0], .name = meddling[1]}, meddling[2]);
    return relay_pass(relay, request, request->body);
}

static const char *const meddlings[][3] = {
    {"STREAM.DELETE", "S000", ""}, /* what stood on the second page moves to the first, which was read */
    {"STREAM.CREATE", "A",
     "{\"name\":\"A\",\"subjects\":[\"a\"]}"}, /* the last of the first page comes twice */
};

START_TEST(lists_change_while_they_are_read)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    const char *path = many_streams("memory", 600, 0);
    const char *meddling[] = {meddlings[_i][0], meddlings[_i][1], meddlings[_i][2]};
    apply_at(path, server->url);
    struct relay *relay = relay_start(server, meddling_hook, meddling);
    assert_in_sync_at(path, relay->url, 600);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- all of it ---- */

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    versions = server_versions(&version_count);
    const struct suite_test tests[] = {
        {.test = server_is_killed, .times = MOMENTS, .each_version = true},
        {.test = program_is_killed, .times = MOMENTS, .each_version = true},
        {.test = store_is_taken_away, .times = 2, .each_version = true},
        {.test = store_of_the_lock_is_taken_away, .times = 2, .each_version = true},
        {.test = peer_is_unheard, .times = 2, .each_version = true},
        {.test = lists_have_pages, .each_version = true},
        {.test = few_of_many_are_asked_by_name, .times = 2},
        {.test = lists_change_while_they_are_read, .times = COUNT(meddlings)},
    };
    return suite_run("apply", tests, sizeof(tests) / sizeof(tests[0]));
}
