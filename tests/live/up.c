/*
 * `natsform up`, `down`, `status` and `logs` with servers as processes, through the program: each topology on each version, and what
 * a second `up` makes of changes. Stories of what goes wrong are in up_faults.c.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/environment.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

static const char single[] = "project: chat\n"
                             "servers:\n"
                             "  dev:\n"
                             "    ports: auto\n"
                             "    websocket: {no_tls: true}\n"
                             "streams:\n"
                             "  CHAT: {subjects: [chat.>], consumers: {processor: {ack_policy: explicit}}}\n";

static const char *in_folder(const struct test_environment *here, const char *path)
{
    return arena_printf(test_arena(), "%s/%s", here->folder, path);
}

static const char *in_home(const struct test_environment *here, const char *path)
{
    return arena_printf(test_arena(), "%s/%s", here->home, path);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Nothing runs, and no file is there that was not before, but data when it is to stay. */
static void must_go_down(struct test_environment *here, const char *files)
{
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_await(here, 0);
    ck_assert_str_eq(environment_files(here), files);
    environment_end(here);
}

/* Replicas of a stream that was just made take a moment to be current. */
static void must_be_well(const struct test_environment *here)
{
    AWAIT(NF(here, "status").exit_code == 0);
}

START_TEST(one_server)
{
    struct test_environment *here = environment_new(version_at(_i), single);
    const char *context = in_home(here, ".config/nats/context/chat.json");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out,
                       arena_printf(test_arena(), "dev: started, nats-server %s, pid ", version_at(_i)));
    ck_assert_contains(run.out, "Done: 2 of 2 changes");
    ck_assert_contains(run.out, "NODE  CLIENT");
    ck_assert_contains(run.out, "ws://127.0.0.1:");
    ck_assert_contains(run.out, "nats context: chat");
    const struct node *node = environment_node(here, "dev");
    ck_assert_str_eq(node_get_text(node, "version"), version_at(_i));
    ck_assert_str_eq(node_get_text(node, "state"), "up");
    ck_assert_contains(
        raw_request(environment_server(here, "dev", NULL), "$JS.API.CONSUMER.INFO.CHAT.processor", ""),
        "\"num_pending\":0");
    ck_assert_contains(read_file(context), node_get_text(node_get(node, "urls"), "client"));
    ck_assert_str_eq(read_file(in_home(here, ".config/nats/context.txt")), "chat");
    struct stat info;
    ck_assert(stat(context, &info) == 0 && (info.st_mode & 0777) == 0600);
    ck_assert(stat(in_folder(here, ".natsform/dev/nats-server.conf"), &info) == 0 &&
              (info.st_mode & 0777) == 0600);
    ck_assert_contains(NF(here, "logs").out, "Server is ready");
    /* The context leads there. */
    run = NF(here, "plan");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "2 in sync");
    pid_t pid = environment_pid(here, "dev");
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert(!process_lives(pid)); /* it has waited for that */
    environment_await(here, 0);
    ck_assert(!is_there(context) && !is_there(in_home(here, ".config/nats/context.txt")));
    ck_assert(!is_there(in_folder(here, ".natsform/up.json")));
    ck_assert(!is_there(in_folder(here, ".natsform/dev/nats-server.conf")));
    ck_assert_exit(NF(here, "status"), 1);
    /* The data stayed. */
    run = NF(here, "up", "--no-context");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "2 in sync");
    ck_assert(!is_there(context));
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(twice)
{
    struct test_environment *here = environment_new(version_at(_i), single);
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "dev");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "dev: up already, pid ");
    ck_assert_contains(run.out, "Up already: nothing was started.");
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    environment_await(here, 1);
    ck_assert_exit(NF(here, "down"), 0);
    run = NF(here, "down");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "Nothing is up.\n");
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* ---- topologies ---- */

