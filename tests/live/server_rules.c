/*
 * The rules of servers against the servers themselves: of each mistake, `natsform validate` says what its row says, and so does each
 * version: `nats-server -t` takes the configuration, and the start ends with those words, or goes on without them.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/strbuf.h"
#include "devenv/binary.h"
#include "devenv/program.h"
#include "generate/environment.h"
#include "manifest/servers.h"
#include "support/config.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "syntax/conf.h"
#include "syntax/yaml.h"

#define USERS "accounts: {A: {users: [{user: a, password: b}]}}"
/* A hash that no server knows, of "x". */
#define HASH_2Z "$2z$04$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"

static const struct mistake {
    const char *options; /* of a server; PORT is a free one */
    const char *code;    /* NULL: natsform fills in what is missing, so that nothing is wrong */
    const char *said;    /* at the start; NULL: it runs, and is broken */
    const char
        *conf; /* the configuration, where no manifest leads to it; NULL: what environment_config() makes */
    uint32_t since; /* version that has the option */
    uint32_t until; /* version whose -t finds it itself */
} mistakes[] = {
    {.options = "websocket: {port: PORT}",
     .code = "server-listener",
     .said = "websocket requires TLS configuration"},
    {.options = "websocket: {port: PORT, no_tls: false}",
     .code = "server-listener",
     .said = "websocket requires TLS configuration"},
    {.options = "cluster: {name: c}",
     .code = "server-cluster",
     .said = "JetStream cluster requires configured routes"},
    {.options = "nodes: 3, cluster: {routes: []}",
     .code = "server-cluster",
     .said = "JetStream cluster requires configured routes"},
    {.options = "gateway: {name: g}",
     .code = "server-cluster",
     .said = "JetStream cluster requires configured routes"},
    {.options = "cluster: {listen: '127.0.0.1:PORT', routes: ['nats-route://127.0.0.1:PORT']}",
     .code = "server-cluster"},
    {.options = "jetstream: false, mqtt: {}",
     .code = "server-listener",
     .said = "mqtt requires JetStream to be enabled"},
    {.options = "nodes: 2, cluster: {name: c}, gateway: {name: d}",
     .code = "server-cluster",
     .said = "cluster name conflicts"},
    {.options = "nodes: 2, gateway: {}, leafnodes: {port: PORT}",
     .code = "server-cluster",
     .said = "require a system account to also be configured"},
    {.options = "no_auth_user: x, " USERS,
     .code = "server-account",
     .said = "no_auth_user: \"x\" not present"},
    {.options = "no_auth_user: x",
     .code = "server-account",
     .said = "no_auth_user: \"x\" present, but users"},
    {.options = "websocket: {no_tls: true, no_auth_user: x}, " USERS,
     .code = "server-account",
     .said = "no_auth_user: \"x\" not present"},
    {.options = "mqtt: {no_auth_user: x}, " USERS,
     .code = "server-account",
     .said = "no_auth_user: \"x\" not present"},
    {.options = "system_account: SYS", .code = "server-account", .said = "error resolving system account"},
    {.options = "system_account: SYS, accounts: {SYS: {jetstream: enabled}}",
     .code = "server-account",
     .said = "Not allowed to enable JetStream on the system account"},
    {.options = "trusted_keys: [OAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSABFW], " USERS,
     .code = "server-login",
     .said = "system account not setup"},
    {.options = "leafnodes: {remotes: [{url: 'nats://127.0.0.1:PORT', account: X}]}",
     .code = "server-account",
     .said = "cannot find local account"},
    {.options = "leafnodes: {port: PORT, authorization: {user: a, password: b, account: X}}",
     .code = "server-account",
     .said = "cannot find local account"},
    {.options = "leafnodes: {port: PORT, authorization: {users: [{user: a, password: b, account: X}]}}",
     .code = "server-account",
     .said = "cannot find local account"},
    {.options = "leafnodes: {remotes: [{urls: ['nats://127.0.0.1:PORT', 'ws://127.0.0.1:PORT']}]}",
     .code = "server-cluster",
     .said = "cannot have a mix of websocket and non-websocket urls"},
    {.options = "leafnodes: {remotes: [{url: 'nats://127.0.0.1:PORT'}, {url: 'nats://127.0.0.1:PORT'}]}",
     .code = "server-cluster",
     .until = VERSION(2, 15, 0)},
    {.options = "max_payload: 8MiB, max_pending: 4MiB",
     .code = "server-limit",
     .said = "cannot be higher than max_pending"},
    {.options = "lame_duck_duration: 30s, lame_duck_grace_period: 30s",
     .code = "server-limit",
     .said = "lame duck grace period"},
    {.options = "jetstream: {domain: a.b}", .code = "server-limit", .said = "invalid domain name"},
    {.options = "jetstream: {domain: 'a b'}",
     .code = "name",
     .said = "invalid domain name",
     .conf = "server_name: a, jetstream: {store_dir: \"STORE\", domain: \"a b\"}"},
    {.options = "cluster: {compression: s2_fats}",
     .code = "wrong-type",
     .said = "unsupported compression mode",
     .conf = "cluster: {name: c, port: -1, compression: foo}",
     .since = VERSION(2, 10, 0)},
    {.options = "nodes: 2, cluster: {accounts: [A], pool_size: -1}, accounts: {A: {}}",
     .code = "server-cluster",
     .said = "pool_size cannot be negative",
     .since = VERSION(2, 10, 0)},
    {.options = "default_js_domain: {X: hub}",
     .code = "server-account",
     .said = "references non existing account"},
    {.options = "tls: {}", .code = "server-tls"},
    {.options = "websocket: {tls: {}}", .code = "server-tls"},
    {.options = "https_port: PORT", .code = "server-listener", .said = "Can't start monitoring"},
    {.options = "websocket: {no_tls: true, jwt_cookie: x}",
     .code = "server-listener",
     .said = "trusted operators or trusted keys"},
    {.options = "websocket: {no_tls: true, allowed_origins: [localhost]}",
     .code = "server-listener",
     .said = "unable to parse allowed origin",
     .since = VERSION(2, 15, 0)},
    {.options =
         "websocket: {no_tls: true, authorization: {user: a, password: b}}, authorization: {users: [{user: c, password: d}]}",
     .code = "server-listener",
     .said = "not compatible with presence of users"},
    {.options = "client_advertise: 'a:b:c'", .code = "server-listener", .said = "too many colons in address"},
    {.options = "authorization: {user: a, password: " HASH_2Z "}", .code = "server-password"},
    {.options = "authorization: {users: [{user: a}]}", .code = "server-password"},
    {.options = "resolver: {type: full, dir: 'STORE'}",
     .code = "server-login",
     .said = "no operator key found"},
    {.options = "resolver: {type: cache, dir: 'STORE'}",
     .code = "server-login",
     .said = "no operator key found"},
    {.options = "jetstream: false, accounts: {A: {jetstream: enabled, users: [{user: a, password: b}]}}",
     .code = "server-no-jetstream"},
    {.options = "accounts: {A: {jetstream: enabled}, B: {users: [{user: a, password: b}]}}",
     .code = "server-no-way-in"},
    {.options = "websocket: {no_tls: true, port: 70000}",
     .code = "range",
     .said = "invalid port",
     .conf = "websocket: {no_tls: true, port: 70000}"},
    {.options = "jetstream: {max_mem: 1000000}, accounts: {A: {jetstream: {max_mem: 2000000}}}",
     .code = "server-sum",
     .said = "insufficient memory resources available"},
    {.options =
         "jetstream: {max_file: 1000000}, accounts: {A: {jetstream: {max_file: 600000}}, B: {jetstream: {max_file: 600000}}}",
     .code = "server-sum",
     .said = "insufficient storage resources available"},

    /* what natsform fills in, and a configuration by hand can lack */
    {.options = "nodes: 3",
     .said = "jetstream cluster requires `server_name`",
     .conf =
         "jetstream: {store_dir: \"STORE\"}, cluster: {name: c, port: -1, routes: [\"nats://127.0.0.1:1\"]}"},
    {.options = "nodes: 3",
     .said = "jetstream cluster requires `cluster.name`",
     .conf =
         "server_name: a, jetstream: {store_dir: \"STORE\"}, cluster: {port: -1, routes: [\"nats://127.0.0.1:1\"]}"},
    {.options = "nodes: 2, gateway: {}", .said = "has no port specified", .conf = "gateway: {name: g}"},
};
enum { MISTAKES = sizeof(mistakes) / sizeof(mistakes[0]) };

