/*
 * Backups and restores that are killed, each at a hundred points that lie all over them, which the versions share: before a call to the system by which something
 * changes, or by which natsform hears from the server (tests/support/traced.h). What passes `verify` is whole, nothing is
 * half there and unnoticed, and the next run goes on.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
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

/* In parts, so that the points of one test are few enough for its time. */
enum { POINTS = 100, PARTS = 2, MESSAGES = 100, PIECES_BYTES = 400 * 1000 };

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *const streams[] = {"A", "B", "C"};
enum { STREAMS = sizeof(streams) / sizeof(streams[0]) };

/* Is the point one of those of the version that number _i of a test is about? */
static bool is_taken(size_t point, int i)
{
    size_t count = 0;
    server_versions(&count);
    return suite_takes(point, (size_t)i / PARTS, count);
}

struct world {
    struct server_fixture *server;
    const char *folder;
    const char *wanted[STREAMS]; /* the state of each stream */
    const char *position;        /* of the consumer */
};

static struct world begin(const char *version)
{
    struct world world = {.server = fixture_start(version, NULL), .folder = test_directory()};
    for (size_t i = 0; i < STREAMS; i++)
        stored_ask(world.server, format("$JS.API.STREAM.CREATE.%s", streams[i]),
                   format("{\"name\":\"%s\",\"subjects\":[\"%s\"]}", streams[i], streams[i]));
    stored_ask(world.server, "$JS.API.CONSUMER.DURABLE.CREATE.A.c",
               "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(world.server, "A", stored_noise(PIECES_BYTES / MESSAGES));
    for (int i = 0; i < 5; i++)
        raw_publish(world.server, "B", format("message %d", i));
    for (int i = 0; i < 3; i++)
        raw_consume(world.server, "A.c");
    for (size_t i = 0; i < STREAMS; i++)
        world.wanted[i] = stored_state(world.server, streams[i]);
    world.position = stored_position(world.server, "A.c");
    return world;
}

static struct run run_in(const struct world *world, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = world->folder});
}

#define RUN_IN(world, ...) run_in((world), (const char *const[]){__VA_ARGS__, NULL})

/* ---- backups ---- */

static void remove_backup(void *context)
{
    const struct world *world = context;
    run_shell(world->folder, "rm -rf out");
}

/* Not one that says that it is whole has less than the streams have. */
static void check_what_passes(const struct world *world)
{
    static const char *const whole[] = {"A: whole: 100 messages", "B: whole: 5 messages",
                                        "C: whole: 0 messages"};
    struct run run = RUN_IN(world, "backup", "verify", "out");
    const char *line = run.out;
    for (const char *found; (found = strstr(line, ": whole: ")); line = strchr(found, '\n')) {
        bool as_it_is = false;
        for (size_t i = 0; i < STREAMS; i++)
            as_it_is |= strncmp(found - 1, whole[i], strlen(whole[i])) == 0;
        ck_assert_msg(as_it_is, "%s", run.out);
    }
}

START_TEST(backup_killed_anywhere)
{
    struct world world = begin(version_at(_i / PARTS));
    const char *const backup[] = {"backup", "--all", "--out", "out", "-s", world.server->url, NULL};
    struct traced whole = traced_run(world.folder, backup, NULL, NULL);
    ck_assert_msg(whole.exit_code == 0, "%s", whole.said);
    ck_assert_msg(whole.calls >= POINTS, "%zu calls are no hundred points", whole.calls);
    for (size_t point = (size_t)_i % PARTS; point < POINTS; point += PARTS) {
        if (!is_taken(point, _i))
            continue;
        traced_kill_surely(world.folder, backup, whole.calls * point / POINTS, remove_backup, &world);
        check_what_passes(&world);
        /* One that was killed behind the last file has nothing to go on with. */
        if (access(format("%s/out/C/natsform.json", world.folder), F_OK) != 0 ||
            access(format("%s/out/.natsform-unfinished", world.folder), F_OK) == 0)
            ck_assert_exit(run_in(&world, backup), 0);
        ck_assert_exit(RUN_IN(&world, "backup", "verify", "out"), 0);
        run_shell(world.folder,
                  "test \"$(cd out && find . | sort | tr '\\n' ' ' | sed 's/[.]tar[.]/.arc./g')\" = "
                  "\". ./A ./A/backup.json ./A/natsform.json ./A/stream.arc.s2 "
                  "./B ./B/backup.json ./B/natsform.json ./B/stream.arc.s2 "
                  "./C ./C/backup.json ./C/natsform.json ./C/stream.arc.s2 \"");
    }
    for (size_t i = 0; i < STREAMS; i++)
        ck_assert_str_eq(stored_state(world.server, streams[i]), world.wanted[i]);
    fixture_stop(world.server);
}
END_TEST

/* ---- restores ---- */

static void remove_streams(void *context)
{
    const struct world *world = context;
    for (size_t i = 0; i < STREAMS; i++)
        raw_request(world->server, format("$JS.API.STREAM.DELETE.%s", streams[i]), "");
}

/* What a killed run has left half, the server gives up by itself; until then natsform says what is there. */
static bool goes_on(const struct world *world, const char *const *restore)
{
    struct run run = run_in(world, restore);
    ck_assert_msg(run.exit_code == 0 || strstr(run.err, "error: "), "exit code %d: %s", run.exit_code,
                  run.err);
    return run.exit_code == 0;
}

START_TEST(restore_killed_anywhere)
{
    struct world world = begin(version_at(_i / PARTS));
    const char *const restore[] = {"restore", "out", "--yes", "-s", world.server->url, NULL};
    ck_assert_exit(RUN_IN(&world, "backup", "--all", "--out", "out", "-s", world.server->url), 0);
    remove_streams(&world);
    struct traced whole = traced_run(world.folder, restore, NULL, NULL);
    ck_assert_msg(whole.exit_code == 0, "%s", whole.said);
    ck_assert_msg(whole.calls >= POINTS, "%zu calls are no hundred points", whole.calls);
    for (size_t point = (size_t)_i % PARTS; point < POINTS; point += PARTS) {
        if (!is_taken(point, _i))
            continue;
        traced_kill_surely(world.folder, restore, whole.calls * point / POINTS, remove_streams, &world);
        AWAIT(goes_on(&world, restore));
        for (size_t i = 0; i < STREAMS; i++)
            ck_assert_str_eq(stored_state(world.server, streams[i]), world.wanted[i]);
        ck_assert_str_eq(stored_position(world.server, "A.c"), world.position);
    }
    fixture_stop(world.server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = backup_killed_anywhere, .times = PARTS, .each_version = true},
        {.test = restore_killed_anywhere, .times = PARTS, .each_version = true},
    };
    return suite_run("live/backup_kills", tests, sizeof(tests) / sizeof(tests[0]));
}
