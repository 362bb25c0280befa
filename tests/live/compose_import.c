/*
 * `natsform import compose`: Compose files as strangers write them become manifests. What is written and said is asserted; servers of each version
 * boot from it, and say of themselves what one says that was started with the same flags.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "devenv/probe.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"

enum { ANSWER_MS = 5000 };

static const char *version_of(int index)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    return versions[(size_t)index % count];
}

/* ---- what is written, and what is said ---- */

struct file {
    const char *name, *text;
};

struct said_case {
    const char *compose;
    struct file files[3];
    const char *arguments[4];
    int exit_code;
    const char *out; /* of `import compose compose.yaml`, run beside the files */
    const char *err;
};

static const struct said_case said_cases[] = {
    /* one server by flags in a list, beside others */
    {.compose = "services:\n"
                "  nats:\n"
                "    image: nats:2.10.27-alpine\n"
                "    command:\n"
                "    - --http_port=8222\n"
                "    - --jetstream\n"
                "    - -sd=/data    # store\n"
                "    ports: [\"4222:4222\", \"127.0.0.1:18222:8222\"]\n"
                "    volumes: [\"nats_data:/data\"]\n"
                "    restart: always\n"
                "    depends_on: [app]\n"
                "  app: {image: app}\n"
                "  box: {image: natsio/nats-box:latest}\n"
                "volumes: {nats_data: {}}\n",
     .out = "servers:\n"
            "  nats:\n"
            "    version: 2.10.27\n"
            "    host: 0.0.0.0\n"
            "    port: 4222\n"
            "    http: 127.0.0.1:18222\n"
            "    jetstream: true\n",
     .err = "no nats-server, and left out: app, box\n"
            "nats: what is stored in the volume 'nats_data' is not taken over\n"},
    /* the same by a text, with a folder of the host, and variables of both of Compose's spellings */
    {.compose = "version: '3'\n"
                "services:\n"
                "  my.queue:\n"
                "    image: docker.io/library/nats:${TAG:-2.10}\n"
                "    entrypoint: /nats-server\n"
                "    command: -p $PORT -js --sd '/data/a b' -n q$$1 --max_traced_msg_len ${LEN-10}\n"
                "    ports: [\"${PORT:?which port}:4333\", \"5000:${PORT}\"]\n"
                "    volumes:\n"
                "    - {type: bind, source: ./data, target: /data}\n",
     .files = {{".env", "PORT=4333\n"}},
     .arguments = {"--name", "q"},
     .out = "servers:\n"
            "  q:\n"
            "    image: docker.io/library/nats:${TAG:-2.10}\n"
            "    server_name: q$1\n"
            "    host: 0.0.0.0\n"
            "    port: ${PORT:?which port}\n"
            "    jetstream: true\n"
            "    store_dir: ./data/a b\n"
            "    max_traced_msg_len: ${LEN:-10}\n",
     .err = "my.queue: port 4333 of the container is published twice; the first one counts\n"
            "PORT comes from the environment, or from --env-file\n"},
    /* the official image without a command; who publishes the container's port alone gets any */
    {.compose = "services:\n"
                "  broker:\n"
                "    image: nats\n"
                "    ports: [\"${NATS_PORT:-4333}:4222\", \"8222\", \"53:53/udp\"]\n"
                "    mem_limit: 1g\n"
                "    user: \"1000\"\n",
     .out = "servers:\n"
            "  broker:\n"
            "    image: nats\n"
            "    host: 0.0.0.0\n"
            "    port: ${NATS_PORT:-4333}\n"
            "    http_port: -1\n"
            "    jetstream: false\n",
     .err = "broker: not taken over: user, mem_limit\n"},
    /* NATS's own example of a cluster; only the seed publishes anything */
    {.compose =
         "version: \"3.5\"\n"
         "services:\n"
         "  nats:\n"
         "    image: nats\n"
         "    ports: [\"8222:8222\"]\n"
         "    command: \"--cluster_name NATS --cluster nats://0.0.0.0:6222 --http_port 8222 \"\n"
         "  nats-1:\n"
         "    image: nats\n"
         "    command: \"--cluster_name NATS --cluster nats://0.0.0.0:6222 --routes=nats://u:pw@nats:6222\"\n"
         "  nats-2:\n"
         "    image: nats\n"
         "    command: \"--cluster_name NATS --cluster nats://0.0.0.0:6222 --routes=nats://u:pw@nats:6222\"\n",
     .out = "servers:\n"
            "  NATS:\n"
            "    nodes: 3\n"
            "    image: nats\n"
            "    port: 4222\n"
            "    http: 0.0.0.0:8222\n"
            "    cluster:\n"
            "      port: 6222\n"
            "    jetstream: false\n",
     .err = "nats, nats-1, nats-2 are one cluster of servers that are alike: one server with 3 nodes\n"},
    /* replicas of one service that find each other by its name */
    {.compose =
         "services:\n"
         "  nats:\n"
         "    image: synadia/nats-server:nightly\n"
         "    deploy: {replicas: 3}\n"
         "    command: [nats-server, -js, --cluster, \"nats://0.0.0.0:6222\", --cluster_name, c, --routes, \"nats://nats:6222\"]\n"
         "    ports: [\"4222-4224:4222\"]\n",
     .out = "servers:\n"
            "  nats:\n"
            "    nodes: 3\n"
            "    image: synadia/nats-server:nightly\n"
            "    host: 0.0.0.0\n"
            "    port: 4222\n"
            "    jetstream: true\n"
            "    cluster:\n"
            "      name: c\n"
            "      port: 6222\n",
     .err = "JetStream has no store_dir: nats-server stores in /tmp, natsform in ./jetstream\n"},
    /* configurations: in folders, each file by itself, with includes and variables of the container */
    {.compose =
         "services:\n"
         "  a: &a\n"
         "    image: nats:2.10\n"
         "    command: [\"-c\", \"nats/nats.conf\", \"-p\", \"4222\"]\n"
         "    working_dir: /etc\n"
         "    environment: {NAME: a1, PW: \"$WORD\"}\n"
         "    volumes: [\"./conf/main.conf:/etc/nats/nats.conf:ro\", \"./login:/etc/nats/inc\", \"./tls:/certs\"]\n"
         "    ports: [\"4222:4222\"]\n"
         "  b:\n"
         "    <<: *a\n"
         "    env_file: b.env\n"
         "    environment: [PW]\n"
         "    ports: [{target: 4222, published: \"4300\", host_ip: 127.0.0.1}]\n",
     .files = {{"conf/main.conf",
                "server_name: $NAME\nhttp: 8222\ninclude ./inc/login.conf\npid_file: /var/run/nats.pid\n"
                "tls { cert_file: /certs/a.pem, key_file: /elsewhere/b.pem }\n"},
               {"login/login.conf", "authorization { user: u, password: $PW }\n"},
               {"b.env", "NAME=b1\n"}},
     .out = "servers:\n"
            "  a:\n"
            "    version: '2.10'\n"
            "    image: nats:2.10\n"
            "    server_name: a1\n"
            "    host: 0.0.0.0\n"
            "    port: 4222\n"
            "    http: 127.0.0.1:8222\n"
            "    authorization:\n"
            "      user: u\n"
            "      password: ${WORD}\n"
            "    tls:\n"
            "      cert_file: ./tls/a.pem\n"
            "      key_file: /elsewhere/b.pem\n"
            "    jetstream: false\n"
            "  b:\n"
            "    version: '2.10'\n"
            "    image: nats:2.10\n"
            "    server_name: b1\n"
            "    port: 4300\n"
            "    http_port: 8223\n"
            "    authorization:\n"
            "      user: u\n"
            "      password: ${PW}\n"
            "    tls:\n"
            "      cert_file: ./tls/a.pem\n"
            "      key_file: /elsewhere/b.pem\n"
            "    jetstream: false\n",
     .err = "a: not taken over: working_dir\n"
            "b: not taken over: working_dir\n"
            "a: '/elsewhere/b.pem' is in the image or in a volume: bring it here, and mend its path\n"
            "b: '/elsewhere/b.pem' is in the image or in a volume: bring it here, and mend its path\n"
            "WORD comes from the environment, or from --env-file\n"
            "PW comes from the environment, or from --env-file\n"},
    /* secrets of flags, of URLs and of configs, one leafnode of the other */
    {.compose = "services:\n"
                "  hub:\n"
                "    image: nats\n"
                "    command: -c /hub.conf\n"
                "    configs: [{source: hub, target: /hub.conf}]\n"
                "    ports: [\"4222:4222\", \"9222:8080\"]\n"
                "  edge:\n"
                "    image: nats\n"
                "    command: -c /run/secrets/edge --auth ${TOKEN:-hush2}\n"
                "    secrets: [edge]\n"
                "configs:\n"
                "  hub:\n"
                "    content: |\n"
                "      websocket { port: 8080, no_tls: true }\n"
                "      leafnodes { port: 7422, authorization { user: l, password: ${LEAF_PW} } }\n"
                "secrets: {edge: {file: edge.conf}}\n",
     .files = {{"edge.conf", "leafnodes { remotes [ { url: 'nats-leaf://l:hush@hub:7422' } ] }\n"}},
     .out = "# Secrets are variables; set each to what the configuration says there:\n"
            "#   EDGE_LEAFNODES_REMOTES_URLS_PASSWORD  edge.conf:1\n"
            "#   EDGE_AUTHORIZATION_TOKEN  compose.yaml:9\n"
            "servers:\n"
            "  hub:\n"
            "    image: nats\n"
            "    host: 0.0.0.0\n"
            "    port: 4222\n"
            "    websocket:\n"
            "      port: 9222\n"
            "      no_tls: true\n"
            "      host: 0.0.0.0\n"
            "    leafnodes:\n"
            "      port: 7422\n"
            "      authorization:\n"
            "        user: l\n"
            "        password: ${LEAF_PW}\n"
            "    jetstream: false\n"
            "  edge:\n"
            "    image: nats\n"
            "    port: 4223\n"
            "    leafnodes:\n"
            "      remotes:\n"
            "      - urls: nats-leaf://l:${EDGE_LEAFNODES_REMOTES_URLS_PASSWORD}@127.0.0.1:7422\n"
            "    authorization:\n"
            "      token: ${EDGE_AUTHORIZATION_TOKEN}\n"
            "    jetstream: false\n",
     .err = "LEAF_PW comes from the environment, or from --env-file\n"
            "2 secrets became variables; --secrets FILE keeps their values\n"},
    /* flags that nobody has, and those that start no server; no line is shown */
    {.compose = "services:\n"
                "  n:\n"
                "    image: nats:2.10-alpine\n"
                "    command: nats-server --jetstreem --auth hush -t more -m 8222 -D=false -c\n"
                "    ports: [\"1234:99\", \"4222:4222\", \"8222:8222\"]\n",
     .out = "# Secrets are variables; set each to what the configuration says there:\n"
            "#   N_AUTHORIZATION_TOKEN  compose.yaml:4\n"
            "servers:\n"
            "  'n':\n"
            "    version: '2.10'\n"
            "    host: 0.0.0.0\n"
            "    port: 4222\n"
            "    http_port: 8222\n"
            "    authorization:\n"
            "      token: ${N_AUTHORIZATION_TOKEN}\n"
            "    debug: false\n"
            "    jetstream: false\n",
     .err =
         "n: nothing listens on published ports of the container: 99\n"
         "1 secret became variables; --secrets FILE keeps their values\n"
         "compose.yaml:4:14: warning: nats-server has no flag '-jetstreem': it is left out [unknown-flag]\n"
         "hint: did you mean '-jetstream'?\n"
         "compose.yaml:4:14: warning: with '-t' nats-server does something and ends: it is left out [unknown-flag]\n"
         "compose.yaml:4:14: warning: nats-server takes no arguments but flags: a word of this is left out "
         "[unknown-flag]\n"
         "compose.yaml:4:14: warning: '-c' needs a value, and has none: it is left out [unknown-flag]\n"},
    /* a cluster whose published ports do not count upward; they do not know their own addresses outside */
    {.compose =
         "services:\n"
         "  a:\n"
         "    image: nats:2.10-alpine\n"
         "    command: --cluster nats://:6222 --routes nats://b:6222 --client_advertise a:4222 -m 8222\n"
         "    ports: [\"4222:4222\", \"4223:4222\"]\n"
         "  b:\n"
         "    image: nats:2.10-alpine\n"
         "    container_name: bee\n"
         "    command: --cluster nats://:6222 --routes nats://a:6222,nats://bee:6222 -m 8222\n"
         "    ports: [\"4333:4222\"]\n",
     .out = "servers:\n"
            "  a:\n"
            "    version: '2.10'\n"
            "    host: 0.0.0.0\n"
            "    port: 4222\n"
            "    http: 127.0.0.1:8222\n"
            "    cluster:\n"
            "      routes: ['nats://127.0.0.1:6223']\n"
            "      name: a\n"
            "      port: 6222\n"
            "    jetstream: false\n"
            "  b:\n"
            "    version: '2.10'\n"
            "    host: 0.0.0.0\n"
            "    port: 4333\n"
            "    http: 127.0.0.1:8223\n"
            "    cluster:\n"
            "      routes: ['nats://127.0.0.1:6222', 'nats://127.0.0.1:6223']\n"
            "      name: a\n"
            "      port: 6223\n"
            "    jetstream: false\n",
     .err = "a: port 4222 of the container is published twice; the first one counts\n"
            "a, b are one cluster; as they differ, or their ports do not count upward, each is a server\n"},
    /* ---- what is refused ---- */
    {.compose = "services:\n"
                "  a:\n"
                "    image: nats\n"
                "    ports: [\"4222:${INSIDE}\"]\n",
     .exit_code = 65,
     .err = "compose.yaml:4:13: error: variable 'INSIDE' is not set [variable]\n"
            "    4 |     ports: [\"4222:${INSIDE}\"]\n"
            "      |             ^~~~~~~~~~~~~~~~\n"
            "hint: set it in the environment, or give a default: ${INSIDE:-default}\n"},
    {.compose =
         "services:\n"
         "  db: {image: \"postgres:16\"}\n"
         "  exporter: {image: natsio/prometheus-nats-exporter, command: [\"http://nats-server:8222\"]}\n"
         "  nats: {build: ./nats}\n",
     .exit_code = 65,
     .err =
         "compose.yaml:2:3: error: no service of this Compose file runs nats-server: db (postgres:16), exporter "
         "(natsio/prometheus-nats-exporter), nats (an image that is built) [format]\n"
         "    2 |   db: {image: \"postgres:16\"}\n"
         "      |   ^\n"
         "hint: it is one whose image is named nats or nats-server, or whose command names nats-server; 'natsform "
         "import conf FILE' takes a configuration by itself\n"},
    {.compose = "apiVersion: apps/v1\nkind: Deployment\n",
     .exit_code = 65,
     .err = "compose.yaml:1:1: error: this is no Compose file: it has no 'services' [format]\n"
            "    1 | apiVersion: apps/v1\n"
            "      | ^\n"
            "hint: it is a resource of Kubernetes; 'natsform plan -f' takes those of NACK\n"},
    {.compose = "nats: {image: nats}\n",
     .exit_code = 65,
     .err = "compose.yaml:1:1: error: this is no Compose file: it has no 'services' [format]\n"
            "    1 | nats: {image: nats}\n"
            "      | ^\n"
            "hint: it needs 'services: {NAME: {image: …}}'; files of Compose's first version have none\n"},
    {.compose = "services:\n"
                "  a: {image: nats, command: -c /conf/x.conf --auth hush, volumes: [\"conf:/conf\"]}\n"
                "  b: {image: nats, command: [-c, /y.conf]}\n"
                "  c: {image: nats, command: [-c, \"/z/z.conf\"], volumes: [\"./z:/z\"]}\n"
                "  d: {image: nats, command: [-c, \"${WHERE:?where}\"]}\n",
     .exit_code = 65,
     .err =
         "compose.yaml:2:29: error: the configuration '/conf/x.conf' of 'a' is not on this machine [file]\n"
         "hint: it comes from 'conf', which is not here; copy it out, and mount it from beside the Compose file\n"
         "compose.yaml:3:34: error: the configuration '/y.conf' of 'b' is not on this machine [file]\n"
         "    3 |   b: {image: nats, command: [-c, /y.conf]}\n"
         "      |                                  ^~~~~~~\n"
         "hint: nothing mounts it, so it is in the image; 'docker compose cp b:/y.conf .' copies it out, and 'natsform "
         "import conf' takes it\n"
         "compose.yaml:4:34: error: cannot read 'z/z.conf', which is '/z/z.conf' in the container of 'c': no such file "
         "or directory [file]\n"
         "    4 |   c: {image: nats, command: [-c, \"/z/z.conf\"], volumes: [\"./z:/z\"]}\n"
         "      |                                  ^~~~~~~~~~~\n"
         "compose.yaml:5:35: error: variable 'WHERE' is required: where [variable]\n"
         "    5 |   d: {image: nats, command: [-c, \"${WHERE:?where}\"]}\n"
         "      |                                   ^~~~~~~~~~~~~~~\n"},
    {.compose = "services: {a: {image: nats}, b: {image: nats}}\n",
     .arguments = {"--name", "x"},
     .exit_code = 64,
     .err = "error: '--name' is for one server, and this becomes 2 [usage]\n"},
};

