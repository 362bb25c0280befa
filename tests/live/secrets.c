/*
 * What a connection that fails tells, and what nothing ever tells: secrets. All through the program. What real servers
 * answer is in tests/scenarios; here are listeners that are none, and every way in which a secret goes in.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/vec.h"
#include "support/client.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"

/* ---- no server to speak of ---- */

struct speaker_case {
    const char *greeting; /* what it says to whoever connects */
    bool closes;
    const char *err;
};

static const struct speaker_case speaker_cases[] = {
    {NULL, false,
     "error: server 'URL' (--server) does not answer within 300ms [timeout]\n"
     "hint: is it the port for NATS clients? --timeout allows for more time\n"},
    {NULL, true,
     "error: no NATS server answers at 'URL' (--server): it closed the connection [unreachable]\n"
     "hint: is the server running?\n"},
    {"HTTP/1.1 400 Bad Request\r\n\r\n", true,
     "error: no NATS server answers at 'URL' (--server): it is not a NATS server [unreachable]\n"
     "hint: is the server running?\n"},
    {"INFO {\"server_id\":", false,
     "error: server 'URL' (--server) does not answer within 300ms [timeout]\n"
     "hint: is it the port for NATS clients? --timeout allows for more time\n"},
};

struct speaker {
    int listener;
    const struct speaker_case *row;
};

static void *speak(void *context)
{
    const struct speaker *speaker = context;
    int fd = -1;
    while ((fd = accept(speaker->listener, NULL, NULL)) >= 0) {
        if (speaker->row->greeting)
            send(fd, speaker->row->greeting, strlen(speaker->row->greeting), MSG_NOSIGNAL);
        if (speaker->row->closes)
            close(fd); /* the others end with this process */
    }
    return NULL;
}

START_TEST(something_else_listens)
{
    struct speaker speaker = {.listener = socket(AF_INET, SOCK_STREAM, 0), .row = &speaker_cases[_i]};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    pthread_t thread;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(speaker.listener, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(speaker.listener, 8), 0);
    getsockname(speaker.listener, (struct sockaddr *)&address, &length);
    ck_assert_int_eq(pthread_create(&thread, NULL, speak, &speaker), 0);
    const char *url = arena_printf(test_arena(), "nats://127.0.0.1:%d", ntohs(address.sin_port));
    const char *path = write_file(test_directory(), "natsform.yaml", "streams: {S: {subjects: [s]}}\n");
    struct run run = RUN("plan", "-f", path, "-s", url, "--timeout",
                         strstr(speaker_cases[_i].err, " within 300ms ") ? "300ms" : BEYOND);
    ck_assert_exit(run, 69);
    ck_assert_str_eq(run.out, "");
    ck_assert_str_eq(masked(run.err, url, "URL"), speaker_cases[_i].err);
    shutdown(speaker.listener, SHUT_RDWR);
    close(speaker.listener);
    pthread_join(thread, NULL);
}
END_TEST

/* ---- secrets ---- */

static const char secret[] = "Wh15per-n0t";

static const char *const secret_configs[] = {
    "authorization {user: me, password: Wh15per-n0t}\n",
    "authorization {user: me, password: something-else}\n",
    "authorization {token: Wh15per-n0t}\n",
    "accounts {A {users: [{user: me, password: Wh15per-n0t}]}, J {jetstream: enabled, users: [{user: x, password: y}]}}\n",
    "authorization {users: [{user: me, password: Wh15per-n0t, permissions: {publish: {deny: '$JS.API.>'}}}]}\n",
    "authorization {users: [{user: me, password: Wh15per-n0t, permissions: {subscribe: {deny: '_INBOX.>'}}}]}\n",
    ("authorization {users: [{user: me, password: Wh15per-n0t, permissions: {publish: {deny: "
     "'$JS.API.STREAM.CREATE.>'}}}]}\n"),
};
enum { CONFIGS = sizeof(secret_configs) / sizeof(secret_configs[0]) };

