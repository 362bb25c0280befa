/*
 * Backups beside the nats CLI: what natsform writes the CLI restores, and finds whole where it can look; what the CLI writes natsform
 * verifies and restores. And the CLI's backup of an account in which natsform is at work. On every server version.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "field/field.h"
#include "support/patience.h"
#include "support/peer.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *state_of(const struct server_fixture *server)
{
    const char *info = raw_request(server, "$JS.API.STREAM.INFO.A", "");
    const char *state = strstr(info, "\"state\":");
    ck_assert_msg(state != NULL, "%s", info);
    return arena_strndup(test_arena(), state, strcspn(state, "}"));
}

static const char *floor_of(const struct server_fixture *server)
{
    const char *info = raw_request(server, "$JS.API.CONSUMER.INFO.A.c", "");
    const char *floor = strstr(info, "\"ack_floor\":");
    ck_assert_msg(floor != NULL, "%s", info);
    return arena_strndup(test_arena(), floor, strcspn(floor, ",}"));
}

/* By hand, as the CLI would need a processor for half a minute, and others run beside this. */
static void publish_many(const struct server_fixture *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    FILE *out = fdopen(fd, "w");
    fputs("CONNECT {\"verbose\":false}\r\n", out);
    for (int i = 0; i < 100000; i++)
        fprintf(out, "PUB a 14\r\nmessage %06d\r\n", i);
    fflush(out);
    AWAIT(strstr(state_of(server), "\"messages\":100000,") != NULL);
    fclose(out);
}

static void fill(const struct server_fixture *server)
{
    raw_request(server, "$JS.API.STREAM.CREATE.A", "{\"name\":\"A\",\"subjects\":[\"a\"]}");
    raw_request(server, "$JS.API.CONSUMER.DURABLE.CREATE.A.c",
                "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}");
    publish_many(server);
    for (int i = 0; i < 3; i++)
        raw_consume(server, "A.c");
}

START_TEST(there_and_back)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const struct peer *peer = peer_new();
    const char *ours = format("%s/ours", peer->home), *theirs = format("%s/theirs", peer->home);
    uint32_t version = 0;
    version_parse(server->version, &version);
    fill(server);
    const char *state = state_of(server), *floor = floor_of(server);
    ck_assert_exit(NATSFORM(peer, "backup", "A", "--out", ours, "-s", server->url), 0);
    must_nats(peer, "-s", server->url, "backup", "stream", "A", theirs, "--no-progress");
    if (version_has(version, V_2_15))
        must_nats(peer, "backup", "validate", format("%s/A", ours));
    ck_assert_exit(NATSFORM(peer, "backup", "verify", theirs), 0);
    raw_request(server, "$JS.API.STREAM.DELETE.A", "");
    must_nats(peer, "-s", server->url, "backup", "restore", "stream", format("%s/A", ours), "--no-progress");
    ck_assert_str_eq(state_of(server), state);
    ck_assert_str_eq(floor_of(server), floor);
    raw_request(server, "$JS.API.STREAM.DELETE.A", "");
    ck_assert_exit(NATSFORM(peer, "restore", theirs, "--yes", "-s", server->url), 0);
    ck_assert_str_eq(state_of(server), state);
    ck_assert_str_eq(floor_of(server), floor);
    fixture_stop(server);
}
END_TEST

/* ---- while a run is at work ---- */

/* An apply that is held back before its last stream, until the CLI has made a backup of the account. */
struct middle {
    const struct peer *peer;
    const struct server_fixture *server;
    const char *directory;
    bool begun;
    atomic_bool over;
};

static const char *hold_last(struct relay *relay, const struct relay_request *request)
{
    struct middle *middle = relay->context;
    if (strncmp(request->verb, "CONSUMER.MSG", 12) == 0)
        return NULL;
    if (strcmp(request->verb, "STREAM.CREATE") == 0 && strcmp(request->name, "LAST") == 0)
        while (!atomic_load(&middle->over))
            let_pass(20000);
    return relay_pass(relay, request, request->body);
}

static void back_up(void *context, pid_t pid, const char *text)
{
    struct middle *middle = context;
    (void)pid;
    if (middle->begun || !strstr(text, "[1/"))
        return;
    middle->begun = true;
    ck_assert_contains(raw_request(middle->server, "$JS.API.STREAM.NAMES", ""), "natsform_lock_");
    must_nats(middle->peer, "-s", middle->server->url, "backup", "account", middle->directory, "--force");
    atomic_store(&middle->over, true);
}

/* The lock gets into the backup, and does the restore no harm: the next run finds it dead. */
START_TEST(account_backup_during_an_apply)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    const struct peer *peer = peer_new();
    const char *path =
        write_file(test_directory(), "natsform.yaml",
                   "project: p\nstreams: {A: {subjects: [a]}, B: {subjects: [b]}, LAST: {subjects: [l]}}\n");
    struct middle middle = {.peer = peer, .server = server, .directory = format("%s/account", peer->home)};
    struct relay *relay = relay_start_same_version(server, hold_last, &middle);
    struct run run = run_natsform(&(struct run_options){
        .arguments =
            (const char *const[]){"apply", "-f", path, "-s", relay->url, "--color", "never", "--yes", NULL},
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .watch = back_up,
        .context = &middle,
    });
    ck_assert_msg(middle.begun, "%s", run.out);
    ck_assert_exit(run, 0);
    relay_stop(relay);
    run = NATSFORM(peer, "restore", middle.directory, "--dry-run", "-s", other->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "+ stream B, from ");
    ck_assert_lacks(run.out, "natsform_lock_");
    must_nats(peer, "-s", other->url, "backup", "restore", "account", middle.directory);
    ck_assert_contains(raw_request(other, "$JS.API.STREAM.NAMES", ""), "\"A\",\"B\",\"natsform_lock_");
    run = NATSFORM(peer, "plan", "-f", path, "-s", other->url);
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "natsform_lock_");
    run = NATSFORM(peer, "apply", "--yes", "--lock-timeout", "10m", "-f", path, "-s", other->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: 1 of 1 change");
    AWAIT(!strstr(raw_request(other, "$JS.API.STREAM.NAMES", ""), "natsform_lock_"));
    fixture_stop(server);
    fixture_stop(other);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = there_and_back, .each_version = true},
        {.test = account_backup_during_an_apply, .each_version = true},
    };
    return suite_run("interop/backup", tests, sizeof(tests) / sizeof(tests[0]));
}
