/*
 * Logins that the nats CLI and natsform share: contexts that `up` writes are listed, selected and used by the CLI; those of
 * `nats context add` and users of `nats auth` are taken by natsform, whose streams the CLI then sees. On every server version.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/environment.h"
#include "support/peer.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/tls.h"
#include "support/trip.h"

enum { ARGUMENTS_MOST = 8 };

/* ---- by natsform ---- */

/* Both look where XDG_CONFIG_HOME says, natsform in the home otherwise. */
START_TEST(contexts_of_up_are_used)
{
    struct test_environment *here = environment_new(
        version_at(_i), "project: chat\n"
                        "servers:\n"
                        "  dev:\n"
                        "    ports: auto\n"
                        "    jetstream: {domain: hub}\n"
                        "    accounts:\n"
                        "      $SYS: {users: [{user: sys, password: 'a \"b\" $c'}]}\n"
                        "      APP: {jetstream: enabled, users: [{user: u, password: 'it''s \\ €'}]}\n"
                        "streams: {CHAT: {subjects: [chat.>]}}\n"
                        "key_values: {sessions: {history: 5}}\n");
    const struct peer *peer = peer_in(here->home);
    must_nats(peer, "context", "add", "other", "-s", "nats://other.example:4222", "--select");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_str_eq(must_nats(peer, "context", "ls", "--names"), "chat\nother\n");
    ck_assert_contains(must_nats(peer, "stream", "ls", "--names"), "CHAT\n");
    must_nats(peer, "kv", "put", "sessions", "a", "b");
    ck_assert_str_eq(must_nats(peer, "kv", "get", "sessions", "a", "--raw"), "b");
    must_nats(peer, "context", "select", "other");
    ck_assert_contains(must_nats(peer, "stream", "ls", "--names", "--context", "chat"), "CHAT\n");
    must_nats(peer, "context", "select", "chat");
    ck_assert_exit(NF(here, "down"), 0);
    ck_assert_str_eq(must_nats(peer, "context", "ls", "--names"), "other\n");
    ck_assert_contains(must_nats(peer, "context", "info"), "other.example");
    environment_end(here);
}
END_TEST

/* The CLI goes back and forth, edits and deletes as if it had selected the context itself; two environments end in the order of their start. */
START_TEST(contexts_of_up_are_the_clis_own)
{
    struct test_environment *here =
        environment_new(version_at(_i), "project: chat\nservers: {dev: {ports: auto}}\n");
    struct test_environment *more =
        environment_new(version_at(_i), "project: more\nservers: {dev: {ports: auto}}\n");
    more->env[0] = here->env[0];
    more->env[3] = here->env[3];
    const struct peer *peer = peer_in(here->home);
    const char *editor =
        write_file(here->home, "edit", "#!/bin/sh\nsed -i 's/^inbox_prefix:.*/inbox_prefix: _me/' \"$1\"\n");
    run_shell(here->home, "chmod +x edit");
    must_nats(peer, "context", "add", "other", "-s", "nats://other.example:4222", "--select");
    ck_assert_exit(NF(here, "up"), 0);
    must_nats(peer, "context", "previous");
    ck_assert_contains(must_nats(peer, "context", "info"), "other.example");
    must_nats(peer, "context", "previous");
    must_nats(peer, "rtt");
    must_nats(peer_with(peer, arena_printf(test_arena(), "EDITOR=%s", editor)), "context", "edit", "chat");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_contains(must_nats(peer, "context", "info", "chat", "--json"), "\"inbox_prefix\": \"_me\"");
    must_nats(peer, "rtt");
    ck_assert_exit(NF(more, "up"), 0);
    must_nats(peer, "context", "previous");
    must_nats(peer, "context", "previous");
    ck_assert_exit(NF(here, "down"), 0);
    must_nats(peer, "rtt");
    must_nats(peer, "context", "previous");
    must_nats(peer, "context", "previous");
    ck_assert_exit(NF(more, "down"), 0);
    ck_assert_str_eq(must_nats(peer, "context", "ls", "--names"), "other\n");
    ck_assert_contains(must_nats(peer, "context", "info"), "other.example");
    environment_end(here);
    environment_end(more);
}
END_TEST

/* ---- by the CLI ---- */

