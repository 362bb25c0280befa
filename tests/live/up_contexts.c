/*
 * The nats CLI's contexts as `up` leaves them and `down` puts them back: which one is selected, which one was before, and what somebody has
 * edited. tests/interop/contexts.c has the CLI itself beside it.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/environment.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

enum { POINTS = 12 };

static const char *in_home(const struct test_environment *here, const char *path)
{
    return arena_printf(test_arena(), "%s/.config/nats/%s", here->home, path);
}

static const char *text_of(const struct test_environment *here, const char *path)
{
    path = in_home(here, path);
    return access(path, F_OK) == 0 ? read_file(path) : "-";
}

/* "SELECTED PREVIOUS", each "-" if there is none. */
static const char *selection(const struct test_environment *here)
{
    return arena_printf(test_arena(), "%s %s", text_of(here, "context.txt"),
                        text_of(here, "previous-context.txt"));
}

static void add_context(const struct test_environment *here, const char *name)
{
    write_file(here->home, arena_printf(test_arena(), ".config/nats/context/%s.json", name),
               arena_printf(test_arena(), "{\"url\": \"nats://%s.example:4222\"}", name));
}

/* An environment of the project, with the home of another one; with NULL it is one of its own, where prod is selected, and old was before. */
static struct test_environment *begin(const char *version, const char *project,
                                      const struct test_environment *other)
{
    struct test_environment *here = environment_new(
        version,
        arena_printf(test_arena(),
                     "project: %s\n"
                     "servers: {dev: {ports: auto, authorization: {users: [{user: me, password: p}]}}}\n",
                     project));
    if (other) {
        here->env[0] = other->env[0];
        here->env[3] = other->env[3];
        here->home = other->home;
        return here;
    }
    make_directory(here->home, ".config/nats/context");
    add_context(here, "prod");
    add_context(here, "old");
    write_file(here->home, ".config/nats/context.txt", "prod");
    write_file(here->home, ".config/nats/previous-context.txt", "old");
    return here;
}

/* ---- what is selected ---- */

static const struct story {
    const char *
        steps; /* "+A": up of a, "-A": down, "xN": the context of that name is deleted, "sN": it is selected */
    const char *result; /* what is selected, and what was before */
} stories[] = {
    {"+a", "a prod"},
    {"+a -a", "prod old"},
    {"+a +b", "b a"},
    {"+a +b -a", "b prod"},
    {"+a +b -a -b", "prod old"}, /* in the order in which they were started */
    {"+a +b -b", "a prod"},
    {"+a +b -b -a", "prod old"},
    {"+a +b +c -b -a -c", "prod old"},
    {"+a +b +c -a -c -b", "prod old"},
    {"+a +b -a +a -b -a", "prod old"},
    {"+a +b +a -b -a", "prod old"},
    {"+a sold -a", "old prod"}, /* the user's choice stays */
    {"+a sold +a -a", "old prod"},
    {"+a xprod -a", "old -"},
    {"+a xprod xold -a", "- -"},
    {"+a xa -a", "prod old"},
    {"+a +b xa -a -b", "prod old"},
    {"+a xa +a", "a prod"},
};
enum { STORIES = sizeof(stories) / sizeof(stories[0]) };

/* As the nats CLI does it. */
static void select_by_hand(const struct test_environment *here, const char *name)
{
    write_file(here->home, ".config/nats/previous-context.txt", text_of(here, "context.txt"));
    write_file(here->home, ".config/nats/context.txt", name);
}

static void take_step(struct test_environment *const here[3], const char *step)
{
    if (step[0] == 's')
        select_by_hand(here[0], step + 1);
    else if (step[0] == 'x')
        ck_assert_int_eq(unlink(in_home(here[0], arena_printf(test_arena(), "context/%s.json", step + 1))),
                         0);
    else
        ck_assert_exit(NF(here[step[1] - 'a'], step[0] == '+' ? "up" : "down"), 0);
}

START_TEST(selected_again)
{
    const struct story *story = &stories[_i];
    struct test_environment *here[3];
    here[0] = begin(version_at(0), "a", NULL);
    here[1] = begin(version_at(0), "b", here[0]);
    here[2] = begin(version_at(0), "c", here[0]);
    for (const char *step = story->steps; *step; step += strspn(step, " ")) {
        size_t length = strcspn(step, " ");
        take_step(here, arena_strndup(test_arena(), step, length));
        step += length;
    }
    ck_assert_msg(strcmp(selection(here[0]), story->result) == 0, "%s: '%s' and not '%s'", story->steps,
                  selection(here[0]), story->result);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_exit(NF(here[i], "down", "--volumes", "--yes"), 0);
        environment_end(here[i]);
    }
}
END_TEST

