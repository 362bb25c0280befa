/*
 * `natsform import conf`: the configurations of tests/conf become manifests, these become configurations again, and every server
 * takes them. What comes out is compared with what went in, option by option: only what natsform says it fills in may be new.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kind/servers.h"
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

int main(void)
{
    const struct suite_test tests[] = {
        {.test = test_round_trip, .times = sizeof(files) / sizeof(files[0])},
    };
    return suite_run("conf_import", tests, sizeof(tests) / sizeof(tests[0]));
}
