/*
 * `natsform status` of an account: what it says of streams, buckets, consumers, mirrors and sources on real servers, and by which exit
 * code. What it says of servers that `up` started is in live_up.
 */
#include <check.h>
#include <string.h>

#include "base/exit.h"
#include "support/config.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "syntax/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char manifest[] =
    "project: shop\n"
    "streams:\n"
    "  ORDERS:\n"
    "    subjects: [orders.>]\n"
    "    consumers: {billing: {ack_policy: explicit}, pushed: {deliver_subject: p}}\n"
    "  COPY: {mirror: {name: ORDERS}}\n"
    "  ALL: {sources: [{name: ORDERS}]}\n"
    "key_values:\n"
    "  sessions: {history: 5}\n";

static const char *version_of(int index)
{
    size_t count;
    return server_versions(&count)[index];
}

/* In a folder of its own, with no connection but the one that is named. */
static struct run status_in(const char *folder, const char *const *arguments)
{
    static const char *const env[] = {"NATS_URL", "NATS_CONTEXT", "XDG_CONFIG_HOME=/nowhere", NULL};
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = folder, .env = env});
}

#define STATUS(folder, ...) status_in((folder), (const char *const[]){"status", __VA_ARGS__, NULL})

/* Its lines with their blanks put as one. */
static const char *squeezed(const char *text)
{
    char *copy = arena_strdup(test_arena(), text), *to = copy;
    for (const char *at = copy; *at; at++)
        if (*at != ' ' || at == copy || at[-1] != ' ')
            *to++ = *at;
    *to = '\0';
    return copy;
}

static const char *begin(const struct server_fixture *server, const char *text)
{
    const char *folder = test_directory();
    const char *path = write_file(folder, "natsform.yaml", text);
    ck_assert_exit(RUN("apply", "--yes", "-f", path, "-s", server->url), 0);
    return folder;
}

/* A mirror is heard of a moment after it was made. */
static bool is_well(const char *folder, const char *url)
{
    return STATUS(folder, "-s", url).exit_code == 0;
}

START_TEST(in_sync)
{
    struct server_fixture *server = fixture_start(version_of(_i), NULL);
    const char *folder = begin(server, manifest);
    raw_publish(server, "orders.a", "one");
    raw_publish(server, "orders.b", "two");
    AWAIT(strstr(squeezed(STATUS(folder, "-s", server->url).out), "stream COPY 2 "));
    AWAIT(strstr(squeezed(STATUS(folder, "-s", server->url).out), "\nALL source ORDERS 0 now ok\n"));
    AWAIT(is_well(folder, server->url));
    const char *out = squeezed(STATUS(folder, "-s", server->url).out);
    ck_assert_contains(out, "KIND NAME MESSAGES SIZE LAST MESSAGE CONSUMERS REPLICAS STATE\n");
    ck_assert_contains(out, "\nkey_value sessions 0 0 B - 0 1 in sync\n");
    ck_assert_contains(out, "\nstream ORDERS 2 ");
    ck_assert_contains(out, "\nORDERS > billing 2 0 0 0 waiting in sync\n");
    ck_assert_contains(out, "\nORDERS > pushed 2 0 0 not bound in sync\n");
    ck_assert_contains(out, "\nALL source ORDERS 0 now ok\nCOPY mirror ORDERS 0 now ok\n");
    ck_assert_contains(out, "\nAll is well, and as the manifest says\n");
    ck_assert_lacks(out, "Not in the manifest");
    fixture_stop(server);
}
END_TEST