static void assert_kept_secret(const struct run *run, const char *how)
{
    ck_assert_msg(!strstr(run->out, secret) && !strstr(run->err, secret), "%s tells the secret:\n%s\n%s", how,
                  run->out, run->err);
}

static void try_secret(const char *how, const char *const *arguments, const char *const *env)
{
    static const char *const commands[] = {"plan", "apply", "diff", "destroy"};
    for (size_t i = 0; i < 4; i++) {
        struct {
            VEC(const char *) list;
        } words = {0};
        VEC_PUSH(test_arena(), &words.list, commands[i]);
        if (i == 1 || i == 3)
            VEC_PUSH(test_arena(), &words.list, "--yes");
        for (const char *const *argument = arguments; *argument; argument++)
            VEC_PUSH(test_arena(), &words.list, *argument);
        VEC_PUSH(test_arena(), &words.list, NULL);
        struct run run = run_natsform(&(struct run_options){.arguments = words.list.items, .env = env});
        assert_kept_secret(&run, how);
        ck_assert_msg(run.exit_code >= 0, "%s: killed by signal %d", how, run.signal);
    }
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* In the URL, by flags, in the environment and in the manifest, as a password and as a token. */
static void try_all_ways(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    const char *plain = write_file(test_directory(), "plain.yaml", "streams: {S: {subjects: [s]}}\n");
    const char *directory = test_directory();
    const char *full = write_file(
        directory, "full.yaml",
        arena_printf(test_arena(),
                     "connection: {url: '%s', user: me, password: %s}\nstreams: {S: {subjects: [s]}}\n", url,
                     secret));
    const char *by_variable = write_file(
        directory, "by_variable.yaml",
        arena_printf(test_arena(), "connection:\n  url: nats://me:${SECRET}@%s\nstreams: {S: {}}\n", host));
    try_secret("a URL", WORDS("-f", plain, "-s", arena_printf(test_arena(), "nats://me:%s@%s", secret, host)),
               NULL);
    try_secret("a URL's token",
               WORDS("-f", plain, "-s", arena_printf(test_arena(), "nats://%s@%s", secret, host)), NULL);
    try_secret("flags", WORDS("-f", plain, "-s", url, "--user", "me", "--password", secret), NULL);
    try_secret("a token", WORDS("-f", plain, "-s", url, "--token", secret), NULL);
    try_secret("the environment", WORDS("-f", plain, "-s", url),
               WORDS("NATS_USER=me", arena_printf(test_arena(), "NATS_PASSWORD=%s", secret)));
    try_secret("NATS_URL", WORDS("-f", plain),
               WORDS(arena_printf(test_arena(), "NATS_URL=nats://me:%s@%s", secret, host)));
    try_secret("a manifest", WORDS("-f", full), NULL);
    try_secret("a variable", WORDS("-f", by_variable),
               WORDS(arena_printf(test_arena(), "SECRET=%s", secret)));
}

START_TEST(secrets_stay_secret)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    struct server_fixture *server = fixture_start_with(&(struct fixture_options){
        .version = versions[_i / CONFIGS],
        .config = secret_configs[_i % CONFIGS],
        .greets_only = true,
    });
    try_all_ways(server->url);
    fixture_stop(server);
}
END_TEST

START_TEST(secrets_stay_secret_without_a_server)
{
    try_all_ways("nats://127.0.0.1:1");
    try_all_ways("tls://127.0.0.1:1");
    try_all_ways("wss://127.0.0.1:1");
    try_all_ways("nats://127.0.0.1:port");
    try_all_ways("nats://no such host:4222");
}
END_TEST

/* ---- all of it ---- */

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    const struct suite_test tests[] = {
        {.test = something_else_listens, .times = COUNT(speaker_cases)},
        {.test = secrets_stay_secret, .times = CONFIGS, .each_version = true},
        {.test = secrets_stay_secret_without_a_server},
    };
    return suite_run("secrets", tests, sizeof(tests) / sizeof(tests[0]));
}
