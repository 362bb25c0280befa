/*
 * Migrations that are killed, at many points that lie all over them: before a call to the system by which something changes, or by
 * which natsform hears from the server (tests/support/traced.h); and those under which the server dies. The versions share the points. Somebody publishes
 * all the while, and tries each message again until it is acknowledged. The next run completes it, or has it as it was: all that was
 * acknowledged is there once, by its sequence, the consumer is where it was, and the stream takes messages again.
 */
#include <check.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/number.h"
#include "field/field.h"
#include "support/anew.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/traced.h"
#include "support/trip.h"

/* In parts, so that the points of one test are few enough for its time. Neighbours among the points are treated alike. */
enum {
    POINTS = 40,
    PARTS = 2,
    SERVER_POINTS = 10,
    NEIGHBOURS = 5,
    RECOVERS_EACH = 4,
    STAYS_DEAD_EACH = 5,
    LANES = 3
};

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

struct change {
    const char *before, *after; /* as those of an anew */
    uint32_t since, until;      /* versions; 0: from the first, to the last */
    size_t points;
    bool rehearses; /* on a server of its own */
};

static const struct change changes[] = {
    {"\"retention\":\"workqueue\"", "retention: limits", .points = POINTS},
    {"\"retention\":\"workqueue\"", "retention: limits", .until = V_2_15, .points = POINTS / 2,
     .rehearses = true},
    {"\"retention\":\"interest\",\"deny_purge\":true", "retention: interest", .since = V_2_10,
     .points = POINTS / 2},
    {"\"storage\":\"file\"", "storage: memory", .since = V_2_15, .points = POINTS / 2},
    {"\"storage\":\"memory\"", "storage: file", .since = V_2_15, .points = POINTS / 2},
};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

/* The versions that have the change share its points. */
static bool is_taken(const struct change *change, size_t point, int version)
{
    return version_takes_of(version, (int)point, change->since, change->until);
}

static size_t count_calls(struct anew *anew, const char *const *apply)
{
    anew_make(anew);
    struct traced whole = traced_run(anew->folder, apply, NULL, NULL);
    ck_assert_msg(whole.exit_code == EXIT_DONE, "%s: %s", anew->title, whole.said);
    ck_assert_uint_ge(whole.calls, POINTS);
    return whole.calls;
}

/* "PID BORN", of a server that goes along with whoever has started it. */
static bool has_ended(const char *pid_file)
{
    char text[32] = "";
    uint64_t pid = 0;
    FILE *file = fopen(pid_file, "r");
    if (!file)
        return true;
    const char *at = fgets(text, sizeof(text), file);
    fclose(file);
    return !at || !number_scan_u64(&at, &pid) || kill((pid_t)pid, 0) != 0;
}

static void await_end_of_rehearsal(const struct anew *anew)
{
    glob_t found = {0};
    glob(format("%s/.natsform/backups/*/rehearsal/server/pid", anew->folder), 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        AWAIT(has_ended(found.gl_pathv[i]));
    globfree(&found);
}

/* By either command; what `recover` has brought to an end is no longer in the way of anything. */
static void check_recovery(struct anew *anew, size_t point)
{
    await_end_of_rehearsal(anew);
    if (point / NEIGHBOURS % RECOVERS_EACH == 0) {
        anew_await_run(anew, "recover");
        anew_check_kept(anew);
    }
    anew_await_run(anew, "apply");
    anew_check_made(anew);
}

START_TEST(killed_anywhere)
{
    const char *version = version_at(_i / (PARTS * CHANGES));
    const struct change *change = &changes[_i / PARTS % CHANGES];
    struct anew anew = {.before = change->before, .after = change->after};
    if (!version_is_in(version_number(version), change->since, change->until))
        return;
    anew_begin(&anew, fixture_start(version, NULL));
    const char *const apply[] = {
        "apply", "--yes", "-s", anew.server->url, change->rehearses ? "--rehearse" : NULL, NULL};
    size_t calls = count_calls(&anew, apply);
    for (size_t point = (size_t)_i % PARTS; point < change->points; point += PARTS) {
        if (!is_taken(change, point, _i / (PARTS * CHANGES)))
            continue;
        size_t number = calls * point / change->points;
        anew.title = format("%s, killed before call %zu, on %s", change->after, number, version);
        traced_kill_surely(anew.folder, apply, number, anew_make, &anew);
        check_recovery(&anew, point);
    }
    anew_end(&anew);
}
END_TEST

/* ---- the server is killed ---- */

struct death {
    struct anew *anew;
    size_t number;
    bool stays_dead; /* until natsform has ended; else it comes back while that stands still */
    bool happened;
};

static bool on_call(void *context, const struct traced_call *call)
{
    struct death *death = context;
    if (call->number != death->number)
        return false;
    death->happened = true;
    fixture_kill(death->anew->server);
    if (!death->stays_dead)
        fixture_restart(death->anew->server, NULL);
    return false;
}

/* What a consumer was acknowledged is on the disk some time later; when a server shuts down, all is. */
static void settle(struct anew *anew)
{
    exchange_stop(anew->exchange);
    fixture_shut_down(anew->server);
    fixture_restart(anew->server, NULL);
    jetstream_info(anew->connection, "STREAM", "A");
    exchange_start(anew->exchange);
}

START_TEST(server_killed_anywhere)
{
    const char *version = version_at(_i);
    struct anew anew = {.before = changes[0].before, .after = changes[0].after};
    anew_begin(&anew, fixture_start(version, NULL));
    const char *const apply[] = {"apply", "--yes", "-s", anew.server->url, NULL};
    size_t calls = count_calls(&anew, apply);
    for (size_t point = 0; point < SERVER_POINTS; point++) {
        if (!is_taken(&changes[0], point, _i))
            continue;
        struct death death = {.anew = &anew,
                              .number = calls * point / SERVER_POINTS,
                              .stays_dead = point / NEIGHBOURS % STAYS_DEAD_EACH == 0};
        anew.title = format("server killed before call %zu, on %s", death.number, version);
        anew_make(&anew);
        settle(&anew);
        struct traced traced = traced_run(anew.folder, apply, on_call, &death);
        ck_assert_msg(death.happened || traced.exit_code == EXIT_DONE, "%s: %s", anew.title, traced.said);
        if (!anew.server->pid)
            fixture_restart(anew.server, NULL);
        check_recovery(&anew, point);
    }
    anew_end(&anew);
}
END_TEST

/* Of the tools: who begins while the server is dead goes on when it is back. */
START_TEST(publisher_begins_without_server)
{
    (void)_i;
    struct server_fixture *server = fixture_start(NULL, NULL);
    struct exchange *exchange = ARENA_NEW(test_arena(), struct exchange);
    exchange->name = "B";
    exchange->publisher_url = exchange->consumer_url = server->url;
    exchange->subjects[0] = "b";
    ck_assert_ptr_nonnull(
        raw_request(server, "$JS.API.STREAM.CREATE.B", "{\"name\":\"B\",\"subjects\":[\"b\"]}"));
    fixture_kill(server);
    exchange_start(exchange);
    fixture_restart(server, NULL);
    exchange_await_more(exchange, 10);
    exchange_stop(exchange);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = killed_anywhere, .times = PARTS * CHANGES, .each_version = true},
        {.test = publisher_begins_without_server},
        {.test = server_killed_anywhere, .each_version = true},
    };
    return suite_run_in_lanes("live/migrate_kills", tests, sizeof(tests) / sizeof(tests[0]), LANES);
}
