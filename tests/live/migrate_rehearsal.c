/*
 * The restore of a migration is tried on a server of its own: of just that version, from a folder of programs in which each is a script that tells that it was started.
 * Whatever that server does, the stream is as it was until all is proved; and nothing of it is left.
 */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/read.h"
#include "field/field.h"
#include "support/anew.h"
#include "support/environment.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* Whether the server itself can try it: then none of our own is started. */
static bool tries_beside(const char *version)
{
    return version_has(version_number(version), V_2_15);
}

static struct anew begin(struct server_fixture *server, const char *before, const char *after, size_t large)
{
    struct anew anew = {.before = before, .after = after, .large = large};
    anew_begin(&anew, server);
    return anew;
}

static struct anew begin_queue(const char *version)
{
    return begin(fixture_start(version, NULL), "\"retention\":\"workqueue\"", "retention: limits", 2);
}

/* The program of that version becomes a script, which tells its pid in the file "started". */
static void put_program(const struct anew *anew, const char *version, const char *lines)
{
    const char *folder = format("%s/servers/%s", anew->folder, version);
    run_shell(anew->folder, format("rm -f started && mkdir -p '%s'", folder));
    write_file(folder, "nats-server", format("#!/bin/sh\necho $$ >>'%s/started'\n%s\n", anew->folder, lines));
    run_shell(folder, "chmod 755 nats-server");
}

static const char *goes_on(const char *version)
{
    return format("exec '%s' \"$@\"", server_binary(version));
}

static struct run run_in(const struct anew *anew, const char *const *arguments)
{
    const char *const env[] = {format("NATSFORM_SERVERS=%s/servers", anew->folder), "PATH=/usr/bin:/bin",
                               NULL};
    return run_natsform(&(struct run_options){.arguments = arguments, .env = env, .directory = anew->folder});
}

#define RUN_IN(anew, ...) run_in((anew), (const char *const[]){__VA_ARGS__, NULL})
#define REHEARSE(anew) RUN_IN(anew, "apply", "--rehearse", "--yes", "-s", (anew)->server->url)

static bool was_started(const struct anew *anew)
{
    return access(format("%s/started", anew->folder), F_OK) == 0;
}

/* Each that was started is gone. */
static void must_be_gone(const struct anew *anew)
{
    run_shell(anew->folder,
              "for pid in $(cat started); do while kill -0 $pid 2>&1; do sleep 0.05; done; done");
}

/* ---- what goes well ---- */

static const struct {
    const char *before, *after;
} changes[] = {
    {"\"retention\":\"workqueue\"", "retention: limits"},
    {"\"storage\":\"file\"", "storage: memory"},
    {"\"storage\":\"memory\"", "storage: file"},
    {"\"deny_purge\":true", "deny_purge: false"},
};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

START_TEST(tried_on_a_server_of_its_own)
{
    const char *version = version_at(_i / CHANGES);
    bool by_messages = strstr(changes[_i % CHANGES].before, "storage") != NULL;
    if (by_messages && !version_has(version_number(version), V_2_10)) /* it is refused there */
        return;
    struct anew anew =
        begin(fixture_start(version, NULL), changes[_i % CHANGES].before, changes[_i % CHANGES].after, 2);
    anew_make(&anew);
    put_program(&anew, version, goes_on(version));
    struct run plan = RUN_IN(&anew, "plan", "--rehearse", "-o", "json", "-s", anew.server->url);
    ck_assert_exit(plan, EXIT_DONE);
    ck_assert_contains(plan.out, tries_beside(version) ? "\"rehearsal\": \"beside\""
                                                       : "\"rehearsal\": \"private server\"");
    ck_assert_exit(REHEARSE(&anew), EXIT_DONE);
    ck_assert_int_eq(was_started(&anew), !tries_beside(version));
    if (was_started(&anew))
        must_be_gone(&anew);
    if (by_messages && !tries_beside(version)) /* the consumer begins behind its floor */
        anew_look(&anew);
    anew_check_made(&anew);
    anew_end(&anew);
}
END_TEST

/* A plan that was saved says that it is to be tried. */
START_TEST(saved_plan)
{
    const char *version = version_at(_i);
    struct anew anew = begin_queue(version);
    anew_make(&anew);
    put_program(&anew, version, goes_on(version));
    ck_assert_exit(RUN_IN(&anew, "plan", "--rehearse", "--out", "saved", "-s", anew.server->url), EXIT_DONE);
    struct run run = RUN_IN(&anew, "apply", "saved", "-s", anew.server->url);
    /* Somebody publishes all the while, and what is kept is a part of the plan. */
    ck_assert_exit(run, EXIT_DONE);
    ck_assert_int_eq(was_started(&anew), !tries_beside(version));
    anew_check_made(&anew);
    anew_end(&anew);
}
END_TEST

