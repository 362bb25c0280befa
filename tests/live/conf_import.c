/*
 * `natsform import conf`: the configurations of tests/conf become manifests, these become configurations again, and every server
 * takes them. What comes out is compared with what went in, option by option: only what natsform says it fills in may be new.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest/servers.h"
#include "support/run.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "syntax/conf.h"
#include "syntax/json.h"

static const char *const files[] = {"routes.conf",     "edge.conf", "region/server_a.conf",
                                    "everything.conf", "json.conf", "variables.conf"};

/* Of the configurations' variables; values as a shell has them that knows nothing of nats-server. */
static const char *const environment[] = {
    "BOB_PASS=b0b",        "SVC_PASS=\"1e9\"", "NODE=n7", "ADVERTISE=\"n7.example:4222\"",
    "DATA=/tmp/variables", "PASSWORD='a b;c'", NULL};

static const char *tests(void)
{
    const char *directory = getenv("NATSFORM_TESTS");
    return directory && directory[0] ? directory : "tests";
}

/* What the shell's quotes that servers want are to natsform: nothing. */
static const char *const *plain_environment(void)
{
    enum { COUNT = sizeof(environment) / sizeof(environment[0]) };
    static const char *plain[COUNT];
    for (size_t i = 0; environment[i]; i++) {
        const char *value = strchr(environment[i], '=') + 1;
        size_t quoted = strchr("\"'", *value) != NULL;
        plain[i] = arena_printf(test_arena(), "%.*s%.*s", (int)(value - environment[i]), environment[i],
                                (int)(strlen(value) - 2 * quoted), value + quoted);
    }
    return plain;
}

/* ---- reading ---- */

static int read_beside(void *context, struct arena *arena, const char *path, struct source *ret_source,
                       const char **ret_error)
{
    (void)context;
    (void)arena;
    (void)ret_error;
    const char *text = read_file(path);
    *ret_source = (struct source){arena_strdup(test_arena(), path), text, strlen(text)};
    return 0;
}

static const char *look_up(void *context, const char *name)
{
    size_t length = strlen(name);
    (void)context;
    for (size_t i = 0; environment[i]; i++)
        if (strncmp(environment[i], name, length) == 0 && environment[i][length] == '=')
            return environment[i] + length + 1;
    return NULL;
}

/* Its options by their own names. */
static struct node *options_of(const char *path, const char *text)
{
    const struct conf_world world = {.read = read_beside, .lookup = look_up};
    struct source *source = ARENA_NEW(test_arena(), struct source);
    struct diags diags;
    struct conf conf;
    diags_init(&diags);
    *source = (struct source){path, text, strlen(text)};
    ck_assert_msg(conf_read(test_arena(), source, &world, &diags, &conf) == 0, "%s", said(&diags));
    struct node *options = server_read(test_arena(), "test", conf.root, &diags);
    diags_release(&diags);
    return options;
}

/* ---- the same meaning ---- */

/* One `listen` for whatever says where. */
static void settle_listener(struct node *block, const char *key, const char *port_key, const char *usual)
{
    const char *listen = node_get_text(block, key);
    const char *colon = strrchr(listen, ':');
    const char *said_port = node_get_text(block, port_key);
    const char *host = colon > listen ? arena_strndup(test_arena(), listen, (size_t)(colon - listen))
                                      : node_get_text(block, "host");
    const char *port = *said_port ? said_port : colon ? colon + 1 : *listen ? listen : usual;
    if (!*port)
        return;
    node_put(
        test_arena(), block, key,
        node_scalar(test_arena(), arena_printf(test_arena(), "%s:%s", *host ? host : "0.0.0.0", port), true));
    node_remove(block, port_key);
}

static void settle(struct node *options)
{
    static const char *const blocks[] = {"cluster", "gateway", "leafnodes", "websocket", "mqtt"};
    settle_listener(options, "http", "http_port", "");
    settle_listener(options, "listen", "port", "4222");
    node_remove(options, "host");
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        struct node *block = node_get(options, blocks[i]);
        if (!block)
            continue;
        settle_listener(block, "listen", "port", "");
        node_remove(block, "host");
    }
}

