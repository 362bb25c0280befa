/*
 * `natsform up` and `down` beside servers that stand still: stopped by a signal, they are alive and answer nothing, and go on the next moment.
 * Nothing is started in their place, nothing of theirs is touched, and once they go on all is as it was. So is it with a server of which nothing
 * tells where its store is.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/probe.h"
#include "devenv/process.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { ANSWER_MS = 10000 };

/* What `up` waits for a server that stands still anyway. */
#define GIVEN "200ms"

#define STREAMS "streams: {A: {subjects: [a.>]}}\n"

static const char one[] = "project: p\nservers: {dev: {ports: auto}}\n" STREAMS;

static const char *in_folder(const struct test_environment *here, const char *path)
{
    return arena_printf(test_arena(), "%s/%s", here->folder, path);
}

/* Until the system says so of the process. */
static void await_life(pid_t pid, enum process_life life)
{
    struct process process = {.pid = pid};
    struct patience patience = {0};
    while (process_look(test_arena(), &process) != life)
        ck_assert_msg(patience_lasts(&patience), "process %d does not come to state %d", (int)pid, life);
}

static void stop(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    await_life(pid, PROCESS_STOPPED);
}

static void go_on(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGCONT), 0);
    await_life(pid, PROCESS_RUNS);
}

static const char *shell(const struct test_environment *here, const char *line)
{
    const char *const words[] = {"-c", line, NULL};
    struct run run = run_natsform(
        &(struct run_options){.program = "/bin/sh", .arguments = words, .directory = here->folder});
    ck_assert_exit(run, 0);
    return run.out;
}

/* Every file of the environment, and what is in it, but what is said there. */
static const char *contents(const struct test_environment *here)
{
    return shell(here,
                 "find . -type f ! -name log ! -name lock ! -name natsform.yaml -exec cksum {} + | sort");
}

/* A server that is up, with one message in its stream. */
static struct test_environment *begin(const char *version, const char *manifest_text, pid_t *ret_pid)
{
    struct test_environment *here = environment_new(version, manifest_text);
    ck_assert_exit(NF(here, "up"), 0);
    raw_publish(environment_server(here, "dev", NULL), "a.b", "kept");
    *ret_pid = environment_pid(here, "dev");
    return here;
}

/*
 * `up` ends with that code and says so. For a moment it may name a server of another test instead, which runs beside this one: the one
 * of which nothing tells where its store is.
 */
static struct run must_refuse_at_last(const struct test_environment *here, int exit_code,
                                      const char *sentence)
{
    struct patience patience = {0};
    const char *timeout = exit_code == 69 ? GIVEN : BEYOND;
    struct run run = NF(here, "up", "--timeout", timeout);
    while (run.exit_code == 69 && strstr(run.err, "may be in use by a server that natsform did not") &&
           !strstr(run.err, sentence) && patience_lasts(&patience))
        run = NF(here, "up", "--timeout", timeout);
    ck_assert_exit(run, exit_code);
    ck_assert_contains(run.err, sentence);
    return run;
}

/* It ends with 69, names the process, has started nothing, and changed nothing. */
static void must_wait_in_vain(const struct test_environment *here, pid_t pid, const char *what)
{
    const char *before = contents(here);
    struct run run = must_refuse_at_last(here, 69, what);
    ck_assert_contains(run.err, arena_printf(test_arena(), "pid %d", (int)pid));
    ck_assert_str_eq(contents(here), before);
    environment_await(here, 1);
    await_life(pid, PROCESS_STOPPED);
}

/* The message is there, and `up` says so of the server. */
static void must_work(struct test_environment *here, const char *deed)
{
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, deed);
    ck_assert_contains(raw_request(environment_server(here, "dev", NULL), "$JS.API.STREAM.INFO.A", ""),
                       "\"messages\":1");
}

static void end(struct test_environment *here)
{
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_await(here, 0);
    ck_assert_str_eq(environment_files(here), "natsform.yaml");
    environment_end(here);
}

