/*
 * Live tests of server/server.h: connecting with each kind of credentials, what is learned of the server, and
 * each way in which it can fail, word for word, on every server version.
 */
#include <arpa/inet.h>
#include <check.h>
#include <nats/nats.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/library.h"
#include "support/client.h"
#include "support/patience.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/tls.h"

/* The key pair of the NATS documentation. */
#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
#define PUBLIC "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

static const char *version_of(int index)
{
    size_t count = 0;
    return server_versions(&count)[index];
}

static bool is_2_9(const char *version)
{
    return strncmp(version, "2.9.", 4) == 0;
}

/* Its refusal with the fixture's address as HOST. */
static const char *refusal(const struct server_fixture *fixture, struct connection_settings settings)
{
    settings.url = settings.url ? settings.url : fixture->url;
    return masked(client_refusal(&settings), fixture->url + strlen("nats://"), "HOST");
}

static void finish(struct server_fixture *fixture)
{
    server_library_release();
    fixture_stop(fixture);
}

/* ---- what is learned ---- */

START_TEST(learned)
{
    const char *version = version_of(_i);
    struct server_fixture *fixture = fixture_start(version, NULL);
    raw_request(fixture, "$JS.API.STREAM.CREATE.S", "{\"name\":\"S\"}");
    raw_request(fixture, "$JS.API.CONSUMER.DURABLE.CREATE.S.c",
                "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}");
    struct server *server = client_of(fixture);
    const struct server_info *info = server_info(server);
    ck_assert_str_eq(info->url, fixture->url);
    ck_assert_str_eq(info->name, "test");
    ck_assert_str_eq(info->version_text, version);
    ck_assert_str_eq(info->cluster, "");
    ck_assert_str_eq(info->domain, "");
    ck_assert_str_eq(info->account, is_2_9(version) ? "" : "$G");
    ck_assert_str_eq(info->user, "");
    ck_assert_int_eq(info->api_level, strcmp(version, "2.15.1") == 0 ? 5 : 0);
    ck_assert_uint_eq(info->streams, 1);
    ck_assert_uint_eq(info->consumers, 1);
    ck_assert_ptr_nonnull(node_get(info->account_info, "limits"));
    ck_assert(server_is_connected(server));
    server_close(server);
    server_close(NULL);
    finish(fixture);
}
END_TEST

START_TEST(of_a_cluster)
{
    const char *version = version_of(_i);
    struct cluster_fixture *cluster = cluster_start(version, "C1");
    for (int i = 0; i < FIXTURE_NODES; i++) {
        struct server *server = client_of(cluster->nodes[i]);
        const struct server_info *info = server_info(server);
        ck_assert_str_eq(info->name, arena_printf(test_arena(), "n%d", i + 1));
        ck_assert_str_eq(info->version_text, version);
        ck_assert_str_eq(info->cluster, "C1");
        server_close(server);
    }
    server_library_release();
    cluster_stop(cluster);
}
END_TEST

static bool is_the_hub(const char *reply)
{
    return reply && strstr(reply, "\"hub\"");
}

/* A leafnode with a JetStream of its own, and that of its hub by the hub's domain. */
START_TEST(domain)
{
    const char *version = version_of(_i);
    const char *accounts = "accounts { A { jetstream: enabled, users: [ {user: a, password: p} ] }, "
                           "SYS { users: [{user: s, password: s}] } }\nsystem_account: SYS\n";
    int port = free_port();
    struct fixture_options of_hub = {.version = version, .name = "hub", .login = "a:p"};
    struct fixture_options of_leaf = {.version = version, .name = "leaf", .login = "a:p"};
    of_hub.config = arena_printf(
        test_arena(), "%sjetstream { domain: hub }\nleafnodes { listen: \"127.0.0.1:%d\" }", accounts, port);
    of_leaf.config = arena_printf(test_arena(),
                                  "%sjetstream { domain: edge }\nleafnodes { remotes: [ "
                                  "{url: \"nats://a:p@127.0.0.1:%d\", account: A} ] }",
                                  accounts, port);
    struct server_fixture *hub = fixture_start_with(&of_hub), *leaf = fixture_start_with(&of_leaf);
    struct connection_settings settings = {.url = leaf->url, .user = "a", .password = "p"};
    AWAIT(is_the_hub(raw_request(leaf, "$JS.hub.API.INFO", "")));

    struct server *server = client_connect(&settings);
    ck_assert_str_eq(server_info(server)->name, "leaf"); /* on 2.10.27 the hub answers too */
    ck_assert_str_eq(server_info(server)->version_text, version);
    ck_assert_str_eq(server_info(server)->domain, "edge");
    server_close(server);
    settings.domain = "edge";
    server = client_connect(&settings);
    ck_assert_str_eq(server_info(server)->version_text, version);
    server_close(server);
    settings.domain = "hub";
    server = client_connect(&settings);
    ck_assert_str_eq(server_info(server)->name, "leaf");
    ck_assert_str_eq(server_info(server)->domain, "hub");
    ck_assert_str_eq(server_info(server)->version_text, ""); /* the leaf's would say nothing */
    server_close(server);
    settings.domain = "nope";
    ck_assert_str_eq(refusal(leaf, settings),
                     "no-jetstream: no JetStream of domain 'nope' is reachable from server 'nats://HOST'\n"
                     "  hint: check the domain's name, and that its leafnodes are connected\n");
    server_library_release();
    fixture_stop(leaf);
    fixture_stop(hub);
}
END_TEST