/* What natsform may add, where the original says nothing. */
static void forget_additions(struct node *options, const struct node *original)
{
    static const char *const additions[][2] = {
        {NULL, "server_name"}, {NULL, "http"}, {"cluster", "name"}, {"jetstream", "store_dir"}};
    for (size_t i = 0; i < sizeof(additions) / sizeof(additions[0]); i++) {
        const char *block = additions[i][0];
        struct node *ours = block ? node_get(options, block) : options;
        const struct node *theirs = block ? node_get(original, block) : original;
        if (ours && ours->type == NODE_MAP && !node_get(theirs, additions[i][1]))
            node_remove(ours, additions[i][1]);
    }
    bool on;
    const struct node *jetstream = node_get(options, "jetstream");
    if (!node_get(original, "jetstream")) {
        ck_assert(jetstream && node_is_bool(jetstream, &on) && !on);
        node_remove(options, "jetstream");
    }
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static void sort(struct node *node)
{
    if (node->type == NODE_MAP && node->count)
        qsort(node->members, node->count, sizeof(*node->members), compare_keys);
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        sort(node->type == NODE_LIST ? node->items[i] : node->members[i].value);
}

static const char *text_of(struct node *node)
{
    struct strbuf text = {0};
    sort(node);
    json_write(&text, node, true);
    const char *copy = arena_strndup(test_arena(), strbuf_text(&text), text.length);
    strbuf_release(&text);
    return copy;
}

static void check_taken(const char *path, const char *const *env)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    for (size_t i = 0; i < count; i++) {
        struct run run = run_natsform(&(struct run_options){
            .program = server_binary(versions[i]),
            .arguments = (const char *const[]){"-t", "-c", path, NULL},
            .env = env,
        });
        ck_assert_msg(run.exit_code == 0, "%s: %s", versions[i], run.err);
    }
}

/* The configuration that comes back, and where it is. */
static const char *there_and_back(const char *path, const char *directory)
{
    const char *manifest = arena_printf(test_arena(), "%s/natsform.yaml", directory);
    const char *secrets = arena_printf(test_arena(), "%s/secrets.env", directory);
    const char *out = arena_printf(test_arena(), "%s/out", directory);
    struct run import = RUN("import", "conf", path, "--out", manifest, "--secrets", secrets, "--name", "it");
    ck_assert_exit(import, 0);
    struct run validate = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", manifest, "--env-file", secrets, NULL},
        .env = plain_environment(),
    });
    ck_assert_exit(validate, 0);
    struct run generate = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"generate", "conf", "-f", manifest, "--env-file", secrets, "--out",
                                           out, NULL},
        .env = plain_environment(),
    });
    ck_assert_exit(generate, 0);
    return arena_printf(test_arena(), "%s/conf/it.conf", out);
}

START_TEST(test_round_trip)
{
    const char *path = arena_printf(test_arena(), "%s/conf/%s", tests(), files[_i]);
    const char *directory = test_directory();
    check_taken(path, environment);
    const char *back = there_and_back(path, directory);
    check_taken(back, environment);
    struct node *original = options_of(path, read_file(path));
    struct node *result = options_of(back, read_file(back));
    settle(original);
    settle(result);
    forget_additions(result, original);
    ck_assert_str_eq(text_of(result), text_of(original));
}
END_TEST

/* ---- what is written, and what is said ---- */

struct said_case {
    const char *text;
    int exit_code;
    const char *out; /* of `import conf x.conf`, run beside the file */
    const char *err;
};

/* What natsform fills in when a configuration says nothing of it. */
#define FILLED "    host: 0.0.0.0\n    jetstream: false\n    http: 127.0.0.1:8222\n"
#define MONITORED                                                                                            \
    "there is no monitoring; natsform needs it to see whether a server is ready: it is 127.0.0.1:8222 now\n"