#define SILENT "does not answer after " GIVEN ": nothing was changed, and nothing started beside it"

/* ---- those that up started ---- */

START_TEST(same_manifest)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), one, &pid);
    stop(pid);
    must_wait_in_vain(here, pid, arena_printf(test_arena(), "server 'dev' (pid %d) " SILENT, (int)pid));
    must_wait_in_vain(here, pid,
                      arena_printf(test_arena(), "it is stopped: 'kill -CONT %d' has it go on", (int)pid));
    ck_assert_exit(NF(here, "status"), 1);
    go_on(pid);
    must_work(here, "dev: up already");
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    end(here);
}
END_TEST

static const char *with(const char *server)
{
    return arena_printf(test_arena(), "project: p\nservers: {%s}\n" STREAMS, server);
}

static const char *with_port(void)
{
    return arena_printf(test_arena(), "dev: {ports: {client: %d, monitor: %d}}", free_port(), free_port());
}

/* Whatever is to be done: reload, restart, other ports, another store, and when it is not in the manifest any more. */
START_TEST(changed_manifest)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), one, &pid);
    const char *changes[] = {
        "dev: {ports: auto, max_payload: 2000000}",
        with_port(),
        "dev: {ports: auto, jetstream: {store_dir: ./other}}",
        "dev: {ports: auto}, second: {ports: auto}",
        "other: {ports: auto}",
        "dev: {ports: auto, max_pending: 32000000}",
    };
    stop(pid);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        environment_write(here, with(changes[i]));
        must_wait_in_vain(here, pid, SILENT);
    }
    go_on(pid);
    must_work(here, "the server cannot change MaxPending while it runs");
    ck_assert_int_ne(environment_pid(here, "dev"), pid);
    ck_assert(!process_lives(pid));
    end(here);
}
END_TEST

/* up.json was removed: the server is known by its pid file, and `up` takes it over. */
START_TEST(lost_state)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), with(with_port()), &pid);
    stop(pid);
    shell(here, "rm .natsform/up.json");
    must_wait_in_vain(here, pid, SILENT);
    go_on(pid);
    must_work(here, "restarted, pid ");
    ck_assert(!process_lives(pid));
    /* `down` knows it too. */
    pid = environment_pid(here, "dev");
    shell(here, "rm .natsform/up.json");
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert(!process_lives(pid));
    end(here);
}
END_TEST

/* One of an earlier run is there instead, as from a backup: of other ports, and of servers that there were. */
START_TEST(older_state)
{
    pid_t pid = 0;
    struct test_environment *here = environment_new(version_at(_i), with("first: {ports: auto}"));
    ck_assert_exit(NF(here, "up"), 0);
    shell(here, "cp .natsform/up.json older.json");
    environment_write(here, with("dev: {ports: auto}"));
    ck_assert_exit(NF(here, "up"), 0);
    raw_publish(environment_server(here, "dev", NULL), "a.b", "kept");
    pid = environment_pid(here, "dev");
    stop(pid);
    shell(here, "mv older.json .natsform/up.json");
    must_wait_in_vain(here, pid, SILENT);
    go_on(pid);
    must_work(here, "restarted, pid ");
    ck_assert(!process_lives(pid));
    end(here);
}
END_TEST

/* Of the pid file alone, up.json has a copy; where both are gone, the lock of its store tells. */
START_TEST(lost_pid)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), one, &pid);
    guardian_watch(&here->guardian, pid); /* which else goes by its pid file */
    stop(pid);
    shell(here, "mv .natsform/dev/pid .");
    must_wait_in_vain(here, pid, SILENT);
    shell(here, "mv .natsform/up.json .");
    must_wait_in_vain(here, pid, "it is stopped, and may go on at any time");
    go_on(pid);
    struct run run = NF(here, "up");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, arena_printf(test_arena(), "which natsform started (pid %d: ", (int)pid));
    environment_await(here, 1);
    shell(here, "mv pid .natsform/dev/ && mv up.json .natsform/");
    guardian_watch(&here->guardian, 0);
    must_work(here, "dev: up already");
    end(here);
}
END_TEST