static const char *filled(const char *text, const char *store)
{
    const char *port = arena_printf(test_arena(), "%d", free_port());
    const struct {
        const char *word, *with;
    } words[] = {{"PORT", port}, {"STORE", store}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (const char *at; (at = strstr(text, words[i].word));)
            text = arena_printf(test_arena(), "%.*s%s%s", (int)(at - text), text, words[i].with,
                                at + strlen(words[i].word));
    return text;
}

/* Every port of the node is one that is free, but for those that the row names. */
static void free_ports(struct node *config, const char *options)
{
    static const char *const blocks[] = {"cluster", "gateway", "leafnodes", "websocket", "mqtt"};
    struct node *any = node_scalar(test_arena(), "127.0.0.1:-1", true);
    node_put(test_arena(), config, "listen", any);
    node_put(test_arena(), config, "http", any);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        struct node *block = node_get(config, blocks[i]);
        if (block && node_get(block, "listen") && !strstr(options, "listen:"))
            node_put(test_arena(), block, "listen", any);
    }
}

/* The configuration of the server's first node, as `up` would write it. */
static const char *configuration(const char *manifest, const char *options, const char *store)
{
    struct environment_place place = place_local;
    struct source source = {.name = "m.yaml", .text = manifest, .length = strlen(manifest)};
    struct documents documents;
    struct diags diags;
    struct strbuf text = {0};
    diags_init(&diags);
    ck_assert_int_eq(yaml_read(test_arena(), &source, &diags, &documents), 0);
    const struct node *servers = servers_read(test_arena(), node_get(documents.items[0], "servers"), &diags);
    const struct manifest read = {.servers = servers};
    const struct environment *environment = environment_read(test_arena(), &read, &diags);
    ck_assert_msg(environment && !diags.errors, "%s: %s", options,
                  diags.list.count ? diags.list.items[0]->message : "");
    place.data = store;
    struct node *config = environment_config(test_arena(), &environment->nodes[0], &place);
    free_ports(config, options);
    ck_assert_int_eq(conf_write(&text, config, &diags), 0);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    diags_release(&diags);
    return copy;
}

