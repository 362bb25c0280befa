/*
 * The examples, as their readers run them: each is copied, booted by `up`, in sync, and gone after `down`, on every server version; and
 * the clients of examples/chat, for Node.js and in Chromium, publish and consume through what was booted.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/environment.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

enum { SERVERS_MOST = 2 };

/* An example, and what makes its ports free ones: its servers, and what else an overlay says of each. */
struct example {
    const char *name;
    struct {
        const char *name;
        const char *over; /* NULL: nothing */
    } servers[SERVERS_MOST];
    const char *first; /* node */
    size_t nodes;
    void (*use)(const struct test_environment *here); /* what else it has to do; NULL: nothing */
};

static const struct example chat = {
    .name = "chat", .servers = {{"dev", "port: null, websocket: {port: null}"}}, .first = "dev", .nodes = 1};
#define BOTH "-f", "natsform.yaml", "-f", "free.yaml"

static const char *overlay(const struct example *example)
{
    const char *text = "servers:\n";
    for (size_t i = 0; i < SERVERS_MOST && example->servers[i].name; i++)
        text = arena_printf(test_arena(), "%s  %s: {ports: auto%s%s}\n", text, example->servers[i].name,
                            example->servers[i].over ? ", " : "",
                            example->servers[i].over ? example->servers[i].over : "");
    return text;
}

/* Copies the example, and boots it. */
static struct test_environment *boot(const struct example *example, const char *version, const char *free)
{
    struct test_environment *here = environment_new(version, "");
    run_shell(
        here->folder,
        arena_printf(test_arena(),
                     "(cd '%s/../examples/%s' && tar -cf - --exclude=./node_modules --exclude=./dist "
                     "--exclude=./web/main.js --exclude=./.natsform --exclude=./jetstream .) | tar -xf -",
                     getenv("NATSFORM_TESTS"), example->name));
    write_file(here->folder, "free.yaml", free);
    struct run run = NF(here, "up", BOTH);
    ck_assert_exit(run, 0);
    environment_await(here, example->nodes);
    if (strcmp(example->name, "secure") == 0)
        ck_assert_contains(
            run.out,
            arena_printf(test_arena(), "export NODE_EXTRA_CA_CERTS=%s/.natsform/tls/ca.pem\n", here->folder));
    return here;
}

static const char *url_of(const struct test_environment *here, const char *node, const char *listener)
{
    return node_get_text(node_get(environment_node(here, node), "urls"), listener);
}

/* Nothing is left to plan nor to start. */
static void must_be_settled(const struct test_environment *here, const struct example *example)
{
    struct run plan =
        NF(here, "plan", BOTH, "--detailed-exitcode", "-s", url_of(here, example->first, "client"));
    ck_assert_exit(plan, 0);
    pid_t pid = environment_pid(here, example->first);
    struct run again = NF(here, "up", BOTH);
    ck_assert_exit(again, 0);
    ck_assert_lacks(again.out, "NODE_EXTRA_CA_CERTS");
    ck_assert_contains(again.out, "Up already: nothing was started.");
    ck_assert_int_eq(environment_pid(here, example->first), pid);
}

static void must_go_down(struct test_environment *here)
{
    struct run down = NF(here, "down");
    ck_assert_exit(down, 0);
    environment_await(here, 0);
    struct run status = NF(here, "status");
    ck_assert_exit(status, 1);
    ck_assert_str_eq(status.out, "Nothing is up.\n");
    environment_end(here);
}

/* ---- other programs ---- */

static struct run run_in_folder(const struct test_environment *here, const char *const *env,
                                const char *const *arguments)
{
    return run_natsform(&(struct run_options){
        .program = "/usr/bin/env", .arguments = arguments, .directory = here->folder, .env = env});
}

static const char *packages(const char *variable, const char *tool)
{
    const char *path = getenv(variable);
    ck_assert_msg(path && *path, "the JavaScript packages are not there: '%s' installs them", tool);
    return path;
}

/* An application of tests/clients; it has to say "ok". */
static void must_run_client(const struct test_environment *here, const char *script, const char *const *words)
{
    enum { WORDS_MOST = 8 };
    const char *all[WORDS_MOST + 2] = {
        "node", arena_printf(test_arena(), "%s/clients/%s", getenv("NATSFORM_TESTS"), script)};
    packages("NATSFORM_CLIENTS", "tools/clients");
    for (size_t i = 0; words[i]; i++) {
        ck_assert_uint_lt(i + 3, WORDS_MOST + 2);
        all[i + 2] = words[i];
    }
    struct run run = run_in_folder(here, NULL, all);
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "ok\n");
}

#define MUST_RUN_CLIENT(here, script, ...)                                                                   \
    must_run_client((here), (script), (const char *const[]){__VA_ARGS__, NULL})

/* ---- every example ---- */

