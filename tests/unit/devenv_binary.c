/* Unit tests of devenv/binary.h and program.h, with scripts in the place of servers. */
#include "devenv/binary.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/program.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "unit/suites.h"
#include "unit/world.h"

static const char *script(const char *directory, const char *name, const char *text)
{
    const char *path = write_file(directory, name, arena_printf(&world.arena, "#!/bin/sh\n%s\n", text));
    ck_assert_int_eq(chmod(path, 0755), 0);
    return path;
}

static const char *script_of_version(const char *directory, const char *folder, const char *version)
{
    const char *place = make_directory(directory, folder);
    return script(place, "nats-server", arena_printf(&world.arena, "echo 'nats-server: v%s'", version));
}

static const char *lookup(void *context, const char *name)
{
    const char *const *pairs = context;
    for (; *pairs; pairs += 2)
        if (strcmp(pairs[0], name) == 0)
            return pairs[1];
    return NULL;
}

/* ---- running ---- */

struct run_case {
    const char *text;
    int status;
    const char *output;
};

static const struct run_case runs[] = {
    {"echo out; echo err >&2; exit 3", 3, "out\nerr\n"},
    {"cat", 0, ""}, /* nothing on standard input */
    {"kill -9 $$", 128 + 9, ""},
    {"exec >&- 2>&-; exit 4", 4, ""},        /* output that ends before the program does */
    {"sleep 60 & echo $!; exit 0", 0, NULL}, /* and one that does not end with it */
};

START_TEST(runs_programs)
{
    const char *path = script(test_directory(), "program", runs[_i].text);
    const char *const argv[] = {path, NULL};
    struct program_result result;
    const char *error = "";
    ck_assert_msg(program_run(&world.arena, argv, NULL, PATIENCE_MS, &result, &error) == 0, "%s", error);
    ck_assert_int_eq(result.status, runs[_i].status);
    if (runs[_i].output) {
        ck_assert_str_eq(result.output, runs[_i].output);
    } else {
        int pid = 0;
        ck_assert_int_eq(sscanf(result.output, "%d", &pid), 1);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
    }
}
END_TEST

/* A poll that is interrupted so ends without output, and the program has written and ended by then. */
static void wait_for_an_end(int signal_number)
{
    siginfo_t ended;
    (void)signal_number;
    waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);
}

/* A program that writes and ends after natsform has looked for output, and before it looks for the end, is heard. */
START_TEST(last_words_are_heard)
{
    const char *path =
        script(test_directory(), "program", "sleep 0.2; kill -ALRM $PPID; sleep 0.5; echo refused; exit 1");
    const char *const argv[] = {path, NULL};
    const struct sigaction interrupted = {.sa_handler = wait_for_an_end};
    struct program_result result;
    const char *error = "";
    ck_assert_int_eq(sigaction(SIGALRM, &interrupted, NULL), 0);
    ck_assert_msg(program_run(&world.arena, argv, NULL, PATIENCE_MS, &result, &error) == 0, "%s", error);
    ck_assert_int_eq(result.status, 1);
    ck_assert_str_eq(result.output, "refused\n");
}
END_TEST

START_TEST(runs_in_a_folder)
{
    const char *folder = test_directory();
    const char *const argv[] = {"cat", "note", NULL};
    struct program_result result;
    const char *error = "";
    write_file(folder, "note", "here");
    ck_assert_msg(program_run(&world.arena, argv, folder, PATIENCE_MS, &result, &error) == 0, "%s", error);
    ck_assert_str_eq(result.output, "here");
}
END_TEST

START_TEST(does_not_run)
{
    const char *const missing[] = {"/nowhere/nats-server", NULL};
    const char *const slow[] = {"sleep", "60", NULL};
    struct program_result result;
    const char *error = "";
    ck_assert_int_eq(program_run(&world.arena, missing, NULL, PATIENCE_MS, &result, &error), -1);
    ck_assert_str_eq(error, "/nowhere/nats-server: No such file or directory");
    ck_assert_int_eq(program_run(&world.arena, slow, "/nowhere", PATIENCE_MS, &result, &error), -1);
    ck_assert_str_eq(error, "sleep: No such file or directory");
    ck_assert_int_eq(program_run(&world.arena, slow, NULL, 50, &result, &error), -1);
    ck_assert_str_eq(error, "sleep: did not end within 1 s");
}
END_TEST

/* ---- finding ---- */

static const char *picked(const struct binaries *binaries, const char *range)
{
    struct version_range wanted = {0};
    ck_assert(!range || !version_range_parse(range, &wanted));
    const struct binary *binary = binaries_pick(binaries, range ? &wanted : NULL);
    return binary ? binary->version_text : "";
}

