/*
 * The project's lock, by several runs of the program on one server: who gets it, who is told of whom, and what is left
 * when a run is killed, stopped or interrupted. The lock's true times, no shorter ones.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/clock.h"
#include "base/closing.h"
#include "base/strbuf.h"
#include "support/client.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

enum { MANY = 300, CONTENDERS = 6, ROUNDS = 4 };

static const char *text_of_number(long number)
{
    return arena_printf(test_arena(), "%ld", number);
}

static const char *project_manifest(const char *project)
{
    return write_file(test_directory(), "natsform.yaml",
                      arena_printf(test_arena(), "project: %s\nstreams: {%s: {subjects: [%s]}}\n", project,
                                   project, project));
}

static void assert_no_lock(const struct server_fixture *server)
{
    const char *names = raw_request(server, "$JS.API.STREAM.NAMES", "");
    ck_assert_lacks(names, "natsform_lock_");
    ck_assert_contains(names, "\"total\":");
}

/* ---- a run that waits at the question ---- */

/* What is done, once, when the run asks. */
struct moment {
    const char *word; /* on the terminal */
    void (*then)(struct moment *moment, pid_t pid);
    const struct server_fixture *server;
    const char *path;
    int signal;
    bool done;
    pid_t pid;
};

static void on_text(void *context, pid_t pid, const char *text)
{
    struct moment *moment = context;
    if (moment->done || !strstr(text, moment->word))
        return;
    moment->done = true;
    moment->pid = pid;
    moment->then(moment, pid);
}

static struct run run_with_moment(struct moment *moment, const char *path, const char *url, bool yes)
{
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"apply", "-f", path, "-s", url, "--color", "never",
                                           yes ? "--yes" : NULL, NULL},
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .watch = on_text,
        .context = moment,
        .deadline_ms = 120000,
    });
    ck_assert_msg(moment->done, "it never came to '%s':\n%.3000s", moment->word, run.out);
    return run;
}

static void send_signal(struct moment *moment, pid_t pid)
{
    kill(pid, moment->signal);
}

static void others_at_work(struct moment *moment, pid_t pid)
{
    const char *url = moment->server->url;
    struct run run = RUN("apply", "--yes", "-f", moment->path, "-s", url);
    ck_assert_exit(run, 75);
    ck_assert_contains(run.err, "error: project 'one' is locked: apply by ");
    ck_assert_contains(run.err, arena_printf(test_arena(), ", pid %ld, since 20", (long)pid));
    run = RUN("plan", "-f", moment->path, "-s", url); /* does not lock */
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "natsform_lock_");
    run = RUN("apply", "--yes", "-f", project_manifest("two"), "-s", url);
    ck_assert_exit(run, 0);
    run = RUN("apply", "--yes", "-f", manifest("streams: {}"), "-s", url);
    ck_assert_exit(run, 0);
    kill(pid, SIGINT);
}

/* The one that is there names itself, other projects and plans go on, and an interrupt at the question lets go. */
START_TEST(holder_is_named)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct moment moment = {
        .word = "Type 'yes'", .then = others_at_work, .server = server, .path = project_manifest("one")};
    struct run run = run_with_moment(&moment, moment.path, server->url, false);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "Nothing was changed.");
    assert_no_lock(server);
    must_apply(server, moment.path);
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

static const char *many_streams(void)
{
    struct strbuf text = {0};
    strbuf_adds(&text, "project: many\nstreams:\n");
    for (size_t i = 0; i < MANY; i++)
        strbuf_addf(&text, "  S%03zu: {subjects: [s.%zu], storage: memory, consumers: {c: {}}}\n", i, i);
    const char *path = write_file(test_directory(), "natsform.yaml", strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* What is under way is waited for, nothing more is begun, and the lock is gone. */
START_TEST(interrupted_while_applying)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct moment moment = {.word = "[1/", .then = send_signal, .signal = _i % 2 ? SIGTERM : SIGINT};
    const char *path = many_streams();
    struct run run = run_with_moment(&moment, path, server->url, true);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "error: interrupted: what was under way was waited for");
    ck_assert_contains(run.out, "  not tried  create   consumer S000 > c");
    ck_assert_lacks(run.out, "  unknown");
    ck_assert_lacks(run.out, "  failed");
    assert_no_lock(server);
    must_apply(server, path);
    fixture_stop(server);
}
END_TEST

