/*
 * Migrations that are killed, at two hundred points that lie all over them: before a call to the system by which something changes, or by
 * which natsform hears from the server (tests/support/traced.h); and those under which the server dies, at fifty points. Somebody publishes
 * all the while, and tries each message again until it is acknowledged. The next run completes it, or has it as it was: all that was
 * acknowledged is there once, by its sequence, the consumer is where it was, and the stream takes messages again.
 */
#include <check.h>
#include <string.h>

#include "base/exit.h"
#include "field/field.h"
#include "support/content.h"
#include "support/exchange.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/traced.h"
#include "support/trip.h"
#include "syntax/json.h"

/* So that the points of one test are few enough for its time. */
enum {
    POINTS = 200,
    PARTS = 10,
    SERVER_POINTS = 50,
    RECOVERS_EACH = 4,
    STAYS_DEAD_EACH = 5,
    SEEDS = 30,
    MORE = 5
};

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

struct change {
    const char *before; /* as JSON */
    const char *after;  /* as YAML */
    uint32_t since;
};

static const struct change changes[] = {
    {"\"retention\":\"workqueue\"", "retention: limits", 0},
    {"\"storage\":\"file\"", "storage: memory", V_2_15},
    {"\"storage\":\"memory\"", "storage: file", V_2_15},
};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

struct world {
    struct server_fixture *server;
    natsConnection *connection;
    const char *folder;
    const struct change *change;
    size_t point;
    struct exchange *exchange;
    const char *position; /* of the consumer */
    size_t seeds;         /* that it has acknowledged are gone from a work queue */
};

static const char *title_of(const struct world *world)
{
    return format("%s, point %zu, on %s", world->change->after, world->point, world->server->version);
}

static const char *position_of(const struct world *world)
{
    const struct node *info = jetstream_info(world->connection, "CONSUMER", "A.c");
    return format(
        "delivered %s, floor %s, %s outstanding", node_get_text(node_get(info, "delivered"), "stream_seq"),
        node_get_text(node_get(info, "ack_floor"), "stream_seq"), node_get_text(info, "num_ack_pending"));
}

/* ---- before ---- */

static void stop_publishing(struct world *world)
{
    if (world->exchange)
        exchange_stop(world->exchange);
    world->exchange = NULL;
}

/* The stream as it was, with messages of other ids than the times before, and somebody who publishes. */
static void begin_again(void *context)
{
    struct world *world = context;
    static size_t times;
    stop_publishing(world);
    run_shell(world->folder, "rm -rf .natsform");
    jetstream_request(world->connection, "$JS.API.STREAM.DELETE.A", "", JETSTREAM_REPLY_MS);
    jetstream_ask(world->connection, "$JS.API.STREAM.CREATE.A",
                  format("{\"name\":\"A\",\"subjects\":[\"a.>\"],%s}", world->change->before));
    jetstream_ask(world->connection, "$JS.API.CONSUMER.DURABLE.CREATE.A.c",
                  "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\","
                  "\"ack_wait\":3600000000000}}");
    world->exchange = ARENA_NEW(test_arena(), struct exchange);
    world->exchange->name = format("run%zu", times++);
    world->exchange->publisher_url = world->server->url;
    world->exchange->subjects[0] = "a.b";
    for (int i = 0; i < SEEDS; i++)
        exchange_publish(world->exchange, world->connection, 0);
    jetstream_use(world->connection, "A", "c", false);
    world->position = position_of(world);
    exchange_start(world->exchange);
}

static struct world begin(const char *version, const struct change *change)
{
    struct world world = {
        .server = fixture_start(version, NULL), .folder = test_directory(), .change = change};
    world.connection = exchange_connect(world.server->url);
    write_file(world.folder, "natsform.yaml",
               format("streams:\n  A:\n    subjects: [a.>]\n    %s\n    lifecycle: {on_immutable: migrate}\n",
                      change->after));
    return world;
}

static void end(struct world *world)
{
    stop_publishing(world);
    natsConnection_Destroy(world->connection);
    fixture_stop(world->server);
}

static struct run run_in(const struct world *world, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = world->folder});
}

#define RUN_IN(world, ...) run_in((world), (const char *const[]){__VA_ARGS__, NULL})

/* ---- afterwards ---- */

static bool goes_through(const struct world *world, const char *command)
{
    struct run run = RUN_IN(world, command, "--yes", "-s", world->server->url);
    ck_assert_msg(run.exit_code == EXIT_DONE || strstr(run.err, "error: "), "%s: exit code %d: %s",
                  title_of(world), run.exit_code, run.err);
    return run.exit_code == EXIT_DONE;
}

static void check_messages(const struct world *world)
{
    struct content content = content_read(world->connection, "A");
    const bool *kept = exchange_kept(world->exchange, &content, title_of(world));
    size_t acknowledged = strstr(world->change->before, "workqueue") ? 3 : 0; /* by jetstream_use() */
    for (size_t i = acknowledged; i < exchange_published(world->exchange); i++)
        ck_assert_msg(kept[i], "%s: message %zu of %zu, acknowledged as %llu, is gone", title_of(world), i,
                      exchange_published(world->exchange), (unsigned long long)world->exchange->list[i].seq);
}