/* Killed while it stands still, it is dead, and what it has kept is there. */
START_TEST(killed_meanwhile)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), one, &pid);
    stop(pid);
    pid_t up = environment_spawn(here, (const char *const[]){"up", NULL});
    kill(pid, SIGKILL);
    ck_assert_int_eq(environment_exit_code(up), 0);
    ck_assert_int_ne(environment_pid(here, "dev"), pid);
    must_work(here, "dev: up already");
    end(here);
}
END_TEST

/* It is waited for as long as it is stopped, and what is left to do is done then. */
START_TEST(continued_meanwhile)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), one, &pid);
    environment_write(here, with("dev: {ports: auto, max_payload: 2000000}"));
    stop(pid);
    pid_t up = environment_spawn(here, (const char *const[]){"up", NULL});
    go_on(pid);
    ck_assert_int_eq(environment_exit_code(up), 0);
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    must_work(here, "dev: up already");
    end(here);
}
END_TEST

/* `down` has it go on, so that it ends as it should: by its own hand. */
START_TEST(down)
{
    pid_t pid = 0;
    struct test_environment *here = begin(version_at(_i), one, &pid);
    stop(pid);
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert(!process_lives(pid));
    ck_assert_int_ne(access(in_folder(here, ".natsform/up.json"), F_OK), 0);
    ck_assert_contains(read_file(in_folder(here, ".natsform/dev/log")), "Server Exiting");
    must_work(here, "dev: started");
    end(here);
}
END_TEST

/*
 * It stops when all was asked and nothing was done yet: while its new configuration is checked, by the program that has taken the place of its
 * own. Whether it reloads is not known then, and it is not restarted.
 */
START_TEST(stopped_before_reload)
{
    struct test_environment *here = environment_new(version_at(_i), one);
    const char *program = server_binary(version_at(_i));
    make_directory(here->home, "bin");
    shell(here, arena_printf(test_arena(), "cp %s ../home/bin/nats-server", program));
    here->env[1] = arena_printf(test_arena(), "PATH=%s/bin:/usr/bin:/bin", here->home);
    ck_assert_exit(NF(here, "up"), 0);
    raw_publish(environment_server(here, "dev", NULL), "a.b", "kept");
    pid_t pid = environment_pid(here, "dev");
    write_file(here->home, "bin/new",
               arena_printf(test_arena(),
                            "#!/bin/sh\ncase \"$*\" in *-t*) kill -STOP %d ;; esac\nexec %s \"$@\"\n",
                            (int)pid, program));
    shell(here, "chmod 755 ../home/bin/new && mv ../home/bin/new ../home/bin/nats-server");
    environment_write(here, with("dev: {ports: auto, max_payload: 2000000}"));
    const char *before = read_file(in_folder(here, ".natsform/dev/nats-server.conf"));
    struct run run = NF(here, "up", "--timeout", "5s");
    ck_assert_exit(run, 69);
    ck_assert_contains(run.err,
                       arena_printf(test_arena(),
                                    "server 'dev' (pid %d) does not answer after 5s, since it was told to "
                                    "reload its configuration",
                                    (int)pid));
    ck_assert_str_eq(read_file(in_folder(here, ".natsform/dev/nats-server.conf")), before);
    environment_await(here, 1);
    await_life(pid, PROCESS_STOPPED);
    shell(here, arena_printf(test_arena(),
                             "cp %s ../home/bin/new && mv ../home/bin/new ../home/bin/nats-server", program));
    go_on(pid);
    must_work(here, "dev: reloaded, pid ");
    ck_assert_int_eq(environment_pid(here, "dev"), pid);
    must_work(here, "dev: up already");
    end(here);
}
END_TEST

/* ---- those that it did not ---- */

static const char *with_store(const char *store)
{
    return arena_printf(test_arena(), "servers: {dev: {ports: auto, jetstream: {store_dir: '%s'}}}\n" STREAMS,
                        store);
}