/* Wherever it is killed, the next one knows what was begun. */
START_TEST(killed)
{
    struct test_environment *here = begin(version_at(_i), "a", NULL);
    static const char *const up[] = {"up", NULL}, *const down[] = {"down", NULL};
    int64_t whole = environment_microseconds(here, up);
    ck_assert_exit(NF(here, "down"), 0);
    for (int i = 0; i < POINTS; i++) {
        if (!version_takes(_i, i))
            continue;
        environment_disturb(here, i % 2 ? down : up, SIGKILL, whole * (i + 1) / POINTS);
        if ((i / 3 + 1) / 2 % 2 == 0) /* behind one of each kind, also among every third */
            ck_assert_exit(NF(here, "up"), 0);
        ck_assert_exit(NF(here, "down"), 0);
        ck_assert_str_eq(selection(here), "prod old");
        ck_assert_str_eq(text_of(here, "context/a.json"), "-");
        ck_assert_exit(NF(here, "up"), 0);
        ck_assert_str_eq(selection(here), "a prod");
    }
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
}
END_TEST

/* ---- another place or name ---- */

START_TEST(renamed)
{
    struct test_environment *here = begin(version_at(_i), "a", NULL);
    ck_assert_exit(NF(here, "up"), 0);
    environment_write(here, "project: b\nservers: {dev: {ports: auto}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_str_eq(selection(here), "b prod");
    ck_assert_str_eq(text_of(here, "context/a.json"), "-");
    /* The home is another one, and the context was moved with it. */
    run_shell(here->home, "mv .config/nats moved && mkdir -p other && mv moved other/nats");
    const char *env[] = {here->env[0], here->env[1], here->env[2],
                         arena_printf(test_arena(), "XDG_CONFIG_HOME=%s/other", here->home), NULL};
    here->env = env;
    ck_assert_exit(NF(here, "down"), 0);
    run_shell(here->home,
              "test \"$(cat other/nats/context.txt)\" = prod && ! test -e other/nats/context/b.json");
    /* It is another one, and the old one is there, too. */
    run_shell(here->home, "mkdir -p .config && cp -R other/nats .config");
    ck_assert_exit(NF(here, "up"), 0);
    const char *back[] = {here->env[0], here->env[1], here->env[2],
                          arena_printf(test_arena(), "XDG_CONFIG_HOME=%s/.config", here->home), NULL};
    here->env = back;
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_str_eq(selection(here), "b prod");
    run_shell(here->home,
              "test \"$(cat other/nats/context.txt)\" = prod && ! test -e other/nats/context/b.json");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    ck_assert_str_eq(selection(here), "prod old");
    environment_end(here);
}
END_TEST

/* Nothing of the servers changes. */
START_TEST(renamed_alone)
{
    struct test_environment *here =
        environment_new(version_at(_i), "project: a\nservers: {dev: {ports: auto}}\n");
    make_directory(here->home, ".config/nats/context");
    add_context(here, "prod");
    write_file(here->home, ".config/nats/context.txt", "prod");
    ck_assert_exit(NF(here, "up"), 0);
    environment_write(here, "project: b\nservers: {dev: {ports: auto}}\n");
    for (int i = 0; i < 2; i++) {
        struct run run = NF(here, "up");
        ck_assert_exit(run, 0);
        ck_assert_contains(run.out, "Up already: nothing was started.\n");
        ck_assert_contains(run.out, "nats context: b\n");
        ck_assert_str_eq(selection(here), "b prod");
        ck_assert_str_eq(text_of(here, "context/a.json"), "-");
        ck_assert_str_ne(text_of(here, "context/b.json"), "-");
    }
    /* There is another one of that name: the old one goes, as it says what is not so any more. */
    add_context(here, "c");
    environment_write(here, "project: c\nservers: {dev: {ports: auto}}\n");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "of another making: it is left alone. It is %s.\n",
                                             in_home(here, "context/c.json")));
    ck_assert_lacks(run.out, "nats context: ");
    ck_assert_str_eq(text_of(here, "context/b.json"), "-");
    ck_assert_str_eq(selection(here), "prod -");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    ck_assert_str_eq(selection(here), "prod -");
    ck_assert_contains(text_of(here, "context/c.json"), "c.example");
    environment_end(here);
}
END_TEST

/* ---- edited by hand ---- */

/* The nats CLI writes all keys, those that are not set too. */
static void edit(const struct test_environment *here, const char *key, const char *value)
{
    const char *text = text_of(here, "context/a.json"), *name = arena_printf(test_arena(), "\"%s\": \"", key);
    const char *there = strstr(text, name), *rest = strchr(text, '{') + 1, *before = "";
    if (there) {
        before = arena_strndup(test_arena(), rest, (size_t)(there - rest));
        rest = strchr(there + strlen(name), '"');
    }
    write_file(here->home, ".config/nats/context/a.json",
               arena_printf(test_arena(), "{\"token\": \"\", \"tls_first\": false, %s%s%s%s%s", before, name,
                            value, there ? "" : "\", ", rest));
}