static const char *prepare(const struct said_case *row)
{
    const char *directory = test_directory();
    make_directory(directory, "conf");
    make_directory(directory, "login");
    write_file(directory, "compose.yaml", row->compose);
    for (size_t i = 0; i < 3 && row->files[i].name; i++)
        write_file(directory, row->files[i].name, row->files[i].text);
    return directory;
}

START_TEST(test_said)
{
    const struct said_case *row = &said_cases[_i];
    const char *arguments[8] = {"import", "compose", "compose.yaml", row->arguments[0], row->arguments[1]};
    struct run run = run_natsform(&(struct run_options){.arguments = arguments, .directory = prepare(row)});
    ck_assert_exit(run, row->exit_code);
    ck_assert_str_eq(run.out, row->out ? row->out : "");
    ck_assert_str_eq(run.err, row->err);
    ck_assert_lacks(run.err, "hush");
}
END_TEST

/* Whatever was taken is a manifest. */
START_TEST(test_valid)
{
    const struct said_case *row = &said_cases[_i];
    const char *directory = prepare(row);
    const char *arguments[] = {"import",    "compose", "compose.yaml",    "--out",           "natsform.yaml",
                               "--secrets", "s.env",   row->arguments[0], row->arguments[1], NULL};
    if (row->exit_code)
        return;
    ck_assert_exit(run_natsform(&(struct run_options){.arguments = arguments, .directory = directory}), 0);
    ck_assert_exit(
        run_natsform(&(struct run_options){
            .arguments = (const char *const[]){"validate", "--no-server-check", "--env-file", "s.env", NULL},
            .env = (const char *const[]){"PORT=4333", "WORD=w", "PW=p", "LEAF_PW=l", NULL},
            .directory = directory}),
        0);
}
END_TEST