static const struct said_case said_cases[] = {
    {"http: '127.0.0.1:8222', listen = 127.0.0.1:4333; jetstream off\n", 0,
     "servers:\n"
     "  x:\n"
     "    http: 127.0.0.1:8222\n"
     "    listen: 127.0.0.1:4333\n"
     "    jetstream: false\n",
     ""},
    /* names: by server_name, which goes when it says the same, and else stays */
    {"server_name: dev\n", 0, "servers:\n  dev:\n" FILLED, MONITORED},
    {"SERVER_NAME: \"eu.dev-1\"\n", 0, "servers:\n  eu-dev-1:\n    server_name: eu.dev-1\n" FILLED,
     MONITORED},
    {"server_name: $NODE\n", 0, "servers:\n  x:\n    server_name: ${NODE}\n" FILLED,
     MONITORED "NODE comes from the environment, or from --env-file\n"},
    /* secrets become variables; hashes are none */
    {"port: 4222\nauthorization { users [ {user: a, password: 'p w'}, {user: b, password: $2a$04$abc}, {user: c, password: \"\"},\n"
     "{nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4} ] }\n",
     0,
     "# Secrets are variables; set each to what the configuration says there:\n"
     "#   X_AUTHORIZATION_USERS_A_PASSWORD  x.conf:2\n"
     "servers:\n"
     "  x:\n"
     "    port: 4222\n"
     "    authorization:\n"
     "      users:\n"
     "      - user: a\n"
     "        password: ${X_AUTHORIZATION_USERS_A_PASSWORD}\n"
     "      - user: b\n"
     "        password: $2a$04$abc\n"
     "      - user: c\n"
     "        password: ''\n"
     "      - nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4\n" FILLED,
     MONITORED "1 secret became variables; --secrets FILE keeps their values\n"},
    {"cluster { name: c, port: 6222, routes: ['nats://u:p%40@a:1', 'nats://t0k@b:2', nats://c:3 ] }\n", 0,
     "# Secrets are variables; set each to what the configuration says there:\n"
     "#   X_CLUSTER_ROUTES_1_PASSWORD  x.conf:1\n"
     "#   X_CLUSTER_ROUTES_2_TOKEN  x.conf:1\n"
     "servers:\n"
     "  x:\n"
     "    cluster:\n"
     "      name: c\n"
     "      port: 6222\n"
     "      routes:\n"
     "      - nats://u:${X_CLUSTER_ROUTES_1_PASSWORD}@a:1\n"
     "      - nats://${X_CLUSTER_ROUTES_2_TOKEN}@b:2\n"
     "      - nats://c:3\n"
     "      host: 0.0.0.0\n" FILLED,
     MONITORED
     "the routes are as they were written; 'nodes: N' instead of them describes the whole cluster as one server\n"
     "2 secrets became variables; --secrets FILE keeps their values\n"},
    /* what looks like a variable of natsform's is none, and one of the configuration's own is gone */
    {"T: \"${HOME} $$\"\nserver_tags: [$T, '$x']\n", 0,
     "servers:\n  x:\n    server_tags: ['$${HOME} $$$', $x]\n" FILLED, MONITORED},
    /* units */
    {"max_payload: 8MB, max_pending: 1e, write_deadline: 5, authorization { timeout: 1.5 }\n", 0,
     "servers:\n"
     "  x:\n"
     "    max_payload: 8MB\n"
     "    max_pending: 1000000000000000000\n"
     "    write_deadline: 5s\n"
     "    authorization:\n"
     "      timeout: 1.5\n" FILLED,
     MONITORED},
    {"ping_interval: 2m\n", 0, "servers:\n  x:\n    ping_interval: 2000000s\n" FILLED,
     MONITORED
     "x.conf:1:16: warning: '2m' of 'ping_interval' is 2000000 seconds to nats-server, as it has no quotes "
     "[misread]\n"
     "    1 | ping_interval: 2m\n"
     "      |                ^~\n"
     "hint: it is written as that many seconds; mend it if it was meant as it looks\n"},
    /* faults */
    {"frobnicate: 1\nX: 2\nmax_conn: $X\njetstrem { }\n", 65, "",
     "x.conf:1:1: error: unknown key 'frobnicate' in server 'x' [unknown-key]\n"
     "    1 | frobnicate: 1\n"
     "      | ^~~~~~~~~~\n"
     "x.conf:4:1: error: unknown key 'jetstrem' in server 'x' [unknown-key]\n"
     "    4 | jetstrem { }\n"
     "      | ^~~~~~~~\n"
     "hint: did you mean 'jetstream'?\n"},
    {"host: a\nnet: b\n", 65, "",
     "x.conf:2:1: error: 'host' stands here by two names, and nats-server takes either value by chance "
     "[duplicate-key]\n"
     "    2 | net: b\n"
     "      | ^~~\n"
     "x.conf:1:1: note: the other is here\n"},
    {"port: 4333\ngateways [{name: a, url: 'nats://a:1'}]\n", 65, "",
     "x.conf:2:1: error: nats-server has no option 'gateways' here [unknown-key]\n"
     "    2 | gateways [{name: a, url: 'nats://a:1'}]\n"
     "      | ^~~~~~~~\n"
     "hint: it is one of 'gateway'\n"},
    /* a file that is made to be included in a block; one that could be in several is none */
    {"A_URL: 'nats://a:1'\ngateways [{name: a, url: $A_URL}]\n", 0,
     "# A part of a server: options of its 'gateway'. Lay it over the rest with one more -f.\n"
     "servers:\n"
     "  x:\n"
     "    gateway:\n"
     "      gateways:\n"
     "      - name: a\n"
     "        url: nats://a:1\n",
     "there are only options of 'gateway': it is taken as a file that is included there\n"},
    /* what servers share is a part, too, in which nothing is filled in */
    {"accounts { A: {jetstream: enabled} }\nwebsocket { port: 8080, no_tls: true }\n", 0,
     "# A part of a server. Lay it over the rest with one more -f.\n"
     "servers:\n"
     "  x:\n"
     "    accounts:\n"
     "      A:\n"
     "        jetstream: enabled\n"
     "    websocket:\n"
     "      port: 8080\n"
     "      no_tls: true\n",
     "nothing says where the server listens: it is taken as a file that is included, and nothing is filled in; lay it over its "
     "server, of the same --name, with one more -f\n"},
    /* monitoring is where no other listener is */
    {"port: 8222, jetstream: off, leafnodes { listen: '0.0.0.0:8223' }\n", 0,
     "servers:\n"
     "  x:\n"
     "    port: 8222\n"
     "    jetstream: false\n"
     "    leafnodes:\n"
     "      listen: 0.0.0.0:8223\n"
     "    host: 0.0.0.0\n"
     "    http: 127.0.0.1:8224\n",
     "there is no monitoring; natsform needs it to see whether a server is ready: it is 127.0.0.1:8224 now\n"},
    {"no_advertise: true\n", 65, "",
     "x.conf:1:1: error: unknown key 'no_advertise' in server 'x' [unknown-key]\n"
     "    1 | no_advertise: true\n"
     "      | ^~~~~~~~~~~~\n"
     "hint: did you mean 'client_advertise'?\n"},
    /* the gateway's name is the cluster's */
    {"http: 8222, cluster { port: 6222, routes: ['nats://b:1' ] }, gateway { name: eu, port: 7222 }\n", 0,
     "servers:\n"
     "  x:\n"
     "    http: 8222\n"
     "    cluster:\n"
     "      port: 6222\n"
     "      routes: ['nats://b:1']\n"
     "      host: 0.0.0.0\n"
     "    gateway:\n"
     "      name: eu\n"
     "      port: 7222\n"
     "      host: 0.0.0.0\n"
     "    host: 0.0.0.0\n"
     "    jetstream: false\n",
     ""},
    {"server_tags: [$A-B]\n", 65, "",
     "x.conf:1:15: error: variable 'A-B' cannot be named in a manifest [variable]\n"
     "    1 | server_tags: [$A-B]\n"
     "      |               ^~~~\n"},
    {"server_name: 12\nauthorization { token: yes }\n", 65, "",
     "x.conf:1:14: error: 'server_name' is a number to nats-server, and no text [wrong-type]\n"
     "    1 | server_name: 12\n"
     "      |              ^~\n"
     "hint: put it into quotes\n"
     "x.conf:2:24: error: 'token' is true or false to nats-server, and no text [wrong-type]\n"
     "hint: put it into quotes\n"},
    /* the line is not shown */
    {"authorization { user: a, password: 10EB }\n", 65, "",
     "x.conf:1:36: error: a number that does not fit 64 bits, and nats-server would take it for another [range]\n"},
    {"include 'y.conf'\n", 65, "",
     "x.conf:1:1: error: cannot read the included file 'y.conf': no such file or directory [file]\n"
     "    1 | include 'y.conf'\n"
     "      | ^~~~~~~~~~~~~~~~\n"
     "hint: paths are looked up from the folder of the file that includes, absolute ones too; '--skip-missing' leaves out what is not there\n"},
};

