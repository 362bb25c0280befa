/*
 * The project's lock, by several runs of the program on one server: who gets it, who is told of whom, and what is left
 * when a run is interrupted or stopped. The lock's true times, no shorter ones. What is left of a run that is killed is in lock_killed.c.
 */
#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/client.h"
#include "support/moment.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

enum {
    CONTENDERS = 6,
    ROUNDS = 4,
    LOOK_US = 20000,                 /* from look to look, in a thread that may assert nothing */
    LEASE_IS_OVER_US = 21 * 1000000, /* the lock's own is 20 s: no state tells that it is over */
    BIRTH_IS_OVER_US = 6 * 1000000,  /* the same of the 5 s in which a lock has to get its consumer */
};

/* ---- a run that waits at the question, or is at work ---- */

static void send_signal(struct moment *moment, pid_t pid)
{
    kill(pid, moment->signal);
}

static void others_are_let_in(struct moment *moment, pid_t pid)
{
    const char *url = moment->server->url;
    assert_no_lock(moment->server);
    must_apply(moment->server, moment->path);
    struct run run = RUN("apply", "--yes", "-f", project_manifest("two"), "-s", url);
    ck_assert_exit(run, 0);
    assert_no_lock(moment->server);
    kill(pid, SIGINT);
}

/* Who is asked keeps nobody out, and no lock gets into a backup that somebody makes meanwhile. */
START_TEST(question_keeps_nobody_out)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct moment moment = {
        .word = "Type 'yes'", .then = others_are_let_in, .server = server, .path = project_manifest("one")};
    struct run run = moment_run(&moment, moment.path, server->url, false);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "Nothing was changed.");
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

static void others_at_work(struct moment *moment, pid_t pid)
{
    const char *url = moment->server->url;
    struct run run = RUN("apply", "--yes", "-f", moment->path, "-s", url);
    ck_assert_exit(run, 75);
    ck_assert_contains(run.err, "error: project 'many' is locked: apply by ");
    ck_assert_contains(run.err, arena_printf(test_arena(), ", pid %ld, since 20", (long)pid));
    run = RUN("plan", "-f", moment->path, "-s", url); /* does not lock */
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "natsform_lock_");
    run = RUN("apply", "--yes", "-f", project_manifest("two"), "-s", url);
    ck_assert_exit(run, 0);
    run = RUN("apply", "--yes", "-f", manifest("streams: {}"), "-s", url);
    ck_assert_exit(run, 0);
}

/* The one that is there names itself; other projects and plans go on. */
START_TEST(holder_is_named)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *path = many_streams();
    struct moment moment = {.word = "[1/", .then = others_at_work, .server = server, .path = path};
    struct run run = moment_run_in_the_middle(&moment, server, path);
    ck_assert_exit(run, 0);
    assert_no_lock(server);
    must_apply(server, path);
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

/* What is under way is waited for, nothing more is begun, and the lock is gone. */
START_TEST(interrupted_while_applying)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct moment moment = {.word = "[1/", .then = send_signal, .signal = _i % 2 ? SIGTERM : SIGINT};
    const char *path = many_streams();
    struct run run = moment_run_in_the_middle(&moment, server, path);
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

/* A signal that comes while the output is taken by nobody costs none of it, and no exit code. */
START_TEST(interrupted_while_writing)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *script = arena_printf(test_arena(),
                                      "mkfifo out && exec 3<>out && head -c 65536 /dev/zero >&3\n"
                                      "\"$NATSFORM\" apply --yes -f '%s' -s %s >&3 2>err & pid=$!\n"
                                      "until grep -q pipe /proc/$pid/wchan; do kill -0 $pid || exit 1; done\n"
                                      "kill -TERM $pid\n"
                                      "head -c 65536 <&3 >/dev/null; wait $pid; echo \"exit code $?\" >code\n"
                                      "exec 4<out 3>&-; cat <&4 >whole; cat whole err code",
                                      project_manifest("one"), server->url);
    struct run run =
        run_natsform(&(struct run_options){.program = "/bin/sh",
                                           .arguments = (const char *const[]){"-c", script, NULL},
                                           .directory = test_directory()});
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Plan: ");
    ck_assert_contains(run.out, "error: interrupted");
    ck_assert_contains(run.out, "exit code 1");
    ck_assert_lacks(run.out, "cannot write");
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

/* ---- stopped ---- */