/* A server that nothing but its configuration tells the store of, once it has made it. */
static pid_t start_other(const struct test_environment *here, const char *version, const char *store)
{
    const char *program = server_binary(version);
    int port = free_port();
    const char *url = arena_printf(test_arena(), "nats://127.0.0.1:%d", port);
    const char *path =
        write_file(here->home, "other.conf",
                   arena_printf(test_arena(), "listen: \"127.0.0.1:%d\"\njetstream: {store_dir: \"%s\"}\n",
                                port, store));
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, STDERR_FILENO) < 0)
            _exit(126);
        execl(program, program, "-c", path, (char *)NULL);
        _exit(127);
    }
    guardian_watch(&here->guardian, pid);
    AWAIT(probe_greets(url, ANSWER_MS));
    return pid;
}

static struct run must_refuse(const struct test_environment *here, int exit_code, const char *sentence)
{
    struct run run = must_refuse_at_last(here, exit_code, sentence);
    environment_await(here, 0);
    ck_assert_int_ne(access(in_folder(here, ".natsform/up.json"), F_OK), 0);
    return run;
}

START_TEST(store_of_another)
{
    const char *store = test_directory();
    struct test_environment *here = environment_new(version_at(_i), with_store(store));
    pid_t other = start_other(here, version_at(_i), store);
    const char *who = arena_printf(test_arena(), "did not start (pid %d: ", (int)other);
    must_refuse(here, 1, arena_printf(test_arena(), "is in use by a server that natsform %s", who));
    ck_assert_int_eq(kill(other, SIGSTOP), 0);
    ck_assert_int_eq(waitpid(other, NULL, WUNTRACED), other);
    must_refuse(here, 69, arena_printf(test_arena(), "is in use by a server that natsform %s", who));
    /* Nothing tells any more, whether it stands still or not: it has no monitoring, and no stream whose files were open. */
    unlink(arena_printf(test_arena(), "%s/other.conf", here->home));
    const char *may_be = arena_printf(test_arena(), "may be in use by a server that natsform %s", who);
    ck_assert_contains(must_refuse(here, 69, may_be).err, "it is stopped, and may go on at any time");
    kill(other, SIGCONT);
    ck_assert_contains(must_refuse(here, 69, may_be).err, "nothing tells where its store is");
    kill(other, SIGTERM);
    ck_assert_int_eq(waitpid(other, NULL, 0), other);
    guardian_watch(&here->guardian, 0);
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_exit(NF(here, "down"), 0);
    environment_end(here);
}
END_TEST

/* Of another project: its own `up` is the only one to know it. */
START_TEST(store_of_another_project)
{
    pid_t pid = 0;
    const char *store = test_directory();
    struct test_environment *first = begin(version_at(_i), with_store(store), &pid);
    struct test_environment *second = environment_new(version_at(_i), with_store(store));
    stop(pid);
    must_refuse(second, 69,
                arena_printf(test_arena(),
                             "is in use by server 'dev' of %s, which natsform started (pid %d: ",
                             first->folder, (int)pid));
    go_on(pid);
    must_work(first, "dev: up already");
    ck_assert_exit(NF(first, "down"), 0);
    must_work(second, "dev: started");
    ck_assert_exit(NF(second, "down"), 0);
    environment_end(first);
    environment_end(second);
}
END_TEST

/* ---- those of other users ---- */

/* Its folder is needed to find its configuration. `contained`: in namespaces of its own, as in a container. */
static pid_t start_in_folder(const struct test_environment *here, const char *version, bool contained)
{
    const char *program = server_binary(version);
    int port = free_port();
    const char *url = arena_printf(test_arena(), "nats://127.0.0.1:%d", port);
    write_file(here->home, "other.conf",
               arena_printf(test_arena(), "listen: \"127.0.0.1:%d\"\njetstream: {store_dir: \"%s\"}\n", port,
                            test_directory()));
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (chdir(here->home) || null < 0 || dup2(null, STDERR_FILENO) < 0)
            _exit(126);
        if (contained)
            execlp("unshare", "unshare", geteuid() ? "--map-root-user" : "--pid", "--pid", "--mount",
                   "--fork", "--kill-child", program, "-c", "other.conf", (char *)NULL);
        else
            execl(program, program, "-c", "other.conf", (char *)NULL);
        _exit(127);
    }
    guardian_watch(&here->guardian, pid);
    AWAIT(probe_greets(url, ANSWER_MS));
    return pid;
}

