/* Manifests for `generate`; see generated.h. */
#include "support/generated.h"

#include <check.h>
#include <string.h>

#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"

const struct topology topologies[TOPOLOGIES] = {
    {"single", "servers: {dev: {}}\n"},
    {"browser", "project: Chat+App\n"
                "servers:\n"
                "  dev:\n"
                "    port: 4300\n"
                "    jetstream: {store_dir: ./jetstream}\n"
                "    websocket: {port: 8080, no_tls: true}\n"},
    {"core", "servers: {dev: {jetstream: false, version: 2.10.27}}\n"},
    {"cluster", "project: c\nservers: {east: {nodes: 3, websocket: {no_tls: true}}}\n"},
    {"supercluster",
     "servers:\n  east: {nodes: 3, gateways: [west]}\n  west: {nodes: 3, image: 'nats:2.10.27'}\n"},
    {"leaf", "servers:\n  hub: {leafnodes: {}}\n  edge: {leaf_of: hub}\n"},
    {"secure",
     "servers:\n"
     "  safe:\n"
     "    tls: dev\n"
     "    accounts:\n"
     "      $SYS: {users: [{user: sys, password: sys}]}\n"
     "      APP:\n"
     "        jetstream: enabled\n"
     "        users:\n"
     "        - {user: 'it''s', password: \"a\\\"b\\\\c $HOME `id` $${X:-$$} \\n1e9\"}\n"
     "        - {user: hash, password: $2a$11$PWIFAL8RsWyGI3jVZtO9Nu8.6jOxzxfZo7c/W0eLk017hjgUKWrhy}\n"
     "        - {nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4}\n"},
    {"mqtt", "servers: {iot: {mqtt: {port: 1883}, server_tags: ['az:1', 'a\"b']}}\n"},
    {"hosts",
     "project: h\n"
     "servers:\n"
     "  east:\n"
     "    nodes: {n1: {host: 10.0.0.1}, n2: {host: 'fd00::2'}, n3: {host: n3.example.com, advertise: n3.example}}\n"
     "    tls: dev\n"
     "    websocket: {tls: dev}\n"
     "    leafnodes: {}\n"
     "    gateways: [west]\n"
     "  west: {nodes: {w1: {host: 127.0.0.5, server_tags: [az]}}, server_tags: [ssd], jetstream: false}\n"},
    {"hostile", "project: \"$$p'\\\"=\"\n"
                "servers:\n"
                "  dev:\n"
                "    http_base_path: \"/a$b'c\\\"d\\\\e\"\n"
                "    image: 'registry.example.com:5000/nats:1-alpine'\n"
                "    lame_duck_duration: 5m\n"
                "    port: 443\n"
                "    log_file: \"l$o%g's\\\"\\\\/x.log\"\n"
                "    cluster: {name: \"c#'$1\", routes: ['nats-route://other:6222']}\n"
                "    authorization: {token: \"t'\\\"$\\\\\\n\"}\n"},
};

/* A container's certificates are elsewhere; their folder is put in that place for the check. */
void generated_must_pass(const char *folder, const char *version)
{
    run_shell(folder, arena_printf(test_arena(),
                                   "for file in deploy/*/*.conf; do\n"
                                   "    sed -e 's#\"/.*/tls/#\".natsform/tls/#' \"$file\" >checked.conf\n"
                                   "    '%s' -t -c checked.conf\n"
                                   "done\n",
                                   server_binary(version)));
}
