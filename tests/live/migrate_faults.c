/*
 * What goes wrong around a migration: the disk is full, at each of its files; a folder is another's; the archive is not on the disk as it was
 * written; the account has no room; a consumer never stands still. Each is found before anything is deleted: the stream is as it was, and takes
 * messages again. And a server that refuses the restore, when it is too late for that: nothing is lost, and what is open is said.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/exit.h"
#include "field/field.h"
#include "support/anew.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/traced.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

enum {
    PIECE_LEAST = 16 * 1024,
    NEXT_MS = 1000,
    TRY_US = 5000,
    AGAIN_US = 2000, /* natsform looks ten times less often whether it stands still */
};

static struct anew begin(struct server_fixture *server, const char *before, const char *after, size_t large)
{
    struct anew anew = {.before = before, .after = after, .large = large};
    anew_begin(&anew, server);
    return anew;
}

static struct anew begin_queue(const char *version, size_t large)
{
    return begin(fixture_start(version, NULL), "\"retention\":\"workqueue\"", "retention: limits", large);
}

/* What was in the way is gone: the next run goes through. */
static void must_go_on(const struct anew *anew)
{
    anew_await_run(anew, "apply");
    anew_check_made(anew);
}

/* ---- when ---- */

enum moment { AT_JOURNAL, AT_ARCHIVE, AT_META, AT_OWN, BEHIND_BACKUP, AT_DELETION, MOMENTS };

struct fault {
    struct anew *anew;
    enum moment moment;
    void (*happen)(struct anew *anew);
    enum moment reached; /* what comes next of those */
    bool happened;
};

/* The backup that counts: a rehearsal has another before it. */
static bool is_archive(const struct traced_call *call)
{
    return strcmp(call->name, "write") == 0 && call->length >= PIECE_LEAST && strstr(call->file, "/A/") &&
           !strstr(call->file, "/rehearsal/");
}

static bool is_journal(const struct traced_call *call)
{
    return strcmp(call->name, "write") == 0 && strstr(call->file, "/journal/");
}

/* Is that the next moment to come? Each comes behind the one before. */
static bool is_next(const struct fault *fault, const struct traced_call *call)
{
    switch (fault->reached) {
    case AT_JOURNAL:
        return is_journal(call);
    case AT_ARCHIVE:
        return is_archive(call);
    case AT_META:
        return strcmp(call->name, "link") == 0;
    case AT_OWN:
        return strcmp(call->name, "rename") == 0;
    case BEHIND_BACKUP:
        return strcmp(call->name, "send") == 0;
    default:
        return is_journal(call);
    }
}

static bool on_call(void *context, const struct traced_call *call)
{
    struct fault *fault = context;
    if (fault->happened || !is_next(fault, call))
        return false;
    if (fault->reached++ != fault->moment)
        return false;
    fault->happened = true;
    fault->happen(fault->anew);
    return false;
}

static struct traced apply_with(struct fault fault)
{
    const struct anew *anew = fault.anew;
    const char *const apply[] = {"apply", "--yes", "-s", anew->server->url, NULL};
    struct traced traced = traced_run(anew->folder, apply, on_call, &fault);
    ck_assert_msg(fault.happened, "%s: %s", anew->title, traced.said);
    return traced;
}

/* ---- disks ---- */

static const char *disk_of(const struct anew *anew)
{
    return format("%s/.natsform", anew->folder);
}