/* There is room for one of it, and not for two; then that is done apart on any version. */
START_TEST(no_room_beside)
{
    const char *version = version_at(_i);
    struct anew anew = begin(fixture_start(version, "accounts: {T: {jetstream: {max_file: 2MB}, "
                                                    "users: [{user: u, password: p}]}}\nno_auth_user: u\n"),
                             "\"retention\":\"workqueue\"", "retention: limits", 2);
    anew_make(&anew);
    put_program(&anew, version, goes_on(version));
    ck_assert_exit(REHEARSE(&anew), EXIT_DONE);
    ck_assert(was_started(&anew));
    must_be_gone(&anew);
    anew_check_made(&anew);
    anew_end(&anew);
}
END_TEST

/* Three replicas in a cluster, of which a server alone has one. */
START_TEST(cluster)
{
    const char *version = version_at(_i);
    struct cluster_fixture *nodes = cluster_start(version, "rehearsal");
    struct anew anew = {.before = "\"retention\":\"workqueue\",\"num_replicas\":3",
                        .after = "retention: limits\n    num_replicas: 3",
                        .large = 2};
    anew_begin(&anew, nodes->nodes[0]);
    anew_make(&anew);
    put_program(&anew, version, goes_on(version));
    ck_assert_exit(REHEARSE(&anew), EXIT_DONE);
    ck_assert_int_eq(was_started(&anew), !tries_beside(version));
    if (tries_beside(
            version)) /* in a cluster of 2.15 those with messages outstanding go back to their floor */
        anew_look(&anew);
    anew_check_made(&anew);
    exchange_stop(anew.exchange);
    natsConnection_Destroy(anew.connection);
    cluster_stop(nodes);
}
END_TEST

/* ---- what goes wrong ---- */

#define NOT_STARTED "there is no server of its own to try the restore on"
#define NOT_RESTORED "its restore was tried on a server of its own, and failed"

static const struct {
    const char *lines, *first, *said;
} faults[] = {
    {"echo 'cannot go on' >&2\nexit 1", NOT_STARTED,
     "cannot start a server to rehearse on: it has ended: cannot go on"},
    /* There is no room for its messages. */
    {"sed -i 's/1125899906842624/300000/' \"$2\"\n", NOT_RESTORED, "insufficient"},
    {"sed -i 's/^max_payload.*/max_payload: many/' \"$2\"\n", NOT_STARTED,
     "cannot start a server to rehearse on: it has ended"},
    {"sed -i '/^jetstream/,$d' \"$2\"\n", NOT_STARTED, "(to rehearse on) has no JetStream"},
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

START_TEST(restore_that_fails_there)
{
    const char *version = version_at(_i / FAULTS), *lines = faults[_i % FAULTS].lines;
    bool has_limits = version_has(version_number(version), V_2_10);
    if (tries_beside(version) || (!has_limits && strstr(lines, "1125899906842624")))
        return; /* 2.9.10 restores more than it may store */
    struct anew anew = begin_queue(version);
    anew_make(&anew);
    put_program(&anew, version, format("%s%s", lines, strstr(lines, "exit") ? "" : goes_on(version)));
    struct run run = REHEARSE(&anew);
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(run.err, faults[_i % FAULTS].first);
    ck_assert_contains(run.err, faults[_i % FAULTS].said);
    must_be_gone(&anew);
    anew_check_untouched(&anew);
    put_program(&anew, version, goes_on(version));
    anew_await_run(&anew, "apply");
    anew_check_made(&anew);
    anew_end(&anew);
}
END_TEST

/* Another version proves nothing. That is said by the plan. */
START_TEST(no_such_program)
{
    const char *version = version_at(_i);
    const char *const commands[] = {"plan", "apply"};
    if (tries_beside(version))
        return;
    struct anew anew = begin_queue(version);
    anew_make(&anew);
    put_program(&anew, "2.9.99", "exit 1");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct run run =
            i == 0 ? RUN_IN(&anew, "plan", "--rehearse", "-s", anew.server->url) : REHEARSE(&anew);
        ck_assert_exit(run, EXIT_FAILED);
        ck_assert_contains(run.err, format("--rehearse wants a nats-server %s on this machine, and there is "
                                           "2.9.99",
                                           version));
        ck_assert_contains(run.err, format("/servers/%s/nats-server", version));
    }
    ck_assert(!was_started(&anew));
    anew_check_untouched(&anew);
    anew_end(&anew);
}
END_TEST

/* Whatever its folder is called. */
START_TEST(program_of_another_version)
{
    const char *version = version_at(_i), *other = version_at(_i ? 0 : 1);
    if (tries_beside(version))
        return;
    struct anew anew = begin_queue(version);
    anew_make(&anew);
    put_program(&anew, version, goes_on(other));
    struct run run = REHEARSE(&anew);
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(run.err, NOT_STARTED);
    ck_assert_contains(run.err, format("is nats-server %s, and not %s", other, version));
    must_be_gone(&anew);
    anew_check_untouched(&anew);
    anew_end(&anew);
}
END_TEST