/* Until it is ready, and then it is ended. */
static void must_run(const char *program, const char *folder)
{
    run_shell(
        folder,
        arena_printf(test_arena(),
                     "{ '%s' -a 127.0.0.1 -p -1 -c nats-server.conf -P pid >said 2>&1 || :; : >ended; } &\n"
                     "until grep -qs 'Server is ready' said; do\n"
                     "    if [ -e ended ]; then cat said >&2; exit 1; fi\n"
                     "    sleep 0.05\n"
                     "done\n"
                     "kill \"$(cat pid)\"\n"
                     "wait\n",
                     program));
}

static void check_start(const struct mistake *mistake, const char *version, const char *conf,
                        const char *folder)
{
    const char *program = server_binary(version);
    const char *path = write_file(folder, "nats-server.conf", conf);
    const char *const argv[] = {program, "-a", "127.0.0.1", "-p", "-1", "-c", path, NULL};
    struct conf_verdict verdict;
    struct program_result result;
    const char *error = "";
    ck_assert_int_eq(binary_check(test_arena(), program, path, folder, &verdict, &error), 0);
    ck_assert_msg(verdict.valid, "%s: -t of %s finds '%s' in\n%s", mistake->options, version,
                  verdict.faults.count ? verdict.faults.items[0].message : "", conf);
    if (!mistake->said) {
        must_run(program, folder);
        return;
    }
    int failed = program_run(test_arena(), argv, folder, PATIENCE_MS, &result, &error);
    ck_assert_msg(!failed, "%s: on %s: %s", mistake->options, version, error);
    ck_assert_int_ne(result.status, 0);
    ck_assert_msg(strstr(result.output, mistake->said) != NULL, "%s: %s says\n%s", mistake->options, version,
                  result.output);
}