static void sleep_over(struct moment *moment, pid_t pid)
{
    kill(pid, SIGSTOP);
    struct run run = RUN("unlock", "--yes", "-f", moment->path, "-s", moment->server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), ", pid %ld, since 20", (long)pid));
    ck_assert_contains(run.out, " (this run is alive), at ");
    ck_assert_contains(run.out, " (--server)\nRemoved.\n");
    let_pass(LEASE_IS_OVER_US);
    kill(pid, SIGCONT);
}

/* A run that stood still, and whose lock is gone when it wakes up, stops before its next change. */
START_TEST(stopped_holder)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *path = many_streams();
    struct moment moment = {.word = "[1/", .then = sleep_over, .server = server, .path = path};
    struct run run = moment_run_in_the_middle(&moment, server, path);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "error: the lock of project 'many' was lost: the server has removed it");
    ck_assert_contains(run.out, "  not tried  create   consumer S000 > c");
    assert_no_lock(server);
    must_apply(server, path);
    fixture_stop(server);
}
END_TEST

/* ---- slow machines ---- */

struct slow {
    bool created; /* the lock */
    bool stood_still;
};

/* After the first lock was made, the next list takes so long that others would take the lock for dead. */
static const char *slow_hook(struct relay *relay, const struct relay_request *request)
{
    struct slow *slow = relay->context;
    slow->created |= relay_is_of(request, "STREAM.CREATE", "natsform_lock_*");
    if (slow->created && !slow->stood_still && relay_is_of(request, "STREAM.NAMES", NULL)) {
        slow->stood_still = true;
        let_pass(BIRTH_IS_OVER_US);
    }
    return relay_pass(relay, request, request->body);
}

/* A lock that comes too late to be kept alive is made once more; nothing was done under it. */
START_TEST(late_lock)
{
    struct slow slow = {0};
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct relay *relay = relay_start_same_version(server, slow_hook, &slow);
    const char *path = manifest("project: one\nstreams: {A: {subjects: [a]}}\n");
    struct run run = RUN("apply", "--yes", "-f", path, "-s", relay->url, "--timeout", "60s");
    ck_assert_exit(run, 0);
    ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "natsform_lock_*"), 2);
    relay_stop(relay);
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

/* ---- newborn locks ---- */

/* Two runs, each by a relay of its own, and what one waits for that the other does. */
struct birth {
    const char *path;
    bool for_good;     /* the consumer is not made before unlock has ended */
    atomic_bool ready; /* unlock is about to look */
    atomic_bool held;  /* the lock's stream is there, and its consumer is asked for */
    atomic_bool looked;
    atomic_bool over; /* unlock has ended */
};

static void wait_for(const atomic_bool *happened)
{
    while (!atomic_load(happened))
        let_pass(LOOK_US);
}

static const char *newborn_hook(struct relay *relay, const struct relay_request *request)
{
    struct birth *birth = relay->context;
    if (strncmp(request->verb, "CONSUMER.MSG", 12) == 0)
        return NULL; /* as in middle_hook() */
    if (relay_is_of(request, "STREAM.NAMES", NULL))
        wait_for(&birth->ready);
    if (relay_is_of(request, "CONSUMER.CREATE", "natsform_lock_*")) {
        atomic_store(&birth->held, true);
        wait_for(birth->for_good ? &birth->over : &birth->looked);
    }
    if (relay_is_of(request, "STREAM.CREATE", "A"))
        wait_for(&birth->over);
    return relay_pass(relay, request, request->body);
}

static const char *unlock_hook(struct relay *relay, const struct relay_request *request)
{
    struct birth *birth = relay->context;
    if (relay_is_of(request, "STREAM.NAMES", NULL)) {
        atomic_store(&birth->ready, true);
        wait_for(&birth->held);
    }
    const char *reply = relay_pass(relay, request, request->body);
    if (relay_is_of(request, "STREAM.INFO", "natsform_lock_*"))
        atomic_store(&birth->looked, true);
    return reply;
}

