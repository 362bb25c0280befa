/* Unit tests of what `up` is made of: devenv/process.h, ports.h, store.h, watch.h, up_connection.h. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/folder.h"
#include "devenv/ports.h"
#include "devenv/process.h"
#include "devenv/store.h"
#include "devenv/up.h"
#include "devenv/watch.h"
#include "generate/login.h"
#include "suites.h"
#include "support/config.h"
#include "support/patience.h"
#include "support/said.h"
#include "support/scratch.h"

/* ---- processes ---- */

/* By pid, start time and program together. */
START_TEST(processes_are_known)
{
    struct process self = {.pid = getpid(), .born = process_born(getpid())};
    self.program = process_program(test_arena(), getpid());
    ck_assert(self.born > 0 && self.program);
    ck_assert(process_runs(test_arena(), &self));
    struct process other = self;
    other.born++;
    ck_assert(!process_runs(test_arena(), &other));
    other = self;
    other.program = "/bin/sh";
    ck_assert(!process_runs(test_arena(), &other));
    other = self;
    other.pid = 0;
    ck_assert(!process_runs(test_arena(), &other));
}
END_TEST

/* Into a session of its own; it tells who it is before it is anything else. */
START_TEST(processes_are_started)
{
    const char *folder = test_directory(), *what = NULL;
    char *real = realpath("/bin/sh", NULL);
    const char *shell = arena_strdup(test_arena(), real ? real : "/bin/sh");
    free(real);
    const char *const arguments[] = {shell, "-c", "pwd; echo \"$0\" >&2; read -r never || exec sleep 600",
                                     NULL};
    struct process process = {0};
    struct process_start start = {.arguments = arguments,
                                  .folder = folder,
                                  .log = arena_printf(test_arena(), "%s/log", folder),
                                  .pid_file = arena_printf(test_arena(), "%s/pid", folder),
                                  .lock = -1};
    ck_assert_int_eq(process_start(test_arena(), &start, &process, &what), 0);
    struct process told = process_read(test_arena(), start.pid_file);
    ck_assert_int_eq(told.pid, process.pid);
    ck_assert_str_eq(told.program, shell);
    ck_assert(told.born > 0);
    ck_assert_int_eq(getsid((pid_t)process.pid), (pid_t)process.pid);
    told.program = NULL; /* it becomes sleep */
    ck_assert_uint_eq(processes_stop(test_arena(), &told, 1, PATIENCE_MS), 0);
    ck_assert(!process_runs(test_arena(), &told));
    ck_assert_int_eq(access(start.log, F_OK), 0);
}
END_TEST

static pid_t fork_and_stop(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_DFL); /* Check's handler kills the whole test */
        raise(SIGSTOP);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
    return pid;
}

/* One that is stopped is there, and nobody else's. */
START_TEST(stopped_processes_run)
{
    pid_t pid = fork_and_stop();
    struct process process = {.pid = pid, .born = process_born(pid)};
    ck_assert_int_eq(process_look(test_arena(), &process), PROCESS_STOPPED);
    ck_assert(process_runs(test_arena(), &process));
    struct process other = process;
    other.born++;
    ck_assert_int_eq(process_look(test_arena(), &other), PROCESS_GONE);
    ck_assert_uint_eq(processes_stop(test_arena(), &other, 1, 10), 0);
    ck_assert_int_eq(process_look(test_arena(), &process), PROCESS_STOPPED);
    ck_assert_uint_eq(processes_stop(test_arena(), &process, 1, PATIENCE_MS), 0);
    ck_assert_int_eq(process_look(test_arena(), &process), PROCESS_GONE);
}
END_TEST

/* Its command tells, in any of the spellings; the last one counts. */
START_TEST(options_of_processes)
{
    static const char *const c[] = {"-c", "--config", NULL}, *const none[] = {"-sd", NULL};
    const char *value = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", "kill -STOP $$; true", "--config", "a b", "--config=last", (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
    ck_assert(process_option(test_arena(), pid, c, &value));
    ck_assert_str_eq(value, "last");
    ck_assert(process_option(test_arena(), pid, none, &value));
    ck_assert_ptr_null(value);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert(!process_option(test_arena(), pid, c, &value));
}
END_TEST

