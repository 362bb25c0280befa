/*
 * Buckets and the official clients: those that natsform makes are used by the clients in every way, and those that the clients
 * make are in sync with a manifest that says the same, on every server version. tests/clients/buckets.mjs is the
 * application.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kind/version.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/trip.h"

/* Runs the application; it has to say "ok". */
static void must_run_client(const char *mode, const struct server_fixture *server, const char *first,
                            const char *second)
{
    const char *clients = getenv("NATSFORM_CLIENTS");
    ck_assert_msg(clients && *clients, "the JavaScript clients are not there: 'tools/clients' installs them");
    const char *script = arena_printf(test_arena(), "%s/clients/buckets.mjs", getenv("NATSFORM_TESTS"));
    struct run run = run_natsform(&(struct run_options){
        .program = "/usr/bin/env",
        .arguments = (const char *const[]){"node", script, mode, server->url, first, second, NULL},
        .deadline_ms = 300000,
    });
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "ok\n");
}

/* What the application makes, as manifests spell it, by the version from which it does. */
static const char made_by_client[] = "key_values:\n"
                                     "  plain:\n"
                                     "  full:\n"
                                     "    description: by the client\n"
                                     "    history: 5\n"
                                     "    ttl: 1h\n"
                                     "    max_bytes: 10MiB\n"
                                     "    max_value_size: 64KiB\n"
                                     "    storage: memory\n"
                                     "    republish: {src: $KV.full.news, dest: news.full}\n";
static const char made_since_2_10[] = "    compression: true\n"
                                      "    metadata: {owner: client}\n";
static const char made_since_2_11[] = "    limit_marker_ttl: 1m\n";
static const char more_made_by_client[] = "  short: {ttl: 30s}\n"
                                          "  mirrored: {mirror: {name: plain}}\n";
static const char more_made_since_2_10[] = "  sourced: {sources: [{name: plain}, {name: short}]}\n";
static const char stores_made_by_client[] = "object_stores:\n"
                                            "  plain:\n"
                                            "  sealed: {sealed: true}\n"
                                            "  full:\n"
                                            "    description: by the client\n"
                                            "    ttl: 1d\n"
                                            "    max_bytes: 10MiB\n"
                                            "    storage: memory\n";

static const char *equivalent_manifest(const char *version)
{
    uint32_t number = version_number(version);
    bool at_2_10 = version_has(number, VERSION(2, 10, 0));
    bool at_2_11 = version_has(number, VERSION(2, 11, 0));
    return arena_printf(test_arena(), "%s%s%s%s%s%s%s", made_by_client, at_2_10 ? made_since_2_10 : "",
                        at_2_11 ? made_since_2_11 : "", more_made_by_client,
                        at_2_10 ? more_made_since_2_10 : "", stores_made_by_client,
                        at_2_10 ? made_since_2_10 : "");
}

START_TEST(made_by_clients)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_run_client("make", server, server->version, NULL);
    must_be_in_sync(server, manifest(equivalent_manifest(server->version)));
    fixture_stop(server);
}
END_TEST

/* The same manifest the other way round: natsform makes the buckets, and clients find nothing strange about them. */
START_TEST(made_by_natsform)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool sources = version_has(version_number(server->version), VERSION(2, 10, 0));
    const char *path = manifest(equivalent_manifest(server->version));
    must_round_trip(server, path);
    must_run_client("use", server,
                    sources ? "plain,full,short,mirrored=plain,sourced<plain"
                            : "plain,full,short,mirrored=plain",
                    "plain,full");
    must_be_in_sync(server, path);
    fixture_stop(server);
}
END_TEST

/* An export of what clients made is a manifest of buckets, with which the account is in sync. */
START_TEST(exported)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_run_client("make", server, server->version, NULL);
    struct run run = RUN("export", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "\nkey_values:\n");
    ck_assert_contains(run.out, "\nobject_stores:\n");
    ck_assert_lacks(run.out, "streams:");
    must_be_in_sync(server, manifest(run.out));
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {made_by_clients, made_by_natsform, exported};
    return run_for_each_version("clients", tests, sizeof(tests) / sizeof(tests[0]));
}
