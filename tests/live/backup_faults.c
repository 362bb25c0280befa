/*
 * What goes wrong around a backup and a restore: the disk is full, at each file; it is gone, or takes nothing; the folder is another's; the server
 * dies, or the connection, and comes back. It happens at a certain call (tests/support/traced.h). Each time there is a clear end,
 * no half backup passes, the server has what it had, and the next run goes on.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/stored.h"
#include "support/suite.h"
#include "support/traced.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* More than a server sends before anything of it is acknowledged, and natsform before it waits for that. */
enum { LARGE_MESSAGES = 24, LARGE_MESSAGE_BYTES = 512 * 1024, PIECE_LEAST = 16 * 1024 };

struct world {
    struct server_fixture *server;
    const char *folder;
    const char *wanted, *wanted_small; /* the states of streams A and B */
};

static struct world begin(const char *version, int messages)
{
    struct world world = {.server = fixture_start(version, NULL), .folder = test_directory()};
    stored_ask(world.server, "$JS.API.STREAM.CREATE.A", "{\"name\":\"A\",\"subjects\":[\"a\"]}");
    stored_ask(world.server, "$JS.API.STREAM.CREATE.B", "{\"name\":\"B\",\"subjects\":[\"b\"]}");
    for (int i = 0; i < messages; i++)
        raw_publish(world.server, "a", stored_noise(LARGE_MESSAGE_BYTES));
    raw_publish(world.server, "b", "hello");
    world.wanted = stored_state(world.server, "A");
    world.wanted_small = stored_state(world.server, "B");
    return world;
}

static struct run run_in(const struct world *world, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = world->folder});
}

#define RUN_IN(world, ...) run_in((world), (const char *const[]){__VA_ARGS__, NULL})

static void must_be_untouched(const struct world *world)
{
    ck_assert_str_eq(stored_state(world->server, "A"), world->wanted);
    ck_assert_str_eq(stored_state(world->server, "B"), world->wanted_small);
}

/* What is there of A may be anything, as long as it does not pass. */
static void must_not_pass(const struct world *world, const char *out)
{
    struct run run = RUN_IN(world, "backup", "verify", format("%s/A", out));
    ck_assert_msg(run.exit_code != 0, "%s", run.out);
}

static void must_go_on(const struct world *world, const char *out)
{
    ck_assert_exit(RUN_IN(world, "backup", "A", "B", "--out", out, "-s", world->server->url), 0);
    struct run run = RUN_IN(world, "backup", "verify", out);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "A: whole: ");
    ck_assert_contains(run.out, "B: whole: 1 message");
    run_shell(world->folder, format("! find '%s' | grep natsform-", out));
    must_be_untouched(world);
}

/* ---- when ---- */

/* A file of stream A's backup that is about to be made. */
enum moment { AT_ARCHIVE, AT_META, AT_OWN, MOMENTS, AT_PROOF };

struct fault {
    struct world *world;
    enum moment moment;
    size_t after; /* so many pieces, for restores */
    void (*happen)(struct world *world);
    bool is_named;       /* the archive has its name */
    const char *archive; /* its name until then */
    bool happened;
};

static bool is_at(struct fault *fault, const struct traced_call *call)
{
    switch (fault->moment) {
    case AT_ARCHIVE:
        return strcmp(call->name, "write") == 0 && call->length >= PIECE_LEAST && strstr(call->file, "/A/");
    case AT_PROOF:
        if (fault->archive)
            return strcmp(call->name, "sync") == 0 && strcmp(call->file, fault->archive) == 0;
        if (strcmp(call->name, "write") == 0 && call->length >= PIECE_LEAST && strstr(call->file, "/A/"))
            fault->archive = call->file;
        return false;
    case AT_META:
        return strcmp(call->name, "link") == 0;
    default:
        fault->is_named |= strcmp(call->name, "link") == 0;
        return fault->is_named && strcmp(call->name, "rename") == 0;
    }
}

static bool on_backup(void *context, const struct traced_call *call)
{
    struct fault *fault = context;
    if (fault->happened || !is_at(fault, call))
        return false;
    fault->happened = true;
    fault->happen(fault->world);
    return false;
}

/* Behind so many pieces that went to the server. */
static bool on_restore(void *context, const struct traced_call *call)
{
    struct fault *fault = context;
    if (fault->happened || strcmp(call->name, "send") != 0 || call->length < PIECE_LEAST || fault->after--)
        return false;
    fault->happened = true;
    fault->happen(fault->world);
    return false;
}

static struct traced back_up(struct fault fault, const char *out)
{
    const struct world *world = fault.world;
    const char *const backup[] = {"backup", "A", "--out", out, "-s", world->server->url, NULL};
    struct traced traced = traced_run(world->folder, backup, on_backup, &fault);
    ck_assert_msg(fault.happened, "%s", traced.said);
    return traced;
}