static void fill_disk(struct anew *anew)
{
    static const char zeros[4096];
    int fd = open(format("%s/filler", disk_of(anew)), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    while (write(fd, zeros, sizeof(zeros)) > 0)
        continue;
    ck_assert_int_eq(errno, ENOSPC);
    close(fd);
}

static const enum moment disk_moments[] = {AT_JOURNAL, AT_ARCHIVE, AT_META, AT_OWN, AT_DELETION};
enum { DISK_MOMENTS = sizeof(disk_moments) / sizeof(disk_moments[0]) };

START_TEST(full_disk)
{
    shell_begin_mounts();
    struct anew anew = begin_queue(version_at(_i / DISK_MOMENTS), 2);
    make_directory(anew.folder, ".natsform");
    ck_assert_msg(mount("test", disk_of(&anew), "tmpfs", 0, "size=16m,mode=755") == 0, "no disk: %s",
                  strerror(errno));
    anew_make(&anew);
    struct traced traced = apply_with(
        (struct fault){.anew = &anew, .moment = disk_moments[_i % DISK_MOMENTS], .happen = fill_disk});
    ck_assert_msg(traced.exit_code == EXIT_FAILED, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said, "no space left on device");
    ck_assert_contains(traced.said, "cannot write '");
    anew_check_untouched(&anew);
    run_shell(anew.folder, "rm .natsform/filler");
    must_go_on(&anew);
    anew_end(&anew);
    ck_assert_int_eq(umount2(disk_of(&anew), MNT_DETACH), 0);
}
END_TEST

/* ---- folders ---- */

static const char *const folders_of_others[] = {".natsform", ".natsform/backups", ".natsform/journal"};
enum { FOLDERS = sizeof(folders_of_others) / sizeof(folders_of_others[0]) };

START_TEST(folder_of_another)
{
    setenv("TMPDIR", "/tmp", 1); /* where another user may go */
    struct anew anew = begin_queue(version_at(_i / FOLDERS), 0);
    const char *natsform = shell_natsform_of_a_user(anew.folder), *folder = folders_of_others[_i % FOLDERS];
    anew_make(&anew);
    run_shell(anew.folder,
              format("chmod 644 natsform.yaml && mkdir -p %s && chmod 777 .natsform && chmod 555 %s", folder,
                     folder));
    run_shell(
        anew.folder,
        format("%s apply --yes -s %s >said 2>&1 && exit 1; case $? in 1 | 3) ;; *) cat said; exit 1 ;; esac\n"
               "grep -q \"'%s.*permission denied\" said || { cat said; exit 1; }\n",
               natsform, anew.server->url, folder));
    anew_check_untouched(&anew);
    run_shell(anew.folder, "rm -rf .natsform");
    must_go_on(&anew);
    anew_end(&anew);
}
END_TEST

/* ---- archives ---- */

static void turn_a_bit(struct anew *anew)
{
    run_shell(
        anew->folder,
        "printf '\\001' | dd of=\"$(ls .natsform/backups/*/A/stream.*)\" bs=1 seek=70000 conv=notrunc 2>&1");
}

static void cut_short(struct anew *anew)
{
    run_shell(anew->folder, "truncate -s -4000 \"$(ls .natsform/backups/*/A/stream.*)\"");
}

static void take_away(struct anew *anew)
{
    run_shell(anew->folder, "rm .natsform/backups/*/A/stream.*");
}

static void (*const damages[])(struct anew *anew) = {turn_a_bit, cut_short, take_away};
enum { DAMAGES = sizeof(damages) / sizeof(damages[0]) };

START_TEST(archive_that_changes)
{
    struct anew anew = begin_queue(version_at(_i / DAMAGES), 2);
    anew_make(&anew);
    struct traced traced =
        apply_with((struct fault){.anew = &anew, .moment = BEHIND_BACKUP, .happen = damages[_i % DAMAGES]});
    ck_assert_msg(traced.exit_code == EXIT_FAILED, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said, "/A/");
    ck_assert_contains(traced.said, "[backup-damaged]");
    anew_check_untouched(&anew);
    must_go_on(&anew);
    anew_end(&anew);
}
END_TEST

/* ---- accounts ---- */

START_TEST(account_without_room)
{
    const char *version = version_at(_i);
    if (!version_has(version_number(version), V_2_10)) /* no other storage is had there at all */
        return;
    struct anew anew =
        begin(fixture_start(version, "accounts: {T: {jetstream: {max_memory: 512KB, max_file: 100MB}, "
                                     "users: [{user: u, password: p}]}}\nno_auth_user: u\n"),
              "\"storage\":\"file\"", "storage: memory", 2);
    anew_make(&anew);
    struct run run = ANEW_RUN(&anew, "apply", "--yes", "-s", anew.server->url);
    ck_assert_msg(run.exit_code == EXIT_FAILED || run.exit_code == EXIT_REFUSED, "exit code %d: %s%s",
                  run.exit_code, run.out, run.err);
    ck_assert_contains(run.err, "the account has no room for its messages");
    anew_check_untouched(&anew);
    anew_end(&anew);
}
END_TEST

/* ---- consumers ---- */

struct restless {
    const char *url;
    atomic_size_t times;
    atomic_bool stops;
    pthread_t thread;
};

/* Has a message of the consumer, and does not take it, again and again. */
static void *refuse_on(void *context)
{
    struct restless *restless = context;
    natsConnection *connection = exchange_connect(restless->url);
    while (connection && !atomic_load(&restless->stops)) {
        natsMsg *message = NULL;
        if (natsConnection_RequestString(&message, connection, "$JS.API.CONSUMER.MSG.NEXT.A.c", "",
                                         NEXT_MS) == NATS_OK &&
            natsMsg_GetReply(message)) {
            natsConnection_PublishString(connection, natsMsg_GetReply(message), "-NAK");
            atomic_fetch_add(&restless->times, 1);
            let_pass(AGAIN_US);
        } else {
            let_pass(TRY_US);
        }
        natsMsg_Destroy(message);
    }
    natsConnection_Destroy(connection);
    return NULL;
}

/* From 2.11 on it is paused, and stands still. Where it is then is not where it was. */
START_TEST(consumer_that_never_stands_still)
{
    const char *version = version_at(_i);
    struct anew anew = begin_queue(version, 0);
    struct restless restless = {.url = anew.server->url};
    anew_make(&anew);
    ck_assert_int_eq(pthread_create(&restless.thread, NULL, refuse_on, &restless), 0);
    AWAIT(atomic_load(&restless.times) > 100);
    struct run run = ANEW_RUN(&anew, "apply", "--yes", "-s", anew.server->url);
    bool pauses = version_has(version_number(version), V_2_11);
    ck_assert_exit(run, pauses ? EXIT_DONE : EXIT_FAILED);
    if (!pauses)
        ck_assert_contains(run.err, "does not stand still");
    size_t times = atomic_load(&restless.times);
    AWAIT(atomic_load(&restless.times) > times + 100);
    atomic_store(&restless.stops, true);
    pthread_join(restless.thread, NULL);
    anew_look(&anew);
    if (pauses)
        anew_check_kept(&anew);
    else
        anew_check_untouched(&anew);
    anew_end(&anew);
}
END_TEST

/* ---- servers ---- */

static const char *const others[] = {"B", "C"};

/* Others take all that the account may have, once there is room: two of three, and the third is the lock of the run. */
static void take_room(struct anew *anew)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        jetstream_ask(anew->connection, format("$JS.API.STREAM.CREATE.%s", others[i]),
                      format("{\"name\":\"%s\",\"subjects\":[\"%s\"]}", others[i], others[i]));
}

