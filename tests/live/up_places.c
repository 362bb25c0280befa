/*
 * A folder with a booted environment that is copied elsewhere, or moved, while its servers run. A copy leaves the original's servers
 * alone, and gets its own; what was moved goes on. And the data of servers that are down, which stays where it is until it is told to go.
 */
#include <check.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support/environment.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

static const char text[] =
    "project: p\n"
    "servers: {dev: {ports: auto}, other: {ports: auto, jetstream: {store_dir: ./js}}}\n"
    "streams: {S: {subjects: [s.>]}}\n";

static const char *beside_path(const struct test_environment *here, const char *name)
{
    const char *slash = strrchr(here->folder, '/');
    return arena_printf(test_arena(), "%.*s/%s", (int)(slash - here->folder), here->folder, name);
}

/* The same environment, in another folder beside it. */
static struct test_environment *beside(const struct test_environment *here, const char *name)
{
    struct test_environment *there = ARENA_NEW(test_arena(), struct test_environment);
    *there = *here;
    there->folder = beside_path(here, name);
    return there;
}

static const char *told_copy(const char *original)
{
    return arena_printf(
        test_arena(),
        "warning: this folder is a copy of '%s', whose servers are left alone [copied-folder]\n"
        "hint: 'natsform down' in that folder ends them; 'natsform up' in this one starts its own\n",
        original);
}

struct pids {
    pid_t dev, other;
};

static struct pids pids_of(const struct test_environment *here)
{
    return (struct pids){.dev = environment_pid(here, "dev"), .other = environment_pid(here, "other")};
}

static void must_live(struct pids pids, bool yes)
{
    ck_assert_int_eq(process_lives(pids.dev), yes);
    ck_assert_int_eq(process_lives(pids.other), yes);
}

/* ---- copies ---- */

static const char *const without[] = {
    ":",
    "rm copy/.natsform/up.json",
    "rm project/.natsform/up.json", /* only the servers themselves tell whose they are */
    "rm */.natsform/up.json",
    "rm copy/.natsform/*/pid", /* up.json has the pids too */
};
enum { WITHOUT = sizeof(without) / sizeof(without[0]) };

START_TEST(copied)
{
    struct test_environment *here = environment_new(version_at(_i / WITHOUT), text);
    struct test_environment *copy = beside(here, "copy");
    ck_assert_exit(NF(here, "up"), 0);
    const struct pids pids = pids_of(here);
    run_shell(here->folder,
              arena_printf(test_arena(), "cp -R . ../copy; cd .. && %s", without[_i % WITHOUT]));
    ck_assert_str_eq(NF(copy, "status").err, told_copy(here->folder));
    struct run run = NF(copy, "down");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "Nothing is up.\n");
    ck_assert_str_eq(run.err, told_copy(here->folder));
    must_live(pids, true);
    /* Now it is a folder like any other. */
    run = NF(copy, "down");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    must_live(pids, false);
    environment_end(here);
}
END_TEST

START_TEST(copied_and_up)
{
    struct test_environment *here = environment_new(version_at(_i), text);
    struct test_environment *copy = beside(here, "copy");
    ck_assert_exit(NF(here, "up"), 0);
    const struct pids pids = pids_of(here);
    run_shell(here->folder, "cp -R . ../copy");
    struct run run = NF(copy, "plan");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(
        run.err, arena_printf(test_arena(),
                              "error: what 'natsform up' started is of '%s', and %s is a copy of that "
                              "[environment]\n"
                              "hint: 'natsform up' starts servers of this folder, 'natsform down' forgets "
                              "those; --server or --context name another one\n",
                              here->folder, copy->folder));
    /* One of them is not in the copy's manifest any more. */
    environment_write(copy, "project: q\nservers: {dev: {ports: auto}}\nstreams: {T: {subjects: [t.>]}}\n");
    run = NF(copy, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, told_copy(here->folder));
    ck_assert_contains(run.out, "dev: started");
    const struct pids own = pids_of(copy);
    ck_assert_int_ne(own.dev, pids.dev);
    ck_assert_int_eq(own.other, 0);
    must_live(pids, true);
    run = NF(copy, "up");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "");
    ck_assert_contains(run.out, "Up already: nothing was started.");
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Up already: nothing was started.");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    must_live(pids, false);
    ck_assert(process_lives(own.dev));
    ck_assert_exit(NF(copy, "down", "--volumes", "--yes"), 0);
    ck_assert(!process_lives(own.dev));
    environment_end(here);
}
END_TEST