START_TEST(test_said)
{
    const struct said_case *row = &said_cases[_i];
    const char *directory = test_directory();
    write_file(directory, "x.conf", row->text);
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"import", "conf", "x.conf", NULL}, .directory = directory});
    ck_assert_exit(run, row->exit_code);
    ck_assert_str_eq(run.out, row->out);
    ck_assert_str_eq(run.err, row->err);
}
END_TEST

/* ---- parts ---- */

/* A configuration with its parts is the same as one without them, over which the parts are laid. */
START_TEST(test_parts)
{
    const char *whole = arena_printf(test_arena(), "%s/whole.yaml", test_directory());
    const char *rest = arena_printf(test_arena(), "%s/rest.yaml", test_directory());
    const char *part = arena_printf(test_arena(), "%s/part.yaml", test_directory());
    const char *directory = test_directory();
    const char *conf = write_file(directory, "server.conf",
                                  "http: 8222\n"
                                  "jetstream: off\n"
                                  "cluster { port: 6222, routes: ['nats://127.0.0.1:6223' ] }\n"
                                  "gateway { name: eu, port: 7222, include 'gateways.conf' }\n");
    const char *gateways = arena_printf(test_arena(), "%s/gateways.conf", directory);
    struct run run = RUN("import", "conf", conf, "--skip-missing", "--name", "it", "--out", rest);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err,
                       arena_printf(test_arena(), "%s is not there: what it says is left out\n", gateways));
    ck_assert_contains(read_file(rest),
                       arena_printf(test_arena(), "# Not there, and left out: %s\n", gateways));
    write_file(directory, "gateways.conf", "gateways [ {name: us, urls: ['nats://127.0.0.1:7322' ]} ]\n");
    ck_assert_exit(RUN("import", "conf", gateways, "--name", "it", "--out", part), 0);
    ck_assert_exit(RUN("import", "conf", conf, "--skip-missing", "--name", "it", "--out", whole), 0);
    ck_assert_lacks(read_file(whole), "Not there");
    const char *together = arena_printf(test_arena(), "%s/together", directory);
    const char *laid = arena_printf(test_arena(), "%s/laid", directory);
    ck_assert_exit(RUN("generate", "conf", "-f", whole, "--out", together), 0);
    ck_assert_exit(RUN("generate", "conf", "-f", rest, "-f", part, "--out", laid), 0);
    together = arena_printf(test_arena(), "%s/conf/it.conf", together);
    laid = arena_printf(test_arena(), "%s/conf/it.conf", laid);
    check_taken(laid, NULL);
    ck_assert_contains(read_file(laid), "name: \"us\"");
    ck_assert_str_eq(text_of(options_of(laid, read_file(laid))),
                     text_of(options_of(together, read_file(together))));
}
END_TEST