static void leave_room(const struct anew *anew)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        jetstream_ask(anew->connection, format("$JS.API.STREAM.DELETE.%s", others[i]), "");
}

/* From the last entry before the deletion on it is looked at, before each call, whether the stream is gone. */
static bool once_deleted(void *context, const struct traced_call *call)
{
    struct fault *fault = context;
    if (fault->happened)
        return false;
    if (fault->reached <= AT_DELETION) {
        fault->reached += is_next(fault, call);
        return false;
    }
    if (jetstream_try(fault->anew->connection, "$JS.API.STREAM.INFO.A", "", JETSTREAM_REPLY_MS))
        return false;
    fault->happened = true;
    take_room(fault->anew);
    return false;
}

/* Not as it is wanted, and not as it was: the archive is there, and once there is room the stream is. */
START_TEST(restore_that_is_refused)
{
    struct anew anew =
        begin(fixture_start(version_at(_i), "accounts: {T: {jetstream: {max_streams: 3}, "
                                            "users: [{user: u, password: p}]}}\nno_auth_user: u\n"),
              "\"retention\":\"workqueue\"", "retention: limits", 2);
    const char *const apply[] = {"apply", "--yes", "-s", anew.server->url, NULL};
    struct fault fault = {.anew = &anew};
    anew_make(&anew);
    struct traced traced = traced_run(anew.folder, apply, once_deleted, &fault);
    ck_assert_msg(fault.happened, "%s: %s", anew.title, traced.said);
    ck_assert_msg(traced.exit_code == EXIT_FAILED, "exit code %d: %s", traced.exit_code, traced.said);
    ck_assert_contains(traced.said, "maximum number of streams reached");
    ck_assert_contains(traced.said, "all that was in it is in '.natsform/backups/");
    ck_assert_contains(traced.said, "natsform recover");
    run_shell(anew.folder, "ls .natsform/journal/*.json");
    leave_room(&anew);
    anew_await_run(&anew, "recover");
    anew_check_kept(&anew);
    must_go_on(&anew);
    anew_end(&anew);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = full_disk, .times = DISK_MOMENTS, .each_version = true},
        {.test = folder_of_another, .times = FOLDERS, .each_version = true},
        {.test = archive_that_changes, .times = DAMAGES, .each_version = true},
        {.test = account_without_room, .each_version = true},
        {.test = consumer_that_never_stands_still, .each_version = true},
        {.test = restore_that_is_refused, .each_version = true},
    };
    return suite_run("live/migrate_faults", tests, sizeof(tests) / sizeof(tests[0]));
}