/* A configuration of the server, and arguments of `nats context add` for it: '#' is the folder of files, '@' an nkey's public half. */
static const struct login {
    const char *config;
    const char *arguments[ARGUMENTS_MOST];
    bool tls;
} logins[] = {
    {NULL, {"--description=nothing more"}, false},
    {"authorization {user: u, password: \"it's $p\"}", {"--user=u", "--password=it's $p"}, false},
    {"authorization {token: t0ken}", {"--user=t0ken"}, false}, /* a --token is not kept by nats 0.5.0 */
    {"authorization {users: [{nkey: @}]}", {"--nkey=#/user.nk"}, false},
    {"authorization {users: [{nkey: @}]}", {"--nkey=file://#/user.nk"}, false},
    {"authorization {users: [{nkey: @}]}", {"--nkey=#/user.nk", "--embed"}, false},
    {"jetstream {domain: hub}", {"--js-domain=hub"}, false},
    {"jetstream {domain: hub}", {"--js-api-prefix=$JS.hub.API"}, false},
    {"authorization {users: [{user: u, password: p, permissions: {subscribe: \"_mine.>\", publish: \">\"}}]}",
     {"--user=u", "--password=p", "--inbox-prefix=_mine"},
     false},
    {"tls {cert_file: \"#/server.pem\", key_file: \"#/server.key\", ca_file: \"#/ca.pem\", verify: true}",
     {"--tlsca=#/ca.pem", "--tlscert=#/server.pem", "--tlskey=#/server.key"},
     true},
};
enum { LOGINS = sizeof(logins) / sizeof(logins[0]) };

static const char *filled_in(const char *text, const char *folder, const char *nkey)
{
    const char *out = "";
    for (; text && *text; text++)
        out = *text == '#'   ? arena_printf(test_arena(), "%s%s", out, folder)
              : *text == '@' ? arena_printf(test_arena(), "%s%s", out, nkey)
                             : arena_printf(test_arena(), "%s%c", out, *text);
    return out;
}

/* The public half of an nkey that the CLI makes. */
static const char *make_nkey(const struct peer *peer, const char *path)
{
    must_nats(peer, "auth", "nkey", "gen", "user", "--output", path);
    const char *shown = must_nats(peer, "auth", "nkey", "show", path);
    return arena_strndup(test_arena(), shown, strcspn(shown, "\n"));
}

/* By a URL in the environment, beside the context that is selected: both have all the rest from there. */
static void must_be_shared_by_url(const struct peer *peer, const char *path, const char *url)
{
    const struct peer *said = peer_with(peer, arena_printf(test_arena(), "NATS_URL=%s", url));
    ck_assert_exit(NATSFORM(said, "apply", "--yes", "-f", path), 0);
    ck_assert_str_eq(must_nats(said, "stream", "ls", "--names"), "SHARED\n");
    ck_assert_str_eq(must_nats(peer, "stream", "ls", "--names", "-s", url), "SHARED\n");
    ck_assert_exit(NATSFORM(peer, "destroy", "--yes", "-f", path, "-s", url), 0);
    ck_assert_exit(NATSFORM(said, "plan", "--detailed-exitcode", "-f", path), 2);
}

/* By the context's name, and by its being selected: natsform makes a stream, and the CLI sees it. */
static void must_be_shared(const struct peer *peer, const char *context, const char *url)
{
    const char *path =
        manifest("streams: {SHARED: {subjects: [shared], consumers: {c: {ack_policy: explicit}}}}\n");
    struct run plan = NATSFORM(peer, "plan", "-f", path, "--context", context);
    ck_assert_exit(plan, 0);
    ck_assert_contains(plan.out, "Plan: 2 to create");
    must_nats(peer, "context", "select", context);
    ck_assert_exit(NATSFORM(peer, "apply", "--yes", "-f", path), 0);
    ck_assert_str_eq(must_nats(peer, "stream", "ls", "--names"), "SHARED\n");
    ck_assert_exit(NATSFORM(peer, "plan", "--detailed-exitcode", "-f", path), 0);
    ck_assert_exit(NATSFORM(peer, "destroy", "--yes", "-f", path), 0);
    must_be_shared_by_url(peer, path, url);
}

static void add_context(const struct peer *peer, const char *name, const struct server_fixture *server,
                        const char *const *arguments)
{
    const char *all[ARGUMENTS_MOST + 6] = {"context", "add", name, "-s", server->url};
    size_t count = 5;
    for (size_t i = 0; arguments[i]; i++)
        all[count++] = arguments[i];
    peer_must_nats(peer, all);
}