static pid_t spawn_apply(const struct birth *birth, const char *url, const char *log)
{
    const char *program = getenv("NATSFORM");
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        if (freopen(log, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
            execl(program ? program : "", "natsform", "apply", "--yes", "-f", birth->path, "-s", url,
                  "--timeout", "60s", (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Runs unlock while an apply's lock is born. What the apply says goes to *ret_said. */
static struct run unlock_meanwhile(struct birth *birth, struct server_fixture *server, int *ret_exit_code,
                                   const char **ret_said)
{
    const char *log = arena_printf(test_arena(), "%s/log", test_directory());
    struct relay *applying = relay_start_same_version(server, newborn_hook, birth);
    struct relay *unlocking = relay_start_same_version(server, unlock_hook, birth);
    int status = 0;
    birth->path = manifest("project: one\nstreams: {A: {subjects: [a]}}\n");
    pid_t pid = spawn_apply(birth, applying->url, log);
    struct run run = RUN("unlock", birth->for_good ? "--yes" : "-q", "-f", birth->path, "-s", unlocking->url);
    atomic_store(&birth->over, true);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    relay_stop(unlocking);
    relay_stop(applying);
    *ret_exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *ret_said = read_file(log);
    ck_assert_contains(run.out, arena_printf(test_arena(), ", pid %ld, since 20", (long)pid));
    return run;
}

/* A lock whose run is about to hold it is waited for, and not called dead. */
START_TEST(unlock_while_born)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct birth birth = {.for_good = false};
    const char *said = "";
    int exit_code = 0;
    struct run run = unlock_meanwhile(&birth, server, &exit_code, &said);
    ck_assert_exit(run, 64); /* it asks, and nobody answers */
    ck_assert_contains(run.out, " (this run is alive), at ");
    ck_assert_msg(exit_code == 0, "%d:\n%s", exit_code, said);
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

/* Not for ever; and the run whose lock it was says what has become of it. */
START_TEST(unlock_of_the_unborn)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct birth birth = {.for_good = true};
    const char *said = "";
    int exit_code = 0;
    struct run run = unlock_meanwhile(&birth, server, &exit_code, &said);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, " (this run is gone), at ");
    ck_assert_int_eq(exit_code, 1);
    ck_assert_contains(
        said, "error: the lock of project 'one' was lost: it was removed before it was held [lock-lost]\n"
              "hint: another run may be at work by now; run the same command again to see what is left "
              "to do\n");
    assert_no_lock(server);
    fixture_stop(server);
}
END_TEST

/* ---- two signals ---- */

/* What the apply is at is not answered before it has ended. */
static const char *unanswered_hook(struct relay *relay, const struct relay_request *request)
{
    struct birth *birth = relay->context;
    if (strncmp(request->verb, "CONSUMER.MSG", 12) == 0)
        return NULL; /* as in middle_hook() */
    if (!relay_is_of(request, "STREAM.CREATE", "A"))
        return relay_pass(relay, request, request->body);
    atomic_store(&birth->held, true);
    wait_for(&birth->over);
    return NULL;
}

/* As somebody who keeps the keys pressed. */
static bool ends_by_signals(pid_t pid, int *ret_status)
{
    kill(pid, SIGINT);
    return waitpid(pid, ret_status, WNOHANG) == pid;
}

/*
 * The first waits for what is under way, which does not come to an end here; the second ends it at once, and says so. What a migration leaves open
 * then is what it leaves when it is killed: live_migrate_kills has that.
 */
START_TEST(interrupted_twice)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *log = arena_printf(test_arena(), "%s/log", test_directory());
    struct birth birth = {.path = manifest("project: one\nstreams: {A: {subjects: [a]}}\n")};
    struct relay *relay = relay_start_same_version(server, unanswered_hook, &birth);
    int status = 0;
    pid_t pid = spawn_apply(&birth, relay->url, log);
    AWAIT(atomic_load(&birth.held));
    AWAIT(ends_by_signals(pid, &status));
    atomic_store(&birth.over, true);
    relay_stop(relay);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "%d: %s", status, read_file(log));
    ck_assert_contains(
        read_file(log),
        "\ninterrupted again: ended at once, and what was under way was not waited for\n"
        "hint: the next run finds what was begun; 'natsform recover' ends what a migration left open\n");
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
        ck_assert_uint_eq(race(url, path, BEYOND), CONTENDERS);
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
        {.test = question_keeps_nobody_out, .each_version = true},
        {.test = holder_is_named, .each_version = true},
        {.test = interrupted_while_applying, .each_version = true},
        {.test = interrupted_while_writing, .each_version = true},
        {.test = stopped_holder, .each_version = true},
        {.test = late_lock, .each_version = true},
        {.test = unlock_while_born, .each_version = true},
        {.test = unlock_of_the_unborn, .each_version = true},
        {.test = interrupted_twice, .each_version = true},
        {.test = started_at_once, .each_version = true},
        {.test = started_at_once_in_a_cluster, .each_version = true},
    };
    return suite_run("lock", tests, sizeof(tests) / sizeof(tests[0]));
}