/* ---- credentials ---- */

static const char accounts[] =
    "accounts {\n"
    "  A { jetstream: enabled, users: [\n"
    "    {user: bob, password: \"p\\\"w\\\\d@\"}, {nkey: " PUBLIC "},\n"
    "    {user: mute, password: p, permissions: {publish: {deny: [\"$JS.API.INFO\"]}}},\n"
    "    {user: deaf, password: p, permissions: {subscribe: {deny: [\"_INBOX.>\"]}}},\n"
    "    {user: blind, password: p, permissions: {publish: {deny: [\"$SYS.>\"]}}}\n"
    "  ] }\n"
    "  B { users: [ {user: b, password: p} ] }\n"
    "}\n";

static struct server_fixture *start_with_accounts(int index)
{
    struct fixture_options options = {.version = version_of(index), .config = accounts, .greets_only = true};
    return fixture_start_with(&options);
}

static void expect_user(const struct server_fixture *fixture, struct connection_settings settings,
                        const char *user)
{
    settings.url = settings.url ? settings.url : fixture->url;
    struct server *server = client_connect(&settings);
    const struct server_info *info = server_info(server);
    ck_assert_str_eq(info->version_text, fixture->version);
    ck_assert_str_eq(info->url, fixture->url); /* without user info */
    ck_assert_str_eq(info->account, is_2_9(fixture->version) || !user[0] ? "" : "A");
    ck_assert_str_eq(info->user, is_2_9(fixture->version) ? "" : user);
    server_close(server);
}

START_TEST(let_in)
{
    struct server_fixture *fixture = start_with_accounts(_i);
    const char *seed = write_file(test_directory(), "seed", SEED "\n");
    const char *url = arena_printf(test_arena(), "nats://bob:p%%22w%%5Cd%%40@127.0.0.1:%d", fixture->port);
    const char *second = arena_printf(test_arena(), "nats://127.0.0.1:%d,%s", free_port(), url);
    expect_user(fixture, (struct connection_settings){.user = "bob", .password = "p\"w\\d@"}, "bob");
    expect_user(fixture, (struct connection_settings){.url = url}, "bob");
    expect_user(fixture, (struct connection_settings){.url = url, .user = "b", .password = "p"}, "bob");
    expect_user(fixture, (struct connection_settings){.url = second}, "bob");
    expect_user(fixture, (struct connection_settings){.nkey = seed}, PUBLIC);
    expect_user(fixture, (struct connection_settings){.user = "deaf", .password = "p", .inbox_prefix = "_MY"},
                "deaf");
    /* May not ask who it is: the version is read from the greeting, and not by the deadline. */
    expect_user(fixture,
                (struct connection_settings){.user = "blind", .password = "p", .timeout_ms = BEYOND_MS}, "");
    finish(fixture);
}
END_TEST

/* nats.c 3.4.1 by itself fails one of 256 logins with an nkey: see server/library.c. */
START_TEST(many_logins)
{
    enum { LOGINS = 600 };
    size_t count = 0;
    server_versions(&count);
    struct server_fixture *fixture = start_with_accounts((int)count - 1);
    const char *seed = write_file(test_directory(), "seed", SEED "\n");
    for (int i = 0; i < LOGINS; i++)
        server_close(client_connect(&(struct connection_settings){.url = fixture->url, .nkey = seed}));
    finish(fixture);
}
END_TEST