static void check_stream(const struct world *world)
{
    const struct node *config = node_get(jetstream_info(world->connection, "STREAM", "A"), "config");
    ck_assert_str_eq(json_text(test_arena(), node_get(config, "subjects")), "[\"a.>\"]");
    run_shell(world->folder, "! ls .natsform/journal/*.json 2>/dev/null");
    run_shell(world->folder, "! ls .natsform/backups/*/rehearsal 2>/dev/null");
    const char *names = jetstream_request(world->connection, "$JS.API.STREAM.NAMES", "", JETSTREAM_REPLY_MS);
    ck_assert_lacks(names, "natsform_rehearsal");
    const struct node *consumer = jetstream_info(world->connection, "CONSUMER", "A.c");
    ck_assert_str_ne(node_get_text(consumer, "paused"), "true");
    ck_assert_msg(strcmp(position_of(world), world->position) == 0, "%s: the consumer: %s; and was: %s",
                  title_of(world), position_of(world), world->position);
}

/* By either command; after the one that only brings it to an end, the other has nothing in its way. */
static void check_recovery(struct world *world)
{
    if (world->point % RECOVERS_EACH == 0) {
        AWAIT(goes_through(world, "recover"));
        check_stream(world);
    }
    AWAIT(goes_through(world, "apply"));
    size_t published = exchange_published(world->exchange);
    AWAIT(exchange_published(world->exchange) >= published + MORE);
    exchange_stop(world->exchange);
    check_stream(world);
    check_messages(world);
    ck_assert_exit(RUN_IN(world, "plan", "--detailed-exitcode", "-s", world->server->url), EXIT_DONE);
}

/* ---- natsform is killed ---- */

static size_t count_calls(struct world *world, const char *const *apply)
{
    begin_again(world);
    struct traced whole = traced_run(world->folder, apply, NULL, NULL);
    ck_assert_msg(whole.exit_code == EXIT_DONE, "%s: %s", title_of(world), whole.said);
    return whole.calls;
}

static bool has(const char *version, const struct change *change)
{
    return version_has(version_number(version), change->since);
}

START_TEST(killed_anywhere)
{
    const char *version = version_at(_i / (PARTS * CHANGES));
    const struct change *change = &changes[_i / PARTS % CHANGES];
    if (!has(version, change))
        return;
    struct world world = begin(version, change);
    const char *const apply[] = {"apply", "--yes", "-s", world.server->url, NULL};
    size_t calls = count_calls(&world, apply);
    ck_assert_uint_ge(calls, POINTS);
    for (world.point = (size_t)_i % PARTS; world.point < POINTS; world.point += PARTS) {
        traced_kill_surely(world.folder, apply, calls * world.point / POINTS, begin_again, &world);
        check_recovery(&world);
    }
    end(&world);
}
END_TEST

/* ---- the server is killed ---- */

struct death {
    struct world *world;
    size_t number;
    bool happened;
};

/* It comes back while natsform stands still, or when that has ended. */
static bool on_call(void *context, const struct traced_call *call)
{
    struct death *death = context;
    if (call->number != death->number)
        return false;
    death->happened = true;
    fixture_kill(death->world->server);
    if (death->world->point % STAYS_DEAD_EACH)
        fixture_restart(death->world->server, NULL);
    return false;
}

/* What a consumer was acknowledged is on the disk some time later; when a server shuts down, all is. */
static void settle(struct world *world)
{
    exchange_stop(world->exchange);
    fixture_shut_down(world->server);
    fixture_restart(world->server, NULL);
    AWAIT(jetstream_try(world->connection, "$JS.API.STREAM.INFO.A", "", JETSTREAM_LOOK_MS) != NULL);
    exchange_start(world->exchange);
}

START_TEST(server_killed_anywhere)
{
    struct world world = begin(version_at(_i / PARTS), &changes[0]);
    const char *const apply[] = {"apply", "--yes", "-s", world.server->url, NULL};
    size_t calls = count_calls(&world, apply);
    for (world.point = (size_t)_i % PARTS; world.point < SERVER_POINTS; world.point += PARTS) {
        struct death death = {.world = &world, .number = calls * world.point / SERVER_POINTS};
        begin_again(&world);
        settle(&world);
        struct traced traced = traced_run(world.folder, apply, on_call, &death);
        ck_assert_msg(death.happened || traced.exit_code == EXIT_DONE, "%s", traced.said);
        if (!world.server->pid)
            fixture_restart(world.server, NULL);
        check_recovery(&world);
    }
    end(&world);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = killed_anywhere, .times = PARTS * CHANGES, .each_version = true},
        {.test = server_killed_anywhere, .times = PARTS, .each_version = true},
    };
    return suite_run("live/migrate_kills", tests, sizeof(tests) / sizeof(tests[0]));
}