/* What has a problem comes first. */
START_TEST(problems)
{
    struct server_fixture *server = fixture_start(version_of(_i), NULL);
    const char *folder = begin(server, manifest);
    raw_must(server, "CONSUMER.DELETE.ORDERS.pushed", "");
    raw_must(server, "STREAM.DELETE.KV_sessions", "");
    raw_must(server, "STREAM.UPDATE.ORDERS",
             "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_msgs\":7}");
    raw_must(server, "STREAM.CREATE.OTHER", "{\"name\":\"OTHER\",\"subjects\":[\"other\"]}");
    raw_must(server, "CONSUMER.DURABLE.CREATE.ORDERS.x",
             "{\"stream_name\":\"ORDERS\",\"config\":{\"durable_name\":\"x\",\"ack_policy\":\"explicit\"}}");
    struct run run = STATUS(folder, "-s", server->url);
    const char *out = squeezed(run.out);
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(out, "REPLICAS STATE\nstream ORDERS 0 0 B - 2 1 changed: max_msgs");
    ck_assert_contains(out, "\nkey_value sessions - - - - - missing\nstream ALL ");
    ck_assert_contains(out, "CLIENTS STATE\nORDERS > pushed - - - - missing\nORDERS > billing ");
    ck_assert_contains(
        out, "\nNot in the manifest: 1 stream, and 1 consumer of its own streams; --all shows them\n");
    ck_assert_contains(out, " with a problem; 'natsform plan' shows what differs\n");
    out = squeezed(STATUS(folder, "-s", server->url, "--all").out);
    ck_assert_contains(out, "\nstream OTHER 0 0 B - 0 1 not managed\n");
    ck_assert_contains(out, "\nORDERS > x 0 0 0 0 waiting not managed\n");
    ck_assert_lacks(out, "Not in the manifest");
    fixture_stop(server);
}
END_TEST

START_TEST(copy_without_origin)
{
    struct server_fixture *server = fixture_start(version_of(_i), NULL);
    const char *folder = begin(server, "streams: {LOST: {mirror: {name: NOWHERE}}}\n");
    AWAIT(strstr(squeezed(STATUS(folder, "-s", server->url).out),
                 "HEARD STATE\nLOST mirror NOWHERE 0 never stream not found\n"));
    ck_assert_exit(STATUS(folder, "-s", server->url), EXIT_FAILED);
    fixture_stop(server);
}
END_TEST

static const struct node *only_account(struct run run)
{
    struct diags diags = {0};
    const struct node *root = json_read(test_arena(), run.out, strlen(run.out), NULL, &diags);
    const struct node *accounts = node_get(root, "accounts");
    ck_assert_msg(accounts && accounts->count == 1, "%s", run.out);
    ck_assert_ptr_nonnull(node_get(root, "nodes"));
    return accounts->items[0];
}

START_TEST(in_json)
{
    struct server_fixture *server = fixture_start(version_of(_i), NULL);
    const char *folder = begin(server, manifest);
    raw_must(server, "STREAM.UPDATE.ORDERS",
             "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_msgs\":7}");
    raw_must(server, "STREAM.CREATE.OTHER", "{\"name\":\"OTHER\",\"subjects\":[\"other\"]}");
    const struct node *account = only_account(STATUS(folder, "-s", server->url, "-o", "json"));
    const struct node *orders = node_get(account, "streams")->items[0];
    ck_assert_str_eq(node_get_text(node_get(account, "server"), "version"), server->version);
    ck_assert_str_eq(node_get_text(account, "other_streams"), "1");
    ck_assert_uint_eq(node_get(account, "streams")->count, 4);
    ck_assert_uint_eq(node_get(account, "consumers")->count, 2);
    ck_assert_uint_eq(node_get(account, "copies")->count, 2);
    ck_assert_str_eq(node_get_text(orders, "address"), "stream.ORDERS");
    ck_assert_str_eq(node_get_text(orders, "problem"), "true");
    ck_assert_str_eq(node_get(orders, "changed")->items[0]->text, "max_msgs");
    fixture_stop(server);
}
END_TEST

