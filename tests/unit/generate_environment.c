/* Servers of a manifest, and the configuration that each node gets: ports, names, routes, gateways, leafnodes. */
#include "generate/environment.h"

#include <check.h>

#include "base/strbuf.h"
#include "syntax/conf.h"
#include "unit/suites.h"
#include "unit/world.h"

static const char *config_of(const struct environment *environment, size_t node,
                             const struct environment_place *place)
{
    struct strbuf text = {0};
    ck_assert_int_eq(
        conf_write(&text, environment_config(&world.arena, &environment->nodes[node], place), &world.diags),
        0);
    const char *copy = arena_strndup(&world.arena, strbuf_text(&text), text.length);
    strbuf_release(&text);
    return copy;
}

static struct environment *read_servers(const char *yaml)
{
    struct manifest *manifest = world_load(yaml);
    ck_assert_msg(manifest != NULL, "%s", world_told());
    return environment_read(&world.arena, manifest, &world.diags);
}

struct config_case {
    const char *yaml;
    size_t nodes;
    size_t node;
    const struct environment_place *place;
    const char *config;
};

#define HOSTS                                                                                                \
    "servers:\n"                                                                                             \
    "  e:\n"                                                                                                 \
    "    nodes:\n"                                                                                           \
    "      n1: {host: 10.0.0.1}\n"                                                                           \
    "      n2: {host: 10.0.0.2, advertise: nats.example, server_tags: 'az:b'}\n"                             \
    "      n3: {host: n3.example}\n"                                                                         \
    "    server_tags: [ssd]\n"                                                                               \
    "    jetstream: {store_dir: /var/lib/nats}\n"