struct refusal_case {
    struct connection_settings settings;
    const char *said;
    const char *said_by_2_9; /* when that is something else */
};

static const struct refusal_case refusals[] = {
    {{.user = "bob", .password = "wrong"},
     "credentials: server 'nats://HOST' refuses user 'bob': Authorization Violation\n"
     "  hint: check the credentials, and that they are for this server\n",
     NULL},
    {{.token = "secret"},
     "credentials: server 'nats://HOST' refuses the token: Authorization Violation\n"
     "  hint: check the credentials, and that they are for this server\n",
     NULL},
    {{0},
     "credentials: server 'nats://HOST' wants credentials, and none are given\n"
     "  hint: give --creds, --nkey, --user with a password, or a nats context that has them\n",
     NULL},
    {{.nkey =
          "data:;base64,U1VBSFcySFVPUjVXSklVWFo2TktURFNOREgzUzRZM1dZM0VaUTNJRkNOR1RMVEVaNEpZQ1lVQ01BWQ=="},
     "credentials: server 'nats://HOST' refuses nkey 'UCLOJRN3WNK7ULX3ENYBKGMOBAJXJIMCEBVK6BGTUW3NNEUASNZ5IG4Y': "
     "Authorization Violation\n"
     "  hint: check the credentials, and that they are for this server\n",
     NULL},
    {{.creds = "/no/such.creds"},
     "credentials: cannot read the creds file '/no/such.creds': No such file or directory\n",
     NULL},
    {{.user = "b", .password = "p"},
     "no-jetstream: account 'B' on server 'nats://HOST' has no JetStream\n"
     "  hint: give the account 'jetstream: enabled' on the server, or log in to another one\n",
     "no-jetstream: the account of user 'b' on server 'nats://HOST' has no JetStream\n"
     "  hint: give the account 'jetstream: enabled' on the server, or log in to another one\n"},
    {{.user = "mute", .password = "p"},
     "permission: user 'mute' may not use JetStream on 'nats://HOST': Permissions Violation for Publish to "
     "\"$JS.API.INFO\"\n"
     "  hint: the user must be allowed to publish to '$JS.API.>'\n",
     NULL},
    {{.user = "bob", .password = "p\"w\\d@", .api_prefix = "imported.API"},
     "no-jetstream: no JetStream listens on API prefix 'imported.API' at server 'nats://HOST'\n"
     "  hint: check the prefix, and that the account imports it\n",
     NULL},
    {{.user = "bob", .password = "p\"w\\d@", .domain = "a b"},
     "usage: the domain 'a b' is not part of a subject\n"
     "  hint: tokens with dots between them, without blanks, '*' and '>'\n",
     NULL},
    {{.user = "bob", .password = "p\"w\\d@", .url = "ftp://x:y@h"},
     "usage: server URL 'ftp://h' has an unknown scheme\n"
     "  hint: URLs look like nats://host:4222 or tls://host:4222\n",
     NULL},
    {{.user = "bob", .password = "p\"w\\d@", .url = "tls://HOST"},
     "unreachable: server 'tls://HOST' does not offer TLS, which the settings ask for\n"
     "  hint: a URL with tls://, a CA or a client certificate asks for TLS\n",
     NULL},
    {{.cert = "x"},
     "credentials: a client certificate needs both its certificate and its key, and there is only the certificate\n",
     NULL},
};

START_TEST(kept_out)
{
    struct server_fixture *fixture = start_with_accounts(_i);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal_case *row = &refusals[i];
        struct connection_settings settings = row->settings;
        if (settings.url)
            settings.url = masked(settings.url, "HOST", fixture->url + strlen("nats://"));
        settings.timeout_ms = BEYOND_MS; /* none is known by it */
        bool is_other = is_2_9(fixture->version) && row->said_by_2_9;
        ck_assert_str_eq(refusal(fixture, settings), is_other ? row->said_by_2_9 : row->said);
    }
    /* The worse of two is told. */
    const char *urls = arena_printf(test_arena(), "nats://127.0.0.1:%d,%s", free_port(), fixture->url);
    ck_assert_str_eq(refusal(fixture, (struct connection_settings){.url = urls}), refusals[2].said);
    finish(fixture);
}
END_TEST

