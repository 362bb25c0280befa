/* A stream that is made anew; see anew.h. */
#include "support/anew.h"

#include <check.h>
#include <glob.h>
#include <string.h>

#include "base/exit.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/stored.h"
#include "syntax/json.h"

enum { SEEDS = 30, MORE = 5, ACKNOWLEDGED = 3, LARGE_BYTES = 512 * 1024 };

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *position_of(const struct anew *anew)
{
    const struct node *info = jetstream_info(anew->connection, "CONSUMER", "A.c");
    return format("delivered %s, floor %s, %s outstanding, paused: %s",
                  node_get_text(node_get(info, "delivered"), "stream_seq"),
                  node_get_text(node_get(info, "ack_floor"), "stream_seq"),
                  node_get_text(info, "num_ack_pending"),
                  strcmp(node_get_text(info, "paused"), "true") == 0 ? "yes" : "no");
}

static const char *config_of(const struct anew *anew)
{
    const struct node *info = jetstream_info(anew->connection, "STREAM", "A");
    return format("%s %s", node_get_text(info, "created"), json_text(test_arena(), node_get(info, "config")));
}

void anew_begin(struct anew *anew, struct server_fixture *server)
{
    anew->server = server;
    anew->folder = test_directory();
    anew->connection = exchange_connect(server->url);
    anew->title = format("%s, on %s", anew->after, server->version);
    write_file(anew->folder, "natsform.yaml",
               format("streams:\n  A:\n    subjects: [a.>]\n    %s\n    lifecycle: {on_immutable: migrate}\n",
                      anew->after));
}

static void stop_publishing(struct anew *anew)
{
    if (anew->exchange)
        exchange_stop(anew->exchange);
    anew->exchange = NULL;
}

/* Those have ids of no exchange. They come behind those that the consumer has delivered. */
static void fill(const struct anew *anew)
{
    for (size_t i = 0; i < anew->large; i++)
        raw_publish(anew->server, "a.large", stored_noise(LARGE_BYTES));
}

void anew_make(void *context)
{
    struct anew *anew = context;
    static size_t times;
    stop_publishing(anew);
    run_shell(anew->folder, "rm -rf .natsform/journal .natsform/backups");
    jetstream_request(anew->connection, "$JS.API.STREAM.DELETE.A", "", JETSTREAM_REPLY_MS);
    jetstream_ask(anew->connection, "$JS.API.STREAM.CREATE.A",
                  format("{\"name\":\"A\",\"subjects\":[\"a.>\"],%s}", anew->before));
    jetstream_ask(anew->connection, "$JS.API.CONSUMER.DURABLE.CREATE.A.c",
                  "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\","
                  "\"ack_wait\":3600000000000}}");
    anew->exchange = ARENA_NEW(test_arena(), struct exchange);
    anew->exchange->name = format("run%zu", times++);
    anew->exchange->publisher_url = anew->server->url;
    anew->exchange->subjects[0] = "a.b";
    for (int i = 0; i < SEEDS; i++)
        exchange_publish(anew->exchange, anew->connection, 0);
    jetstream_use(anew->connection, "A", "c", false);
    fill(anew);
    anew->position = position_of(anew);
    anew->config = config_of(anew);
    exchange_start(anew->exchange);
}

void anew_look(struct anew *anew)
{
    anew->position = position_of(anew);
}

void anew_end(struct anew *anew)
{
    stop_publishing(anew);
    natsConnection_Destroy(anew->connection);
    fixture_stop(anew->server);
}

struct run anew_run(const struct anew *anew, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = anew->folder});
}

/* A killed run's lock would be gone within a minute. */
static bool goes_through(const struct anew *anew, const char *command)
{
    ANEW_RUN(anew, "unlock", "--yes", "-s", anew->server->url);
    struct run run = ANEW_RUN(anew, command, "--yes", "-s", anew->server->url);
    ck_assert_msg(run.exit_code == EXIT_DONE || strstr(run.err, "error: "), "%s: exit code %d: %s",
                  anew->title, run.exit_code, run.err);
    return run.exit_code == EXIT_DONE;
}

void anew_await_run(const struct anew *anew, const char *command)
{
    AWAIT(goes_through(anew, command));
}

/* ---- checks ---- */

static void check_messages(const struct anew *anew)
{
    struct content content = content_read(anew->connection, "A"), ours = {0};
    size_t large = 0;
    for (size_t i = 0; i < content.list.count; i++)
        if (*content.list.items[i].id)
            VEC_PUSH(test_arena(), &ours.list, content.list.items[i]);
        else
            large++;
    ck_assert_uint_eq(large, anew->large);
    const bool *kept = exchange_kept(anew->exchange, &ours, anew->title);
    bool lets_go = strstr(anew->before, "workqueue") || strstr(anew->before, "interest");
    size_t gone = lets_go ? ACKNOWLEDGED : 0;
    for (size_t i = gone; i < exchange_published(anew->exchange); i++)
        ck_assert_msg(kept[i], "%s: message %zu of %zu, acknowledged as %llu, is gone", anew->title, i,
                      exchange_published(anew->exchange), (unsigned long long)anew->exchange->list[i].seq);
}

static void check_none_left(const struct anew *anew, const char *files)
{
    glob_t found = {0};
    glob(format("%s/.natsform/%s", anew->folder, files), 0, NULL, &found);
    ck_assert_msg(found.gl_pathc == 0, "%s: '%s' is left", anew->title, found.gl_pathv[0]);
    globfree(&found);
}

void anew_check_kept(const struct anew *anew)
{
    const struct node *config = node_get(jetstream_info(anew->connection, "STREAM", "A"), "config");
    ck_assert_str_eq(json_text(test_arena(), node_get(config, "subjects")), "[\"a.>\"]");
    check_none_left(anew, "journal/*.json");
    check_none_left(anew, "backups/*/rehearsal");
    ck_assert_lacks(jetstream_request(anew->connection, "$JS.API.STREAM.NAMES", "", JETSTREAM_REPLY_MS),
                    "natsform_rehearsal");
    ck_assert_msg(strcmp(position_of(anew), anew->position) == 0, "%s: the consumer: %s; and was: %s",
                  anew->title, position_of(anew), anew->position);
    if (anew->exchange->publishes) {
        exchange_await_more(anew->exchange, MORE);
        exchange_stop(anew->exchange);
    }
    check_messages(anew);
}

void anew_check_untouched(const struct anew *anew)
{
    ck_assert_str_eq(config_of(anew), anew->config);
    anew_check_kept(anew);
}

void anew_check_made(const struct anew *anew)
{
    anew_check_kept(anew);
    ck_assert_str_ne(config_of(anew), anew->config);
    ck_assert_exit(ANEW_RUN(anew, "plan", "--detailed-exitcode", "-s", anew->server->url), EXIT_DONE);
}