START_TEST(contexts_of_the_cli_are_taken)
{
    const struct login *login = &logins[_i % LOGINS];
    const struct peer *peer = peer_new();
    const char *nkey = make_nkey(peer, arena_printf(test_arena(), "%s/user.nk", peer->home));
    if (login->tls)
        tls_make(peer->home);
    struct server_fixture *server = fixture_start_with(&(struct fixture_options){
        .version = version_at(_i / LOGINS),
        .config = filled_in(login->config, peer->home, nkey),
        .greets_only = true,
    });
    const char *arguments[ARGUMENTS_MOST + 1] = {0};
    for (size_t i = 0; i < ARGUMENTS_MOST && login->arguments[i]; i++)
        arguments[i] = filled_in(login->arguments[i], peer->home, nkey);
    add_context(peer, "mine", server, arguments);
    must_be_shared(peer, "mine", server->url);
    fixture_stop(server);
}
END_TEST

/* ---- beside a URL ---- */

static const char two_accounts[] =
    "no_auth_user: guest\n"
    "accounts {\n"
    "  PUBLIC {jetstream: enabled, users: [{user: guest, password: g}]}\n"
    "  APP {jetstream: enabled, users: [{user: bob, password: b}, {user: al, password: a}]}\n"
    "}\n";

/* Arguments of both programs beside NATS_URL, with the context of bob selected; who that is, for both. '#' is the server's port. */
static const struct beside {
    const char *arguments[ARGUMENTS_MOST];
    const char *variable;
    const char *stream; /* of the account where it leads */
    const char *who;    /* as a plan names it, from 2.10 on */
} besides[] = {
    {{NULL}, NULL, "OF_APP\n", ", account APP, user bob (nats context 'mine')\n"},
    {{"--user=al", "--password=a"}, NULL, "OF_APP\n", ", account APP, user al (--user)\n"},
    {{"--password=b"}, NULL, "OF_APP\n", ", account APP, user bob (nats context 'mine', with --password)\n"},
    {{NULL},
     "NATS_PASSWORD=b",
     "OF_APP\n",
     ", account APP, user bob (nats context 'mine', with NATS_PASSWORD)\n"},
    {{"--user=guest"}, "NATS_PASSWORD=g", "OF_PUBLIC\n", ", account PUBLIC, user guest (--user)\n"},
    {{"--no-context"}, NULL, "OF_PUBLIC\n", ", account PUBLIC, user guest (no login given)\n"},
    {{"-s", "nats://al:a@127.0.0.1:#"}, NULL, "OF_APP\n", " (--server), account APP, user al\n"},
    {{"-s", "nats://127.0.0.1:#"},
     "NATS_CONTEXT=mine",
     "OF_APP\n",
     ", account APP, user bob (nats context 'mine')\n"},
};
enum { BESIDES = sizeof(besides) / sizeof(besides[0]) };

static void make_stream(const struct peer *peer, const char *url, const char *name)
{
    must_nats(peer, "--no-context", "-s", url, "stream", "add", name, "--subjects", "s", "--defaults");
}

START_TEST(selected_context_beside_a_url)
{
    const struct beside *beside = &besides[_i % BESIDES];
    struct server_fixture *server = fixture_start_with(&(struct fixture_options){
        .version = version_at(_i / BESIDES), .config = two_accounts, .greets_only = true});
    const struct peer *peer = peer_new();
    const char *port = arena_printf(test_arena(), "%d", server->port);
    make_stream(peer, server->url, "OF_PUBLIC");
    make_stream(peer, arena_printf(test_arena(), "nats://bob:b@127.0.0.1:%s", port), "OF_APP");
    must_nats(peer, "context", "add", "mine", "-s", "nats://other.example", "--user=bob", "--password=b",
              "--select");
    peer = peer_with(peer, arena_printf(test_arena(), "NATS_URL=%s", server->url));
    if (beside->variable)
        peer = peer_with(peer, beside->variable);
    const char *path = manifest("streams: {S: {subjects: [other]}}\n");
    const char *list[ARGUMENTS_MOST + 5] = {"stream", "ls", "--names"},
                                      *plan[ARGUMENTS_MOST + 4] = {"plan", "-f", path};
    for (size_t i = 0; beside->arguments[i]; i++)
        list[3 + i] = plan[3 + i] = filled_in(beside->arguments[i], port, "@");
    ck_assert_str_eq(peer_must_nats(peer, list), beside->stream);
    struct run run = peer_run_natsform(peer, plan);
    ck_assert_exit(run, 0);
    if (strncmp(server->version, "2.9.", 4) != 0)
        ck_assert_contains(run.out, beside->who);
    plan[0] = "export";
    plan[1] = "--out-dir";
    plan[2] = "-";
    run = peer_run_natsform(peer, plan);
    ck_assert_contains(run.out, arena_strndup(test_arena(), beside->stream, strlen(beside->stream) - 1));
    fixture_stop(server);
}
END_TEST