START_TEST(deaf)
{
    struct server_fixture *fixture = start_with_accounts(_i);
    struct connection_settings settings = {.user = "deaf", .password = "p", .timeout_ms = BEYOND_MS};
    const char *text = refusal(fixture, settings);
    const char *inbox = strstr(text, "_INBOX.");
    ck_assert_ptr_nonnull(inbox);
    text = masked(text, arena_strndup(test_arena(), inbox, strcspn(inbox, "\"")), "INBOX");
    ck_assert_str_eq(
        text, "permission: user 'deaf' may not use JetStream on 'nats://HOST': Permissions Violation for "
              "Subscription to \"INBOX\"\n"
              "  hint: the user must be allowed to subscribe to '_INBOX.>', or give --inbox-prefix\n");
    finish(fixture);
}
END_TEST

START_TEST(token)
{
    struct fixture_options options = {.version = version_of(_i), .config = "authorization: {token: s3cret}"};
    options.login = "s3cret";
    struct server_fixture *fixture = fixture_start_with(&options);
    const char *url = arena_printf(test_arena(), "s3cret@127.0.0.1:%d", fixture->port);
    struct connection_settings ways[] = {{.token = "s3cret"}, {.user = "s3cret"}, {.url = url}};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        ways[i].url = ways[i].url ? ways[i].url : fixture->url;
        struct server *server = client_connect(&ways[i]);
        ck_assert_str_eq(server_info(server)->user, ""); /* 2.10.27 answers with the token itself */
        ck_assert_str_eq(server_info(server)->url, fixture->url);
        server_close(server);
    }
    struct connection_settings wrong = {.user = "s3cre"};
    ck_assert_str_eq(refusal(fixture, wrong),
                     "credentials: server 'nats://HOST' refuses the token: Authorization Violation\n"
                     "  hint: check the credentials, and that they are for this server\n");
    finish(fixture);
}
END_TEST

START_TEST(creds)
{
    const char *tests = getenv("NATSFORM_TESTS");
    const char *support = arena_printf(test_arena(), "%s/support", tests ? tests : "tests");
    struct fixture_options options = {.version = version_of(_i), .greets_only = true};
    options.config = read_file(arena_printf(test_arena(), "%s/operator.conf", support));
    struct server_fixture *fixture = fixture_start_with(&options);
    const char *path = arena_printf(test_arena(), "%s/user.creds", support);
    struct connection_settings settings = {.url = fixture->url, .creds = path};
    struct server *server = client_connect(&settings);
    if (!is_2_9(fixture->version)) {
        ck_assert_str_eq(server_info(server)->account,
                         "ADCW2C37ZFXZJWVZYGTGDP2EZTWLH3CJ46KVOQD6H3S2KEDU6UCFHQQF");
        ck_assert_str_eq(server_info(server)->user,
                         "UCLOJRN3WNK7ULX3ENYBKGMOBAJXJIMCEBVK6BGTUW3NNEUASNZ5IG4Y");
    }
    struct client_reply reply =
        client_request(server, "STREAM.CREATE", "S", "{\"name\":\"S\"}", "stream_create_response");
    ck_assert_int_eq(reply.outcome, API_DONE);
    server_close(server);
    settings.creds = read_file(path); /* as pipelines have it, in a variable */
    server_close(client_connect(&settings));
    ck_assert_str_eq(
        refusal(fixture, (struct connection_settings){0}),
        "credentials: server 'nats://HOST' wants credentials, and none are given\n"
        "  hint: give --creds, --nkey, --user with a password, or a nats context that has them\n");
    finish(fixture);
}
END_TEST

/* ---- TLS ---- */

static const char *tls_config(const struct tls_files *files, const char *cert, const char *key,
                              const char *more)
{
    return arena_printf(test_arena(),
                        "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", timeout: 5 %s }\n", cert,
                        key, files->ca, more);
}

static struct server_fixture *start_tls(const char *version, const char *config)
{
    struct fixture_options options = {.version = version, .config = config, .greets_only = true};
    return fixture_start_with(&options);
}