/* ---- every flag ---- */

/* What nats-server takes, and what the manifest has then. */
static const struct {
    const char *flag, *line;
    const char *since;
} flags[] = {
    {"-a 127.0.0.1", "port: 4222", NULL}, /* the container's own address */
    {"--addr=127.0.0.1", "port: 4222", NULL},
    {"-net 127.0.0.1", "port: 4222", NULL},
    {"-p 4333", "port: 4333", NULL},
    {"--port=4333", "port: 4333", NULL},
    {"-n who", "server_name: who", NULL},
    {"--name who", "server_name: who", NULL},
    {"-server_name=who", "server_name: who", NULL},
    {"-P /data/pid", "pid_file: ./data/pid", NULL},
    {"--pid /data/pid", "pid_file: ./data/pid", NULL},
    {"-m 8333", "http_port: 8333", NULL},
    {"--http_port 8333", "http_port: 8333", NULL},
    {"--client_advertise a.example:4222", "client_advertise: a.example:4222", NULL},
    {"--ports_file_dir /data", "ports_file_dir: ./data", NULL},
    {"-l /data/log", "log_file: ./data/log", NULL},
    {"--log /data/log", "log_file: ./data/log", NULL},
    {"-T=false", "logtime: false", NULL},
    {"--logtime", "logtime: true", NULL},
    {"--logtime_utc", "logtime_utc: true", "2.10"},
    {"-s=false", "syslog: false", NULL},
    {"--syslog=false", "syslog: false", NULL},
    {"-r udp://127.0.0.1:514", "remote_syslog: udp://127.0.0.1:514", NULL},
    {"--remote_syslog udp://127.0.0.1:514", "remote_syslog: udp://127.0.0.1:514", NULL},
    {"-D", "debug: true", NULL},
    {"--debug", "debug: true", NULL},
    {"-V", "trace: true", NULL},
    {"--trace", "trace: true", NULL},
    {"-VV", "trace_verbose: true", NULL},
    {"-DV", "debug: true", NULL},
    {"-DVV", "trace_verbose: true", NULL},
    {"--log_size_limit 1000000", "log_size_limit: 1000000", NULL},
    {"--max_traced_msg_len 10", "max_traced_msg_len: 10", NULL},
    {"-js", "jetstream: true", NULL},
    {"--jetstream", "jetstream: true", NULL},
    {"-js=false", "jetstream: false", NULL},
    {"-js -sd /data/js", "store_dir: ./data/js", NULL},
    {"-js --store_dir=/data/js", "store_dir: ./data/js", NULL},
    {"--user u --pass p", "user: u", NULL},
    {"--user u --pass p", "password: ${N_AUTHORIZATION_PASSWORD}", NULL},
    {"--auth t", "token: ${N_AUTHORIZATION_TOKEN}", NULL},
    {"--cluster nats://0.0.0.0:6333", "port: 6333", NULL},
    {"--cluster_listen nats://u:p@0.0.0.0:6333", "password: ${N_CLUSTER_AUTHORIZATION_PASSWORD}", NULL},
    {"--cluster nats://0.0.0.0:6333 --routes nats://a:1,nats://b:2", "routes: ['nats://a:1', 'nats://b:2']",
     NULL},
    {"--cluster nats://0.0.0.0:6333 --cluster_name c", "name: c", NULL},
    {"--cluster nats://0.0.0.0:6333 --no_advertise", "no_advertise: true", NULL},
    {"--cluster nats://0.0.0.0:6333 --cluster_advertise a.example:1", "advertise: a.example:1", NULL},
    {"--cluster nats://0.0.0.0:6333 --connect_retries 7", "connect_retries: 7", NULL},
    {"--profile 6060", "prof_port: 6060", NULL},
};