/* ---- the true times ---- */

/* Killed without a word, on every version at once: the next run takes over after half a minute, within one, and not before. */
START_TEST(killed_holder)
{
    struct server_fixture *servers[8];
    size_t count;
    const char *const *versions = server_versions(&count);
    const char *path = project_manifest("one");
    const char *pid[8];
    for (size_t i = 0; i < count; i++) {
        struct moment moment = {.word = "Type 'yes'", .then = send_signal, .signal = SIGKILL};
        servers[i] = fixture_start(versions[i], NULL);
        struct run run = run_with_moment(&moment, path, servers[i]->url, false);
        ck_assert_int_eq(run.signal, SIGKILL);
        pid[i] = text_of_number(moment.pid);
    }
    int64_t killed = clock_ms();
    for (size_t i = 0; i < count; i++) {
        struct run run = RUN("apply", "--yes", "-f", path, "-s", servers[i]->url);
        ck_assert_exit(run, 75);
        ck_assert_contains(run.err, arena_printf(test_arena(), ", pid %s, since 20", pid[i]));
    }
    for (size_t i = 0; i < count; i++) {
        struct run run = run_natsform(&(struct run_options){
            .arguments = (const char *const[]){"apply", "--yes", "--lock-timeout", "90s", "-f", path, "-s",
                                               servers[i]->url, NULL},
            .deadline_ms = 120000,
        });
        ck_assert_exit(run, 0);
        ck_assert_contains(run.out, "Done: 1 of 1 changes");
        ck_assert_int_ge(clock_ms() - killed, LOCK_HOLD_MS - 2000 * (int64_t)count);
        ck_assert_int_le(clock_ms() - killed, 60000);
        assert_no_lock(servers[i]);
        fixture_stop(servers[i]);
    }
}
END_TEST

/* The lock's consumer is asked for, and not waited for. */
static void kill_once_born(struct moment *moment, pid_t pid)
{
    int64_t since = clock_ms();
    while (!strstr(raw_request(moment->server, "$JS.API.STREAM.LIST", ""), "\"consumer_count\":1")) {
        ck_assert_int_le(clock_ms() - since, 10000);
        clock_pause(5);
    }
    kill(pid, SIGKILL);
}

/* How many processes of natsform have the text among their arguments. */
static size_t processes_with(const char *text)
{
    size_t count = 0;
    struct dirent *entry;
    DIR *processes __attribute__((cleanup(close_directory))) = opendir("/proc");
    while (processes && (entry = readdir(processes))) {
        char arguments[4096] = "";
        const char *path = arena_printf(test_arena(), "/proc/%s/cmdline", entry->d_name);
        int fd __attribute__((cleanup(close_fd))) = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t length = fd < 0 ? 0 : read(fd, arguments, sizeof(arguments) - 1);
        for (ssize_t i = 0; i < length; i++) /* each ends with a NUL */
            if (arguments[i] == '\0')
                arguments[i] = ' ';
        count += strstr(arguments, text) != NULL;
    }
    return count;
}

static void await_no_process(const char *text, int64_t most_ms)
{
    int64_t since = clock_ms();
    while (processes_with(text) > 0) {
        ck_assert_int_le(clock_ms() - since, most_ms);
        clock_pause(50);
    }
}

/* Killed, and nobody follows: nothing of the lock is left within a minute, and no process of the run. */
START_TEST(killed_for_good)
{
    struct server_fixture *servers[8];
    size_t count;
    const char *const *versions = server_versions(&count);
    const char *path = project_manifest("one");
    for (size_t i = 0; i < count; i++) {
        servers[i] = fixture_start(versions[i], NULL);
        struct moment moment = {.word = "Type 'yes'", .then = kill_once_born, .server = servers[i]};
        run_with_moment(&moment, path, servers[i]->url, false);
        ck_assert_contains(raw_request(servers[i], "$JS.API.STREAM.NAMES", ""), "natsform_lock_");
    }
    ck_assert_uint_eq(processes_with(path), count);
    await_no_process(path, 60000);
    for (size_t i = 0; i < count; i++) {
        assert_no_lock(servers[i]);
        fixture_stop(servers[i]);
    }
}
END_TEST