/* ---- disks ---- */

static const char *disk_of(const struct world *world)
{
    return format("%s/disk", world->folder);
}

static void mount_disk(const struct world *world, unsigned long flags)
{
    ck_assert_msg(mount("test", disk_of(world), "tmpfs", flags, "size=16m,mode=755") == 0, "no disk: %s",
                  strerror(errno));
}

static void fill_disk(struct world *world)
{
    static const char zeros[4096];
    int fd = open(format("%s/filler", disk_of(world)), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    while (write(fd, zeros, sizeof(zeros)) > 0)
        continue;
    ck_assert_int_eq(errno, ENOSPC);
    close(fd);
}

static void take_disk_away(struct world *world)
{
    ck_assert_int_eq(umount2(disk_of(world), MNT_DETACH), 0);
}

START_TEST(full_disk)
{
    static const char *const files[] = {"disk/out/A/stream.", "disk/out/A/backup.json",
                                        "disk/out/A/natsform.json"};
    shell_begin_mounts();
    struct world world = begin(version_at(_i / MOMENTS), 2);
    make_directory(world.folder, "disk");
    mount_disk(&world, 0);
    struct traced traced =
        back_up((struct fault){.world = &world, .moment = (enum moment)(_i % MOMENTS), .happen = fill_disk},
                "disk/out");
    ck_assert_msg(traced.exit_code == 1, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said, format("cannot write '%s", files[_i % MOMENTS]));
    ck_assert_contains(traced.said, "no space left on device [backup]");
    ck_assert_contains(traced.said, "hint: ");
    must_not_pass(&world, "disk/out");
    must_be_untouched(&world);
    run_shell(world.folder, "rm disk/filler");
    must_go_on(&world, "disk/out");
    take_disk_away(&world);
    fixture_stop(world.server);
}
END_TEST

static void turn_a_bit(struct world *world)
{
    run_shell(
        world->folder,
        "f=out/A/.natsform-new-0 && test -s $f && printf '\\001' | dd of=$f bs=1 seek=70000 conv=notrunc 2>&1");
}

/* It is read back: what is not there as it came is no backup. */
START_TEST(disk_that_lies)
{
    struct world world = begin(version_at(_i), 2);
    struct traced traced =
        back_up((struct fault){.world = &world, .moment = AT_PROOF, .happen = turn_a_bit}, "out");
    ck_assert_msg(traced.exit_code == 1, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said, "out/A/stream.");
    ck_assert_contains(traced.said, "its checksum does not match its data [backup-damaged]");
    must_not_pass(&world, "out");
    must_go_on(&world, "out");
    fixture_stop(world.server);
}
END_TEST

START_TEST(no_disk)
{
    shell_begin_mounts();
    struct world world = begin(version_at(_i), 2);
    make_directory(world.folder, "disk");
    mount_disk(&world, 0);
    struct traced traced = back_up((struct fault){.world = &world, .happen = take_disk_away}, "disk/out");
    ck_assert_msg(traced.exit_code == 1, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said, "disk/out/A/stream.");
    ck_assert_contains(traced.said, "no such file or directory");
    run_shell(world.folder, "test -z \"$(ls -A disk)\"");
    must_be_untouched(&world);
    /* One that can only be read is none either. */
    mount_disk(&world, MS_RDONLY);
    struct run run = RUN_IN(&world, "backup", "A", "--out", "disk/out", "-s", world.server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "cannot make 'disk/out': read-only file system [backup]");
    take_disk_away(&world);
    must_go_on(&world, "disk/out");
    fixture_stop(world.server);
}
END_TEST

/* ---- folders ---- */

START_TEST(folder_of_another)
{
    setenv("TMPDIR", "/tmp", 1); /* where another user may go */
    struct world world = begin(version_at(_i), 0);
    const char *natsform = shell_natsform_of_a_user(world.folder);
    const char *url = world.server->url;
    run_shell(world.folder, "mkdir theirs && chmod 555 theirs && ls -A theirs >before");
    run_shell(
        world.folder,
        format(
            "%s backup B --out theirs/out -s %s >said 2>&1 && exit 1; test $? = 1 || exit 1\n"
            "grep -q \"^error: cannot make 'theirs/out': permission denied .backup.\" said || { cat said; exit 1; }\n"
            "%s backup B --out theirs -s %s >said 2>&1 && exit 1; test $? = 1 || exit 1\n"
            "grep -q \"^error: cannot write 'theirs/.natsform-unfinished': permission denied .backup.\" said || { cat said; exit 1; }\n"
            "ls -A theirs | diff before -\n",
            natsform, url, natsform, url));
    must_be_untouched(&world);
    /* One that nobody may read is not restored. */
    must_go_on(&world, "out");
    run_shell(world.folder, "chmod 755 out out/B && chmod 644 out/B/*.json && chmod 0 out/B/stream.*");
    stored_ask(world.server, "$JS.API.STREAM.DELETE.B", "");
    run_shell(
        world.folder,
        format("%s restore out/B --yes -s %s >said 2>&1 && exit 1; test $? = 1 || { cat said; exit 1; }\n"
               "grep -q \"out/B/stream.*: permission denied\" said || { cat said; exit 1; }\n",
               natsform, url));
    ck_assert_str_eq(raw_request(world.server, "$JS.API.STREAM.NAMES", "{\"subject\":\"b\"}"),
                     raw_request(world.server, "$JS.API.STREAM.NAMES", "{\"subject\":\"nobody\"}"));
    fixture_stop(world.server);
}
END_TEST

/* ---- servers ---- */

static void kill_server(struct world *world)
{
    fixture_kill(world->server);
}

static void shut_server_down(struct world *world)
{
    fixture_shut_down(world->server);
}

static void restart_server(struct world *world)
{
    fixture_kill(world->server);
    fixture_restart(world->server, NULL);
}

static void (*const ends_of_servers[])(struct world *world) = {kill_server, shut_server_down, restart_server};
enum { ENDS = sizeof(ends_of_servers) / sizeof(ends_of_servers[0]) };

static void bring_back(const struct world *world)
{
    if (!world->server->pid)
        fixture_restart(world->server, NULL);
}

START_TEST(server_dies_in_backup)
{
    struct world world = begin(version_at(_i / ENDS), LARGE_MESSAGES);
    struct traced traced =
        back_up((struct fault){.world = &world, .happen = ends_of_servers[_i % ENDS]}, "out");
    ck_assert_msg(traced.exit_code == 1, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said,
                       "the archive of stream 'A' is not whole: the connection was lost [transfer]");
    must_not_pass(&world, "out");
    bring_back(&world);
    must_be_untouched(&world);
    must_go_on(&world, "out");
    fixture_stop(world.server);
}
END_TEST

/*
 * nats-server 2.15 keeps a part of the stream if it was killed: natsform tells of it, and leaves it to the user.
 */
static void take_part_away(const struct world *world)
{
    struct run run = RUN_IN(world, "restore", "out", "--yes", "-s", world->server->url);
    const char *part = " of its 24 messages [restore]";
    if (!strstr(run.err, part))
        return;
    const char *before = stored_state(world->server, "A");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "'out/A' cannot be restored: a stream 'A' is there already, with ");
    ck_assert_contains(run.err, "'nats stream rm A' makes way for it");
    ck_assert_str_eq(stored_state(world->server, "A"), before);
    stored_ask(world->server, "$JS.API.STREAM.DELETE.A", "");
}