static void use_secure(const struct test_environment *here)
{
    /* The nats CLI becomes who natsform is. */
    const char *context =
        read_file(arena_printf(test_arena(), "%s/.config/nats/context/secure.json", here->home));
    ck_assert_contains(context, arena_printf(test_arena(), "\"nkey\": \"%s/deployer.nk\"", here->folder));
    ck_assert_contains(context,
                       arena_printf(test_arena(), "\"ca\": \"%s/.natsform/tls/ca.pem\"", here->folder));
    ck_assert_lacks(context, "admin");
    MUST_RUN_CLIENT(here, "examples.mjs", "secure", url_of(here, "dev", "client"),
                    url_of(here, "dev", "websocket"), ".natsform/tls/ca.pem", "deployer.nk");
}

static void use_mqtt(const struct test_environment *here)
{
    MUST_RUN_CLIENT(here, "examples.mjs", "mqtt", url_of(here, "dev", "client"), url_of(here, "dev", "mqtt"));
}

static const struct example examples[] = {
    {.name = "cluster", .servers = {{"east", NULL}}, .first = "east-1", .nodes = 3},
    {.name = "supercluster", .servers = {{"east", NULL}, {"west", NULL}}, .first = "east-1", .nodes = 6},
    {.name = "secure",
     .servers = {{"dev", "websocket: {port: null}"}},
     .first = "dev",
     .nodes = 1,
     .use = use_secure},
    {.name = "mqtt", .servers = {{"dev", "mqtt: {port: null}"}}, .first = "dev", .nodes = 1, .use = use_mqtt},
};

START_TEST(boots)
{
    const size_t count = sizeof(examples) / sizeof(examples[0]);
    const struct example *example = &examples[(size_t)_i % count];
    const char *version = version_at(_i / (int)count);
    struct test_environment *here = boot(example, version, overlay(example));
    must_be_settled(here, example);
    if (example->use)
        example->use(here);
    must_go_down(here);
}
END_TEST

/* The streams of the edge are reached by its own URL, which names a port. */
START_TEST(leafnode)
{
    static const struct example example = {.name = "leafnode", .first = "hub", .nodes = 2};
    int port = free_port();
    struct test_environment *here = boot(&example, version_at(_i),
                                         arena_printf(test_arena(),
                                                      "connections: {edge: {url: \"nats://127.0.0.1:%d\"}}\n"
                                                      "servers:\n"
                                                      "  hub: {ports: auto, port: null}\n"
                                                      "  edge: {ports: auto, port: %d}\n",
                                                      port, port));
    must_be_settled(here, &example);
    must_go_down(here);
}
END_TEST

/* ---- chat's clients ---- */

static void must_run(const struct test_environment *here, const char *command)
{
    struct run run = run_in_folder(here, NULL, (const char *const[]){"sh", "-c", command, NULL});
    ck_assert_exit(run, 0);
}

/* The program for Node.js: the lines that it prints, with what differs from run to run left out. It is built once. */
static void must_talk(const struct test_environment *here)
{
    const char *url = url_of(here, chat.first, "client");
    const char *env[] = {arena_printf(test_arena(), "NATS_URL=%s", url), NULL};
    for (int sequence = 1; sequence <= 2; sequence++) {
        struct run run =
            run_in_folder(here, env,
                          sequence == 1 ? (const char *const[]){"npm", "run", "--silent", "client", NULL}
                                        : (const char *const[]){"node", "dist/client.js", NULL});
        ck_assert_exit(run, 0);
        ck_assert_str_eq(
            run.out,
            arena_printf(test_arena(),
                         "connected to %s\n"
                         "otp-updates: 493021 for ada\n"
                         "stored in CHAT as message %d\n"
                         "processor: %d chat.lobby {\"from\":\"ada\",\"text\":\"Hello from Node.js\"}\n",
                         url + strlen("nats://"), sequence, sequence));
    }
}

/* No server has a part in it. */
START_TEST(chat_has_the_right_types)
{
    const char *modules = packages("NATSFORM_CHAT", "tools/clients examples/chat");
    run_shell(test_directory(),
              arena_printf(test_arena(),
                           "cp -R '%s/../examples/chat' chat && cd chat && rm -rf node_modules\n"
                           "ln -s '%s/node_modules' node_modules && npm run --silent check\n",
                           getenv("NATSFORM_TESTS"), modules));
}
END_TEST

START_TEST(chat_talks)
{
    const char *modules = packages("NATSFORM_CHAT", "tools/clients examples/chat");
    struct test_environment *here = boot(&chat, version_at(_i), overlay(&chat));
    must_be_settled(here, &chat);
    run_shell(here->folder, arena_printf(test_arena(), "ln -s '%s/node_modules' node_modules", modules));
    must_talk(here);
    must_run(here,
             "node_modules/.bin/esbuild web/main.ts --bundle --format=esm --outdir=web --log-level=warning");
    /* The page in Chromium, which has to show and to store. */
    MUST_RUN_CLIENT(here, "page.mjs", "web", url_of(here, "dev", "client"), url_of(here, "dev", "websocket"));
    must_be_settled(here, &chat);
    must_go_down(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = boots, .times = sizeof(examples) / sizeof(examples[0]), .each_version = true},
        {.test = leafnode, .each_version = true},
        {.test = chat_has_the_right_types},
        {.test = chat_talks, .each_version = true},
    };
    return suite_run("examples", tests, sizeof(tests) / sizeof(tests[0]));
}
