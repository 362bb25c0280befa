/*
 * `natsform up` when things are not as they should be: each gives one clear sentence, nothing half started stays, and the next `up` or
 * `down` works. The topologies are in up.c.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/probe.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { POINTS = 20, ANSWER_MS = 10000 };

static const char two[] = "project: two\n"
                          "servers: {one: {ports: auto}, other: {ports: auto}}\n"
                          "streams: {A: {subjects: [a.>]}}\n";

static const char *in_folder(const struct test_environment *here, const char *path)
{
    return arena_printf(test_arena(), "%s/%s", here->folder, path);
}

static void must_go_down(struct test_environment *here, const char *files)
{
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_await(here, 0);
    ck_assert_str_eq(environment_files(here), files);
    environment_end(here);
}

/* Refused with that sentence, and nothing of it runs or is remembered. */
static void must_refuse(struct test_environment *here, int exit_code, const char *sentence)
{
    struct run run = NF(here, "up");
    ck_assert_exit(run, exit_code);
    ck_assert_contains(run.err, sentence);
    environment_await(here, 0);
    ck_assert_int_ne(access(in_folder(here, ".natsform/up.json"), F_OK), 0);
    ck_assert_exit(NF(here, "down"), 0);
}

/* ---- before anything is started ---- */

START_TEST(busy_port)
{
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    struct test_environment *here = environment_new(
        version_at(_i),
        arena_printf(test_arena(), "servers: {free: {ports: auto}, dev: {ports: auto, port: %d}}\n",
                     other->port));
    must_refuse(here, 1,
                arena_printf(test_arena(),
                             "port %d, client of server 'dev', is taken by nats-server (pid %d: ",
                             other->port, (int)other->pid));
    fixture_stop(other);
    ck_assert_exit(NF(here, "up"), 0);
    must_go_down(here, "natsform.yaml");
}
END_TEST

static const char *with_store(const char *store)
{
    return arena_printf(test_arena(), "servers: {dev: {ports: auto, jetstream: {store_dir: '%s'}}}\n", store);
}

/* Of a server that somebody else has started: on its command line, by its configuration, by the files it has open. */
START_TEST(store_in_use)
{
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    const char *store = arena_printf(test_arena(), "%s/store", other->directory);
    struct test_environment *here = environment_new(version_at(_i), with_store(store));
    must_refuse(here, 1,
                arena_printf(test_arena(),
                             "store_dir '%s' of server 'dev' is in use by a server that natsform did not "
                             "start (pid %d: ",
                             store, (int)other->pid));
    fixture_stop(other);
    environment_end(here);
}
END_TEST

/* A server that nothing but its configuration tells the store of; it is guarded as a folder's. */
static pid_t start_by_configuration(const struct test_environment *here, const char *version,
                                    const char *store, int monitor)
{
    const char *servers = getenv("NATSFORM_SERVERS");
    const char *program = arena_printf(test_arena(), "%s/%s/nats-server", servers, version);
    const char *conf = arena_printf(test_arena(),
                                    "listen: \"127.0.0.1:%d\"\nhttp: \"127.0.0.1:%d\"\n"
                                    "jetstream: {store_dir: \"%s\"}\n",
                                    free_port(), monitor, store);
    const char *path = write_file(here->home, "other.conf", conf);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, STDERR_FILENO) < 0)
            _exit(126);
        execl(program, program, "-c", path, (char *)NULL);
        _exit(127);
    }
    guardian_watch(&here->guardian, pid);
    return pid;
}

START_TEST(store_by_configuration)
{
    const char *store = test_directory();
    int monitor = free_port();
    const char *url = arena_printf(test_arena(), "http://127.0.0.1:%d", monitor);
    struct test_environment *here = environment_new(version_at(_i), with_store(store));
    pid_t other = start_by_configuration(here, version_at(_i), store, monitor);
    AWAIT(probe_json(test_arena(), url, "/varz", ANSWER_MS));
    must_refuse(here, 1, arena_printf(test_arena(), "did not start (pid %d: ", (int)other));
    kill(other, SIGTERM);
    ck_assert_int_eq(waitpid(other, NULL, 0), other);
    guardian_watch(&here->guardian, 0);
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_exit(NF(here, "down"), 0);
    environment_end(here);
}
END_TEST