START_TEST(finds_in_path_and_cache)
{
    const char *home = test_directory();
    const char *bin = script_of_version(home, "bin", "2.11.3");
    const char *cache = make_directory(home, ".cache/natsform/servers");
    script_of_version(cache, "2.9.10", "2.9.10");
    const char *new = script_of_version(cache, "2.15.1", "2.15.1");
    script_of_version(cache, "2.10.27", "2.10.27");
    make_directory(cache, "2.12.0"); /* nothing in it */
    script_of_version(cache, "not-a-version", "2.13.0");
    const char *path = arena_printf(&world.arena, "relative::%s/none:%s/bin:/bin", home, home);
    const char *const pairs[] = {"HOME", home, "PATH", path, NULL};
    struct binaries binaries;
    binaries_find(&world.arena, lookup, (void *)(uintptr_t)pairs, &binaries);
    ck_assert_uint_eq(binaries.list.count, 4);
    ck_assert(binaries.list.items[0].in_path && !binaries.list.items[1].in_path);
    ck_assert_str_eq(binaries.list.items[0].path, bin);
    ck_assert_str_eq(binaries.list.items[1].path, new);
    ck_assert_ptr_null(binaries.broken);
    ck_assert_str_eq(picked(&binaries, NULL), "2.11.3");
    ck_assert_str_eq(picked(&binaries, "2.10"), "2.10.27");
    ck_assert_str_eq(picked(&binaries, ">=2.12"), "2.15.1");
    ck_assert_str_eq(picked(&binaries, "2.13"), "");
    ck_assert_str_eq(binaries_text(&world.arena, &binaries),
                     arena_printf(&world.arena,
                                  "2.11.3 (%s), 2.15.1 (%s), 2.10.27 (%s/2.10.27/nats-server) and "
                                  "2.9.10 (%s/2.9.10/nats-server)",
                                  bin, new, cache, cache));
}
END_TEST

START_TEST(finds_elsewhere_or_nothing)
{
    const char *home = test_directory();
    const char *broken = script(make_directory(home, "bin"), "nats-server", "echo hello");
    const char *named = make_directory(home, "named");
    script_of_version(named, "2.10.1", "2.10.1");
    const char *path = arena_printf(&world.arena, "%s/bin", home);
    const char *const with[] = {"NATSFORM_SERVERS", named, "XDG_CACHE_HOME", "/x", "PATH", path, NULL};
    const char *const beside[] = {"XDG_CACHE_HOME", home, NULL};
    const char *const nothing[] = {NULL};
    struct binaries binaries;
    binaries_find(&world.arena, lookup, (void *)(uintptr_t)with, &binaries);
    ck_assert_str_eq(picked(&binaries, NULL), "2.10.1");
    ck_assert_str_eq(binaries.broken, broken);
    binaries_find(&world.arena, lookup, (void *)(uintptr_t)beside, &binaries);
    ck_assert_str_eq(binaries.cache, arena_printf(&world.arena, "%s/natsform/servers", home));
    binaries_find(&world.arena, lookup, (void *)(uintptr_t)nothing, &binaries);
    ck_assert_ptr_null(binaries.cache);
    ck_assert_str_eq(binaries_text(&world.arena, &binaries), "none");
}
END_TEST

/* ---- asking ---- */

struct check_case {
    const char *text;
    const char *told;
};

static const struct check_case checks[] = {
    {"echo 'nats-server: configuration file x is valid' >&2", "valid"},
    {"echo \"nats-server: $3:3:5: unknown field \\\"b\\\"\n$3:1:0: interface conversion\n\" >&2; exit 1",
     "1:0 interface conversion\n3:5 unknown field \"b\"\n"},
    {"echo \"nats-server: Parse error on line 7: 'Unexpected EOF'\"; exit 1", "7:0 'Unexpected EOF'\n"},
    {"echo \"nats-server: open $3: permission denied\"; exit 1",
     "0:0 open the configuration: permission denied\n"},
    {"exit 2", "0:0 the configuration is refused without a word\n"},
};

START_TEST(asks_about_a_configuration)
{
    const char *folder = test_directory();
    const char *program = script(folder, "nats-server", checks[_i].text);
    const char *conf = write_file(folder, "a:1.conf", "");
    const char *told = "";
    struct conf_verdict verdict;
    const char *error = "";
    ck_assert_msg(binary_check(&world.arena, program, conf, folder, &verdict, &error) == 0, "%s", error);
    for (size_t i = 0; i < verdict.faults.count; i++)
        told = arena_printf(&world.arena, "%s%u:%u %s\n", told, verdict.faults.items[i].line,
                            verdict.faults.items[i].column, verdict.faults.items[i].message);
    ck_assert_str_eq(verdict.valid ? "valid" : told, checks[_i].told);
}
END_TEST

Suite *devenv_binary_suite(void)
{
    Suite *suite = suite_create("devenv/binary");
    TCase *tests = tcase_create("binary");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, runs_programs, 0, COUNT_OF(runs));
    tcase_add_test(tests, last_words_are_heard);
    tcase_add_test(tests, runs_in_a_folder);
    tcase_add_test(tests, does_not_run);
    tcase_add_test(tests, finds_in_path_and_cache);
    tcase_add_test(tests, finds_elsewhere_or_nothing);
    tcase_add_loop_test(tests, asks_about_a_configuration, 0, COUNT_OF(checks));
    suite_add_tcase(suite, tests);
    return suite;
}