/* Laid over its server, a part turns nothing of it off. */
START_TEST(test_shared_part)
{
    const char *directory = test_directory();
    const char *server = write_file(directory, "server.conf",
                                    "port: 4333\nhttp: 8333\njetstream: {max_mem: 1M, max_file: 1M}\n");
    const char *accounts = write_file(directory, "accounts.conf",
                                      "accounts { A: {users: [{nkey: "
                                      "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4}]} }\n");
    const char *rest = arena_printf(test_arena(), "%s/rest.yaml", directory);
    const char *part = arena_printf(test_arena(), "%s/part.yaml", directory);
    const char *laid = arena_printf(test_arena(), "%s/laid", directory);
    ck_assert_exit(RUN("import", "conf", server, "--name", "it", "--out", rest), 0);
    ck_assert_exit(RUN("import", "conf", accounts, "--name", "it", "--out", part), 0);
    ck_assert_exit(RUN("generate", "conf", "-f", rest, "-f", part, "--out", laid), 0);
    laid = arena_printf(test_arena(), "%s/conf/it.conf", laid);
    check_taken(laid, NULL);
    static const char *const kept[] = {":4333", ":8333", "max_mem",
                                       "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"};
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        ck_assert_contains(read_file(laid), kept[i]);
}
END_TEST

/* ---- where it is written ---- */

static mode_t mode_of(const char *path)
{
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_mode & 0777;
}