/* What a script has started goes along. */
START_TEST(script_that_stays)
{
    const char *version = version_at(_i);
    if (tries_beside(version))
        return;
    struct anew anew = begin_queue(version);
    anew_make(&anew);
    put_program(&anew, version,
                format("'%s' \"$@\" &\necho $! >>'%s/started'\nwait", server_binary(version), anew.folder));
    ck_assert_exit(REHEARSE(&anew), EXIT_DONE);
    must_be_gone(&anew);
    anew_check_made(&anew);
    anew_end(&anew);
}
END_TEST

/* What is reserved for a stream is taken, whether anything is in it or not. */
START_TEST(no_room_to_reserve)
{
    const char *version = version_at(_i / 2);
    bool rehearses = _i % 2;
    struct anew anew = begin(fixture_start(version, "accounts: {T: {jetstream: {max_file: 2MB}, "
                                                    "users: [{user: u, password: p}]}}\nno_auth_user: u\n"),
                             "\"retention\":\"workqueue\",\"max_bytes\":1200000",
                             "retention: limits\n    max_bytes: 1200000", 0);
    anew_make(&anew);
    put_program(&anew, version, goes_on(version));
    ck_assert_exit(rehearses ? REHEARSE(&anew) : RUN_IN(&anew, "apply", "--yes", "-s", anew.server->url),
                   EXIT_DONE);
    ck_assert_int_eq(was_started(&anew), rehearses);
    anew_check_made(&anew);
    anew_end(&anew);
}
END_TEST

/* Is it told what becomes of who tries again what was stored? */
START_TEST(ids_of_what_was_stored)
{
    const char *version = version_at(_i);
    struct anew anew = begin(fixture_start(version, NULL), "\"deny_purge\":true", "deny_purge: false", 0);
    natsMsg *message = NULL, *reply = NULL;
    anew_make(&anew);
    struct run run = RUN_IN(&anew, "apply", "--yes", "-s", anew.server->url);
    ck_assert_exit(run, EXIT_DONE);
    ck_assert_int_eq(natsMsg_Create(&message, "a.b", NULL, "", 0), NATS_OK);
    ck_assert_int_eq(natsMsgHeader_Set(message, "Nats-Msg-Id", format("%s-0", anew.exchange->name)), NATS_OK);
    ck_assert_int_eq(natsConnection_RequestMsg(&reply, anew.connection, message, PATIENCE_MS), NATS_OK);
    bool known = strstr(natsMsg_GetData(reply), "\"duplicate\": true") ||
                 strstr(natsMsg_GetData(reply), "\"duplicate\":true");
    ck_assert_msg(known == !strstr(run.out, "message ids are forgotten"), "%s%s", natsMsg_GetData(reply),
                  run.out);
    natsMsg_Destroy(message);
    natsMsg_Destroy(reply);
    anew_end(&anew);
}
END_TEST

/* It goes along with natsform, and the next run takes away what is left. */
START_TEST(killed_meanwhile)
{
    const char *version = version_at(_i);
    if (tries_beside(version))
        return;
    struct anew anew = begin_queue(version);
    anew_make(&anew);
    put_program(&anew, version, "exec sleep 1000000");
    run_shell(anew.folder,
              format("NATSFORM_SERVERS=$PWD/servers '%s' apply --rehearse --yes -s %s >said 2>&1 & pid=$!\n"
                     "until [ -s started ]; do kill -0 $pid || { cat said; exit 1; }; sleep 0.05; done\n"
                     "ls .natsform/journal/*.json .natsform/backups/*/rehearsal/server/conf || exit 1\n"
                     "[ \"$(stat -c %%a .natsform/backups/*/rehearsal/server/conf)\" = 600 ] || exit 1\n"
                     "kill -KILL $pid; wait $pid || true\n",
                     getenv("NATSFORM"), anew.server->url));
    must_be_gone(&anew);
    /* From wherever. */
    run_shell(
        anew.folder,
        format(
            "here=$PWD && cd / && '%s' unlock -f \"$here/natsform.yaml\" --yes -s %s\n'%s' recover -f \"$here/natsform.yaml\" --yes -s %s\n",
            getenv("NATSFORM"), anew.server->url, getenv("NATSFORM"), anew.server->url));
    run_shell(anew.folder,
              "! ls .natsform/journal/*.json 2>&1 && ! ls -d .natsform/backups/*/rehearsal 2>&1");
    anew_check_untouched(&anew);
    anew_end(&anew);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = tried_on_a_server_of_its_own, .times = CHANGES, .each_version = true},
        {.test = saved_plan, .each_version = true},
        {.test = no_room_beside, .each_version = true},
        {.test = cluster, .each_version = true},
        {.test = restore_that_fails_there, .times = FAULTS, .each_version = true},
        {.test = no_such_program, .each_version = true},
        {.test = program_of_another_version, .each_version = true},
        {.test = script_that_stays, .each_version = true},
        {.test = no_room_to_reserve, .times = 2, .each_version = true},
        {.test = ids_of_what_was_stored, .each_version = true},
        {.test = killed_meanwhile, .each_version = true},
    };
    return suite_run("live/migrate_rehearsal", tests, sizeof(tests) / sizeof(tests[0]));
}
