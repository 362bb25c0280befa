/*
 * Saved plans as files: the same bytes each time, readable by their owner alone, without secrets; and for one server,
 * one account and one cluster only.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

static const char text[] =
    "project: chat\n"
    "connection: {user: admin, password: \"${SECRET}\"}\n"
    "streams: {A: {subjects: [a], consumers: {c: {ack_policy: explicit}}}, B: {subjects: [b]}}\n";

static const char *const secret[] = {"SECRET=hunter2", "NATS_USER", "NATS_PASSWORD", NULL};

static struct run run_in(const char *directory, const char *const *env, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .env = env, .directory = directory});
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(file)
{
    static const char config[] = "authorization {user: admin, password: hunter2}\n";
    struct fixture_options options = {.version = version_at(_i), .config = config, .login = "admin:hunter2"};
    struct server_fixture *server = fixture_start_with(&options);
    const char *directory = test_directory();
    struct stat info;
    write_file(directory, "natsform.yaml", text);
    struct run run = run_in(directory, secret, ARGUMENTS("plan", "-s", server->url, "--out", "first.plan"));
    ck_assert_exit(run, 0);
    const char *path = arena_printf(test_arena(), "%s/first.plan", directory);
    const char *first = read_file(path);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    ck_assert_lacks(first, "hunter2");
    run = run_in(directory, secret, ARGUMENTS("plan", "-s", server->url, "--out", "second.plan"));
    ck_assert_exit(run, 0);
    ck_assert_str_eq(read_file(arena_printf(test_arena(), "%s/second.plan", directory)), first);
    /* a plan that others could read is replaced by one that they cannot */
    ck_assert_int_eq(chmod(path, 0644), 0);
    run = run_in(directory, secret, ARGUMENTS("plan", "-s", server->url, "--out", "first.plan"));
    ck_assert_exit(run, 0);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    run = run_in(directory, secret, ARGUMENTS("apply", "-s", server->url, "first.plan"));
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: 3 of 3 changes\n");
    fixture_stop(server);
}
END_TEST

/* From any place, with the manifest named again. */
START_TEST(elsewhere)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *path = manifest("project: chat\nstreams: {A: {subjects: [a]}}\n");
    const char *plan = arena_printf(test_arena(), "%s/chat.plan", test_directory());
    struct run run = RUN("plan", "-s", server->url, "-f", path, "--out", plan);
    ck_assert_exit(run, 0);
    run = run_in("/", NULL, ARGUMENTS("apply", "-s", server->url, plan));
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: 1 of 1 changes\n");
    fixture_stop(server);
}
END_TEST

static void assert_refused(struct run run, const char *what)
{
    ck_assert_exit(run, 3);
    ck_assert_str_eq(run.out, "");
    ck_assert_contains(run.err, "error: the plan was made for another server: its ");
    ck_assert_contains(run.err, what);
    ck_assert_contains(run.err, " [stale-plan]\n");
}

START_TEST(other_server)
{
    struct server_fixture *first =
        fixture_start_with(&(struct fixture_options){.version = version_at(_i), .name = "first"});
    struct server_fixture *second =
        fixture_start_with(&(struct fixture_options){.version = version_at(_i), .name = "second"});
    const char *path = manifest("streams: {A: {subjects: [a]}}\n");
    const char *plan = arena_printf(test_arena(), "%s/chat.plan", test_directory());
    ck_assert_exit(RUN("plan", "-s", first->url, "-f", path, "--out", plan), 0);
    struct run run = RUN("apply", "-s", second->url, plan);
    assert_refused(run, "its name was 'first', and this one's is 'second'");
    /* the same server at another version */
    size_t count;
    const char *const *versions = server_versions(&count);
    if ((size_t)_i + 1 < count) {
        fixture_shut_down(first);
        fixture_restart(first, versions[_i + 1]);
        run = RUN("apply", "-s", first->url, plan);
        assert_refused(run, arena_printf(test_arena(), "its version was '%s', and this one's is '%s'",
                                         versions[_i], versions[_i + 1]));
    }
    fixture_stop(first);
    fixture_stop(second);
}
END_TEST

/* Servers before 2.10 do not tell the account. */
START_TEST(other_account)
{
    static const char config[] = "accounts {\n"
                                 "  A: {jetstream: enabled, users: [{user: a, password: p}]}\n"
                                 "  B: {jetstream: enabled, users: [{user: b, password: p}]}\n"
                                 "}\n";
    struct fixture_options options = {.version = version_at(_i), .config = config, .login = "a:p"};
    struct server_fixture *server = fixture_start_with(&options);
    const char *path = manifest("streams: {A: {subjects: [a]}}\n");
    const char *plan = arena_printf(test_arena(), "%s/chat.plan", test_directory());
    bool tells = version_has(version_number(version_at(_i)), VERSION(2, 10, 0));
    ck_assert_exit(
        RUN("plan", "-s", server->url, "--user", "a", "--password", "p", "-f", path, "--out", plan), 0);
    struct run run = RUN("apply", "-s", server->url, "--user", "b", "--password", "p", plan);
    if (tells)
        assert_refused(run, "its account was 'A', and this one's is 'B'");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = file, .each_version = true},
        {.test = elsewhere, .each_version = true},
        {.test = other_server, .each_version = true},
        {.test = other_account, .each_version = true},
    };
    return suite_run("saved plans", tests, sizeof(tests) / sizeof(tests[0]));
}