START_TEST(servers_do_not_find_it)
{
    const struct mistake *mistake = &mistakes[_i % MISTAKES];
    size_t count;
    const char *version = server_versions(&count)[_i / MISTAKES];
    const char *folder = test_directory();
    const char *store = make_directory(folder, "store");
    const char *options = filled(mistake->options, store);
    const char *manifest = arena_printf(test_arena(), "servers:\n  dev: {%s}\n", options);
    const char *path = write_file(folder, "natsform.yaml", manifest);
    uint32_t number;
    ck_assert(version_parse(version, &number));
    struct run run = RUN("validate", "-f", path, "--no-server-check");
    if (mistake->code)
        ck_assert_contains(run.err, arena_printf(test_arena(), "natsform.yaml:2:"));
    if (mistake->code)
        ck_assert_contains(run.err, arena_printf(test_arena(), "[%s]", mistake->code));
    else
        ck_assert_exit(run, EXIT_DONE);
    if ((mistake->since && number < mistake->since) || (mistake->until && number >= mistake->until))
        return; /* that one has not the option, or says it itself */
    check_start(mistake, version,
                mistake->conf ? arena_printf(test_arena(), "{%s}\n", filled(mistake->conf, store))
                              : configuration(manifest, options, store),
                folder);
}
END_TEST

/* What a server finds itself is told in its words, at the place in the manifest, and without secrets. */
START_TEST(a_server_is_asked)
{
    const char *folder = test_directory();
    const char *path = write_file(folder, "natsform.yaml",
                                  "servers:\n"
                                  "  dev:\n"
                                  "    version: '2.9-2.15'\n"
                                  "    tls: dev\n"
                                  "    max_payload: 2MiB\n"
                                  "    authorization:\n"
                                  "      users: [{user: a, password: s3cret-word}]\n"
                                  "    mappings:\n"
                                  "      a.*: b.$9\n");
    struct run run = RUN("validate", "-f", path);
    ck_assert_exit(run, EXIT_MANIFEST);
    ck_assert_contains(run.err, "natsform.yaml:9:7: error: nats-server ");
    ck_assert_contains(run.err, " refuses server 'dev': ");
    ck_assert_contains(run.err, "[server-refused]");
    ck_assert_lacks(run.err, "s3cret");
    ck_assert_exit(RUN("validate", "-f", path, "--no-server-check"), EXIT_DONE);
    const char *tmp = make_directory(folder, "tmp");
    run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", path, NULL},
        .env = (const char *const[]){arena_printf(test_arena(), "TMPDIR=%s", tmp), NULL}});
    ck_assert_exit(run, EXIT_MANIFEST);
    ck_assert_int_eq(remove(tmp), 0); /* nothing is left in it */
}
END_TEST

/* ---- what servers have no room for ---- */

#define SMALL                                                                                                \
    "jetstream: {max_mem: 1000000, max_file: 2000000, "                                                      \
    "limits: {max_ack_pending: 50, duplicate_window: 1m, max_request_batch: 10}}"
#define PENDING "ack_policy: explicit, max_ack_pending: "
#define BATCH "ack_policy: explicit, max_batch: "