START_TEST(store_of_another_project)
{
    const char *store = test_directory();
    struct test_environment *first = environment_new(version_at(_i), with_store(store));
    struct test_environment *second = environment_new(version_at(_i), with_store(store));
    ck_assert_exit(NF(first, "up"), 0);
    must_refuse(
        second, 1,
        arena_printf(test_arena(), "is in use by server 'dev' of %s, which natsform started", first->folder));
    ck_assert_exit(NF(first, "down"), 0);
    ck_assert_exit(NF(second, "up"), 0);
    /* Data elsewhere is not removed. */
    struct run run = NF(second, "down", "--volumes", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out,
                       arena_printf(test_arena(), "Kept, as it is outside of the project: %s\n", store));
    ck_assert_int_eq(access(arena_printf(test_arena(), "%s/jetstream", store), F_OK), 0);
    ck_assert_int_ne(access(arena_printf(test_arena(), "%s/natsform.lock", store), F_OK), 0);
    environment_end(first);
    environment_end(second);
}
END_TEST

START_TEST(two_servers_one_store)
{
    struct test_environment *here = environment_new(version_at(_i), "");
    environment_write(here, arena_printf(test_arena(),
                                         "servers:\n"
                                         "  one: {ports: auto, jetstream: {store_dir: ./data}}\n"
                                         "  two: {ports: auto, jetstream: {store_dir: '%s/data'}}\n",
                                         here->folder));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 1);
    ck_assert_contains(
        run.err,
        arena_printf(test_arena(), "servers 'one' and 'two' have one store_dir: '%s/data'", here->folder));
    environment_await(here, 0);
    environment_end(here);
}
END_TEST

/* Data of the project is removed when that is confirmed, whatever the folder's name is. */
START_TEST(store_of_the_project)
{
    struct test_environment *here = environment_new(version_at(_i), with_store("./jetstream"));
    make_directory(here->folder, "jetstream");
    write_file(here->folder, "jetstream/mine", "");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_int_eq(access(in_folder(here, "jetstream/jetstream"), F_OK), 0);
    ck_assert_exit(NF(here, "down", "--volumes"), 64); /* there is no terminal to ask on */
    ck_assert_exit(NF(here, "status"), 0);
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    ck_assert_int_ne(access(in_folder(here, "jetstream/jetstream"), F_OK), 0);
    ck_assert_int_eq(access(in_folder(here, "jetstream/mine"), F_OK), 0);
    environment_end(here);
}
END_TEST

START_TEST(unwritable_store)
{
    struct test_environment *here = environment_new(version_at(_i), "");
    write_file(here->folder, "file", "");
    environment_write(here, with_store("./file/store"));
    must_refuse(here, 1,
                arena_printf(test_arena(),
                             "cannot write store_dir '%s/file/store' of server 'dev': not a directory",
                             here->folder));
    environment_end(here);
}
END_TEST

START_TEST(no_server)
{
    struct test_environment *here = environment_new(NULL, two);
    struct run run = NF(here, "up");
    ck_assert_int_ne(run.exit_code, 0);
    environment_await(here, 0);
    environment_end(here);
    here = environment_new(version_at(0), "servers: {dev: {ports: auto, version: '2.11'}}\n");
    must_refuse(here, 1, "server 'dev' wants nats-server 2.11, and there is ");
    environment_end(here);
}
END_TEST

/* The version of the program in PATH, and each configuration, once in a run: also where nothing runs yet. */
START_TEST(asked_once)
{
    struct test_environment *here = environment_new(NULL, "servers: {dev: {ports: auto}}\n");
    const char *program = write_file(here->home, "nats-server",
                                     "#!/bin/sh\n"
                                     "echo \"$1\" >>\"$HOME/asked\"\n"
                                     "[ \"$1\" = -v ] && echo 'nats-server: v2.15.1' && exit\n"
                                     "echo 'nats-server: not this one'; exit 1\n");
    ck_assert_int_eq(chmod(program, 0700), 0);
    here->env[1] = arena_printf(test_arena(), "PATH=%s:/usr/bin:/bin", here->home);
    must_refuse(here, 1, "nats-server 2.15.1 refuses the configuration of 'dev': not this one");
    ck_assert_text(read_file(arena_printf(test_arena(), "%s/asked", here->home)), "-v\n-t\n");
    environment_end(here);
}
END_TEST

