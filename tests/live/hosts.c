/*
 * Nodes on hosts of their own, with the same ports on each: `up` boots them here on a loopback address each, and what `generate` writes
 * for the machines boots as it is where the hosts are loopback addresses.
 */
#include <check.h>
#include <string.h>

#include "support/environment.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

/* Three machines. Tests run side by side, so that ports of their own are asked for. */
static const char *manifest_of(const char *const hosts[3])
{
    return arena_printf(test_arena(),
                        "project: shop\n"
                        "servers:\n"
                        "  east:\n"
                        "    nodes:\n"
                        "      n1: {host: %s, server_tags: ['az:a']}\n"
                        "      n2: {host: %s, server_tags: ['az:b']}\n"
                        "      n3: {host: %s, server_tags: ['az:c']}\n"
                        "    tls: dev\n"
                        "    ports: {client: %d, monitor: %d, cluster: %d, websocket: %d}\n"
                        "    websocket: {tls: dev}\n"
                        "    jetstream: {unique_tag: 'az:'}\n"
                        "streams: {ORDERS: {subjects: [orders.>], num_replicas: 3}}\n",
                        hosts[0], hosts[1], hosts[2], free_port(), free_port(), free_port(), free_port());
}

static const char *const elsewhere[] = {"10.0.0.1", "10.0.0.2", "n3.example.com"};
static const char *const here_alone[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};

START_TEST(hosts_are_booted_here)
{
    struct test_environment *here = environment_new(version_at(_i), manifest_of(elsewhere));
    ck_assert_exit(NF(here, "up"), 0);
    AWAIT(NF(here, "status").exit_code == 0);
    const char *text = "";
    for (int i = 0; i < 3; i++) {
        const char *url = node_get_text(
            node_get(environment_node(here, arena_printf(test_arena(), "n%d", i + 1)), "urls"), "client");
        ck_assert_contains(url, arena_printf(test_arena(), "tls://127.0.0.%d:", i + 2));
        ck_assert(i == 0 || strcmp(strrchr(url, ':'), text) == 0); /* the same port on each */
        text = strrchr(url, ':');
    }
    struct run run = NF(here, "plan");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Plan: 1 in sync");
    /* A second run keeps them, and one without hosts moves them. */
    ck_assert_contains(NF(here, "up").out, "Up already: nothing was started.");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
}
END_TEST

/* Each as its machine would run it; all of them are this one. */
START_TEST(generated_files_boot)
{
    struct test_environment *here = environment_new(version_at(_i), manifest_of(here_alone));
    ck_assert_exit(NF(here, "generate", "all"), 0);
    run_shell(here->folder,
              arena_printf(test_arena(),
                           "pids=''\n"
                           "stop() { kill $pids 2>/dev/null; wait; pids=''; }\n"
                           "start() { for node in n1 n2 n3; do\n"
                           "    '%s' -c deploy/conf/$node.conf >$node.log 2>&1 & pids=\"$pids $!\"\n"
                           "done; }\n"
                           "trap stop EXIT\n"
                           "start\n"
                           ". deploy/nats.env; export NATS_URL NATS_CA\n"
                           "case $NATS_URL in\n"
                           "tls://127.0.0.1:*,tls://127.0.0.2:*,tls://127.0.0.3:*) ;;\n"
                           "*) echo \"$NATS_URL\" >&2; exit 1 ;;\n"
                           "esac\n"
                           /*
                   * A new cluster elects its leader first, and then learns what its members have room for. One of ten of
                   * 2.10.27 never does, until it is started again.
                   */
                           "tries=0\n"
                           "until \"$NATSFORM\" apply --yes >said 2>&1; do\n"
                           "    cat said >&2; sleep 0.1\n"
                           "    if grep -q '(10005)' said; then tries=$((tries + 1)); fi\n"
                           "    if [ $tries = 50 ]; then tries=0; stop; start; fi\n"
                           "done\n"
                           "\"$NATSFORM\" plan --detailed-exitcode >said || { cat said >&2; exit 1; }\n"
                           "grep -q 'advertise: \"127.0.0.2:' deploy/conf/n2.conf\n",
                           server_binary(version_at(_i))));
    environment_end(here);
}
END_TEST

/* As on macOS, where 127.0.0.1 is the only address of the loopback interface. */
START_TEST(an_address_that_is_not_there)
{
    struct test_environment *here = environment_new(version_at(_i), manifest_of(elsewhere));
    run_shell(here->folder,
              arena_printf(
                  test_arena(),
                  "PATH=$(dirname '%s'):$PATH\n"
                  "XDG_CONFIG_HOME=$PWD/config; export PATH XDG_CONFIG_HOME\n"
                  "unshare --net sh -c 'ip link set lo up && ip address flush dev lo &&\n"
                  "    ip address add 127.0.0.1/32 dev lo && ip route flush table local &&\n"
                  "    ip route add local 127.0.0.1 dev lo table local &&\n"
                  "    exec \"$0\" up' \"$NATSFORM\" >out 2>err && exit 1\n"
                  "grep -q 'does not have the address 127.0.0.2, which node .n1. is to listen at' err || {\n"
                  "    cat out err >&2; exit 1; }\n"
                  "grep -q 'sudo ifconfig lo0 alias 127.0.0.2 up' err\n"
                  "test ! -e .natsform/up.json\n",
                  server_binary(version_at(_i))));
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = hosts_are_booted_here, .each_version = true},
        {.test = generated_files_boot, .each_version = true},
        {.test = an_address_that_is_not_there, .each_version = true},
    };
    return suite_run("live/hosts", tests, sizeof(tests) / sizeof(tests[0]));
}
