/*
 * Buckets and the official clients: those that natsform makes are used by the clients in every way, and those that the clients
 * make are in sync with a manifest that says the same, on every server version. tests/clients/buckets.mjs is the
 * application.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "field/field.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

/* What a server logs. */
#define REFUSED_BY_MIRROR "Error processing inbound mirror message for '$G' > 'KV_copy'"

/* Runs the application; it has to say "ok". */
static void must_run_client(const struct server_fixture *server, const char *const *arguments)
{
    enum { ARGUMENTS_MOST = 16 };
    const char *all[ARGUMENTS_MOST] = {"node"};
    const char *clients = getenv("NATSFORM_CLIENTS");
    ck_assert_msg(clients && *clients, "the JavaScript clients are not there: 'tools/clients' installs them");
    const char *script = arena_printf(test_arena(), "%s/clients/buckets.mjs", getenv("NATSFORM_TESTS"));
    all[1] = script;
    all[2] = arguments[0];
    all[3] = server->url;
    for (size_t i = 1; arguments[i]; i++) {
        ck_assert_uint_lt(i + 4, ARGUMENTS_MOST);
        all[i + 3] = arguments[i];
    }
    struct run run = run_natsform(&(struct run_options){.program = "/usr/bin/env", .arguments = all});
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "ok\n");
}

#define MUST_RUN_CLIENT(server, ...) must_run_client((server), (const char *const[]){__VA_ARGS__, NULL})

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
                                          "  origin:\n"
                                          "  mirrored: {mirror: {name: origin}}\n";
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

/* And an export of them is a manifest of buckets, with which the account is in sync. */
START_TEST(made_by_clients)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    MUST_RUN_CLIENT(server, "make", server->version);
    must_be_in_sync(server, manifest(equivalent_manifest(server->version)));
    struct run run = RUN("export", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "\nkey_values:\n");
    ck_assert_contains(run.out, "\nobject_stores:\n");
    ck_assert_lacks(run.out, "streams:");
    must_be_in_sync(server, manifest(run.out));
    fixture_stop(server);
}
END_TEST

/*
 * The same manifest the other way round: natsform makes the buckets, and clients find nothing strange about them. Nobody updates keys of the
 * mirror's origin: see mirror_of_updates.
 */
START_TEST(made_by_natsform)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool sources = version_has(version_number(server->version), VERSION(2, 10, 0));
    const char *path = manifest(equivalent_manifest(server->version));
    must_round_trip(server, path);
    MUST_RUN_CLIENT(server, "use",
                    sources ? "plain,full,short,mirrored=origin,sourced<plain"
                            : "plain,full,short,mirrored=origin",
                    "plain,full");
    must_be_in_sync(server, path);
    fixture_stop(server);
}
END_TEST

/*
 * A client updates a key on the condition that its last revision is the one that it knows, and a bucket without history removes that one. A mirror
 * that gets only the new one asks the condition again, before 2.11.5, of itself, refuses the message, and all that come with it, without an
 * error in STREAM.INFO, until a newer server has the store. It is a race when the mirror is there already, and no race when it is new.
 */
START_TEST(mirror_of_updates)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool stops = !version_has(version_number(server->version), VERSION(2, 11, 5));
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    const char *newest = versions[count - 1];
    must_apply(server, manifest("key_values: {origin: }\n"));
    MUST_RUN_CLIENT(server, "update", "origin");
    struct run run = RUN("apply", "--yes", "-s", server->url, "-f",
                         manifest("key_values: {origin: , copy: {mirror: {name: origin}}}\n"));
    ck_assert_exit(run, 0);
    ck_assert_int_eq(strstr(run.err, "[mirror-incomplete]") != NULL, stops);
    if (stops) {
        AWAIT(
            strstr(read_file(server->log), REFUSED_BY_MIRROR ": last sequence by subject mismatch: 1 vs 0"));
        fixture_shut_down(server);
        fixture_restart(server, newest);
    }
    MUST_RUN_CLIENT(server, "mirrored", "copy", "origin", "last", "four");
    fixture_stop(server);
}
END_TEST