static void end_in_folder(const struct test_environment *here, pid_t pid)
{
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    guardian_watch(&here->guardian, 0);
}

/* A shell's words for natsform. Whoever may look at every process is not who `up` is for: root runs it as a user that has nothing. */
static const char *natsform_of_a_user(const struct test_environment *here, const char *version)
{
    if (geteuid())
        return arena_printf(test_arena(), "%s %s \"$NATSFORM\"", here->env[0], here->env[1]);
    shell(here, arena_printf(test_arena(),
                             "chmod 711 .. && mkdir ../bin && cp -L \"$NATSFORM\" '%s' ../bin && "
                             "chmod 755 ../bin ../bin/* && chown -R 65534:65534 . ../home",
                             server_binary(version)));
    return arena_printf(
        test_arena(), "%s PATH=$PWD/../bin:$PATH setpriv --reuid 65534 --regid 65534 --clear-groups natsform",
        here->env[0]);
}

/* An environment of such a user, who has had it up before. */
static struct test_environment *begin_of_a_user(const char *version, const char **ret_natsform)
{
    setenv("TMPDIR", "/tmp", 1); /* where another user may go */
    struct test_environment *here = environment_new(version, one);
    *ret_natsform = natsform_of_a_user(here, version);
    shell(here, arena_printf(test_arena(), "%s up", *ret_natsform));
    shell(here, arena_printf(test_arena(), "%s down", *ret_natsform));
    return here;
}

/*
 * A container that another user has started shows nothing: neither files that are open, nor folders, nor mounts. But that it is one shows, and so it
 * is no reason to wait.
 */
START_TEST(store_beside_a_container)
{
    const char *natsform = NULL;
    struct test_environment *here = begin_of_a_user(version_at(_i), &natsform);
    pid_t other = start_in_folder(here, version_at(_i), true);
    shell(here, arena_printf(test_arena(), "%s up", natsform));
    shell(here, arena_printf(test_arena(), "%s down", natsform));
    end_in_folder(here, other);
    environment_end(here);
}
END_TEST

/* A server of root's shows as little, but what it writes is root's. */
START_TEST(store_beside_roots)
{
    const char *natsform = NULL;
    struct test_environment *here = begin_of_a_user(version_at(_i), &natsform);
    pid_t other = start_in_folder(here, version_at(_i), false);
    shell(here, arena_printf(test_arena(), "%s up", natsform));
    shell(here, arena_printf(test_arena(), "%s down", natsform));
    if (!geteuid()) {
        shell(here, "touch .natsform/dev/data/jetstream/of-root");
        const char *said =
            shell(here, arena_printf(test_arena(), "%s up --timeout " GIVEN " 2>&1; test $? = 69", natsform));
        /* another test's server may be named instead: it is root's, too */
        ck_assert_contains(said, "may be in use by a server that natsform did not start (pid ");
    }
    end_in_folder(here, other);
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = same_manifest, .each_version = true},
        {.test = changed_manifest, .each_version = true},
        {.test = lost_state, .each_version = true},
        {.test = older_state, .each_version = true},
        {.test = lost_pid, .each_version = true},
        {.test = killed_meanwhile, .each_version = true},
        {.test = continued_meanwhile, .each_version = true},
        {.test = down, .each_version = true},
        {.test = stopped_before_reload, .each_version = true},
        {.test = store_of_another, .each_version = true},
        {.test = store_of_another_project, .each_version = true},
        {.test = store_beside_a_container, .each_version = true},
        {.test = store_beside_roots, .each_version = true},
    };
    return suite_run("up_stopped", tests, sizeof(tests) / sizeof(tests[0]));
}