static const char *flag_manifest(const char *directory, const char *flag)
{
    write_file(directory, "compose.yaml",
               arena_printf(test_arena(),
                            "services: {n: {image: nats, command: '%s', volumes: ['./data:/data']}}\n",
                            flag));
    struct run run = run_natsform(
        &(struct run_options){.arguments = (const char *const[]){"import", "compose", "compose.yaml", NULL},
                              .directory = directory});
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.err, "warning");
    return run.out;
}

START_TEST(test_each_flag)
{
    const char *directory = test_directory();
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        ck_assert_msg(strstr(flag_manifest(directory, flags[i].flag), flags[i].line) != NULL,
                      "%s: no '%s' in\n%s", flags[i].flag, flags[i].line,
                      flag_manifest(directory, flags[i].flag));
}
END_TEST

static void check_taken(const char *version, const char *flag, const char *directory)
{
    const char *command = arena_printf(test_arena(), "%s -t -c empty.conf %s", server_binary(version), flag);
    struct run run =
        run_natsform(&(struct run_options){.program = "/bin/sh",
                                           .arguments = (const char *const[]){"-c", command, NULL},
                                           .directory = directory});
    ck_assert_msg(run.exit_code == 0, "%s: %s: %s", version, flag, run.err);
}

/* The table above has nothing that nats-server does not take. */
START_TEST(test_flags_are_real)
{
    const char *version = version_of(_i);
    const char *directory = test_directory();
    write_file(directory, "empty.conf", "debug: false\n");
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (!flags[i].since || strncmp(version, "2.9.", 4) != 0)
            check_taken(version, flags[i].flag, directory);
}
END_TEST