/* A mirror refuses the new value of a key that was purged from its origin, as it still holds the former one: that is never replaced. */
START_TEST(mirror_of_purged_key)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool loses = !version_has(version_number(server->version), VERSION(2, 11, 5));
    must_apply(server, manifest("key_values: {origin: , copy: {mirror: {name: origin}}}\n"));
    MUST_RUN_CLIENT(server, "again", "origin", "copy");
    if (loses) /* then some go on with what comes after it, and some stop */
        AWAIT(strstr(read_file(server->log), REFUSED_BY_MIRROR));
    MUST_RUN_CLIENT(server, "mirrored", "copy", "origin", "again", loses ? "one" : "two");
    fixture_stop(server);
}
END_TEST

/* ---- buckets of another domain ---- */

static const char far_manifest[] = "key_values:\n"
                                   "  mirrored: {mirror: {name: far, external: {api: $JS.hub.API}}}\n";
static const char far_sources[] =
    "  far: {sources: [{name: far, external: {api: $JS.hub.API}}]}\n"
    "  moved: {sources: [{name: far, external: {api: $JS.hub.API}}]}\n"
    "  some:\n"
    "    sources:\n"
    "      - {name: KV_far, external: {api: $JS.hub.API}, subject_transforms: [{src: $KV.far.k, dest: $KV.some.k}]}\n";

static void must_reach(const struct server_fixture *server, const char *subject)
{
    struct patience patience = {0};
    for (const char *reply = NULL; !reply || !*reply; reply = raw_request(server, subject, ""))
        ck_assert_msg(patience_lasts(&patience), "nobody answers %s", subject);
}

/* Mirrors and sources across domains, under their own keys or moved: clients find them where they look. */
START_TEST(of_another_domain)
{
    static const char accounts[] =
        "accounts {A {jetstream: enabled, users: [{user: a, password: p}]}, SYS {users: [{user: s, password: s}]}}\n"
        "system_account: SYS\nno_auth_user: a\n";
    int port = free_port();
    struct server_fixture *hub = fixture_start(
        version_at(_i),
        arena_printf(test_arena(), "%sjetstream {domain: hub}\nleafnodes {listen: \"127.0.0.1:%d\"}\n",
                     accounts, port));
    struct server_fixture *leaf =
        fixture_start(version_at(_i),
                      arena_printf(test_arena(),
                                   "%sjetstream {domain: leaf}\n"
                                   "leafnodes {remotes: [{url: \"nats://a:p@127.0.0.1:%d\", account: A}]}\n",
                                   accounts, port));
    must_reach(leaf, "$JS.hub.API.INFO");
    bool sources = version_has(version_number(leaf->version), VERSION(2, 10, 0));
    must_apply(hub, manifest("key_values: {far: {}}\n"));
    raw_publish(hub, "$KV.far.k", "value");
    const char *path = manifest(arena_printf(test_arena(), "%s%s", far_manifest, sources ? far_sources : ""));
    must_round_trip(leaf, path);
    MUST_RUN_CLIENT(leaf, "read", "k", "value", sources ? "mirrored=far,far,moved,some" : "mirrored=far");
    must_be_in_sync(leaf, path);
    struct run run = RUN("export", "-s", leaf->url);
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "streams:");
    must_be_in_sync(leaf, manifest(run.out));
    fixture_stop(leaf);
    fixture_stop(hub);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = made_by_clients, .each_version = true},
        {.test = made_by_natsform, .each_version = true},
        {.test = mirror_of_updates, .each_version = true},
        {.test = mirror_of_purged_key, .each_version = true},
        {.test = of_another_domain, .each_version = true},
    };
    return suite_run("clients", tests, sizeof(tests) / sizeof(tests[0]));
}