/* A stream or its consumer, and the server's error; 0: it is taken. */
static const struct request_case {
    const char *stream, *consumer; /* fields, as in a manifest */
    int err_code;
    const char *raw; /* the stream, as the API has it; NULL: the same */
} requests[] = {
    {"subjects: [a]", NULL, 0, NULL},
    {"subjects: [a], num_replicas: 3", NULL, 10074, NULL},
    {"subjects: [a], max_bytes: 2000001", NULL, 10047, NULL},
    {"subjects: [a], max_bytes: 2000000", NULL, 0, NULL},
    {"subjects: [a], max_bytes: 1000001, storage: memory", NULL, 10028, NULL},
    {"subjects: [a], duplicate_window: 61s", NULL, 10052, "subjects: [a], duplicate_window: 61000000000"},
    {"subjects: [a], duplicate_window: 60s", NULL, 0, "subjects: [a], duplicate_window: 60000000000"},
    {"subjects: [a], placement: {cluster: nowhere, tags: [none]}", NULL, 0, NULL}, /* there is no cluster */
    {"subjects: [a]", PENDING "51", 10121, NULL},
    {"subjects: [a]", PENDING "50", 0, NULL},
    {"subjects: [a]", PENDING "-1", 0, NULL},
    {"subjects: [a]", BATCH "11", 10125, NULL},
    {"subjects: [a]", BATCH "10", 0, NULL},
};
enum { REQUESTS = sizeof(requests) / sizeof(requests[0]) };

/* `validate` warns of a stream that the manifest's server would refuse, and of no other. */
static void check_request(const struct server_fixture *server, const struct request_case *row)
{
    const char *rest = arena_printf(test_arena(), "streams:\n  S: {%s, consumers: {%s%s%s}}\n", row->stream,
                                    row->consumer ? "c: {" : "", row->consumer ? row->consumer : "",
                                    row->consumer ? "}" : "");
    const char *here = write_file(test_directory(), "here.yaml",
                                  arena_printf(test_arena(), "servers:\n  dev: {" SMALL "}\n%s", rest));
    struct run run = RUN("validate", "-f", here, "--no-server-check");
    ck_assert_exit(run, EXIT_DONE);
    ck_assert_msg((strstr(run.err, "[server-room]") != NULL) == (row->err_code != 0), "%s %s: %s",
                  row->stream, row->consumer ? row->consumer : "", run.err);
    struct raw_reply reply = raw_create(server, "S", NULL, config_read(row->raw ? row->raw : row->stream));
    if (row->consumer)
        reply = raw_create(server, "S", "c", config_read(row->consumer));
    ck_assert_msg(reply.err_code == row->err_code, "%s %s on %s: %d %s", row->stream,
                  row->consumer ? row->consumer : "", server->version, reply.err_code, reply.description);
    raw_call(server, "STREAM.DELETE.S", "");
    /* Where the manifest says that the streams are elsewhere, nothing is said. */
    const char *elsewhere = write_file(test_directory(), "elsewhere.yaml",
                                       arena_printf(test_arena(),
                                                    "servers:\n  dev: {" SMALL "}\n%s"
                                                    "connection: {url: nats://elsewhere:4222}\n",
                                                    rest));
    ck_assert_lacks(RUN("validate", "-f", elsewhere, "--no-server-check").err, "[server-room]");
}

START_TEST(servers_lack_room)
{
    size_t count;
    struct server_fixture *server =
        fixture_start(server_versions(&count)[_i], "jetstream: {max_mem: 1000000, max_file: 2000000, "
                                                   "limits: {max_ack_pending: 50, duplicate_window: \"1m\", "
                                                   "max_request_batch: 10}}\n");
    for (size_t i = 0; i < REQUESTS; i++)
        check_request(server, &requests[i]);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = servers_do_not_find_it, .times = MISTAKES, .each_version = true},
        {.test = a_server_is_asked},
        {.test = servers_lack_room, .each_version = true},
    };
    return suite_run("server_rules", tests, sizeof(tests) / sizeof(tests[0]));
}