/* The record is shared by a link: who is not its folder changes nothing of it. */
START_TEST(linked)
{
    struct test_environment *here = environment_new(version_at(_i), text);
    struct test_environment *copy = beside(here, "copy"), *link = beside(here, "link");
    run_shell(here->folder, "mkdir ../state && ln -s ../state .natsform");
    ck_assert_exit(NF(here, "up"), 0);
    const struct pids pids = pids_of(here);
    run_shell(here->folder, "cp -R . ../copy && ln -s project ../link");
    static const char *const verbs[] = {"down", "up"};
    for (size_t i = 0; i < 2; i++) {
        struct run run = NF(copy, verbs[i]);
        ck_assert_exit(run, 1);
        ck_assert_str_eq(run.err,
                         arena_printf(test_arena(),
                                      "error: '%s/.natsform' is that of '%s' [environment]\n"
                                      "hint: run natsform in that folder, or remove the link: then this one "
                                      "gets its own\n",
                                      copy->folder, here->folder));
        must_live(pids, true);
    }
    /* Another name of the folder is no copy. */
    struct run run = NF(link, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Up already: nothing was started.");
    ck_assert_exit(NF(link, "down", "--volumes", "--yes"), 0);
    must_live(pids, false);
    environment_end(here);
}
END_TEST

/* ---- moves ---- */

START_TEST(moved)
{
    struct test_environment *here = environment_new(version_at(_i), text);
    struct test_environment *there = beside(here, "moved");
    ck_assert_exit(NF(here, "up"), 0);
    raw_publish(environment_server(here, "dev", NULL), "s.1", "kept");
    const struct pids pids = pids_of(here);
    run_shell(here->folder, "mv ../project ../moved");
    struct run run = NF(there, "status");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "");
    ck_assert_exit(NF(there, "plan"), 0);
    run = NF(there, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "dev: restarted, pid ");
    ck_assert_contains(run.out, ": its folder was moved\n");
    ck_assert_contains(run.out, "nats context: p\n");
    ck_assert_lacks(run.out, "another making");
    must_live(pids, false);
    ck_assert_contains(raw_request(environment_server(there, "dev", NULL), "$JS.API.STREAM.INFO.S", ""),
                       "\"messages\":1");
    run = NF(there, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Up already: nothing was started.");
    ck_assert_exit(NF(there, "down", "--volumes", "--yes"), 0);
    ck_assert_int_ne(access(beside_path(here, "moved/js/jetstream"), F_OK), 0);
    environment_end(here);
}
END_TEST

static const char *const moves[] = {
    "mv project moved",
    "cp -R project moved && rm -rf project",          /* as from one disk to another */
    "mv project moved && mkdir -p project/.natsform", /* a server makes its folder anew */
    "mv project moved && cp -R moved project",        /* the copy is where the original was */
    "mv project moved && rm moved/.natsform/up.json",
};
enum { MOVES = sizeof(moves) / sizeof(moves[0]) };

START_TEST(moved_and_down)
{
    struct test_environment *here = environment_new(version_at(_i / MOVES), text);
    struct test_environment *there = beside(here, "moved");
    ck_assert_exit(NF(here, "up"), 0);
    const struct pids pids = pids_of(here);
    run_shell(here->home, arena_printf(test_arena(), "cd .. && %s", moves[_i % MOVES]));
    if (access(beside_path(here, "project/natsform.yaml"), F_OK) == 0) {
        ck_assert_str_eq(NF(here, "down").err, told_copy(beside_path(here, "moved")));
        must_live(pids, true);
    }
    struct run run = NF(there, "down", "--volumes", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "");
    must_live(pids, false);
    environment_end(here);
}
END_TEST

/* ---- data of what is down ---- */

static const char *const left_with[] = {"{ports: auto}", "{ports: auto, tls: dev}"};
enum { LEFT_WITH = sizeof(left_with) / sizeof(left_with[0]) };

/* Three servers: their data below .natsform, in a folder of the project's, and outside of it. */
static struct test_environment *environment_with_data(int row)
{
    struct test_environment *here = environment_new(version_at(row / LEFT_WITH), "");
    environment_write(here,
                      arena_printf(test_arena(),
                                   "project: p\n"
                                   "servers: {dev: %s, other: {ports: auto, jetstream: {store_dir: ./js}},\n"
                                   "  own: {ports: auto, jetstream: {store_dir: '%s/own'}}}\n",
                                   left_with[row % LEFT_WITH], here->home));
    ck_assert_exit(NF(here, "up"), 0);
    return here;
}

/* All data in the folder goes, and it is told; what is outside stays. */
static void must_remove_data(const struct test_environment *here, const char *count, const char *store)
{
    struct run run = NF(here, "down", "--volumes", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "Removed: the data of %s, ", count));
    ck_assert_contains(run.out, arena_printf(test_arena(), " bytes in %s/.natsform, %s/%s/jetstream\n",
                                             here->folder, here->folder, store));
    ck_assert_contains(
        run.out, arena_printf(test_arena(), "Kept, as it is outside of the project: %s/own\n", here->home));
    run_shell(here->folder, arena_printf(test_arena(),
                                         "test ! -e %s && ! find . | grep -e jetstream -e data -e log && "
                                         "test -e '%s/own/jetstream'",
                                         store, here->home));
}