static const struct config_case config_cases[] = {
    {"servers: {dev: {}}", 1, 0, &place_local,
     "server_name: \"dev\"\n"
     "listen: \"127.0.0.1:4222\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "jetstream: {\n"
     "  store_dir: \"./jetstream/dev\"\n"
     "}\n"},
    {"servers: {dev: {}}", 1, 0, &place_containers,
     "server_name: \"dev\"\n"
     "listen: \"0.0.0.0:4222\"\n"
     "http: \"0.0.0.0:8222\"\n"
     "jetstream: {\n"
     "  store_dir: \"/data\"\n"
     "}\n"},
    {"servers:\n"
     "  dev:\n"
     "    port: 4333\n"
     "    jetstream: {store_dir: ./store}\n"
     "    websocket: {port: 8081, no_tls: true}\n",
     1, 0, &place_local,
     "server_name: \"dev\"\n"
     "listen: \"127.0.0.1:4333\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "jetstream: {\n"
     "  store_dir: \"./store\"\n"
     "}\n"
     "websocket: {\n"
     "  no_tls: true\n"
     "  listen: \"127.0.0.1:8081\"\n"
     "}\n"},
    {"servers: {dev: {listen: '0.0.0.0:4333', jetstream: false, server_name: other}}", 1, 0, &place_local,
     "server_name: \"other\"\n"
     "listen: \"0.0.0.0:4333\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "jetstream: false\n"},
    {"servers: {c: {nodes: 3, cluster: {authorization: {user: r, password: 'p@/'}}}}", 3, 1, &place_local,
     "server_name: \"c-2\"\n"
     "listen: \"127.0.0.1:4223\"\n"
     "http: \"127.0.0.1:8223\"\n"
     "cluster: {\n"
     "  authorization: {\n"
     "    user: \"r\"\n"
     "    password: \"p@/\"\n"
     "  }\n"
     "  listen: \"127.0.0.1:6223\"\n"
     "  name: \"c\"\n"
     "  routes: [\n"
     "    \"nats-route://r:p%40%2F@127.0.0.1:6222\"\n"
     "    \"nats-route://r:p%40%2F@127.0.0.1:6223\"\n"
     "    \"nats-route://r:p%40%2F@127.0.0.1:6224\"\n"
     "  ]\n"
     "}\n"
     "jetstream: {\n"
     "  store_dir: \"./jetstream/c-2\"\n"
     "}\n"},
    {"servers: {c: {nodes: 2, port: 5000}}", 2, 1, &place_containers,
     "server_name: \"c-2\"\n"
     "listen: \"0.0.0.0:4222\"\n"
     "http: \"0.0.0.0:8222\"\n"
     "jetstream: {\n"
     "  store_dir: \"/data\"\n"
     "}\n"
     "cluster: {\n"
     "  listen: \"0.0.0.0:6222\"\n"
     "  name: \"c\"\n"
     "  routes: [\n"
     "    \"nats-route://c-1:6222\"\n"
     "    \"nats-route://c-2:6222\"\n"
     "  ]\n"
     "}\n"
     "client_advertise: \"127.0.0.1:5001\"\n"},
    {"servers: {e: {gateways: [w]}, w: {cluster: {name: west}}}", 2, 0, &place_local,
     "server_name: \"e\"\n"
     "listen: \"127.0.0.1:4222\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "jetstream: {\n"
     "  store_dir: \"./jetstream/e\"\n"
     "}\n"
     "gateway: {\n"
     "  listen: \"127.0.0.1:7222\"\n"
     "  name: \"e\"\n"
     "  gateways: [\n"
     "    {\n"
     "      name: \"e\"\n"
     "      urls: [\n"
     "        \"nats://127.0.0.1:7222\"\n"
     "      ]\n"
     "    }\n"
     "    {\n"
     "      name: \"west\"\n"
     "      urls: [\n"
     "        \"nats://127.0.0.1:7223\"\n"
     "      ]\n"
     "    }\n"
     "  ]\n"
     "}\n"},
    {"servers: {hub: {}, edge: {leaf_of: {server: hub, account: A, user: leaf, password: 'x y'}}}", 2, 1,
     &place_local,
     "server_name: \"edge\"\n"
     "listen: \"127.0.0.1:4223\"\n"
     "http: \"127.0.0.1:8223\"\n"
     "jetstream: {\n"
     "  store_dir: \"./jetstream/edge\"\n"
     "  domain: \"edge\"\n"
     "}\n"
     "leafnodes: {\n"
     "  remotes: [\n"
     "    {\n"
     "      urls: [\n"
     "        \"nats-leaf://leaf:x%20y@127.0.0.1:7422\"\n"
     "      ]\n"
     "      account: \"A\"\n"
     "    }\n"
     "  ]\n"
     "}\n"},
    {"servers: {hub: {}, edge: {leaf_of: hub}}", 2, 0, &place_local,
     "server_name: \"hub\"\n"
     "listen: \"127.0.0.1:4222\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "jetstream: {\n"
     "  store_dir: \"./jetstream/hub\"\n"
     "  domain: \"hub\"\n"
     "}\n"
     "leafnodes: {\n"
     "  listen: \"127.0.0.1:7422\"\n"
     "}\n"},
    /* On its own host a node has the manifest's ports and store, and tells where it is. */
    {HOSTS, 3, 1, &place_hosts,
     "server_name: \"n2\"\n"
     "listen: \"10.0.0.2:4222\"\n"
     "http: \"10.0.0.2:8222\"\n"
     "server_tags: [\n"
     "  \"ssd\"\n"
     "  \"az:b\"\n"
     "]\n"
     "jetstream: {\n"
     "  store_dir: \"/var/lib/nats\"\n"
     "}\n"
     "cluster: {\n"
     "  listen: \"10.0.0.2:6222\"\n"
     "  name: \"e\"\n"
     "  routes: [\n"
     "    \"nats-route://10.0.0.1:6222\"\n"
     "    \"nats-route://10.0.0.2:6222\"\n"
     "    \"nats-route://n3.example:6222\"\n"
     "  ]\n"
     "  advertise: \"10.0.0.2:6222\"\n"
     "}\n"
     "client_advertise: \"nats.example:4222\"\n"},
    /* By a name it listens at every address; monitoring, which lets everybody look, does not. */
    {HOSTS, 3, 2, &place_hosts,
     "server_name: \"n3\"\n"
     "listen: \"0.0.0.0:4222\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "server_tags: [\n"
     "  \"ssd\"\n"
     "]\n"
     "jetstream: {\n"
     "  store_dir: \"/var/lib/nats\"\n"
     "}\n"
     "cluster: {\n"
     "  listen: \"0.0.0.0:6222\"\n"
     "  name: \"e\"\n"
     "  routes: [\n"
     "    \"nats-route://10.0.0.1:6222\"\n"
     "    \"nats-route://10.0.0.2:6222\"\n"
     "    \"nats-route://n3.example:6222\"\n"
     "  ]\n"
     "  advertise: \"n3.example:6222\"\n"
     "}\n"
     "client_advertise: \"n3.example:4222\"\n"},
    /* Here each host has a loopback address of its own. */
    {HOSTS, 3, 2, &place_local,
     "server_name: \"n3\"\n"
     "listen: \"127.0.0.4:4222\"\n"
     "http: \"127.0.0.4:8222\"\n"
     "server_tags: [\n"
     "  \"ssd\"\n"
     "]\n"
     "jetstream: {\n"
     "  store_dir: \"./jetstream/n3\"\n"
     "}\n"
     "cluster: {\n"
     "  listen: \"127.0.0.4:6222\"\n"
     "  name: \"e\"\n"
     "  routes: [\n"
     "    \"nats-route://127.0.0.2:6222\"\n"
     "    \"nats-route://127.0.0.3:6222\"\n"
     "    \"nats-route://127.0.0.4:6222\"\n"
     "  ]\n"
     "}\n"},
    /* In containers nodes find each other by their names, and tell clients what is published. */
    {HOSTS, 3, 0, &place_containers,
     "server_name: \"n1\"\n"
     "listen: \"0.0.0.0:4222\"\n"
     "http: \"0.0.0.0:8222\"\n"
     "server_tags: [\n"
     "  \"ssd\"\n"
     "]\n"
     "jetstream: {\n"
     "  store_dir: \"/data\"\n"
     "}\n"
     "cluster: {\n"
     "  listen: \"0.0.0.0:6222\"\n"
     "  name: \"e\"\n"
     "  routes: [\n"
     "    \"nats-route://n1:6222\"\n"
     "    \"nats-route://n2:6222\"\n"
     "    \"nats-route://n3:6222\"\n"
     "  ]\n"
     "}\n"
     "client_advertise: \"127.0.0.2:4222\"\n"},
    {"servers: {c: {nodes: 2, publish: 0.0.0.0, advertise: nats.example, websocket: {}, jetstream: false}}",
     2, 1, &place_containers,
     "server_name: \"c-2\"\n"
     "listen: \"0.0.0.0:4222\"\n"
     "http: \"0.0.0.0:8222\"\n"
     "websocket: {\n"
     "  listen: \"0.0.0.0:8080\"\n"
     "  advertise: \"nats.example:8081\"\n"
     "}\n"
     "jetstream: false\n"
     "cluster: {\n"
     "  listen: \"0.0.0.0:6222\"\n"
     "  name: \"c\"\n"
     "  routes: [\n"
     "    \"nats-route://c-1:6222\"\n"
     "    \"nats-route://c-2:6222\"\n"
     "  ]\n"
     "}\n"
     "client_advertise: \"nats.example:4223\"\n"},
    {"servers: {dev: {tls: dev, jetstream: false}}", 1, 0, &place_local,
     "server_name: \"dev\"\n"
     "listen: \"127.0.0.1:4222\"\n"
     "http: \"127.0.0.1:8222\"\n"
     "tls: {\n"
     "  cert_file: \"./tls/server.pem\"\n"
     "  key_file: \"./tls/server-key.pem\"\n"
     "  ca_file: \"./tls/ca.pem\"\n"
     "}\n"
     "jetstream: false\n"},
};

START_TEST(configurations)
{
    const struct config_case *row = &config_cases[_i];
    struct environment *environment = read_servers(row->yaml);
    ck_assert_msg(environment != NULL, "%s", world_told());
    ck_assert_uint_eq(environment->node_count, row->nodes);
    ck_assert_str_eq(config_of(environment, row->node, row->place), row->config);
}
END_TEST

struct fault_case {
    const char *yaml;
    const char *told;
};

static const struct fault_case fault_cases[] = {
    {"servers: {a: {port: 4222}, b: {port: 4222}}",
     "port 4222 is wanted twice: by a (client) and b (client)"},
    {"servers: {a: {nodes: 3, port: 4222}, b: {port: 4224}}",
     "port 4224 is wanted twice: by a-3 (client) and b (client)"},
    {"servers: {a: {port: 8222, http_port: 8222}}",
     "port 8222 is wanted twice: by a (client) and a (monitor)"},
    {"servers: {a: {nodes: 2, port: 65535}}", "there is no port 65536 for a-2"},
    {"servers: {a: {leaf_of: b}}", "'leaf_of' names a server 'b', and there is none"},
    {"servers: {a: {leaf_of: a}}", "'leaf_of' of server 'a' names the server itself"},
    {"servers: {a: {leaf_of: b}, b: {leaf_of: a}}", "are leafnodes of each other"},
    {"servers: {a: {leaf_of: {user: x}}}", "leaf_of of server 'a' has no 'server'"},
    {"servers: {east: {}, w: {gateways: [eest]}}", "did you mean 'east'?"},
    {"servers: {a: {nodes: 2}, a-1: {}}", "two nodes are named 'a-1'"},
    {"servers: {../x: {}}", "a server cannot be named '../x'"},
    {"servers: {a: {nodes: {../x: {}}}}", "a node cannot be named '../x'"},
    {"servers: {a: {nodes: {b: {}}}, b: {}}", "two nodes are named 'b'"},
    {"servers: {a: {nodes: {}}}", "'nodes' is a number from 1 to 100, or so many by their names"},
    {"servers: {a: {nodes: {n1: {host: 10.0.0.1}, n2: }}}", "node 'n2' has no host, and 'n1' has one"},
    {"servers: {a: {nodes: {n1: {host: '10.0.0.1:4222'}}}}", "not '10.0.0.1:4222'"},
    {"servers: {a: {nodes: {n1: {host: 10.0.0.299}}}}", "not '10.0.0.299'"},
    {"servers: {a: {nodes: {n1: {host: 'nats://n1'}}}}", "without scheme and port"},
    {"servers: {a: {nodes: {n1: {hots: 10.0.0.1}}}}", "unknown key 'hots' in node of server 'a'"},
    {"servers: {a: {publish: nats.example}}", "'publish' is an address in numbers, not 'nats.example'"},
    {"servers: {a: {publish: 0.0.0.0, nodes: {n1: {host: 10.0.0.1}}}}", "is for nodes without hosts"},
    {"servers: {a: {nodes: {n1: {host: h}, n2: {host: h}}, port: 9}, b: {nodes: {m: {host: h}}, port: 10}}",
     "port 10 of h is wanted twice: by n2 (client) and m (client)"},
};

START_TEST(faults)
{
    const struct fault_case *row = &fault_cases[_i];
    struct manifest *manifest = world_load(row->yaml);
    ck_assert(!manifest || !environment_read(&world.arena, manifest, &world.diags));
    ck_assert_msg(strstr(world_told(), row->told) != NULL, "%s", world_told());
}
END_TEST

/* Ports that nobody names go past those that are named, wherever they stand. */
START_TEST(ports)
{
    struct environment *environment = read_servers(
        "servers: {a: {nodes: 2}, b: {ports: {client: 4222, monitor: 9000}}, c: {ports: auto}, d: {port: -1}}");
    ck_assert_ptr_nonnull(environment);
    ck_assert_int_eq(environment->nodes[0].ports[LISTENER_CLIENT], 4223);
    ck_assert_int_eq(environment->nodes[1].ports[LISTENER_CLIENT], 4224);
    ck_assert_int_eq(environment->nodes[1].ports[LISTENER_CLUSTER], 6223);
    ck_assert_int_eq(environment->nodes[2].ports[LISTENER_CLIENT], 4222);
    ck_assert_int_eq(environment->nodes[2].ports[LISTENER_MONITOR], 9000);
    ck_assert_int_eq(environment->nodes[2].ports[LISTENER_CLUSTER], 0);
    ck_assert(environment->nodes[3].any_port[LISTENER_CLIENT]);
    ck_assert(environment->nodes[3].any_port[LISTENER_MONITOR]);
    ck_assert(environment->nodes[4].any_port[LISTENER_CLIENT]);
    ck_assert(!environment->nodes[4].any_port[LISTENER_MONITOR]);
    ck_assert_str_eq(envnode_url(&world.arena, &environment->nodes[0], &place_local, LISTENER_CLIENT),
                     "nats://127.0.0.1:4223");
}
END_TEST

/* Nodes share ports if they share no host; each host has one address here, and those that are loopback addresses keep it. */
START_TEST(hosts)
{
    struct environment *environment = read_servers(
        "servers:\n"
        "  a: {nodes: {n1: {host: 10.0.0.1}, n2: {host: 127.0.0.2}, n3: {host: 10.0.0.1}, n4: {host: localhost}}}\n"
        "  b: {nodes: {m1: {host: 'fd00::1'}, m2: {host: '::1'}}, port: 4222}\n"
        "  c: {}\n");
    static const char *const addresses[] = {"127.0.0.3", "127.0.0.2", "127.0.0.3", "127.0.0.1",
                                            "127.0.0.4", "::1",       "127.0.0.1"};
    static const int wanted[] = {4222, 4222, 4223, 4222, 4222, 4222, 4223};
    ck_assert_msg(environment != NULL, "%s", world_told());
    for (size_t i = 0; i < environment->node_count; i++) {
        ck_assert_str_eq(environment->nodes[i].address, addresses[i]);
        ck_assert_int_eq(environment->nodes[i].ports[LISTENER_CLIENT], wanted[i]);
    }
    ck_assert_str_eq(envnode_url(&world.arena, &environment->nodes[4], &place_hosts, LISTENER_CLIENT),
                     "nats://[fd00::1]:4222");
    ck_assert_str_eq(envnode_url(&world.arena, &environment->nodes[5], &place_local, LISTENER_CLIENT),
                     "nats://[::1]:4222");
}
END_TEST

/* Where the others look for a server without a host. */
START_TEST(no_host)
{
    struct environment *environment = read_servers(
        "servers: {edge: {nodes: {e1: {host: 10.0.0.1}}, leaf_of: hub}, hub: {}, far: {leaf_of: edge}}");
    ck_assert_ptr_nonnull(environment);
    ck_assert_str_eq(world_told(),
                     "1:64+3 no-host: server 'hub' has no host, and 'edge' on 10.0.0.1 is to find it\n"
                     "  hint: it would look at 127.0.0.1; 'nodes: {hub: {host: ADDRESS}}'\n");
}
END_TEST

Suite *generate_environment_suite(void)
{
    Suite *suite = suite_create("generate/environment");
    TCase *tests = tcase_create("environment");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, configurations, 0, (int)(sizeof(config_cases) / sizeof(config_cases[0])));
    tcase_add_loop_test(tests, faults, 0, (int)(sizeof(fault_cases) / sizeof(fault_cases[0])));
    tcase_add_test(tests, ports);
    tcase_add_test(tests, hosts);
    tcase_add_test(tests, no_host);
    suite_add_tcase(suite, tests);
    return suite;
}