START_TEST(tls)
{
    struct tls_files files = tls_make(test_directory());
    const char *config = tls_config(&files, files.cert, files.key, "");
    struct server_fixture *fixture = start_tls(version_of(_i), config);
    const char *url = arena_printf(test_arena(), "tls://127.0.0.1:%d", fixture->port);
    const char *by_name = arena_printf(test_arena(), "tls://localhost:%d", fixture->port);
    struct connection_settings ways[] = {{.url = url, .ca = files.ca},
                                         {.url = fixture->url, .ca = files.ca},
                                         {.url = by_name, .ca = files.ca}};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct server *server = client_connect(&ways[i]);
        ck_assert_str_eq(server_info(server)->version_text, fixture->version);
        ck_assert_str_eq(server_info(server)->url, ways[i].url);
        server_close(server);
    }
    ck_assert_str_eq(refusal(fixture, (struct connection_settings){.url = url}),
                     "unreachable: TLS with server 'tls://HOST' fails: unable to get local issuer "
                     "certificate (certificate '/CN=server' of issuer '/CN=ca')\n"
                     "  hint: name the CA that signed the server's certificate, as --tlsca or 'ca'\n");
    ck_assert_str_eq(refusal(fixture, (struct connection_settings){.ca = files.stranger_ca}),
                     "unreachable: TLS with server 'nats://HOST' fails: unable to get local issuer "
                     "certificate (certificate '/CN=server' of issuer '/CN=ca')\n"
                     "  hint: name the CA that signed the server's certificate, as --tlsca or 'ca'\n");
    ck_assert_str_eq(refusal(fixture, (struct connection_settings){.ca = "/no/ca.pem"}),
                     "credentials: cannot read the CA certificate '/no/ca.pem': No such file or directory\n");
    const char *garbage = write_file(test_directory(), "garbage", "garbage");
    ck_assert_str_eq(
        masked(refusal(fixture, (struct connection_settings){.ca = garbage}), garbage, "FILE"),
        "credentials: cannot use the TLS files: Error loading trusted certificates 'FILE': no certificate "
        "or crl found\n");
    finish(fixture);
}
END_TEST

START_TEST(tls_for_another_host)
{
    struct tls_files files = tls_make(test_directory());
    const char *config = tls_config(&files, files.other_cert, files.other_key, "");
    struct server_fixture *fixture = start_tls(version_of(_i), config);
    ck_assert_str_eq(
        refusal(fixture, (struct connection_settings){.ca = files.ca}),
        "unreachable: TLS with server 'nats://HOST' fails: IP address mismatch (certificate '/CN=other' "
        "of issuer '/CN=ca')\n"
        "  hint: the URL must have a host that the server's certificate names\n");
    finish(fixture);
}
END_TEST

START_TEST(tls_with_client_certificate)
{
    struct tls_files files = tls_make(test_directory());
    const char *config = tls_config(&files, files.cert, files.key, ", verify: true");
    struct server_fixture *fixture = start_tls(version_of(_i), config);
    struct connection_settings settings = {
        .url = fixture->url, .ca = files.ca, .cert = files.other_cert, .key = files.other_key};
    server_close(client_connect(&settings));
    struct connection_settings texts = settings;
    texts.key = read_file(files.other_key);
    server_close(client_connect(&texts));
    texts.cert = read_file(files.other_cert);
    texts.ca = read_file(files.ca);
    server_close(client_connect(&texts));
    texts.cert = read_file(files.chain);
    texts.key = read_file(files.chain_key);
    server_close(client_connect(&texts));
    texts.ca = NULL; /* the chain has the authority's certificate, and nobody asked to trust that */
    ck_assert_ptr_nonnull(strstr(refusal(fixture, texts), "unable to get local issuer certificate"));
    texts.key = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
    ck_assert_ptr_null(strstr(refusal(fixture, texts), "hunter2"));
    settings.cert = settings.key = NULL;
    ck_assert_str_eq(refusal(fixture, settings),
                     "credentials: server 'nats://HOST' wants a client certificate, and none is given\n"
                     "  hint: give --tlscert and --tlskey, signed by a CA that the server trusts\n");
    settings.cert = files.cert;
    settings.key = files.other_key;
    ck_assert_str_eq(
        masked(refusal(fixture, settings), settings.key, "FILE"),
        "credentials: cannot use the TLS files: Error loading private key 'FILE': key values mismatch\n");
    finish(fixture);
}
END_TEST