START_TEST(failures_to_start_are_told)
{
    const char *folder = test_directory(), *what = NULL;
    const char *const arguments[] = {"/nowhere/program", NULL};
    struct process process = {0};
    struct process_start start = {.arguments = arguments,
                                  .folder = folder,
                                  .log = arena_printf(test_arena(), "%s/log", folder),
                                  .pid_file = arena_printf(test_arena(), "%s/pid", folder),
                                  .lock = -1};
    ck_assert_int_ne(process_start(test_arena(), &start, &process, &what), 0);
    ck_assert_str_eq(what, "run '/nowhere/program'");
    ck_assert_int_ne(access(start.pid_file, F_OK), 0);
    start.folder = "/nowhere";
    ck_assert_int_ne(process_start(test_arena(), &start, &process, &what), 0);
    ck_assert_str_eq(what, "go to '/nowhere'");
}
END_TEST

START_TEST(pid_files)
{
    static const struct {
        const char *text;
        long long pid;
        unsigned long long born;
        const char *program;
    } rows[] = {
        {"12 34 /usr/bin/a b\n", 12, 34, "/usr/bin/a b"},
        {"12 34\n", 12, 34, NULL},
        {"12\n", 0, 0, NULL},
        {"", 0, 0, NULL},
        {"-1 5\n", 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct process process =
            process_read(test_arena(), write_file(test_directory(), "pid", rows[i].text));
        ck_assert_int_eq(process.pid, rows[i].pid);
        ck_assert_uint_eq(process.born, rows[i].born);
        ck_assert_str_eq(process.program ? process.program : "", rows[i].program ? rows[i].program : "");
    }
}
END_TEST

/* ---- ports, stores, files ---- */

START_TEST(ports_are_found)
{
    int first = port_find("127.0.0.1"), second = port_find("127.0.0.1");
    ck_assert(first > 0 && second > 0 && first != second);
    ck_assert(port_is_free("127.0.0.1", first) && port_is_free("127.0.0.1", second));
}
END_TEST

START_TEST(a_store_has_one_server)
{
    struct diags diags;
    diags_init(&diags);
    const char *store = arena_printf(test_arena(), "%s/store", test_directory());
    int held = store_take(test_arena(), store, "dev", "/a", &diags);
    ck_assert_int_ge(held, 0);
    ck_assert_int_eq(store_take(test_arena(), store, "dev", "/b", &diags), -1);
    ck_assert_str_eq(
        said(&diags),
        arena_printf(test_arena(),
                     "store: store_dir '%s' of server 'dev' is in use by server 'dev' of /a, which "
                     "natsform started\n"
                     "  hint: stop that one, or give this one another store_dir: two servers on one "
                     "destroy it\n",
                     store));
    close(held);
    held = store_take(test_arena(), store, "dev", "/b", &diags);
    ck_assert_int_ge(held, 0);
    close(held);
    /* What a server that was stopped while it tried the store has left: the next one would take it for an account. */
    const char *trial = write_file(make_directory(store, "jetstream"), "_test_123", "");
    const char *account = make_directory(store, "jetstream/$G");
    close(store_take(test_arena(), store, "dev", "/b", &diags));
    ck_assert(access(trial, F_OK) != 0 && access(account, F_OK) == 0);
    ck_assert_int_eq(folder_remove(arena_printf(test_arena(), "%s/jetstream", store)), 0);
    store_release(test_arena(), store);
    ck_assert_int_ne(access(store, F_OK), 0);
    diags_release(&diags);
}
END_TEST

/* ---- what is remembered ---- */

static int never_stops(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags)
{
    (void)runner;
    (void)count;
    return diag_error(diags, &code_no_answer, (struct srcpos){0}, "server '%s' does not end", nodes[0]->name);
}

/* As long as a server lives, down() forgets nothing of it. */
START_TEST(what_does_not_end_is_remembered)
{
    struct diags diags;
    diags_init(&diags);
    struct up up = {.arena = test_arena(), .root = test_directory()};
    struct runner runner = {.name = "processes", .arena = test_arena(), .stop = never_stops};
    ck_assert_int_eq(up_open(&up, &diags), 0);
    up.runner = &runner;
    up.state.runner = runner.name;
    struct upnode node = {.name = "dev", .server = "dev", .digest = "", .pid = getpid(), .born = 1};
    VEC_PUSH(test_arena(), &up.state.nodes, &node);
    ck_assert_int_eq(state_write(test_arena(), &up.state, &diags), 0);
    ck_assert_int_eq(up_down(&up, true, &diags), -1);
    ck_assert_str_eq(said(&diags), "no-answer: server 'dev' does not end\n");
    ck_assert_int_eq(diags_exit_code(&diags), 69);
    up_close(&up);
    struct upstate again;
    ck_assert_int_eq(state_read(test_arena(), up.root, &again, &diags), 0);
    ck_assert_uint_eq(again.nodes.count, 1);
    ck_assert_int_eq(again.nodes.items[0]->pid, getpid());
    diags_release(&diags);
}
END_TEST

START_TEST(folders_are_removed)
{
    const char *folder = test_directory(), *outside = test_directory();
    write_file(outside, "kept", "");
    write_file(make_directory(folder, "a/b"), "file", "12345");
    ck_assert_int_eq(symlink(outside, arena_printf(test_arena(), "%s/a/link", folder)), 0);
    ck_assert(folder_bytes(folder) == 5);
    ck_assert(store_is_inside(test_arena(), folder, arena_printf(test_arena(), "%s/a", folder)));
    ck_assert(!store_is_inside(test_arena(), folder, arena_printf(test_arena(), "%s/a/link", folder)));
    ck_assert(!store_is_inside(test_arena(), folder,
                               arena_printf(test_arena(), "%s/../%s", folder, strrchr(outside, '/') + 1)));
    ck_assert_int_eq(folder_remove(arena_printf(test_arena(), "%s/a", folder)), 0);
    ck_assert_int_ne(access(arena_printf(test_arena(), "%s/a", folder), F_OK), 0);
    ck_assert_int_eq(access(arena_printf(test_arena(), "%s/kept", outside), F_OK), 0);
}
END_TEST

START_TEST(changes_are_seen)
{
    const char *folder = test_directory();
    const char *paths[] = {write_file(folder, "a", "1"), arena_printf(test_arena(), "%s/*.yaml", folder)};
    struct watch *watch = watch_new(test_arena(), paths, 2);
    ck_assert(!watch_changed(watch));
    write_file(folder, "a", "22");
    ck_assert(watch_changed(watch));
    ck_assert(!watch_changed(watch));
    write_file(folder, "new.yaml", "");
    ck_assert(watch_changed(watch));
    unlink(paths[0]);
    ck_assert(watch_changed(watch));
    write_file(folder, "other", "");
    ck_assert(!watch_changed(watch));
    watch_release(watch);
}
END_TEST

/* ---- logins ---- */

START_TEST(logins_are_found)
{
    static const struct {
        const char *config;
        bool known;
        const char *user, *password, *token;
    } rows[] = {
        {"port: 4222", true, NULL, NULL, NULL},
        {"authorization: {user: a, password: b}", true, "a", "b", NULL},
        {"authorization: {token: t}", true, NULL, NULL, "t"},
        {"authorization: {user: a, password: $2a$11$hash}", false, NULL, NULL, NULL},
        {"authorization: {users: [{nkey: U}, {user: b, password: c}]}", true, "b", "c", NULL},
        {"accounts: {A: {users: [{user: a, password: b}]}, B: {jetstream: enabled, users: [{user: c, password: d}]}}",
         true, "c", "d", NULL},
        {"accounts: {A: {users: [{user: a, password: b}]}}", true, "a", "b", NULL},
        {"accounts: {A: {jetstream: enabled, users: [{nkey: U}]}}", false, NULL, NULL, NULL},
        {"no_auth_user: a, accounts: {A: {users: [{user: a, password: b}]}}", true, NULL, NULL, NULL},
        {"operator: jwt", false, NULL, NULL, NULL},
        /* Those who may not come in as ordinary clients, and who would come into an account without JetStream. */
        {"authorization: {users: [{user: w, password: x, allowed_connection_types: [WEBSOCKET]}, "
         "{user: b, password: c, allowed_connection_types: [mqtt, standard]}]}",
         true, "b", "c", NULL},
        {"accounts: {A: {jetstream: enabled, users: [{user: w, password: x, allowed_connection_types: [LEAFNODE]}]}}",
         false, NULL, NULL, NULL},
        {"authorization: {users: [{user: g, password: x}]}, accounts: {A: {jetstream: enabled, users: [{user: a, "
         "password: b}]}}",
         true, "a", "b", NULL},
        {"authorization: {users: [{user: g, password: x}]}, accounts: {A: {users: [{user: a, password: b}]}}",
         true, "g", "x", NULL},
        {"accounts: {A: {users: [{user: a, password: b}]}, B: {jetstream: enabled, users: [{nkey: U}]}}",
         false, NULL, NULL, NULL},
        /* Off is off in each of its words. */
        {"accounts: {A: {jetstream: {enabled: no}, users: [{user: a, password: b}]}, B: {jetstream: {max_mem: 1}, "
         "users: [{user: c, password: d}]}}",
         true, "c", "d", NULL},
        {"accounts: {A: {jetstream: off, users: [{user: a, password: b}]}}", true, "a", "b", NULL},
        /* What looks hashed and is not, servers compare letter by letter. */
        {"authorization: {token: $2b$11$hash, users: []}", false, NULL, NULL, NULL},
        {"authorization: {user: a, password: $2 is no hash}", true, "a", "$2 is no hash", NULL},
        /* The system account is for nobody's streams, and alone it keeps nobody out. */
        {"accounts: {$SYS: {users: [{user: s, password: x}]}, A: {users: [{user: a, password: b}]}}", true,
         "a", "b", NULL},
        {"system_account: S, accounts: {S: {users: [{user: s, password: x}]}}", true, NULL, NULL, NULL},
        {"system_account: S, accounts: {S: {users: [{user: s, password: x}]}, A: {}}", false, NULL, NULL,
         NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct login login;
        ck_assert_msg(login_find(config_read(rows[i].config), &login) == rows[i].known, "%s", rows[i].config);
        ck_assert_str_eq(login.user ? login.user : "", rows[i].user ? rows[i].user : "");
        ck_assert_str_eq(login.password ? login.password : "", rows[i].password ? rows[i].password : "");
        ck_assert_str_eq(login.token ? login.token : "", rows[i].token ? rows[i].token : "");
    }
}
END_TEST

Suite *devenv_up_suite(void)
{
    Suite *suite = suite_create("devenv/up");
    TCase *tests = tcase_create("up");
    tcase_add_test(tests, processes_are_known);
    tcase_add_test(tests, processes_are_started);
    tcase_add_test(tests, stopped_processes_run);
    tcase_add_test(tests, options_of_processes);
    tcase_add_test(tests, failures_to_start_are_told);
    tcase_add_test(tests, pid_files);
    tcase_add_test(tests, ports_are_found);
    tcase_add_test(tests, a_store_has_one_server);
    tcase_add_test(tests, what_does_not_end_is_remembered);
    tcase_add_test(tests, folders_are_removed);
    tcase_add_test(tests, changes_are_seen);
    tcase_add_test(tests, logins_are_found);
    suite_add_tcase(suite, tests);
    return suite;
}