/* And the help of nats-server has no flag that natsform does not know. */
START_TEST(test_help)
{
    const char *directory = test_directory();
    struct run run = run_natsform(&(struct run_options){.program = server_binary(version_of(_i)),
                                                        .arguments = (const char *const[]){"--help", NULL}});
    const char *text = strlen(run.out) > strlen(run.err) ? run.out : run.err;
    struct strbuf command = {0};
    for (const char *at = text; (at = strstr(at, "-"));) {
        size_t dashes = strspn(at, "-");
        size_t length = strspn(at + dashes, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        bool begins = at > text && strchr(" ,", at[-1]) && length;
        if (begins)
            strbuf_addf(&command, "%.*s=1 ", (int)(dashes + length), at);
        at += dashes + length;
    }
    ck_assert_uint_gt(command.length, 400);
    write_file(directory, "compose.yaml",
               arena_printf(test_arena(), "services: {n: {image: nats, command: '-js %s'}}\n",
                            strbuf_text(&command)));
    strbuf_release(&command);
    run = run_natsform(
        &(struct run_options){.arguments = (const char *const[]){"import", "compose", "compose.yaml", NULL},
                              .directory = directory});
    ck_assert_lacks(run.err, "has no flag");
}
END_TEST

/* ---- booted ---- */

struct boot {
    const char *compose; /* %d: ports that are free, in their order */
    struct file files[3];
    size_t servers;
    const char *asked;              /* the name of a node */
    const char *const has[8];       /* of its /varz */
    bool floats;                    /* its ports are not its own: they are replaced by free ones */
    const char *const published[4]; /* of the Compose file that comes back, with the same %d */
};

static const struct boot boots[] = {
    {.compose = "services:\n"
                "  nats:\n"
                "    image: nats\n"
                "    command: -js -sd /data -m 8222 --user u --pass hush -D\n"
                "    ports: ['%d:4222', '127.0.0.1:%d:8222']\n"
                "    volumes: ['./data:/data']\n",
     .servers = 1,
     .asked = "nats",
     .has = {"\"auth_required\": true", "data/jetstream\"", "\"server_name\": \"nats\""},
     .published = {"127.0.0.1:%d:4222", "127.0.0.1:%d:8222"}},
    {.compose =
         "services:\n"
         "  n1: &n\n"
         "    image: nats\n"
         "    command: --name n1 --cluster_name JSC -js -sd /data --cluster nats://0.0.0.0:4245 --routes "
         "nats://n1:4245,nats://n2:4245,nats://n3:4245 -m 8222\n"
         "  n2:\n"
         "    <<: *n\n"
         "    command: --name n2 --cluster_name JSC -js -sd /data --cluster nats://0.0.0.0:4245 --routes "
         "nats://n1:4245,nats://n2:4245,nats://n3:4245\n"
         "  n3:\n"
         "    <<: *n\n"
         "    command: --name n3 --cluster_name JSC -js -sd /data --cluster nats://0.0.0.0:4245 --routes "
         "nats://n1:4245,nats://n2:4245,nats://n3:4245\n",
     .servers = 3,
     .asked = "JSC-2",
     .floats = true,
     .has = {"\"name\": \"JSC\"", "\"server_name\": \"JSC-2\""}},
    {.compose =
         "services:\n"
         "  a: {image: nats, command: -c /c/a.conf, volumes: ['./c:/c'], ports: ['%d:4222', '%d:8222', '%d:6222']}\n"
         "  b: {image: nats, command: -c /c/b.conf, volumes: ['./c:/c'], ports: ['%d:4222', '%d:8222', '%d:6222']}\n",
     .files = {{"c/a.conf", "server_name: a\nhttp: 8222\nmax_payload: 2MB\n"
                            "cluster { name: two, port: 6222, routes [ 'nats://b:6222' ] }\n"},
               {"c/b.conf", "server_name: b\nhttp: 8222\nmax_payload: 3MB\n"
                            "cluster { name: two, port: 6222, routes [ 'nats://a:6222' ] }\n"}},
     .servers = 2,
     .asked = "b",
     .has = {"\"name\": \"two\"", "\"max_payload\": 3145728"},
     .published = {"127.0.0.1:%d:4222", "127.0.0.1:%d:8222"}},
    {.compose = "services: {nats: {image: nats, ports: ['%d:4222', '%d:8222']}}\n",
     .servers = 1,
     .asked = "nats",
     .has = {"\"max_payload\": 1048576"},
     .published = {"127.0.0.1:%d:4222", "127.0.0.1:%d:8222"}},
    {.compose = "services:\n"
                "  hub:\n"
                "    image: nats\n"
                "    command: -c /hub.conf\n"
                "    configs: [{source: hub, target: /hub.conf}]\n"
                "    environment: {SIZE: 2MB, NAME: h1}\n"
                "    ports: ['%d:4222', '%d:8222', '%d:8080', '%d:7422']\n"
                "  edge:\n"
                "    image: nats\n"
                "    command: -c /edge.conf -m 8222\n"
                "    volumes: ['./edge.conf:/edge.conf']\n"
                "    ports: ['%d:4222', '%d:8222']\n"
                "configs:\n"
                "  hub:\n"
                "    content: |\n"
                "      server_name: $$NAME\n"
                "      http: 8222\n"
                "      max_payload: $$SIZE\n"
                "      websocket { port: 8080, no_tls: true }\n"
                "      leafnodes { port: 7422 }\n",
     .files = {{"edge.conf", "leafnodes { remotes [ { url: 'nats-leaf://hub:7422' } ] }\n"}},
     .servers = 2,
     .asked = "hub",
     .has = {"\"leafnodes\": 1", "\"max_payload\": 2097152", "\"server_name\": \"h1\"", "\"websocket\": {"},
     .published = {"127.0.0.1:%d:4222", "127.0.0.1:%d:8222", "127.0.0.1:%d:8080", "127.0.0.1:%d:7422"}},
};

enum { BOOTS = sizeof(boots) / sizeof(boots[0]), PORTS_MOST = 8 };

/* Puts the ports in, from the first on. */
static const char *with_ports(const char *text, const int *ports)
{
    struct strbuf out = {0};
    for (; *text; text++) {
        if (text[0] == '%' && text[1] == 'd')
            strbuf_addf(&out, "%d", *ports++);
        else
            strbuf_addc(&out, *text);
        text += text[0] == '%' && text[1] == 'd';
    }
    return strbuf_move(&out, test_arena());
}

/* What would be the same ports for each test becomes free ones. */
static const char *with_free_ports(const char *manifest)
{
    struct strbuf out = {0};
    for (const char *line = manifest; *line; line += strcspn(line, "\n") + 1) {
        const char *word = line + strspn(line, " ");
        if (strncmp(word, "port: ", 6) != 0 && strncmp(word, "http", 4) != 0)
            strbuf_addf(&out, "%.*s\n", (int)strcspn(line, "\n"), line);
        if (strncmp(word, "nodes: ", 7) == 0)
            strbuf_addf(&out, "    ports: auto\n");
    }
    return strbuf_move(&out, test_arena());
}

static void settle_manifest(const struct test_environment *here, const struct boot *boot)
{
    const char *path = arena_printf(test_arena(), "%s/natsform.yaml", here->folder);
    /* The container's own `version` is not the one that is tested; nor has it to be in the image's tag. */
    ck_assert_lacks(read_file(path), "hush");
    if (boot->floats)
        environment_write(here, with_free_ports(read_file(path)));
}

static void check_published(const struct test_environment *here, const struct boot *boot, const int *ports)
{
    const char *at = read_file(arena_printf(test_arena(), "%s/deploy/compose.yaml", here->folder));
    for (size_t i = 0; i < 4 && boot->published[i]; i++)
        ck_assert_contains(at, with_ports(boot->published[i], ports + i));
}

static const char *varz(const struct test_environment *here, const char *node)
{
    const char *url = node_get_text(node_get(environment_node(here, node), "urls"), "monitor");
    const char *body = "";
    AWAIT(probe_get(test_arena(), url, "/varz", ANSWER_MS, &body) == 200);
    return body;
}

static bool has_all(const struct test_environment *here, const struct boot *boot)
{
    const char *body = varz(here, boot->asked);
    for (size_t i = 0; i < 8 && boot->has[i]; i++)
        if (!strstr(body, boot->has[i]))
            return false;
    return true;
}

static struct test_environment *import_into(const char *version, const char *compose,
                                            const struct file *others)
{
    struct test_environment *here = environment_new(version, "");
    make_directory(here->folder, "c");
    write_file(here->folder, "compose.yml", compose);
    for (size_t i = 0; others && i < 3 && others[i].name; i++)
        write_file(here->folder, others[i].name, others[i].text);
    ck_assert_exit(NF(here, "import", "compose", "compose.yml", "--out", "natsform.yaml", "--force",
                      "--secrets", "s.env"),
                   0);
    return here;
}

START_TEST(test_boots)
{
    size_t count;
    server_versions(&count);
    const struct boot *boot = &boots[(size_t)_i / count];
    int ports[PORTS_MOST];
    for (size_t i = 0; i < PORTS_MOST; i++)
        ports[i] = free_port();
    struct test_environment *here =
        import_into(version_of(_i), with_ports(boot->compose, ports), boot->files);
    settle_manifest(here, boot);
    ck_assert_exit(NF(here, "validate", "--env-file", "s.env"), 0);
    ck_assert_exit(NF(here, "up", "--env-file", "s.env", "--no-context"), 0);
    environment_await(here, boot->servers);
    AWAIT(has_all(here, boot));
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_await(here, 0);
    ck_assert_exit(NF(here, "generate", "compose", "--env-file", "s.env"), 0);
    check_published(here, boot, ports);
    environment_end(here);
}
END_TEST

/* A server from the import is what one is that was started with these flags. */
START_TEST(test_same_as_flags)
{
    static const char *const same[] = {"server_name", "auth_required",    "tls_required", "max_connections",
                                       "max_payload", "max_control_line", "max_pending",  "ping_interval",
                                       "ping_max",    "write_deadline",   "cluster_name"};
    int monitor = free_port(), ports[] = {free_port(), free_port()};
    const char *port = arena_printf(test_arena(), "%d", monitor);
    struct server_fixture *server = fixture_start_with(
        &(struct fixture_options){.version = version_of(_i),
                                  .arguments = (const char *const[]){"-m", port, "--user", "u", "--pass", "p",
                                                                     "-DV", "--connect_retries", "3", NULL},
                                  .login = "u:p"});
    struct test_environment *here =
        import_into(version_of(_i),
                    with_ports("services:\n"
                               "  test:\n"
                               "    image: nats\n"
                               "    command: -m 8222 --user u --pass p -DV --connect_retries 3 -js -n test\n"
                               "    ports: ['%d:4222', '%d:8222']\n",
                               ports),
                    NULL);
    ck_assert_exit(NF(here, "up", "--env-file", "s.env", "--no-context"), 0);
    const struct node *imported = probe_json(
        test_arena(), arena_printf(test_arena(), "http://127.0.0.1:%d", ports[1]), "/varz", ANSWER_MS);
    const struct node *direct = probe_json(
        test_arena(), arena_printf(test_arena(), "http://127.0.0.1:%d", monitor), "/varz", ANSWER_MS);
    ck_assert(imported && direct);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        ck_assert_str_eq(node_get_text(imported, same[i]), node_get_text(direct, same[i]));
    ck_assert_str_eq(node_get_text(imported, "host"), "0.0.0.0");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
    fixture_stop(server);
}
END_TEST

/* ---- where it is written ---- */

/* Paths are those of the manifest's folder, wherever the Compose file is. */
START_TEST(test_folders)
{
    const char *directory = test_directory();
    make_directory(directory, "docker");
    make_directory(directory, "infra");
    write_file(directory, "docker/compose.yml",
               "services:\n"
               "  n: {image: nats, command: -js -sd /data --user u --pass hush --log /logs/l,\n"
               "      volumes: ['./data:/data', '/var/log/nats:/logs']}\n");
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"import", "compose", "docker/compose.yml", "--out",
                                           "infra/natsform.yaml", "--secrets", "infra/s.env", NULL},
        .directory = directory});
    ck_assert_exit(run, 0);
    const char *text = read_file(arena_printf(test_arena(), "%s/infra/natsform.yaml", directory));
    ck_assert_contains(text, "store_dir: ../docker/data\n");
    ck_assert_contains(text, "log_file: /var/log/nats/l\n");
    ck_assert_lacks(text, "hush");
    ck_assert_lacks(run.err, "hush");
    const char *secrets = arena_printf(test_arena(), "%s/infra/s.env", directory);
    struct stat info;
    ck_assert(stat(secrets, &info) == 0 && (info.st_mode & 0777) == 0600);
    ck_assert_str_eq(read_file(secrets), "N_AUTHORIZATION_PASSWORD='hush'\n");
    /* Nothing is replaced without being told. */
    run = run_natsform(
        &(struct run_options){.arguments = (const char *const[]){"import", "compose", "docker/compose.yml",
                                                                 "--out", "infra/natsform.yaml", NULL},
                              .directory = directory});
    ck_assert_exit(run, 3);
    ck_assert_contains(run.err, "nothing was written; '--force' replaces it");
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
        {{"import", "compose", "a", "b"}, "", 64, "unexpected argument 'b' [usage]"},
        {{"import", "compose", "-", "--name", "a b"},
         "services: {n: {image: nats}}\n",
         65,
         "cannot be named 'a b'"},
        {{"import", "compose", "/missing"},
         "",
         65,
         "cannot read '/missing': no such file or directory [file]"},
        {{"import", "compose", "-"}, "", 65, "it has nothing in it [format]"},
        {{"import", "compose", "-"}, "a: 1\n---\nb: 2\n", 65, "it has several documents [format]"},
        {{"import", "compose", "-"}, "services: [a]\n", 65, "its 'services' are no map [format]"},
        {{"import", "compose", "-"},
         "jetstream {\n}\n",
         65,
         "'natsform import conf <stdin>' makes a manifest of it"},
        {{"import", "compose", "-"}, "services: {n: {image: nats}}\n", 0, "  'n':\n    image: nats\n"},
        {{"plan", "-f", "-"},
         "services: {n: {image: nats}}\n",
         65,
         "'natsform import compose FILE' makes one"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run =
            run_natsform(&(struct run_options){.arguments = rows[i].arguments, .input = rows[i].input});
        ck_assert_exit(run, rows[i].exit_code);
        ck_assert_contains(rows[i].exit_code ? run.err : run.out, rows[i].said);
    }
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = test_said, .times = sizeof(said_cases) / sizeof(said_cases[0])},
        {.test = test_valid, .times = sizeof(said_cases) / sizeof(said_cases[0])},
        {.test = test_each_flag},
        {.test = test_flags_are_real, .each_version = true},
        {.test = test_help, .each_version = true},
        {.test = test_boots, .times = BOOTS, .each_version = true},
        {.test = test_same_as_flags, .each_version = true},
        {.test = test_folders},
        {.test = test_usage},
    };
    return suite_run("compose_import", tests, sizeof(tests) / sizeof(tests[0]));
}