/* ---- operators ---- */

/* The key of "Account APP (ABQX…)". */
static const char *account_key(const char *info)
{
    const char *key = strchr(info, '(');
    ck_assert_msg(key, "no key in: %s", info);
    return arena_strndup(test_arena(), key + 1, strcspn(key + 1, ")"));
}

static const char *jwt_of(const struct peer *peer, const char *name)
{
    return read_file(arena_printf(test_arena(), "%s/.local/share/nats/nsc/stores/OP/%s", peer->home, name));
}

/* An operator whose accounts the server holds in memory. */
static const char *make_operator(const struct peer *peer)
{
    static const char *const words[] = {"SYSTEM", "APP"};
    const char *config = "";
    must_nats(peer, "auth", "operator", "add", "OP");
    must_nats(peer, "auth", "account", "add", "APP", "--operator", "OP", "--defaults", "--jetstream",
              "--js-disk", "1GB", "--js-memory", "100MB");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        config =
            arena_printf(test_arena(), "%s  %s: %s\n", config,
                         account_key(must_nats(peer, "auth", "account", "info", words[i])),
                         jwt_of(peer, arena_printf(test_arena(), "accounts/%s/%s.jwt", words[i], words[i])));
    return arena_printf(test_arena(), "operator: %s\nresolver: MEMORY\nresolver_preload {\n%s}\n",
                        write_file(peer->home, "operator.jwt", jwt_of(peer, "OP.jwt")), config);
}

static const char *const creds_arguments[][3] = {
    {"--creds=#/u.creds"},
    {"--creds=file://#/u.creds"},
    {"--creds=#/u.creds", "--embed"},
    {"--jwt=file://#/u.jwt", "--seed=file://#/u.nk"}, /* a path alone would be the JWT itself */
    {"--jwt=#/u.jwt", "--seed=#/u.nk", "--embed"},
};
enum { CREDS_WORDS = 3, CREDS_ARGUMENTS = sizeof(creds_arguments) / sizeof(creds_arguments[0]) };

START_TEST(users_of_operators_are_taken)
{
    const struct peer *peer = peer_new();
    const char *config = make_operator(peer);
    must_nats(peer, "auth", "user", "add", "u", "APP", "--operator", "OP", "--defaults", "--credential",
              arena_printf(test_arena(), "%s/u.creds", peer->home));
    run_shell(peer->home, "sed -n '2p' u.creds >u.jwt\n"
                          "sed -n '/^SU/p' u.creds >u.nk\n");
    struct server_fixture *server = fixture_start_with(
        &(struct fixture_options){.version = version_at(_i), .config = config, .greets_only = true});
    for (size_t i = 0; i < CREDS_ARGUMENTS; i++) {
        const char *arguments[ARGUMENTS_MOST + 1] = {0};
        for (size_t j = 0; j < CREDS_WORDS && creds_arguments[i][j]; j++)
            arguments[j] = filled_in(creds_arguments[i][j], peer->home, "");
        const char *name = arena_printf(test_arena(), "mine%zu", i);
        add_context(peer, name, server, arguments);
        must_be_shared(peer, name, server->url);
    }
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = contexts_of_up_are_used, .each_version = true},
        {.test = contexts_of_up_are_the_clis_own, .each_version = true},
        {.test = contexts_of_the_cli_are_taken, .times = LOGINS, .each_version = true},
        {.test = selected_context_beside_a_url, .times = BESIDES, .each_version = true},
        {.test = users_of_operators_are_taken, .each_version = true},
    };
    return suite_run("interop_contexts", tests, sizeof(tests) / sizeof(tests[0]));
}
