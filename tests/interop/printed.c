/*
 * What the nats CLI prints and takes, given to natsform as people have it: several outputs in one file, directories of them,
 * configurations without a name, and what has no configuration in it. Taken, or with a hint that leads on.
 */
#include <check.h>
#include <string.h>

#include "support/peer.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* Two streams with a consumer each, made by the CLI. */
static struct server_fixture *start(const struct peer *peer, int version)
{
    struct server_fixture *server = fixture_start(version_at(version), NULL);
    const char *url = server->url;
    must_nats(peer, "-s", url, "stream", "add", "A", "--subjects", "a.>", "--defaults");
    must_nats(peer, "-s", url, "stream", "add", "B", "--subjects", "b.>", "--defaults");
    must_nats(peer, "-s", url, "consumer", "add", "A", "c", "--pull", "--filter", "a.x", "--defaults");
    must_nats(peer, "-s", url, "consumer", "add", "B", "d", "--pull", "--defaults");
    return server;
}

static const char *stream_info(const struct peer *peer, const struct server_fixture *server, const char *name)
{
    return must_nats(peer, "-s", server->url, "stream", "info", name, "--json");
}

static const char *consumer_info(const struct peer *peer, const struct server_fixture *server,
                                 const char *stream, const char *name)
{
    return must_nats(peer, "-s", server->url, "consumer", "info", stream, name, "--json");
}

/* Only the configuration, as `jq .config` makes it. */
static const char *config_of(const char *info)
{
    const char *config = strstr(info, "\"config\": ");
    ck_assert_msg(config != NULL, "%s", info);
    const char *end = strstr(config, "\n  }");
    ck_assert_msg(end != NULL, "%s", info);
    config += strlen("\"config\": ");
    return format("%.*s}\n", (int)(end - config), config);
}

static void must_plan_empty(const struct peer *peer, const struct server_fixture *server, const char *path,
                            const char *what)
{
    const struct run run = NATSFORM(peer, "plan", "-f", path, "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, format("Plan: %s in sync", what));
}

static void must_say(const struct peer *peer, const char *path, const char *told)
{
    const struct run run = NATSFORM(peer, "convert", "-f", path);
    ck_assert_exit(run, 65);
    ck_assert_contains(run.err, told);
}

START_TEST(several_in_one_file)
{
    const struct peer *peer = peer_new();
    struct server_fixture *server = start(peer, _i);
    const char *a = stream_info(peer, server, "A"), *b = stream_info(peer, server, "B");
    const char *c = consumer_info(peer, server, "A", "c"), *d = consumer_info(peer, server, "B", "d");
    must_plan_empty(peer, server, write_file(test_directory(), "all.json", format("%s%s%s%s", a, c, b, d)),
                    "4");
    must_plan_empty(
        peer, server,
        write_file(test_directory(), "configs.json", format("%s%s%s", config_of(a), c, config_of(b))), "3");
    fixture_stop(server);
}
END_TEST

/* A directory of what the CLI printed; what has nothing of a configuration is left out, with a note. */
START_TEST(directory_of_outputs)
{
    const struct peer *peer = peer_new();
    struct server_fixture *server = start(peer, _i);
    const char *directory = make_directory(test_directory(), "dump");
    must_nats(peer, "-s", server->url, "publish", "a.x", "1");
    write_file(directory, "A.json", stream_info(peer, server, "A"));
    write_file(directory, "B.json", config_of(stream_info(peer, server, "B")));
    write_file(directory, "B-d.json", consumer_info(peer, server, "B", "d"));
    write_file(directory, "names.json", must_nats(peer, "-s", server->url, "stream", "ls", "--json"));
    write_file(directory, "subjects.json",
               must_nats(peer, "-s", server->url, "stream", "subjects", "A", "--json"));
    const struct run run = NATSFORM(peer, "plan", "-f", directory, "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Plan: 3 in sync");
    ck_assert_contains(run.err, "2 files are left out");
    ck_assert_contains(run.err, "names.json'");
    fixture_stop(server);
}
END_TEST

START_TEST(without_a_name)
{
    const struct peer *peer = peer_new();
    struct server_fixture *server = start(peer, _i);
    const char *config = config_of(consumer_info(peer, server, "A", "c"));
    const char *path = write_file(test_directory(), "c.json", config);
    must_say(peer, path,
             "hint: say it with --stream NAME, as 'nats consumer add NAME --config' does; all that "
             "'nats consumer info STREAM NAME --json' prints says it too");
    const struct run run = NATSFORM(peer, "plan", "-f", path, "--stream", "A", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Plan: 1 in sync");
    path = write_file(
        test_directory(), "unnamed.json",
        "{\"ack_policy\": \"explicit\", \"deliver_policy\": \"all\", \"replay_policy\": \"instant\"}");
    must_nats(peer, "-s", server->url, "consumer", "add", "A", "e", "--config", path);
    must_say(peer, path,
             "hint: write \"durable_name\": \"NAME\" into it, as with: jq '.durable_name = \"NAME\"'");
    fixture_stop(server);
}
END_TEST

/* A temporary consumer that was made without a name: before 2.10 its name stands beside its configuration only. */
START_TEST(temporary_consumer)
{
    const struct peer *peer = peer_new();
    struct server_fixture *server = start(peer, _i);
    const char *made = raw_request(server, "$JS.API.CONSUMER.CREATE.A",
                                   "{\"stream_name\":\"A\",\"config\":{\"ack_policy\":\"explicit\"}}");
    const char *name = strstr(made, "\"name\":\"");
    ck_assert_msg(name != NULL, "%s", made);
    name = format("%.*s", (int)strcspn(name + 8, "\""), name + 8);
    const char *path = write_file(test_directory(), "e.json", consumer_info(peer, server, "A", name));
    must_plan_empty(peer, server, path, "1");
    fixture_stop(server);
}
END_TEST

START_TEST(no_configuration)
{
    const struct peer *peer = peer_new();
    struct server_fixture *server = start(peer, _i);
    static const char *const lists[][3] = {{"stream", "ls", NULL}, {"consumer", "ls", "A"}};
    for (size_t i = 0; i < 2; i++) {
        const char *names =
            must_nats(peer, "-s", server->url, lists[i][0], lists[i][1], "--json", lists[i][2]);
        must_say(peer, write_file(test_directory(), "names.json", names),
                 "hint: 'natsform export' reads all from the server");
    }
    must_nats(peer, "-s", server->url, "kv", "add", "sessions");
    const struct run run = NATS(peer, "-s", server->url, "kv", "info", "sessions", "--json");
    must_say(peer, write_file(test_directory(), "help.json", run.out),
             "error: this is the nats CLI's help: the command has no such option [format]");
    const char *stream = stream_info(peer, server, "KV_sessions");
    must_plan_empty(peer, server, write_file(test_directory(), "kv.json", stream), "1");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = several_in_one_file, .each_version = true},
        {.test = directory_of_outputs, .each_version = true},
        {.test = without_a_name, .each_version = true},
        {.test = temporary_consumer, .each_version = true},
        {.test = no_configuration, .each_version = true},
    };
    return suite_run("interop/printed", tests, sizeof(tests) / sizeof(tests[0]));
}