static const struct edit_case {
    const char *key, *value;
    const char *kept; /* what the file has after the next `up` */
    const char *said; /* NULL: nothing */
} edits[] = {
    {"color_scheme", "yellow", "\"color_scheme\": \"yellow\"", NULL},
    {"inbox_prefix", "_me", "\"inbox_prefix\": \"_me\"", NULL},
    {"description", "mine", "\"description\": \"mine\"", NULL},
    {"user", "other", "\"user\": \"other\"", NULL},
    {"url", "nats://elsewhere.example:4222",
     "\"url\": \"nats://127.0.0.1:", "Set again in the context 'a' of the nats CLI: url.\n"},
};
enum { EDITS = sizeof(edits) / sizeof(edits[0]) };

START_TEST(edited)
{
    const struct edit_case *row = &edits[_i % EDITS];
    struct test_environment *here = begin(version_at(_i / EDITS), "a", NULL);
    ck_assert_exit(NF(here, "up"), 0);
    edit(here, row->key, row->value);
    for (int i = 0; i < 2; i++) {
        struct run run = NF(here, "up");
        ck_assert_exit(run, 0);
        ck_assert_contains(text_of(here, "context/a.json"), row->kept);
        if (row->said && i == 0)
            ck_assert_contains(run.out, row->said);
        else
            ck_assert(!strstr(run.out, "Set again"));
    }
    /* What nobody has edited follows the manifest. */
    environment_write(
        here, "project: a\n"
              "servers: {dev: {ports: auto, jetstream: {domain: hub}, authorization: {users: [{user: me, "
              "password: p}]}}}\n"
              "connection: {domain: hub}\n");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_contains(text_of(here, "context/a.json"), "\"jetstream_domain\": \"hub\"");
    ck_assert_contains(text_of(here, "context/a.json"), row->kept);
    struct run run = NF(here, "down", "--volumes", "--yes");
    ck_assert_exit(run, 0);
    /* A login of somebody's own may be kept nowhere else. */
    bool stays = strcmp(row->key, "user") == 0;
    ck_assert(stays == (strstr(run.err, "somebody has put another login into it") != NULL));
    ck_assert(stays == (strcmp(text_of(here, "context/a.json"), "-") != 0));
    ck_assert_str_eq(selection(here), "prod old");
    environment_end(here);
}
END_TEST

/* ---- not ours ---- */

START_TEST(of_another_making)
{
    struct test_environment *here = begin(version_at(_i), "a", NULL);
    struct test_environment *other = begin(version_at(_i), "a", here);
    add_context(here, "a");
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "of another making: it is left alone. It is %s.\n",
                                             in_home(here, "context/a.json")));
    ck_assert_lacks(run.out, "nats context: ");
    unlink(in_home(here, "context/a.json"));
    ck_assert_exit(NF(here, "up"), 0);
    run = NF(other, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "It is %s, of what is up in %s.\n",
                                             in_home(here, "context/a.json"), here->folder));
    ck_assert_lacks(run.out, "nats context: ");
    ck_assert_exit(NF(other, "down", "--volumes", "--yes"), 0);
    ck_assert_str_eq(selection(here), "a prod");
    /* Replaced by the user's own. */
    add_context(here, "a");
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "of another making: it is left alone.");
    ck_assert_lacks(run.out, "nats context: ");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    ck_assert_contains(text_of(here, "context/a.json"), "a.example");
    environment_end(here);
    environment_end(other);
}
END_TEST

static void mount_read_only(const char *folder, bool yes)
{
#ifdef __linux__
    if (yes) {
        ck_assert_int_eq(mount(folder, folder, NULL, MS_BIND, NULL), 0);
        ck_assert_int_eq(mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
    } else {
        ck_assert_int_eq(umount2(folder, MNT_DETACH), 0);
    }
#else
    ck_assert_int_eq(chmod(folder, yes ? 0500 : 0700), 0);
#endif
}

START_TEST(read_only)
{
    shell_begin_mounts();
    struct test_environment *here = begin(version_at(_i), "a", NULL);
    const char *folder = arena_printf(test_arena(), "%s/.config/nats", here->home);
    mount_read_only(folder, true);
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, "warning: the nats CLI gets no context: cannot write '");
    ck_assert(!strstr(run.out, "nats context: a"));
    mount_read_only(folder, false);
    ck_assert_exit(NF(here, "up"), 0);
    mount_read_only(folder, true);
    /* There is nothing to write. */
    run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert(!strstr(run.err, "warning"));
    run = NF(here, "down", "--volumes", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, arena_printf(test_arena(),
                                             "warning: the context of the nats CLI stays: cannot remove '%s'",
                                             in_home(here, "context/a.json")));
    mount_read_only(folder, false);
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = selected_again, .times = STORIES},
        {.test = killed, .each_version = true},
        {.test = renamed, .each_version = true},
        {.test = renamed_alone, .each_version = true},
        {.test = edited, .times = EDITS, .each_version = true},
        {.test = of_another_making, .each_version = true},
        {.test = read_only, .each_version = true},
    };
    return suite_run("up_contexts", tests, sizeof(tests) / sizeof(tests[0]));
}