START_TEST(refused_configuration)
{
    struct test_environment *here = environment_new(version_at(_i), two);
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "one");
    environment_write(here, "servers: {one: {ports: auto, max_payloads: 5}, other: {ports: auto}}\n");
    struct run run = NF(here, "up");
    ck_assert_int_ne(run.exit_code, 0);
    ck_assert_contains(run.err, "max_payloads");
    /* What ran goes on as it was. */
    ck_assert_int_eq(environment_pid(here, "one"), pid);
    ck_assert_exit(NF(here, "status"), 0);
    environment_write(here, two);
    ck_assert_contains(NF(here, "up").out, "Up already");
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* What only a real start shows is told in the server's words, and taken back. */
START_TEST(ends_at_start)
{
    struct test_environment *here = environment_new(
        version_at(_i), "servers: {good: {ports: auto}, bad: {ports: auto, websocket:"
                        " {listen: '203.0.113.1:18080', no_tls: true}}}\n"); /* an address of nobody's */
    struct run run = NF(here, "up");
    ck_assert_int_ne(run.exit_code, 0);
    ck_assert_contains(run.err, "websocket connections");
    environment_await(here, 0);
    ck_assert_int_ne(access(in_folder(here, ".natsform/up.json"), F_OK), 0);
    ck_assert_contains(NF(here, "logs", "bad").out, "websocket connections"); /* of what is not up any more */
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* Where the same happens to what ran before, that runs again as it was: also what had been reloaded or stopped. */
START_TEST(taken_back)
{
    static const char good[] = "servers: {bad: {ports: auto}, other: {ports: auto}, old: {ports: auto}}\n";
    struct test_environment *here = environment_new(version_at(_i), good);
    ck_assert_exit(NF(here, "up"), 0);
    pid_t other = environment_pid(here, "other");
    environment_write(here, "servers: {bad: {ports: auto, websocket:"
                            " {listen: '203.0.113.1:18080', no_tls: true}},"
                            " other: {ports: auto, max_payload: 2000000}, new: {ports: auto}}\n");
    struct run run = NF(here, "up");
    ck_assert_int_ne(run.exit_code, 0);
    ck_assert_contains(run.err, "websocket connections");
    environment_await(here, 3);
    ck_assert_int_eq(environment_pid(here, "other"), other);
    ck_assert_int_eq(environment_pid(here, "new"), 0);
    environment_write(here, good);
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Up already");
    ck_assert_exit(NF(here, "status"), 0);
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* As on a full disk: no file can grow. */
START_TEST(full_disk)
{
    struct test_environment *here = environment_new(version_at(_i), two);
    struct rlimit none = {.rlim_cur = 0}, before;
    getrlimit(RLIMIT_FSIZE, &before);
    none.rlim_max = before.rlim_max;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN); /* so that writing fails instead */
        setrlimit(RLIMIT_FSIZE, &none);
        for (size_t i = 0; here->env[i]; i++)
            if (strncmp(here->env[i], "PATH=", 5) == 0)
                setenv("PATH", here->env[i] + 5, 1);
        if (chdir(here->folder) == 0)
            execl("/bin/sh", "sh", "-c", "\"$NATSFORM\" up 2>&1 | { grep -q 'cannot write' && exit 7; }",
                  (char *)NULL);
        _exit(126);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 7, "it said something else");
    environment_await(here, 0);
    ck_assert_exit(NF(here, "up"), 0);
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(one_at_a_time)
{
    struct test_environment *here = environment_new(version_at(_i), two);
    pid_t pids[4];
    for (size_t i = 0; i < 4; i++)
        pids[i] = environment_spawn(here, (const char *const[]){"up", NULL});
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(environment_exit_code(pids[i]) == 0, "%s",
                      read_file(arena_printf(test_arena(), "%s/out", here->home)));
    environment_await(here, 2);
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* ---- interrupted: points at odd numbers end otherwise than those at even ones, and each version has some of both ---- */

#define UP ((const char *const[]){"up", NULL})
#define DOWN ((const char *const[]){"down", NULL})

/* How long an undisturbed `up` takes. */
static int64_t time_of_up(const struct test_environment *here)
{
    int64_t whole = environment_microseconds(here, UP);
    ck_assert_exit(NF(here, "down"), 0);
    return whole;
}

/* Killed at any point, the next `up` comes through, or the next `down` leaves nothing. */
START_TEST(killed)
{
    struct test_environment *here = environment_new(version_at(_i), two);
    int64_t whole = time_of_up(here);
    for (int i = 0; i < POINTS; i++) {
        if (!version_takes(_i, i))
            continue;
        environment_disturb(here, UP, SIGKILL, whole * (i + 1) / POINTS);
        if (i % 2) {
            struct run run = NF(here, "up");
            ck_assert_exit(run, 0);
            environment_await(here, 2);
            ck_assert_exit(NF(here, "status"), 0);
        }
        ck_assert_exit(NF(here, "down"), 0);
        environment_await(here, 0);
    }
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* Interrupted, all is up, or nothing is. */
START_TEST(interrupted)
{
    static const int signals[] = {SIGINT, SIGTERM};
    struct test_environment *here = environment_new(version_at(_i), two);
    int64_t whole = time_of_up(here);
    for (int i = 0; i < POINTS; i++) {
        if (!version_takes(_i, i))
            continue;
        environment_disturb(here, UP, signals[i % 2], whole * (i + 1) / POINTS);
        struct run status = NF(here, "status");
        if (status.exit_code != 0)
            ck_assert_text(status.out, "Nothing is up.\n");
        environment_await(here, status.exit_code == 0 ? 2 : 0);
        ck_assert_exit(NF(here, "down"), 0);
        environment_await(here, 0);
    }
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* While another version is to take over: neither it nor the old one is lost. */
START_TEST(killed_at_restart)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    struct test_environment *here = environment_new(versions[count - 1], two);
    int64_t whole = time_of_up(here) * 2;
    for (int i = 0; i < POINTS; i++) {
        environment_write(here, two);
        ck_assert_exit(NF(here, "up"), 0);
        environment_write(here, arena_printf(test_arena(),
                                             "servers: {one: {ports: auto, version: '%s'}, other: {ports: "
                                             "auto, max_pending: 3200000}}\n",
                                             versions[0]));
        environment_disturb(here, UP, SIGKILL, whole * (i + 1) / POINTS);
        if (i % 2) {
            ck_assert_exit(NF(here, "up"), 0);
            environment_await(here, 2);
            ck_assert_str_eq(node_get_text(environment_node(here, "one"), "version"), versions[0]);
        }
        ck_assert_exit(NF(here, "down"), 0);
        environment_await(here, 0);
    }
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(down_killed)
{
    struct test_environment *here = environment_new(version_at(_i), two);
    for (int i = 0; i < POINTS / 2; i++) {
        ck_assert_exit(NF(here, "up"), 0);
        environment_disturb(here, DOWN, SIGKILL, 1000 * (i + 1));
        if (i % 2)
            ck_assert_exit(NF(here, "up"), 0);
        ck_assert_exit(NF(here, "down"), 0);
        environment_await(here, 0);
    }
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* ---- what runs, and what only looks so ---- */

START_TEST(server_dies)
{
    struct test_environment *here = environment_new(version_at(_i), two);
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "one"), other = environment_pid(here, "other");
    kill(pid, SIGKILL);
    AWAIT(!process_lives(pid));
    struct run run = NF(here, "status");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "it does not run");
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "one: started");
    ck_assert_contains(run.out, "other: up already");
    ck_assert_int_eq(environment_pid(here, "other"), other);
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* As after a `down` that was killed when it had told the servers to end: `up` finds them running, and then they are gone. */
START_TEST(server_ends_meanwhile)
{
    struct test_environment *here =
        environment_new(version_at(_i), "servers: {one: {ports: auto}, other: {ports: auto}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    int64_t whole = environment_microseconds(here, UP);
    for (int i = 0; i < POINTS; i++) {
        if (!version_takes(_i, i))
            continue;
        int code =
            environment_disturb_server(here, UP, environment_pid(here, "one"), SIGTERM, whole * i / POINTS);
        ck_assert_int_eq(code, 0);
        ck_assert_exit(NF(here, "up"), 0);
        environment_await(here, 2);
    }
    must_go_down(here, "natsform.yaml");
}
END_TEST

/* Somebody else's process that has got the pid is none of ours. */
START_TEST(pid_of_another)
{
    struct test_environment *here = environment_new(version_at(_i), "servers: {dev: {ports: auto}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "dev");
    kill(pid, SIGKILL);
    AWAIT(!process_lives(pid));
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    const char *old = read_file(in_folder(here, ".natsform/dev/pid"));
    write_file(here->folder, ".natsform/dev/pid",
               arena_printf(test_arena(), "%d %s", (int)other->pid, strchr(old, ' ') + 1));
    ck_assert_exit(NF(here, "status"), 1);
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert(process_lives(other->pid));
    ck_assert_contains(raw_request(other, "$JS.API.INFO", ""), "\"streams\":0");
    fixture_stop(other);
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(broken_state)
{
    struct test_environment *here = environment_new(version_at(_i), "servers: {dev: {ports: auto}}\n");
    make_directory(here->folder, ".natsform");
    write_file(here->folder, ".natsform/up.json", "{\"version\": 1, \"nodes\": [{\"name\": \"../..\"}]}");
    struct run run = NF(here, "down", "--volumes", "--yes");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "cannot read '");
    write_file(here->folder, ".natsform/up.json", "{");
    ck_assert_exit(NF(here, "up"), 1);
    ck_assert_exit(NF(here, "status"), 1);
    environment_end(here);
}
END_TEST

/* ---- watching ---- */

static bool has_times(const char *path, const char *text, size_t times)
{
    size_t found = 0;
    const char *all = access(path, F_OK) == 0 ? read_file(path) : "";
    for (const char *at = all; (at = strstr(at, text)); at++)
        found++;
    return found >= times;
}

static void await_text(const char *path, const char *text, size_t times)
{
    struct patience patience = {0};
    while (!has_times(path, text, times))
        ck_assert_msg(patience_lasts(&patience), "'%s' is not there %zu times: %s", text, times,
                      read_file(path));
}

START_TEST(watched)
{
    struct test_environment *here =
        environment_new(version_at(_i), "include: [streams/*.yaml]\nservers: {dev: {ports: auto}}\n");
    const char *out = arena_printf(test_arena(), "%s/out", here->home);
    make_directory(here->folder, "streams");
    write_file(here->folder, "streams/a.yaml", "streams: {A: {subjects: [a.>]}}\n");
    pid_t watcher = environment_spawn(here, (const char *const[]){"up", "--watch", NULL});
    await_text(out, "watching for changes", 1);
    pid_t pid = environment_pid(here, "dev");
    ck_assert_contains(read_file(out), "Done: 1 of 1 changes");
    /* A file that an include's pattern finds anew. */
    write_file(here->folder, "streams/b.yaml", "streams: {B: {subjects: [b.>]}}\n");
    await_text(out, " watching", 2);
    ck_assert_contains(raw_request(environment_server(here, "dev", NULL), "$JS.API.STREAM.INFO.B", ""),
                       "\"name\":\"B\"");
    /* What is wrong is told, and the last good state stays. */
    write_file(here->folder, "streams/b.yaml", "streams: {B: {subjects: [b.>], max_agee: 1h}}\n");
    await_text(out, " watching", 3);
    ck_assert_contains(read_file(out), "streams/b.yaml:1:");
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    write_file(here->folder, "streams/b.yaml", "streams: {B: {subjects: [b.>], max_msgs: 9}}\n");
    await_text(out, " watching", 4);
    ck_assert_contains(raw_request(environment_server(here, "dev", NULL), "$JS.API.STREAM.INFO.B", ""),
                       "\"max_msgs\":9");
    environment_write(here, "include: [streams/*.yaml]\nservers: {dev: {ports: auto, max_payload: 2MB}}\n");
    await_text(out, "dev: reloaded", 1);
    await_text(out, " watching", 5);
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    kill(watcher, SIGINT);
    ck_assert_int_eq(environment_exit_code(watcher), 0);
    ck_assert_exit(NF(here, "status"), 0);
    must_go_down(here, "natsform.yaml streams");
}
END_TEST

/* Later turns tell only what has changed, and when; a server that ends is told of, and started again. */
START_TEST(watched_servers)
{
    struct test_environment *here =
        environment_new(version_at(_i), "servers: {dev: {ports: auto}}\nstreams: {A: {subjects: [a]}}\n");
    const char *out = arena_printf(test_arena(), "%s/out", here->home);
    pid_t watcher = environment_spawn(here, (const char *const[]){"up", "--rm", NULL});
    await_text(out, ":", 1);
    await_text(out, " watching for changes; Ctrl-C ends it and takes the servers down\n", 1);
    size_t length = strlen(read_file(out));
    pid_t first = environment_pid(here, "dev");
    kill(first, SIGKILL);
    await_text(out, "server 'dev' has ended; it is started again\n", 1);
    await_text(out, " watching\n", 1);
    const char *later = read_file(out) + length;
    ck_assert_int_ne(environment_pid(here, "dev"), first);
    ck_assert_contains(later, "dev: started");
    ck_assert(!strstr(later, "in sync") && !strstr(later, "up already"));
    /* What is the same for the servers and their streams says nothing more than which file it was. */
    length = strlen(read_file(out));
    environment_write(here, "servers: {dev: {ports: auto}}\nstreams: {A: {subjects: [a]}} # the same\n");
    await_text(out, "natsform.yaml changed\n", 1);
    await_text(out, " watching\n", 2);
    later = read_file(out) + length;
    ck_assert_msg(!strstr(later, "dev") && !strstr(later, "Plan"), "%s", later);
    /* Taken down elsewhere, it stays down until something changes. */
    ck_assert_exit(NF(here, "down"), 0);
    await_text(out, " the servers were taken down; a change of the manifest boots them again\n", 1);
    environment_write(here, "servers: {dev: {ports: auto}}\nstreams: {A: {subjects: [a, b]}}\n");
    await_text(out, " watching\n", 3);
    pid_t pid = environment_pid(here, "dev");
    ck_assert(process_lives(pid));
    kill(watcher, SIGINT);
    ck_assert_int_eq(environment_exit_code(watcher), 0);
    ck_assert(!process_lives(pid));
    ck_assert_contains(read_file(out), "dev: stopped");
    must_go_down(here, "natsform.yaml");
}
END_TEST

START_TEST(followed)
{
    struct test_environment *here = environment_new(version_at(_i), "servers: {dev: {ports: auto}}\n");
    const char *out = arena_printf(test_arena(), "%s/out", here->home);
    ck_assert_exit(NF(here, "up"), 0);
    pid_t follower = environment_spawn(here, (const char *const[]){"logs", "-F", "--tail", "1", NULL});
    await_text(out, "dev | ", 1);
    ck_assert_lacks(read_file(out), "Starting nats-server");
    ck_assert_exit(NF(here, "down"), 0); /* what it says last is read, and then it ends by itself */
    ck_assert_int_eq(environment_exit_code(follower), 0);
    ck_assert_contains(read_file(out), "Server Exiting");
    must_go_down(here, "natsform.yaml");
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = busy_port, .each_version = true},
        {.test = store_in_use, .each_version = true},
        {.test = store_by_configuration, .each_version = true},
        {.test = store_of_another_project, .each_version = true},
        {.test = two_servers_one_store},
        {.test = store_of_the_project},
        {.test = unwritable_store},
        {.test = no_server},
        {.test = asked_once},
        {.test = refused_configuration, .each_version = true},
        {.test = ends_at_start, .each_version = true},
        {.test = taken_back, .each_version = true},
        {.test = full_disk},
        {.test = one_at_a_time},
        {.test = killed, .each_version = true},
        {.test = interrupted, .each_version = true},
        {.test = killed_at_restart},
        {.test = down_killed},
        {.test = server_dies, .each_version = true},
        {.test = server_ends_meanwhile, .each_version = true},
        {.test = pid_of_another},
        {.test = broken_state},
        {.test = watched, .each_version = true},
        {.test = watched_servers, .each_version = true},
        {.test = followed},
    };
    return suite_run("up_faults", tests, sizeof(tests) / sizeof(tests[0]));
}
