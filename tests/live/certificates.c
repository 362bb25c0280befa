/*
 * Development certificates in servers: clients, WebSocket, MQTT, leafnodes and the routes of a cluster take them, on every server
 * version.
 */
#include <check.h>
#include <string.h>
#include <time.h>

#include "generate/certificates.h"
#include "server/server.h"
#include "support/client.h"
#include "support/run.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

/* The key pair of the NATS documentation. */
#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
#define PUBLIC "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

static struct certificates make(void)
{
    static const char *const names[] = {"n1", "n2", "n3"};
    struct diags diags;
    diags_init(&diags);
    struct certificates certificates;
    struct certificate_request request = {.folder = arena_printf(test_arena(), "%s/tls", test_directory()),
                                          .names = names,
                                          .name_count = 3,
                                          .now = time(NULL)};
    int failed = certificates_make(test_arena(), &request, &certificates, &diags);
    ck_assert_msg(!failed, "%s", said(&diags));
    diags_release(&diags);
    return certificates;
}

static const char *block(const struct certificates *certificates, const char *more)
{
    return arena_printf(test_arena(),
                        "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", timeout: 5 %s }\n",
                        certificates->cert, certificates->key, certificates->ca, more);
}

static void must_shake_hands(const struct certificates *certificates, int port, const char *check)
{
    run_shell(
        test_directory(),
        arena_printf(test_arena(),
                     "openssl s_client -connect 127.0.0.1:%d -CAfile '%s' -verify_return_error %s </dev/null",
                     port, certificates->ca, check));
}

START_TEST(taken_by_listeners)
{
    server_library_prepare();
    struct certificates certificates = make();
    int websocket = free_port(), mqtt = free_port(), leafnodes = free_port();
    const char *tls = block(&certificates, "");
    const char *config =
        arena_printf(test_arena(),
                     "%s\nwebsocket { listen: \"127.0.0.1:%d\", %s }\n"
                     "mqtt { listen: \"127.0.0.1:%d\", %s }\n"
                     "leafnodes { listen: \"127.0.0.1:%d\", %s }\n",
                     tls, websocket, tls, mqtt, tls, leafnodes, block(&certificates, ", verify: true"));
    struct server_fixture *server = fixture_start_with(
        &(struct fixture_options){.version = version_at(_i), .config = config, .greets_only = true});
    const char *url = arena_printf(test_arena(), "tls://localhost:%d", server->port);
    server_close(client_connect(&(struct connection_settings){.url = url, .ca = certificates.ca}));
    must_shake_hands(&certificates, websocket, "-verify_hostname localhost");
    must_shake_hands(&certificates, mqtt, "-verify_ip 127.0.0.1");
    /* A leafnode dials, and shows the same certificate. */
    struct server_fixture *leaf = fixture_start(
        version_at(_i),
        arena_printf(test_arena(),
                     "jetstream {domain: leaf}\nleafnodes { remotes: [{ url: \"tls://n2:%d\", %s }] }\n",
                     leafnodes, tls));
    fixture_stop(leaf);
    server_library_release();
    fixture_stop(server);
}
END_TEST

/* It is ready once streams of three replicas can be made: over routes with TLS, which want certificates of both sides. */
START_TEST(taken_by_routes)
{
    struct certificates certificates = make();
    const char *config =
        arena_printf(test_arena(), "debug: true\ncluster { %s }\n", block(&certificates, ""));
    struct cluster_fixture *cluster = cluster_start_with(version_at(_i), "secured", config);
    ck_assert_ptr_nonnull(strstr(read_file(cluster->nodes[0]->log), "Starting TLS route"));
    cluster_stop(cluster);
}
END_TEST

/* An nkey is the first use of OpenSSL then, before nats.c: with that the end of the process crashed, one time in three. */
START_TEST(nkey_over_tls)
{
    enum { RUNS = 8 };
    struct certificates certificates = make();
    const char *config = arena_printf(test_arena(), "%s\nauthorization { users: [{ nkey: %s }] }\n",
                                      block(&certificates, ""), PUBLIC);
    struct server_fixture *server = fixture_start_with(
        &(struct fixture_options){.version = version_at(_i), .config = config, .greets_only = true});
    const char *seed = write_file(test_directory(), "seed", SEED);
    const char *path = manifest("streams: {A: {subjects: [a]}}\n");
    for (int i = 0; i < RUNS; i++)
        ck_assert_exit(RUN("plan", "-f", path, "-s", server->url, "--tlsca", certificates.ca, "--nkey", seed),
                       0);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = taken_by_listeners, .each_version = true},
        {.test = taken_by_routes, .each_version = true},
        {.test = nkey_over_tls, .each_version = true},
    };
    return suite_run("certificates", tests, sizeof(tests) / sizeof(tests[0]));
}