START_TEST(test_files)
{
    const char *directory = test_directory();
    const char *conf =
        write_file(directory, "nats.conf", "http: 8222\nauthorization { token: \" it's \\\"#$ \" }\n");
    const char *manifest = arena_printf(test_arena(), "%s/natsform.yaml", directory);
    const char *secrets = arena_printf(test_arena(), "%s/.env", directory);
    struct run run = RUN("import", "conf", conf, "--out", manifest, "--secrets", secrets, "--name", "hub");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "");
    ck_assert_lacks(run.err, "it's");
    ck_assert_str_eq(read_file(manifest), "servers:\n"
                                          "  hub:\n"
                                          "    http: 8222\n"
                                          "    authorization:\n"
                                          "      token: ${HUB_AUTHORIZATION_TOKEN}\n"
                                          "    host: 0.0.0.0\n"
                                          "    jetstream: false\n");
    ck_assert_str_eq(read_file(secrets), "HUB_AUTHORIZATION_TOKEN=' it's \"#$ '\n");
    ck_assert_uint_eq(mode_of(secrets), 0600);
    /* Neither is overwritten without being told, nor one without the other. */
    write_file(directory, "natsform.yaml", "mine");
    run = RUN("import", "conf", conf, "--out", manifest, "--secrets",
              arena_printf(test_arena(), "%s/other", directory));
    ck_assert_exit(run, 3);
    ck_assert_contains(run.err,
                       "exists already [exists]\nhint: nothing was written; '--force' replaces it\n");
    ck_assert_str_eq(read_file(manifest), "mine");
    ck_assert_int_ne(access(arena_printf(test_arena(), "%s/other", directory), F_OK), 0);
    run = RUN("import", "conf", conf, "--secrets", secrets);
    ck_assert_exit(run, 3);
    ck_assert_str_eq(run.out, "");
    run = RUN("import", "conf", conf, "--out", manifest, "--secrets", secrets, "--force");
    ck_assert_exit(run, 0);
    ck_assert_contains(read_file(manifest), "  nats:\n");
    ck_assert_uint_eq(mode_of(secrets), 0600);
}
END_TEST

START_TEST(test_usage)
{
    static const struct {
        const char *const arguments[8];
        const char *input;
        int exit_code;
        const char *said; /* somewhere */
    } rows[] = {
        {{"import", "ORDERS", "--out", "x"},
         "",
         64,
         "are for 'import conf FILE' and 'import compose FILE' [usage]"},
        {{"import", "conf", "a", "b"}, "", 64, "unexpected argument 'b' [usage]"},
        {{"import", "conf", "-", "--name", ""}, "", 64, "need a text [usage]"},
        {{"import", "conf", "-", "--name", "a b"}, "", 65, "a server cannot be named 'a b' [name]"},
        {{"import", "conf", "/missing"}, "", 65, "cannot read '/missing': no such file or directory [file]"},
        {{"import", "conf", "/"}, "", 65, "cannot read '/': is a directory [file]"},
        {{"import", "conf", "-"}, "port: 4333\n", 0, "  nats-server:\n    port: 4333\n"},
        {{"import", "conf", "-", "--name", "dev"},
         "port: [\n",
         65,
         "<stdin>:1:7: error: '[' is not closed [syntax]"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run =
            run_natsform(&(struct run_options){.arguments = rows[i].arguments, .input = rows[i].input});
        ck_assert_exit(run, rows[i].exit_code);
        ck_assert_contains(rows[i].exit_code ? run.err : run.out, rows[i].said);
    }
}
END_TEST

/* A secret that no env file can hold is named, and nothing is written. */
START_TEST(test_line_break)
{
    const char *directory = test_directory();
    const char *conf = write_file(directory, "nats.conf", "authorization { token: \"two\\nlines\" }\n");
    const char *secrets = arena_printf(test_arena(), "%s/.env", directory);
    struct run run = RUN("import", "conf", conf, "--secrets", secrets);
    ck_assert_exit(run, 65);
    ck_assert_contains(run.err, "a secret with a line break has no place in an env file [format]");
    ck_assert_lacks(run.err, "lines");
    ck_assert_int_ne(access(secrets, F_OK), 0);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = test_round_trip, .times = sizeof(files) / sizeof(files[0])},
        {.test = test_said, .times = sizeof(said_cases) / sizeof(said_cases[0])},
        {.test = test_files},
        {.test = test_usage},
        {.test = test_line_break},
        {.test = test_parts},
        {.test = test_shared_part},
    };
    return suite_run("conf_import", tests, sizeof(tests) / sizeof(tests[0]));
}