static const char *const meanwhile[] = {
    ":",
    "cp -R project copy",
    "mv project copy",
    "rm project/natsform.yaml; echo 'servers: {}' > project/natsform.yaml",
};
enum { MEANWHILE = sizeof(meanwhile) / sizeof(meanwhile[0]) };

START_TEST(down_later)
{
    struct test_environment *here = environment_with_data(_i / MEANWHILE);
    struct test_environment *copy = beside(here, "copy");
    ck_assert_exit(NF(here, "down"), 0);
    run_shell(here->home, arena_printf(test_arena(), "cd .. && %s", meanwhile[_i % MEANWHILE]));
    if (access(copy->folder, F_OK) == 0)
        must_remove_data(copy, "3 servers", "js");
    if (access(here->folder, F_OK) == 0) {
        must_remove_data(here, "3 servers", "js");
        struct run run = NF(here, "down", "--volumes");
        ck_assert_exit(run, 0);
        ck_assert_str_eq(run.out, _i / MEANWHILE % LEFT_WITH ? "Nothing is up, and no data is left.\n"
                                                             : "Nothing is up.\n");
    }
    environment_end(here);
}
END_TEST

/* Servers that the manifest has no more, and a store that a server had before. */
START_TEST(down_of_former)
{
    struct test_environment *here = environment_with_data(_i);
    environment_write(here,
                      "project: p\nservers: {other: {ports: auto, jetstream: {store_dir: ./later/js}}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    if (_i % 2)
        ck_assert_exit(NF(here, "down"), 0);
    run_shell(here->folder, "mkdir js/mine");
    struct run run = NF(here, "down", "--volumes", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Removed: the data of 3 servers, ");
    run_shell(here->folder, "test ! -e js/jetstream && test -e js/mine && test ! -e later/js\n"
                            "! find . | grep -e jetstream -e data -e log");
    environment_end(here);
}
END_TEST

/* The copy's own data, while the original's servers run, and not theirs. */
START_TEST(down_of_a_copy)
{
    struct test_environment *here = environment_with_data(_i);
    struct test_environment *copy = beside(here, "copy");
    run_shell(here->folder, "cp -R . ../copy");
    must_remove_data(copy, "3 servers", "js");
    run_shell(here->folder, "test -e js/jetstream && test -e .natsform/dev/data/jetstream");
    must_live(pids_of(here), true);
    must_remove_data(here, "3 servers", "js");
    environment_end(here);
}
END_TEST

/* Somebody else's server has the store by now. */
START_TEST(down_of_a_store_in_use)
{
    struct test_environment *here = environment_with_data(_i * LEFT_WITH);
    struct test_environment *copy = beside(here, "copy");
    ck_assert_exit(NF(here, "down"), 0);
    make_directory(copy->folder, "");
    environment_write(copy, arena_printf(test_arena(),
                                         "project: q\n"
                                         "servers: {dev: {ports: auto, jetstream: {store_dir: '%s/js'}}}\n",
                                         here->folder));
    ck_assert_exit(NF(copy, "up"), 0);
    struct run run = NF(here, "down", "--volumes", "--yes");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err,
                       arena_printf(test_arena(), "store_dir '%s/js' is kept: another server uses it [store]",
                                    here->folder));
    ck_assert_exit(NF(copy, "down"), 0);
    must_remove_data(here, "3 servers", "js");
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = copied, .times = WITHOUT, .each_version = true},
        {.test = copied_and_up, .each_version = true},
        {.test = linked, .each_version = true},
        {.test = moved, .each_version = true},
        {.test = moved_and_down, .times = MOVES, .each_version = true},
        {.test = down_later, .times = MEANWHILE * LEFT_WITH, .each_version = true},
        {.test = down_of_former, .times = LEFT_WITH, .each_version = true},
        {.test = down_of_a_copy, .times = LEFT_WITH, .each_version = true},
        {.test = down_of_a_store_in_use, .each_version = true},
    };
    return suite_run("up_places", tests, sizeof(tests) / sizeof(tests[0]));
}