START_TEST(cluster)
{
    struct test_environment *here =
        environment_new(version_at(_i), "project: c\n"
                                        "servers: {east: {nodes: 3, ports: auto}}\n"
                                        "streams: {R3: {subjects: [r3.>], num_replicas: 3}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    must_be_well(here);
    environment_await(here, 3);
    ck_assert_str_ne(node_get_text(environment_node(here, "east-2"), "meta_leader"), "");
    ck_assert_contains(raw_request(environment_server(here, "east-3", NULL), "$JS.API.STREAM.INFO.R3", ""),
                       "\"num_replicas\":3");
    ck_assert_contains(NF(here, "logs", "--tail", "1", "east-2").out, "east-2 | ");
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(super_cluster)
{
    struct test_environment *here = environment_new(
        version_at(_i), "project: s\n"
                        "servers:\n"
                        "  east: {nodes: 3, ports: auto, gateways: [west]}\n"
                        "  west: {nodes: 3, ports: auto}\n"
                        "streams:\n"
                        "  E3: {subjects: [e3.>], num_replicas: 3, placement: {cluster: east}}\n"
                        "  W3: {subjects: [w3.>], num_replicas: 3, placement: {cluster: west}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    must_be_well(here);
    environment_await(here, 6);
    ck_assert_contains(raw_request(environment_server(here, "east-1", NULL), "$JS.API.STREAM.INFO.W3", ""),
                       "\"name\":\"west\"");
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(hub_and_leaf)
{
    struct test_environment *here = environment_new(version_at(_i), "project: l\n"
                                                                    "servers:\n"
                                                                    "  hub: {ports: auto}\n"
                                                                    "  edge: {ports: auto, leaf_of: hub}\n"
                                                                    "streams: {A: {subjects: [a.>]}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    must_be_well(here);
    ck_assert_contains(raw_request(environment_server(here, "hub", NULL), "$JS.edge.API.INFO", ""),
                       "\"domain\":\"edge\"");
    ck_assert_contains(raw_request(environment_server(here, "edge", NULL), "$JS.hub.API.STREAM.INFO.A", ""),
                       "\"domain\":\"hub\"");
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* The login that the configuration tells is used, whatever its bytes, and never printed. */
START_TEST(accounts)
{
    struct test_environment *here =
        environment_new(version_at(_i), "project: a\n"
                                        "servers:\n"
                                        "  dev:\n"
                                        "    ports: auto\n"
                                        "    system_account: SYS\n"
                                        "    accounts:\n"
                                        "      SYS: {users: [{user: sys, password: systempw}]}\n"
                                        "      APP: {jetstream: enabled, users: [{user: \"it's $me\","
                                        " password: \"s3c\\\"r\\\\et\\n$x 1e9\"}]}\n"
                                        "streams: {A: {subjects: [a.>]}}\n");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: 1 of 1 changes");
    ck_assert_lacks(run.out, "s3c");
    ck_assert_lacks(NF(here, "status", "-o", "json").out, "s3c");
    ck_assert_exit(NF(here, "plan"), 0);
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(no_auth_user)
{
    struct test_environment *here = environment_new(
        version_at(_i), "project: a\n"
                        "servers:\n"
                        "  dev:\n"
                        "    ports: auto\n"
                        "    no_auth_user: app\n"
                        "    accounts: {APP: {jetstream: true, users: [{user: app, password: pw}]}}\n"
                        "streams: {A: {subjects: [a.>]}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_contains(raw_request(environment_server(here, "dev", NULL), "$JS.API.STREAM.INFO.A", ""),
                       "\"name\":\"A\"");
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* The authority stays: it may have been told to browsers. */
START_TEST(certificates)
{
    struct test_environment *here =
        environment_new(version_at(_i), "project: t\n"
                                        "servers:\n"
                                        "  dev:\n"
                                        "    ports: auto\n"
                                        "    tls: dev\n"
                                        "    websocket: {tls: dev}\n"
                                        "    authorization: {user: me, password: hidden}\n"
                                        "streams: {A: {subjects: [a.>]}}\n");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "tls://127.0.0.1:");
    ck_assert_contains(run.out, "wss://127.0.0.1:");
    ck_assert_contains(run.out, "Done: 1 of 1 changes");
    ck_assert_exit(NF(here, "plan"), 0);
    ck_assert_exit(NF(here, "down"), 0);
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "1 in sync");
    must_go_down(here, ".natsform natsform.yaml");
}
END_TEST

START_TEST(mqtt)
{
    struct test_environment *here =
        environment_new(version_at(_i), "project: m\n"
                                        "servers: {dev: {ports: auto, mqtt: {}}}\n");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "mqtt://127.0.0.1:");
    ck_assert_contains(NF(here, "logs").out, "Listening for MQTT clients on");
    must_be_well(here);
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* ---- changes ---- */

static const char *changed(const char *more)
{
    return arena_printf(
        test_arena(), "project: chat\nservers:\n  dev:\n    ports: auto\n%sstreams: {A: {subjects: [a.>]}}\n",
        more);
}

START_TEST(reload)
{
    struct test_environment *here = environment_new(version_at(_i), changed(""));
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "dev");
    environment_write(here, changed("    max_payload: 2000000\n"));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "dev: reloaded, pid ");
    ck_assert_contains(run.out, "its configuration changed");
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    ck_assert_contains(NF(here, "logs").out, "Reloaded: max_payload = 2000000");
    ck_assert_contains(NF(here, "up").out, "Up already");
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* A reload that gives an account more than there is leaves it as it was, and says that it is done (10028, 10047). */
START_TEST(reload_with_an_error)
{
    static const char account[] =
        "    accounts: {A: {jetstream: {max_mem: %s, max_file: 1MiB}, users: [{user: a, password: b}]}}\n";
    struct test_environment *here =
        environment_new(version_at(_i), changed(arena_printf(test_arena(), account, "1MiB")));
    ck_assert_exit(NF(here, "up"), 0);
    environment_write(here, changed(arena_printf(test_arena(), account, "100T")));
    struct run run = NF(here, "up");
    ck_assert_int_ne(run.exit_code, 0);
    ck_assert_lacks(run.out, "reloaded");
    ck_assert_contains(run.err, "insufficient memory resources available");
    /* What ran before runs again, with its streams. */
    environment_write(here, changed(arena_printf(test_arena(), account, "1MiB")));
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_exit(NF(here, "plan", "--detailed-exitcode"), 0);
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(restart)
{
    struct test_environment *here = environment_new(version_at(_i), changed(""));
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "dev");
    raw_publish(environment_server(here, "dev", NULL), "a.b", "kept");
    environment_write(here, changed("    max_pending: 32000000\n"));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "dev: restarted, pid ");
    ck_assert_contains(run.out, "the server cannot change MaxPending while it runs");
    ck_assert_int_ne(environment_pid(here, "dev"), pid);
    ck_assert(!process_lives(pid));
    ck_assert_contains(raw_request(environment_server(here, "dev", NULL), "$JS.API.STREAM.INFO.A", ""),
                       "\"messages\":1");
    ck_assert_contains(NF(here, "up").out, "Up already");
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(another_version)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    struct test_environment *here = environment_new(
        versions[count - 1], changed(arena_printf(test_arena(), "    version: '%s'\n", versions[0])));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "nats-server %s", versions[0]));
    environment_write(here, changed(""));
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    if (count > 1)
        ck_assert_contains(run.out, arena_printf(test_arena(), "nats-server %s instead of %s",
                                                 versions[count - 1], versions[0]));
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(servers_come_and_go)
{
    struct test_environment *here =
        environment_new(version_at(_i), "servers: {one: {ports: auto}, two: {ports: auto}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    pid_t one = environment_pid(here, "one"), two = environment_pid(here, "two");
    environment_write(here, "servers: {two: {ports: auto}, three: {ports: auto}}\n");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "one: stopped: it is no longer in the manifest");
    ck_assert_contains(run.out, "three: started");
    ck_assert_contains(run.out, "two: up already");
    ck_assert(!process_lives(one));
    ck_assert_int_eq(environment_pid(here, "two"), two);
    environment_await(here, 2);
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* ---- the nats CLI's contexts ---- */

START_TEST(contexts)
{
    struct test_environment *here = environment_new(version_at(_i), single);
    make_directory(here->home, ".config/nats/context");
    write_file(here->home, ".config/nats/context/prod.json", "{\"url\": \"nats://prod.example:4222\"}");
    write_file(here->home, ".config/nats/context.txt", "prod");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_str_eq(read_file(in_home(here, ".config/nats/context.txt")), "chat");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert_str_eq(read_file(in_home(here, ".config/nats/context.txt")), "prod");
    ck_assert(!is_there(in_home(here, ".config/nats/context/chat.json")));
    /* Selected by hand meanwhile: that stays. */
    ck_assert_exit(NF(here, "up"), 0);
    write_file(here->home, ".config/nats/context/other.json", "{\"url\": \"nats://other.example:4222\"}");
    write_file(here->home, ".config/nats/context.txt", "other");
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert_str_eq(read_file(in_home(here, ".config/nats/context.txt")), "other");
    /* Somebody else's of that name is left alone. */
    write_file(here->home, ".config/nats/context/chat.json", "{\"url\": \"nats://chat.example:4222\"}");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "The nats CLI has a context 'chat' of another making: it is left alone.");
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert_str_eq(read_file(in_home(here, ".config/nats/context/chat.json")),
                     "{\"url\": \"nats://chat.example:4222\"}");
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* Folders for what a server writes are made, and its log is the one that it writes: for `logs`, and to see what came of a reload. */
START_TEST(files_of_its_own)
{
    static const char files[] = "    log_file: logs/deep/nats.log\n    pid_file: run/nats.pid\n";
    struct test_environment *here = environment_new(version_at(_i), changed(files));
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_contains(NF(here, "logs").out, "Server is ready");
    environment_write(here, changed(arena_printf(test_arena(), "%s    max_payload: 2000000\n", files)));
    ck_assert_contains(NF(here, "up").out, "dev: reloaded, pid ");
    ck_assert_contains(NF(here, "logs").out, "Reloaded: max_payload = 2000000");
    must_go_down(here, "logs natsform.yaml run"); /* those are the user's */
}
END_TEST

/* Why a server does not start is in its own words, and not in those of a run before. */
START_TEST(reasons)
{
    static const struct {
        const char *options, *said;
    } rows[] = {
        {"    log_file: /nowhere/nats.log\n", "open /nowhere/nats.log"},
        {"    pid_file: /nowhere/nats.pid\n", "open /nowhere/nats.pid"},
        {"    log_file: ../elsewhere/nats.log\n", "open ../elsewhere/nats.log"},
    };
    struct test_environment *here = environment_new(version_at(_i), changed(""));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        environment_write(here, changed(rows[i].options));
        struct run run = NF(here, "up");
        ck_assert_exit(run, 1);
        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++)
            ck_assert_msg(!strstr(run.err, rows[j].said) == (i != j), "%s says %s", rows[i].options, run.err);
    }
    environment_end(here);
}
END_TEST

/* `logs` has nothing of such a server, and says where it is; a log_file counts more than either of the system's logs. */
START_TEST(logs_are_elsewhere)
{
    const char *remote = arena_printf(test_arena(), "udp://127.0.0.1:%d", free_port());
    const char *manifest =
        arena_printf(test_arena(),
                     "servers:\n"
                     "  near: {ports: auto}\n"
                     "  file: {ports: auto, remote_syslog: '%s', syslog: true, log_file: x.log}\n"
                     "  far: {ports: auto, remote_syslog: '%s', syslog: true}\n",
                     remote, remote);
    struct test_environment *here = environment_new(version_at(_i), manifest);
    ck_assert_exit(NF(here, "up"), 0);
    struct run run = NF(here, "logs");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, arena_printf(test_arena(), "server 'far' logs to %s\n", remote));
    ck_assert_contains(run.out, "near | ");
    ck_assert_contains(run.out, "file | ");
    ck_assert_lacks(run.out, "far  | ");
    ck_assert_str_eq(NF(here, "logs", "near").err, "");
    must_go_down(here, "natsform.yaml x.log");
}
END_TEST

/*
 * What a server says that cannot start is where it logs. With a system's log it does not even end, and does not answer. Whether
 * this machine has one does not matter here.
 */
START_TEST(reasons_are_elsewhere)
{
    static const struct {
        const char *options, *said;
    } rows[] = {
        {"    remote_syslog: 'udp://127.0.0.1:9'\n", "note: dev logs to udp://127.0.0.1:9\n"},
        {"    syslog: true\n", "note: dev logs to the system's log: journalctl -t nats-server\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct test_environment *here = environment_new(
            version_at(_i),
            changed(arena_printf(test_arena(), "%s    pid_file: /nowhere/nats.pid\n", rows[i].options)));
        struct run run = NF(here, "up", "--timeout", "1s");
        ck_assert_int_ne(run.exit_code, 0);
        ck_assert_contains(run.err, rows[i].said);
        ck_assert_lacks(run.err, "'natsform logs' shows");
        environment_end(here);
    }
}
END_TEST

/* Where no context can be written, the servers are up all the same. */
START_TEST(no_place_for_contexts)
{
    struct test_environment *here = environment_new(version_at(_i), single);
    const char *env[] = {here->env[0], here->env[1], here->env[2], "XDG_CONFIG_HOME=/dev/null", NULL};
    here->env = env;
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(
        run.err, "warning: the nats CLI gets no context: cannot write '/dev/null/nats/context/chat.json'");
    ck_assert_exit(NF(here, "plan", "--detailed-exitcode"), 0);
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* Where other servers are, as the environment says for other commands, is nothing to `up`. */
START_TEST(not_elsewhere)
{
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    struct test_environment *here = environment_new(version_at(_i), single);
    setenv("NATS_URL", other->url, 1);
    setenv("NATS_USER", "nobody", 1);
    setenv("NATS_PASSWORD", "nothing", 1);
    ck_assert_exit(NF(here, "up"), 0);
    unsetenv("NATS_URL");
    unsetenv("NATS_USER");
    unsetenv("NATS_PASSWORD");
    ck_assert_contains(raw_request(other, "$JS.API.STREAM.INFO.CHAT", ""), "stream not found");
    must_go_down(here, "natsform.yaml");
    fixture_stop(other);
}
END_TEST

/* ---- a server that is not well ---- */

/* A monitoring endpoint that says no so many times, as a server on a busy machine does, and yes from then on. */
struct monitor {
    int listener;
    int refusals;
};

static void answer(struct monitor *monitor, int fd)
{
    static const char no[] = "HTTP/1.0 503 Service Unavailable\r\n\r\n{\"status\":\"unavailable\",\"error\":"
                             "\"failed to be ready for connections after 1ms: \"}";
    static const char yes[] = "HTTP/1.0 200 OK\r\n\r\n{\"status\":\"ok\"}";
    char request[512] = "";
    if (recv(fd, request, sizeof(request) - 1, 0) <= 0)
        return;
    bool says_no = strncmp(request, "GET /healthz", strlen("GET /healthz")) == 0 && monitor->refusals-- > 0;
    const char *reply = says_no ? no : yes;
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
}

static void *serve(void *context)
{
    struct monitor *monitor = context;
    int fd = -1;
    while ((fd = accept(monitor->listener, NULL, NULL)) >= 0) {
        answer(monitor, fd);
        close(fd);
    }
    return NULL;
}

/* `status`, where the server's monitoring is that one. */
static struct run status_by(struct test_environment *here, struct monitor *monitor)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    pthread_t thread;
    monitor->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(monitor->listener, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(monitor->listener, 8), 0);
    getsockname(monitor->listener, (struct sockaddr *)&address, &length);
    ck_assert_int_eq(pthread_create(&thread, NULL, serve, monitor), 0);
    run_shell(
        here->folder,
        arena_printf(
            test_arena(),
            "tac .natsform/up.json >up.txt && sed -i '0,\\,http://127.0.0.1:[0-9]*,s,,http://127.0.0.1:%d,' up.txt && tac up.txt >.natsform/up.json && rm up.txt",
            ntohs(address.sin_port)));
    struct run run = NF(here, "status");
    shutdown(monitor->listener, SHUT_RDWR);
    close(monitor->listener);
    pthread_join(thread, NULL);
    return run;
}

/* What it says of a moment is not believed, and what it goes on saying is; then not all is well. */
START_TEST(not_well)
{
    static const char two[] =
        "servers: {dev: {ports: auto}, other: {ports: auto}}\nstreams: {CHAT: {subjects: [chat]}}\n";
    struct test_environment *here = environment_new(version_at(_i), two);
    ck_assert_exit(NF(here, "up"), 0);
    struct monitor monitor = {.refusals = 2};
    struct run run = status_by(here, &monitor);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "\nAll is well, and as the manifest says\n");
    monitor.refusals = 1000;
    run = status_by(here, &monitor);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "failed to be ready for connections after 1ms: ");
    ck_assert_contains(run.out, "\n1 server is not well; the account is as the manifest says\n");
    must_go_down(here, "natsform.yaml");
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = not_well, .each_version = true},
        {.test = one_server, .each_version = true},
        {.test = twice, .each_version = true},
        {.test = cluster, .each_version = true},
        {.test = super_cluster, .each_version = true},
        {.test = hub_and_leaf, .each_version = true},
        {.test = accounts, .each_version = true},
        {.test = no_auth_user, .each_version = true},
        {.test = certificates, .each_version = true},
        {.test = mqtt, .each_version = true},
        {.test = reload, .each_version = true},
        {.test = reload_with_an_error, .each_version = true},
        {.test = restart, .each_version = true},
        {.test = another_version, .each_version = true},
        {.test = servers_come_and_go, .each_version = true},
        {.test = contexts, .each_version = true},
        {.test = no_place_for_contexts, .each_version = true},
        {.test = files_of_its_own, .each_version = true},
        {.test = logs_are_elsewhere, .each_version = true},
        {.test = reasons_are_elsewhere, .each_version = true},
        {.test = reasons, .each_version = true},
        {.test = not_elsewhere, .each_version = true},
    };
    return suite_run("up", tests, sizeof(tests) / sizeof(tests[0]));
}