/* ---- nobody there, or somebody else ---- */

/* A socket that listens on a free port of this machine. */
static int listen_somewhere(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    *ret_port = ntohs(address.sin_port);
    return listener;
}

/* Listens and says `greeting` to whoever comes, or, when it is NULL, nothing for ever. */
static int listen_and_say(const char *greeting, pid_t *ret_pid)
{
    int port;
    int listener = listen_somewhere(&port);
    *ret_pid = fork();
    if (*ret_pid == 0) {
        while (greeting) {
            int fd = accept(listener, NULL, NULL);
            (void)!write(fd, greeting, strlen(greeting));
            close(fd);
        }
        pause();
    }
    close(listener);
    return port;
}

/* ---- a slow way ---- */

/* Copies what comes on one to the other. Returns whether it is still open. */
static bool pass_on(int from, int to)
{
    char bytes[4096];
    ssize_t got = read(from, bytes, sizeof(bytes));
    return got > 0 && write(to, bytes, (size_t)got) == got;
}

static void pump(int client, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    bool open = connect(server, (struct sockaddr *)&address, sizeof(address)) == 0;
    while (open) {
        struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        open = poll(ends, 2, -1) > 0;
        if (open && ends[0].revents)
            open = pass_on(client, server);
        if (open && ends[1].revents)
            open = pass_on(server, client);
    }
    _exit(0);
}

/* A way to the port. Every connection but the first comes late, as on a busy machine. What passes a connection on ends with it. */
static int slow_way(int server_port, pid_t *ret_pid)
{
    enum { LATE_MS = 1500 };
    int port;
    int listener = listen_somewhere(&port);
    *ret_pid = fork();
    if (*ret_pid == 0) {
        signal(SIGCHLD, SIG_IGN); /* nobody waits for those that pass on */
        for (int count = 0;; count++) {
            int client = accept(listener, NULL, NULL);
            if (fork() == 0) {
                poll(NULL, 0, count ? LATE_MS : 0);
                pump(client, server_port);
            }
            close(client);
        }
    }
    close(listener);
    return port;
}

/* 2.9 tells its version in the greeting alone, for which a second connection is made. */
START_TEST(a_late_greeting_is_waited_for)
{
    struct server_fixture *fixture = fixture_start(version_of(_i), NULL);
    pid_t pid = 0;
    int port = slow_way(fixture->port, &pid);
    struct server *server = client_connect(
        &(struct connection_settings){.url = arena_printf(test_arena(), "127.0.0.1:%d", port)});
    ck_assert_str_eq(server_info(server)->version_text, fixture->version);
    server_close(server);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    finish(fixture);
}
END_TEST

struct stranger_case {
    const char *greeting; /* NULL: silent */
    const char *said;
};

static const struct stranger_case strangers[] = {
    {NULL, "timeout: server 'nats://HOST' does not answer within 300ms\n"
           "  hint: is it the port for NATS clients? --timeout allows for more time\n"},
    {"220 mail.example ESMTP\r\n",
     "unreachable: no NATS server answers at 'nats://HOST': it is not a NATS server\n"
     "  hint: start one with 'nats-server --jetstream', or name another one with --server\n"},
    {"", "unreachable: no NATS server answers at 'nats://HOST': it closed the connection\n"
         "  hint: start one with 'nats-server --jetstream', or name another one with --server\n"},
    {"INFO {nonsense\r\n",
     "unreachable: no NATS server answers at 'nats://HOST': it is not a NATS server\n"
     "  hint: start one with 'nats-server --jetstream', or name another one with --server\n"},
};

START_TEST(strangers_answer)
{
    pid_t pid = 0;
    int port = listen_and_say(strangers[_i].greeting, &pid);
    const char *host = arena_printf(test_arena(), "127.0.0.1:%d", port);
    const char *text = client_refusal(
        &(struct connection_settings){.url = host, .timeout_ms = strangers[_i].greeting ? BEYOND_MS : 300});
    ck_assert_str_eq(masked(text, host, "HOST"), strangers[_i].said);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    server_library_release();
}
END_TEST