/* All of the account is shown, and compared with nothing. A name may have bytes in it that would move the cursor. */
START_TEST(without_manifest)
{
    struct server_fixture *server = fixture_start(version_of(_i), NULL);
    const char *folder = test_directory();
    raw_must(server, "STREAM.CREATE.\x1b[2J", "{\"name\":\"\\u001b[2J\",\"subjects\":[\"other\"]}");
    struct run run = STATUS(folder, "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(squeezed(run.out), "\nstream \\x1b[2J 0 0 B - 0 1 ok\n");
    ck_assert_lacks(run.out, "\x1b");
    ck_assert_contains(run.out, "\nAll is well\n");
    fixture_stop(server);
}
END_TEST

START_TEST(nothing_is_up)
{
    const char *folder = test_directory();
    struct run run = STATUS(folder, "--quiet");
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_text(run.out, "Nothing is up.\n");
    write_file(folder, "natsform.yaml", "servers: {dev: {ports: auto}}\nstreams: {S: {subjects: [s]}}\n");
    run = STATUS(folder, "--quiet");
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_text(run.out, "Nothing is up.\n");
    write_file(folder, "natsform.yaml", "streams: {S: {subjects: [s]}}\n");
    run = STATUS(folder, "-s", "nats://127.0.0.1:1");
    ck_assert_exit(run, EXIT_UNREACHABLE);
    ck_assert_contains(run.err, "[unreachable]");
}
END_TEST

/* The servers of the folder, and below them the account on these. */
START_TEST(of_a_folder)
{
    struct test_environment *here =
        environment_new(version_of(_i), "servers: {dev: {ports: auto}}\nstreams: {S: {subjects: [s]}}\n");
    ck_assert_exit(NF(here, "up"), 0);
    AWAIT(NF(here, "status").exit_code == 0);
    const char *out = squeezed(NF(here, "status").out);
    ck_assert_contains(out, "NODE STATE PID ");
    ck_assert_contains(out, "\nAccount ");
    ck_assert_contains(out, "\nstream S 0 0 B - 0 1 in sync\n");
    environment_write(here, "servers: {dev: {ports: auto}}\nstreams: {S: {subjects: [s, t]}}\n");
    struct run run = NF(here, "status");
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(squeezed(run.out), "\nstream S 0 0 B - 0 1 changed: subjects\n");
    environment_write(here, "servers: {dev: {ports: auto}}\n");
    run = NF(here, "status");
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "Account");
    environment_write(here, "servers: {dev: {ports: auto}}\nstreams: {S: {subject: s}}\n");
    run = NF(here, "status");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "NODE ");
    ck_assert_contains(run.err, "The account is not shown, as the manifest is wrong.\n");
    ck_assert_exit(NF(here, "down"), 0);
    environment_end(here);
}
END_TEST

/* A node of three is away: each stream lacks a replica, and the rest goes on. */
START_TEST(in_a_cluster)
{
    struct cluster_fixture *cluster = cluster_start(version_of(_i), "C");
    struct server_fixture *first = cluster->nodes[0];
    const char *folder = begin(
        first, "streams: {S: {subjects: [s], num_replicas: 3, consumers: {c: {ack_policy: explicit}}}}\n");
    AWAIT(is_well(folder, first->url));
    ck_assert_contains(squeezed(STATUS(folder, "-s", first->url).out), " 3/3 n");
    fixture_shut_down(cluster->nodes[2]);
    AWAIT(strstr(squeezed(STATUS(folder, "-s", first->url).out),
                 " in sync; 2 of 3 replicas are current, and not that of "));
    fixture_restart(cluster->nodes[2], NULL);
    AWAIT(is_well(folder, first->url));
    cluster_stop(cluster);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = in_sync, .each_version = true},
        {.test = problems, .each_version = true},
        {.test = copy_without_origin, .each_version = true},
        {.test = in_json, .each_version = true},
        {.test = without_manifest, .each_version = true},
        {.test = nothing_is_up},
        {.test = of_a_folder, .each_version = true},
        {.test = in_a_cluster, .each_version = true},
    };
    return suite_run("status", tests, COUNT(tests));
}