/* The server goes too: then there is nothing to wait for. */
START_TEST(killed_with_the_server)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *path = project_manifest("one");
    struct moment moment = {.word = "Type 'yes'", .then = kill_once_born, .server = server};
    run_with_moment(&moment, path, server->url, false);
    ck_assert_uint_eq(processes_with(path), 1);
    fixture_stop(server);
    await_no_process(path, 10000);
}
END_TEST

static void sleep_over(struct moment *moment, pid_t pid)
{
    kill(pid, SIGSTOP);
    struct run run = RUN("unlock", "--yes", "-f", moment->path, "-s", moment->server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), ", pid %ld, since 20", (long)pid));
    ck_assert_contains(run.out, " (this run is alive)\nRemoved.\n");
    for (int64_t until = clock_ms() + 21000; clock_ms() < until;)
        sleep(1);
    kill(pid, SIGCONT);
}

/* A run that stood still, and whose lock is gone when it wakes up, stops before its next change. */
START_TEST(stopped_holder)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    struct server_fixture *server = fixture_start(_i ? versions[count - 1] : versions[0], NULL);
    const char *path = many_streams();
    struct moment moment = {.word = "[1/", .then = sleep_over, .server = server, .path = path};
    struct run run = run_with_moment(&moment, path, server->url, true);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "error: the lock of project 'many' was lost: the server has removed it");
    ck_assert_contains(run.out, "  not tried  create   consumer S000 > c");
    assert_no_lock(server);
    must_apply(server, path);
    fixture_stop(server);
}
END_TEST

/* ---- many at once ---- */

/* Starts CONTENDERS runs at the same moment, and counts how they end: 0 and 75, nothing else. */
static size_t race(const char *url, const char *path, const char *lock_timeout)
{
    const char *directory = test_directory();
    const char *program = getenv("NATSFORM");
    ck_assert_ptr_nonnull(program);
    pid_t pids[CONTENDERS];
    size_t done = 0;
    for (size_t i = 0; i < CONTENDERS; i++) {
        const char *log = arena_printf(test_arena(), "%s/%zu", directory, i);
        pids[i] = fork();
        if (pids[i] == 0) {
            if (freopen(log, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
                execl(program ? program : "", "natsform", "apply", "--yes", "-f", path, "-s", url,
                      "--lock-timeout", lock_timeout, (char *)NULL);
            _exit(127);
        }
    }
    for (size_t i = 0; i < CONTENDERS; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        const char *said = read_file(arena_printf(test_arena(), "%s/%zu", directory, i));
        ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 75),
                      "status %d:\n%.3000s", status, said);
        if (WEXITSTATUS(status) == 75)
            ck_assert_contains(said, "error: project 'one' is locked: apply by ");
        done += WEXITSTATUS(status) == 0;
    }
    return done;
}

static void race_on(const struct server_fixture *server, const char *url)
{
    for (int round = 0; round < ROUNDS; round++) {
        const char *path = manifest(arena_printf(
            test_arena(), "project: one\nstreams: {A: {subjects: [a.%d], description: round %d}}\n", round,
            round));
        ck_assert_uint_ge(race(url, path, "0"), 1);
        assert_no_lock(server);
        ck_assert_uint_eq(race(url, path, "1m"), CONTENDERS);
        assert_no_lock(server);
    }
}

START_TEST(started_at_once)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    race_on(server, server->url);
    fixture_stop(server);
}
END_TEST

START_TEST(started_at_once_in_a_cluster)
{
    struct cluster_fixture *cluster = cluster_start(version_at(_i), "c");
    const char *urls = arena_printf(test_arena(), "%s,%s,%s", cluster->nodes[0]->url, cluster->nodes[1]->url,
                                    cluster->nodes[2]->url);
    race_on(cluster->nodes[0], urls);
    cluster_stop(cluster);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = holder_is_named, .each_version = true},
        {.test = interrupted_while_applying, .each_version = true},
        {.test = killed_holder},
        {.test = killed_for_good},
        {.test = killed_with_the_server, .each_version = true},
        {.test = stopped_holder, .times = 2},
        {.test = started_at_once, .each_version = true},
        {.test = started_at_once_in_a_cluster, .each_version = true},
    };
    return suite_run("lock", tests, sizeof(tests) / sizeof(tests[0]));
}