START_TEST(nobody)
{
    const char *first = arena_printf(test_arena(), "127.0.0.1:%d", free_port());
    const char *second = arena_printf(test_arena(), "127.0.0.1:%d", free_port());
    struct connection_settings settings = {.url = first};
    ck_assert_str_eq(masked(client_refusal(&settings), first, "HOST"),
                     "unreachable: no NATS server answers at 'nats://HOST': connection refused\n"
                     "  hint: start one with 'nats-server --jetstream', or name another one with --server\n");
    settings.url = arena_printf(test_arena(), "bob:secret@%s,%s", first, second);
    settings.url_from = "nats context 'dev'";
    const char *text = masked(masked(client_refusal(&settings), first, "HOST"), second, "OTHER");
    ck_assert_str_eq(
        text,
        "unreachable: no NATS server answers at 'nats://HOST' or 'nats://OTHER' (nats context 'dev'): connection refused\n"
        "  hint: is the server running?\n");
    settings = (struct connection_settings){.url = "no-such-host.invalid"};
    text = client_refusal(&settings);
    const char *expected = "unreachable: no NATS server answers at 'nats://no-such-host.invalid:4222': ";
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s", text); /* then the resolver's words */
    server_library_release();
}
END_TEST

START_TEST(no_jetstream)
{
    struct fixture_options options = {.version = version_of(_i), .no_jetstream = true};
    struct server_fixture *fixture = fixture_start_with(&options);
    ck_assert_str_eq(refusal(fixture, (struct connection_settings){0}),
                     "no-jetstream: server 'nats://HOST' has no JetStream\n"
                     "  hint: start it with --jetstream, or with a 'jetstream' block in its configuration\n");
    if (nats_GetVersionNumber() < 0x030900)
        ck_assert_str_eq(
            masked(refusal(fixture, (struct connection_settings){.tls_first = true}), nats_GetVersion(),
                   "VERSION"),
            "usage: this natsform's NATS library (VERSION) cannot do the TLS handshake first\n"
            "  hint: leave 'tls_first' out, and have the server set 'handshake_first: auto' or a "
            "fallback delay\n");
    finish(fixture);
}
END_TEST

/* ---- contexts ---- */

static const char *look_up(void *context, const char *name)
{
    /* The home is also where '~' leads. */
    return strcmp(name, "HOME") == 0 || strcmp(name, "XDG_CONFIG_HOME") == 0 ? context : NULL;
}

START_TEST(contexts)
{
    struct server_fixture *fixture = start_with_accounts(_i);
    char *home = arena_strdup(test_arena(), test_directory());
    const char *directory = make_directory(home, "nats/context");
    write_file(home, "seed", SEED);
    const char *path = write_file(
        directory, "bob.json",
        arena_printf(test_arena(), "{\"url\":\"%s\",\"user\":\"bob\",\"password\":\"p\\\"w\\\\d@\"}",
                     fixture->url));
    write_file(directory, "key.json",
               arena_printf(test_arena(), "{\"url\":\"%s\",\"nkey\":\"~/seed\"}", fixture->url));
    write_file(make_directory(home, "nats"), "context.txt", "key");
    const char *names[] = {"bob", path, NULL}; /* NULL: the one selected */
    for (size_t i = 0; i < 3; i++) {
        struct connection_settings flags = {.context = names[i], .lookup = look_up, .lookup_context = home};
        struct connection_settings settings;
        struct diags diags = {0};
        ck_assert_int_eq(connection_resolve(test_arena(), &flags, NULL, NULL, &settings, &diags), 0);
        expect_user(fixture, settings, names[i] ? "bob" : PUBLIC);
    }
    finish(fixture);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = learned, .each_version = true},
        {.test = of_a_cluster, .each_version = true},
        {.test = domain, .each_version = true},
        {.test = let_in, .each_version = true},
        {.test = many_logins},
        {.test = kept_out, .each_version = true},
        {.test = deaf, .each_version = true},
        {.test = token, .each_version = true},
        {.test = creds, .each_version = true},
        {.test = tls, .each_version = true},
        {.test = tls_for_another_host, .each_version = true},
        {.test = tls_with_client_certificate, .each_version = true},
        {.test = strangers_answer, .times = sizeof(strangers) / sizeof(strangers[0])},
        {.test = a_late_greeting_is_waited_for, .each_version = true},
        {.test = nobody},
        {.test = no_jetstream, .each_version = true},
        {.test = contexts, .each_version = true},
    };
    return suite_run("connect", tests, sizeof(tests) / sizeof(tests[0]));
}