static bool is_restored(const struct world *world)
{
    struct run run = RUN_IN(world, "restore", "out", "--yes", "-s", world->server->url);
    ck_assert_msg(run.exit_code == 0 || strstr(run.err, "error: "), "exit code %d: %s", run.exit_code,
                  run.err);
    return run.exit_code == 0;
}

START_TEST(server_dies_in_restore)
{
    struct world world = begin(version_at(_i / ENDS), LARGE_MESSAGES);
    const char *const restore[] = {"restore", "out", "--yes", "-s", world.server->url, NULL};
    must_go_on(&world, "out");
    for (size_t after = 0; after < 60; after += 20) {
        struct fault fault = {.world = &world, .after = after, .happen = ends_of_servers[_i % ENDS]};
        stored_ask(world.server, "$JS.API.STREAM.DELETE.A", "");
        stored_ask(world.server, "$JS.API.STREAM.DELETE.B", "");
        struct traced traced = traced_run(world.folder, restore, on_restore, &fault);
        ck_assert_msg(fault.happened, "%s", traced.said);
        ck_assert_msg(traced.exit_code == 1, "exit code %d: %s", traced.exit_code, traced.said);
        ck_assert_contains(traced.said, "stream 'A' is not restored: the connection was lost [transfer]");
        bring_back(&world);
        take_part_away(&world);
        AWAIT(is_restored(&world));
        must_be_untouched(&world);
    }
    fixture_stop(world.server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = full_disk, .times = MOMENTS, .each_version = true},
        {.test = disk_that_lies, .each_version = true},
        {.test = no_disk, .each_version = true},
        {.test = folder_of_another, .each_version = true},
        {.test = server_dies_in_backup, .times = ENDS, .each_version = true},
        {.test = server_dies_in_restore, .times = ENDS, .each_version = true},
    };
    return suite_run("live/backup_faults", tests, sizeof(tests) / sizeof(tests[0]));
}
