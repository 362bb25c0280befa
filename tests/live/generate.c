/*
 * What `generate` writes passes the tools that it is for: each configuration nats-server's own check in every version, the Compose
 * file both generations of Compose, units systemd-analyze, agents Apple's document type, the env file a shell. And no file of
 * anybody else's is lost.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/generated.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"

/* The document type of property lists, as far as it goes for agents. */
static const char plist_type[] =
    "<!ENTITY % plistObject \"(array | data | date | dict | real | integer | string | true | false)\">\n"
    "<!ELEMENT plist %plistObject;>\n"
    "<!ATTLIST plist version CDATA \"1.0\">\n"
    "<!ELEMENT array (%plistObject;)*>\n"
    "<!ELEMENT dict (key, %plistObject;)*>\n"
    "<!ELEMENT key (#PCDATA)>\n"
    "<!ELEMENT string (#PCDATA)>\n"
    "<!ELEMENT data (#PCDATA)>\n"
    "<!ELEMENT date (#PCDATA)>\n"
    "<!ELEMENT true EMPTY>\n"
    "<!ELEMENT false EMPTY>\n"
    "<!ELEMENT real (#PCDATA)>\n"
    "<!ELEMENT integer (#PCDATA)>\n";

static const char *project_of(const struct topology *topology)
{
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml", topology->manifest);
    return directory;
}

static struct run run_in(const char *directory, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = directory});
}

#define RUN_IN(directory, ...) run_in((directory), (const char *const[]){__VA_ARGS__, NULL})

static const char *file_in(const char *directory, const char *name)
{
    return read_file(arena_printf(test_arena(), "%s/%s", directory, name));
}

static int mode_of(const char *directory, const char *name)
{
    struct stat info;
    const char *path = arena_printf(test_arena(), "%s/%s", directory, name);
    ck_assert_msg(stat(path, &info) == 0, "there is no '%s'", path);
    return (int)(info.st_mode & 0777);
}

/* ---- each file and its own tool ---- */

START_TEST(configurations_pass_the_servers_own_check)
{
    const char *directory = project_of(&topologies[_i]);
    size_t count;
    const char *const *versions = server_versions(&count);
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    for (size_t i = 0; i < count; i++)
        generated_must_pass(directory, versions[i]);
}
END_TEST

START_TEST(compose_takes_the_file)
{
    const char *directory = project_of(&topologies[_i]);
    const char *folder = getenv("NATSFORM_COMPOSE");
    ck_assert_msg(folder && *folder, "Compose is not there: 'tools/compose' fetches it");
    ck_assert_exit(RUN_IN(directory, "generate", "compose"), 0);
    for (const char *const *version = (const char *const[]){"1.29.2", "2.26.1", NULL}; *version; version++)
        run_shell(directory,
                  arena_printf(test_arena(),
                               "cd deploy; unset COMPOSE_PROJECT_NAME COMPOSE_FILE\n"
                               "'%s/%s/docker-compose' config --services 2>../said >../listed\n"
                               "test ! -s ../said\n"
                               "LC_ALL=C sort ../listed >../services\n"
                               "ls docker | sed 's/[.]conf$//' | LC_ALL=C sort | diff - ../services\n",
                               folder, *version));
}
END_TEST

START_TEST(systemd_takes_the_units)
{
    const char *directory = project_of(&topologies[_i]);
    ck_assert_exit(RUN_IN(directory, "generate", "systemd"), 0);
    run_shell(directory,
              "mkdir -p root/usr/bin root/etc/systemd/system\n"
              "printf '#!/bin/sh\\n' >root/usr/bin/nats-server\n"
              "cp root/usr/bin/nats-server root/usr/bin/kill\n"
              "cp root/usr/bin/nats-server root/usr/bin/mkdir\n"
              "chmod 755 root/usr/bin/*\n"
              "cp deploy/systemd/*.service root/etc/systemd/system\n"
              "for unit in sysinit basic shutdown network-online time-sync multi-user; do\n"
              "    printf '[Unit]\\nDescription=test\\n' >root/etc/systemd/system/$unit.target\n"
              "done\n"
              "for unit in deploy/systemd/*.service; do\n"
              "    systemd-analyze verify --man=no --root=\"$PWD/root\" /etc/systemd/system/\"${unit##*/}\" "
              ">said 2>&1 || echo 'it is not taken' >>said\n"
              "    if test -s said; then cat said; exit 1; fi\n"
              "    systemd-analyze security --offline=yes --threshold=20 \"$unit\" >said\n"
              "done\n");
}
END_TEST

START_TEST(launchd_takes_the_agents)
{
    const char *directory = project_of(&topologies[_i]);
    write_file(directory, "plist.dtd", plist_type);
    ck_assert_exit(RUN_IN(directory, "generate", "launchd"), 0);
    run_shell(
        directory,
        "xmllint --noout --nonet --dtdvalid plist.dtd deploy/launchd/*.plist\n"
        "for file in deploy/launchd/*.plist; do\n"
        "    name=${file##*/}\n"
        "    test \"$(xmllint --nonet --xpath 'string(//key[.=\"Label\"]/following-sibling::string[1])' \"$file\")\" "
        "= \"${name%.plist}\"\n"
        "    conf=$(xmllint --nonet --xpath 'string(//array/string[3])' \"$file\")\n"
        "    test -e deploy/launchd/\"${conf##*/}\"\n"
        "done\n");
}
END_TEST

START_TEST(a_shell_takes_the_variables)
{
    const char *directory = project_of(&topologies[_i]);
    ck_assert_exit(RUN_IN(directory, "generate", "env"), 0);
    run_shell(directory, "sh -n deploy/nats.env\n"
                         "set -a; . deploy/nats.env; set +a\n"
                         "test -n \"$NATS_URL\"\n");
}
END_TEST

START_TEST(the_same_manifest_gives_the_same_bytes)
{
    const char *directory = project_of(&topologies[_i]);
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    run_shell(directory, "cp -R deploy first");
    struct run again = RUN_IN(directory, "generate", "all");
    ck_assert_exit(again, 0);
    ck_assert_lacks(again.err, "wrote");
    run_shell(directory, "diff -r first deploy; rm -r deploy");
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    run_shell(directory, "diff -r first deploy");
    ck_assert_exit(RUN_IN(directory, "generate", "all", "--check"), 0);
}
END_TEST

/* ---- what is in them ---- */

START_TEST(hostile_values_stay_values)
{
    const char *directory = project_of(&topologies[TOPOLOGIES - 1]);
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    ck_assert_contains(file_in(directory, "deploy/compose.yaml"), "/a$$b'");
    ck_assert_contains(file_in(directory, "deploy/.env"), "COMPOSE_PROJECT_NAME=p---\n");
    ck_assert_contains(file_in(directory, "deploy/Dockerfile"),
                       "\"http://127.0.0.1:8222/a$b'c\\\"d\\\\e/healthz?js-enabled-only=true\"");
    const char *unit = file_in(directory, "deploy/systemd/nats-dev.service");
    ck_assert_contains(unit, "\nTimeoutStopSec=330\n");
    ck_assert_contains(unit, "\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n");
    run_shell(directory, ". deploy/nats.env\n"
                         "printf \"t'\\\"\\$\\\\\\\\\\nX\" >expected\n"
                         "printf '%sX' \"$NATS_TOKEN\" | diff expected -\n");
}
END_TEST

START_TEST(secrets_are_for_their_owner_alone)
{
    static const char *const secret[] = {"conf/safe.conf", "docker/safe.conf", "systemd/safe.conf",
                                         "launchd/safe.conf", "nats.env"};
    const char *directory = project_of(&topologies[6]);
    ck_assert_str_eq(topologies[6].name, "secure");
    run_shell(directory, "umask 022");
    struct run run = RUN_IN(directory, "generate", "all");
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.err, "$HOME");
    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        ck_assert_int_eq(mode_of(directory, arena_printf(test_arena(), "deploy/%s", secret[i])), 0600);
    run_shell(directory, "chmod 644 deploy/nats.env");
    run = RUN_IN(directory, "generate", "all", "--check");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.out, "deploy/nats.env: secret, and others can read it\n");
    ck_assert_exit(RUN_IN(directory, "generate", "env"), 0);
    ck_assert_int_eq(mode_of(directory, "deploy/nats.env"), 0600);
    run_shell(directory, ". deploy/nats.env\n"
                         "printf 'a\"b\\\\c $HOME `id` ${X:-$} \\n1e9' >expected\n"
                         "printf '%s' \"$NATS_PASSWORD\" | diff expected -\n"
                         "test \"$NATS_USER\" = \"it's\"\n"
                         "test -e \"$NATS_CA\"\n");
}
END_TEST

START_TEST(versions_decide_what_an_end_means)
{
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml",
               "servers: {old: {version: '2.10'}, new: {version: 2.11.0}, any: {}}\n");
    ck_assert_exit(RUN_IN(directory, "generate", "systemd"), 0);
    ck_assert_contains(file_in(directory, "deploy/systemd/nats-old.service"), "\nSuccessExitStatus=1\n");
    ck_assert_lacks(file_in(directory, "deploy/systemd/nats-new.service"), "SuccessExitStatus");
    ck_assert_lacks(file_in(directory, "deploy/systemd/nats-any.service"), "SuccessExitStatus");
}
END_TEST

/* The first of each option has its purpose above it; strings that look like brackets are no brackets. */
START_TEST(options_are_explained_once)
{
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml",
               "servers:\n"
               "  dev:\n"
               "    http_base_path: '/{'\n"
               "    accounts:\n"
               "      'a b{': {users: [{user: '[', password: '# x'}, {user: b, password: '}'}]}\n"
               "      B: {mappings: {'x: {': y}, jetstream: {max_streams: 5}}\n"
               "    max_payload: 1MB\n");
    ck_assert_exit(RUN_IN(directory, "generate", "conf"), 0);
    const char *text = file_in(directory, "deploy/conf/dev.conf");
    ck_assert_str_eq(strstr(text, "accounts: {"),
                     "accounts: {\n"
                     "  \"a b{\": {\n"
                     "    # Who is in the account; names are unique among all accounts.\n"
                     "    users: [\n"
                     "      {\n"
                     "        # User name.\n"
                     "        user: \"[\"\n"
                     "        # Password, plain or hashed by bcrypt.\n"
                     "        password: \"# x\"\n"
                     "      }\n"
                     "      {\n"
                     "        user: \"b\"\n"
                     "        password: \"}\"\n"
                     "      }\n"
                     "    ]\n"
                     "  }\n"
                     "  B: {\n"
                     "    # Other subjects for the subjects that are published on.\n"
                     "    mappings: {\n"
                     "      \"x: {\": \"y\"\n"
                     "    }\n"
                     "    # Streams of the account; without it there are none.\n"
                     "    jetstream: {\n"
                     "      # How many streams; -1 is no limit.\n"
                     "      max_streams: 5\n"
                     "    }\n"
                     "  }\n"
                     "}\n"
                     "# Bytes of the largest message.\n"
                     "max_payload: 1048576\n"
                     "# Streams, and where they are kept.\n"
                     "jetstream: {\n"
                     "  # Folder of streams; the server adds '/jetstream' to it.\n"
                     "  store_dir: \"./jetstream/dev\"\n"
                     "}\n");
}
END_TEST

START_TEST(files_that_the_manifest_names_are_mounted)
{
    const char *directory = test_directory();
    make_directory(directory, "a/b");
    write_file(directory, "a/natsform.yaml",
               "servers:\n"
               "  dev:\n"
               "    leafnodes: {port: 7422, tls: {cert_file: ./certs/c.pem, key_file: /keys/k.pem}}\n");
    ck_assert_exit(RUN_IN(directory, "generate", "compose", "-f", "a/natsform.yaml", "--out", "a/b/out/"), 0);
    const char *compose = file_in(directory, "a/b/out/compose.yaml");
    ck_assert_contains(compose, "source: ../../certs/c.pem\n      target: /etc/nats/files/1/c.pem\n");
    ck_assert_contains(compose, "source: /keys/k.pem\n      target: /etc/nats/files/2/k.pem\n");
    ck_assert_contains(file_in(directory, "a/b/out/docker/dev.conf"),
                       "cert_file: \"/etc/nats/files/1/c.pem\"");
}
END_TEST

START_TEST(a_containers_health_is_asked_for_where_it_can_be)
{
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml", "servers: {bare: {image: 'nats:2.14'}, full: {}}\n");
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    run_shell(directory, "test \"$(grep -c healthcheck: deploy/compose.yaml)\" = 1");
    ck_assert_lacks(file_in(directory, "deploy/Dockerfile.bare"), "\nHEALTHCHECK");
    ck_assert_contains(file_in(directory, "deploy/Dockerfile.full"), "\nHEALTHCHECK");
    struct run run = RUN_IN(directory, "generate", "compose", "--probe", "probe");
    ck_assert_exit(run, 64);
    ck_assert_str_eq(run.err, "error: --probe: there is no 'probe' [usage]\n");
    write_file(directory, "probe", "");
    ck_assert_exit(RUN_IN(directory, "generate", "compose", "--probe", "probe"), 0);
    const char *compose = file_in(directory, "deploy/compose.yaml");
    ck_assert_contains(compose, "source: ../probe\n      target: /natsform-probe\n");
    ck_assert_contains(compose,
                       "- /natsform-probe\n      - http://127.0.0.1:8222/healthz?js-enabled-only=true\n");
    run_shell(directory, "test \"$(grep -c healthcheck: deploy/compose.yaml)\" = 2\n"
                         "test \"$(grep -c 'target: /natsform-probe' deploy/compose.yaml)\" = 1");
}
END_TEST

/* Relative to nothing that a service has: they are put where its files are, and what it writes where it may write. */
START_TEST(relative_paths_are_put_in_place)
{
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml",
               "servers:\n"
               "  dev:\n"
               "    nodes: 2\n"
               "    log_file: ./nats.log\n"
               "    pid_file: /run/nats-server.pid\n"
               "    jetstream: {store_dir: ./jetstream}\n"
               "    mappings: {log_file: cert_file}\n"
               "    leafnodes: {remotes: [{url: 'nats-leaf://far:7422', credentials: ../far.creds}]}\n");
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    static const struct {
        const char *file, *parts[3];
    } files[] = {
        {"systemd/dev-2.conf",
         {"log_file: \"/var/lib/nats/dev-2/nats.log\"", "credentials: \"/etc/nats/../far.creds\"",
          "store_dir: \"/var/lib/nats/dev-2\""}},
        {"launchd/dev-2.conf",
         {"log_file: \"/opt/homebrew/var/nats/dev-2/nats.log\"",
          "credentials: \"/opt/homebrew/etc/nats/../far.creds\"",
          "store_dir: \"/opt/homebrew/var/nats/dev-2\""}},
        {"docker/dev-2.conf",
         {"log_file: \"/data/nats.log\"", "credentials: \"/etc/nats/files/1/far.creds\"",
          "store_dir: \"/data\""}},
        {"conf/dev-2.conf",
         {"log_file: \"./nats.log\"", "credentials: \"../far.creds\"", "store_dir: \"./jetstream/dev-2\""}},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const char *text = file_in(directory, arena_printf(test_arena(), "deploy/%s", files[i].file));
        for (size_t j = 0; j < 3; j++)
            ck_assert_contains(text, files[i].parts[j]);
        ck_assert_contains(text, "pid_file: \"/run/nats-server.pid\"");
        ck_assert_contains(text, "log_file: \"cert_file\"");
    }
    ck_assert_contains(file_in(directory, "deploy/compose.yaml"), "source: ../../far.creds\n");
    ck_assert_contains(file_in(directory, "deploy/systemd/nats-dev-2.service"),
                       "\nStateDirectory=nats/dev-2\n");
}
END_TEST

/* What nats-server writes into folders that it does not make, by names that need quotes. */
static const char writes[] = "servers:\n"
                             "  dev:\n"
                             "    port: %d\n"
                             "    http: %d\n"
                             "    log_file: ./logs/deep/x.log\n"
                             "    pid_file: \"run/it's 100%% of $HOME/nats.pid\"\n"
                             "    ports_file_dir: -ports\n";

/* With $SERVER as `nats-server` in PATH, and what is written checked by what it should be in there, below $STATE. */
static void runs_by_its_instructions(const char *directory, const char *version, const char *script)
{
    run_shell(directory, arena_printf(test_arena(),
                                      "mkdir -p bin fresh; ln -sf '%s' bin/nats-server; PATH=$PWD/bin:$PATH\n"
                                      "%s"
                                      "until grep -qs 'Server is ready' \"$state/logs/deep/x.log\"; do\n"
                                      "    if ! kill -0 $server; then cat said; exit 1; fi\n"
                                      "    sleep 0.05\n"
                                      "done\n"
                                      "test -s \"$state/run/it's 100%% of \\$HOME/nats.pid\"\n"
                                      "until ls \"$state\"/-ports/*.ports >listed; do sleep 0.05; done\n"
                                      "kill $server; wait $server || :\n"
                                      "rm -r fresh\n",
                                      server_binary(version), script));
}

/* A configuration is run as its own first lines, its unit or its README say, where there is no folder yet. */
START_TEST(folders_are_there_for_what_is_written)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml", arena_printf(test_arena(), writes, free_port(), free_port()));
    ck_assert_exit(RUN_IN(directory, "generate", "all", "--prefix", "/brew"), 0);
    for (size_t i = 0; i < count; i++) {
        runs_by_its_instructions(directory, versions[i],
                                 "state=$PWD/fresh; cp -R deploy fresh/\n"
                                 "sed -n '/^$/q; s/^#   //p' deploy/conf/dev.conf >steps\n"
                                 "sed -i '$s/^/exec /' steps\n"
                                 "(cd fresh; . ../steps) >said 2>&1 & server=$!\n");
        runs_by_its_instructions(
            directory, versions[i],
            "state=$PWD/fresh/var\n"
            "sed -n 's/^ExecStartPre=mkdir/mkdir/p' deploy/systemd/nats-dev.service |\n"
            "    sed \"s|/var/lib/nats|$state|g\" | sed 's/%%/%/g; s/[$][$]/\\\\$/g' >steps\n"
            ". ./steps\n"
            "sed \"s|/var/lib/nats|$state|g\" deploy/systemd/dev.conf >fresh/dev.conf\n"
            "nats-server -c fresh/dev.conf >said 2>&1 & server=$!\n");
        runs_by_its_instructions(
            directory, versions[i],
            "state=$PWD/fresh/brew/var/nats/dev\n"
            "brew() { echo \"$PWD/fresh/brew\"; }\n"
            "sed -n '/^## Or by/,$s/^    mkdir/mkdir/p' deploy/launchd/README.md >steps\n"
            ". ./steps\n"
            "sed \"s|/brew|$PWD/fresh/brew|g\" deploy/launchd/dev.conf >fresh/dev.conf\n"
            "nats-server -c fresh/dev.conf >said 2>&1 & server=$!\n");
    }
}
END_TEST

/* In a container there is /data and nothing else, where the server's own store is as well. */
START_TEST(what_containers_write_is_right_below_data)
{
    static const struct {
        const char *options, *said[3];
    } rows[] = {
        {"log_file: logs/x.log, pid_file: run/nats.pid, ports_file_dir: ports",
         {"log_file: \"/data/logs-x.log\"", "pid_file: \"/data/run-nats.pid\"", "ports_file_dir: \"/data\""}},
        {"log_file: ../a/b/x.log, pid_file: a-b-x.log, ocsp_cache: {type: local, local_store: ./a/b/../jwt}",
         {"log_file: \"/data/a-b-x.log\"", "pid_file: \"/data/a-b-x.log-2\"",
          "local_store: \"/data/a-jwt\""}},
        {"log_file: jetstream, pid_file: ./jetstream, ports_file_dir: .",
         {"log_file: \"/data/jetstream-2\"", "pid_file: \"/data/jetstream-2\"", "ports_file_dir: \"/data\""}},
        {"log_file: /var/log/x.log, pid_file: ..., ocsp_cache: {type: local, local_store: ..}",
         {"log_file: \"/var/log/x.log\"", "pid_file: \"/data/...\"", "local_store: \"/data\""}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *directory = test_directory();
        write_file(directory, "natsform.yaml",
                   arena_printf(test_arena(), "servers: {dev: {jetstream: false, %s}}\n", rows[i].options));
        ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
        for (size_t j = 0; j < 3; j++)
            ck_assert_contains(file_in(directory, "deploy/docker/dev.conf"), rows[i].said[j]);
        ck_assert_contains(file_in(directory, "deploy/compose.yaml"), "target: /data\n");
        ck_assert_contains(file_in(directory, "deploy/Dockerfile"), "\nVOLUME [\"/data\"]\n");
    }
}
END_TEST

/* `up` has the same rule: whoever comes in with these variables may make streams. */
START_TEST(the_login_is_one_for_applications)
{
    static const struct {
        const char *servers, *said;
    } rows[] = {
        {"dev: {authorization: {users: [{user: web, password: x, allowed_connection_types: [WEBSOCKET]}, "
         "{user: app, password: y}]}}",
         "NATS_USER=app\nNATS_PASSWORD=y\n"},
        {"dev: {accounts: {A: {users: [{user: a, password: b}]}, B: {jetstream: enabled, users: [{user: h, "
         "password: $2b$11$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu}, {user: c, password: d}]}}}",
         "NATS_USER=c\nNATS_PASSWORD=d\n"},
        {"dev: {system_account: S, accounts: {S: {users: [{user: s, password: x}]}, A: {users: [{user: a, "
         "password: b}]}}}",
         "NATS_USER=a\nNATS_PASSWORD=b\n"},
        {"hub: {jetstream: false, authorization: {token: t}}, leaf: {leaf_of: hub, port: 4333, http: 8333, "
         "authorization: {user: l, password: m}}",
         "NATS_URL=nats://127.0.0.1:4333\nNATS_MONITOR_URL=http://127.0.0.1:8333\nNATS_USER=l\nNATS_PASSWORD=m\n"},
        {"dev: {no_auth_user: a, accounts: {A: {users: [{user: a, password: b}]}}}", "8222\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *directory = test_directory();
        write_file(directory, "natsform.yaml",
                   arena_printf(test_arena(), "servers: {%s}\n", rows[i].servers));
        ck_assert_exit(RUN_IN(directory, "generate", "env"), 0);
        ck_assert_contains(file_in(directory, "deploy/nats.env"), rows[i].said);
        if (strchr(rows[i].said, '=') == NULL)
            ck_assert_lacks(file_in(directory, "deploy/nats.env"), "NATS_USER");
    }
}
END_TEST

/* In a Dockerfile nothing quotes the name of an image; in the Compose file everything does. */
START_TEST(names_of_images_stay_names)
{
    const char *directory = test_directory();
    write_file(directory, "natsform.yaml", "servers: {dev: {image: \"nats:1\\nRUN echo $HOME: #\"}}\n");
    struct run run = RUN_IN(directory, "generate", "dockerfile");
    ck_assert_exit(run, 65);
    ck_assert_contains(run.err, "is no name of an image [name]");
    ck_assert_exit(RUN_IN(directory, "generate", "compose"), 0);
    ck_assert_contains(file_in(directory, "deploy/compose.yaml"),
                       "image: |-\n      nats:1\n      RUN echo $$HOME: #\n    hostname");
}
END_TEST

/* ---- files of others ---- */

START_TEST(files_of_others_stay)
{
    const char *directory = project_of(&topologies[1]);
    make_directory(directory, "deploy");
    write_file(directory, "deploy/compose.yaml", "services: {}\n");
    struct run run = RUN_IN(directory, "generate", "compose");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.err,
                     "error: 'deploy/compose.yaml' exists already, and natsform did not write it [exists]\n"
                     "hint: nothing was written; '--force' replaces it, '--out DIR' writes elsewhere\n");
    run_shell(directory, "test \"$(ls -A deploy)\" = compose.yaml");
    ck_assert_exit(RUN_IN(directory, "generate", "compose", "--force"), 0);
    ck_assert_contains(file_in(directory, "deploy/compose.yaml"), "4300");
}
END_TEST

START_TEST(edited_files_stay)
{
    const char *directory = project_of(&topologies[1]);
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
    run_shell(directory, "sed -i 's/max_mem/max_mem/; $a # mine' deploy/conf/dev.conf");
    const char *edited = file_in(directory, "deploy/conf/dev.conf");
    write_file(directory, "natsform.yaml", "servers: {dev: {port: 4301}}\n");
    struct run run = RUN_IN(directory, "generate", "all");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.err,
                     "error: 'deploy/conf/dev.conf' was edited since natsform wrote it [exists]\n"
                     "hint: nothing was written; '--force' replaces it, '--out DIR' writes elsewhere\n");
    ck_assert_str_eq(file_in(directory, "deploy/conf/dev.conf"), edited);
    ck_assert_lacks(file_in(directory, "deploy/compose.yaml"), "4301");
    run = RUN_IN(directory, "generate", "conf", "--check");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.out, "deploy/conf/dev.conf: edited\n");
    ck_assert_exit(RUN_IN(directory, "generate", "all", "--force"), 0);
    ck_assert_contains(file_in(directory, "deploy/conf/dev.conf"), "4301");
}
END_TEST

START_TEST(files_of_ones_own_follow_the_manifest)
{
    const char *directory = project_of(&topologies[0]);
    struct run run = RUN_IN(directory, "generate", "conf", "--check");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.out, "deploy/conf/dev.conf: missing\n");
    ck_assert_exit(RUN_IN(directory, "generate", "conf"), 0);
    ck_assert_exit(RUN_IN(directory, "generate", "conf", "--check"), 0);
    write_file(directory, "natsform.yaml", "servers: {dev: {port: 4301}}\n");
    run = RUN_IN(directory, "generate", "conf", "--check");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.out, "deploy/conf/dev.conf: out of date\n");
    run = RUN_IN(directory, "generate", "conf");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "wrote deploy/conf/dev.conf\n");
    ck_assert_contains(file_in(directory, "deploy/conf/dev.conf"), "4301");
}
END_TEST

/* What could not be a seal's line is none: a line that is cut, one without its end, one that is further down. */
START_TEST(what_looks_like_a_seal_is_none)
{
    const char *directory = project_of(&topologies[0]);
    ck_assert_exit(RUN_IN(directory, "generate", "conf"), 0);
    static const char *const edits[] = {
        "head -c 60 kept >deploy/conf/dev.conf",
        "head -n 1 kept | tr -d '\\n' >deploy/conf/dev.conf",
        "{ printf '\\n\\n\\n'; cat kept; } >deploy/conf/dev.conf",
        "tr -d '\\n' <kept >deploy/conf/dev.conf",
        "printf '\\0' >deploy/conf/dev.conf",
        ": >deploy/conf/dev.conf",
    };
    run_shell(directory, "mv deploy/conf/dev.conf kept");
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        run_shell(directory, edits[i]);
        struct run run = RUN_IN(directory, "generate", "conf");
        ck_assert_exit(run, 1);
        ck_assert_contains(run.err, "natsform did not write it [exists]");
    }
    run_shell(directory, "{ echo '# mine'; cat kept; } >deploy/conf/dev.conf");
    ck_assert_contains(RUN_IN(directory, "generate", "conf").err, "was edited since");
}
END_TEST

/* ---- how it is called ---- */

START_TEST(one_file_goes_to_standard_output)
{
    const char *directory = project_of(&topologies[0]);
    struct run run = RUN_IN(directory, "generate", "conf", "--out", "-");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "");
    ck_assert_contains(run.out, "\nserver_name: \"dev\"\n");
    run_shell(directory, "test ! -e deploy");
    run = RUN_IN(directory, "generate", "systemd", "--out", "-");
    ck_assert_exit(run, 64);
    ck_assert_str_eq(run.err,
                     "error: '--out -' is for one file; this writes 2 [usage]\nhint: name a folder\n");
}
END_TEST

START_TEST(wrong_calls_are_told)
{
    static const struct {
        const char *arguments[3];
        int exit_code;
        const char *err;
    } calls[] = {
        {{"everything"},
         64,
         "error: cannot generate 'everything' [usage]\n"
         "hint: it is one of: all, conf, compose, dockerfile, systemd, launchd, env\n"},
        {{"conf", "--out="}, 64, "error: --out is empty [usage]\n"},
        {{"launchd", "--prefix=x"},
         64,
         "error: --prefix must be an absolute path of plain letters, not 'x' [usage]\n"},
        {{"launchd", "--prefix=/a<b"},
         64,
         "error: --prefix must be an absolute path of plain letters, not '/a<b' [usage]\n"},
        {{"conf", "-fnone.yaml"},
         65,
         "error: the manifest has no servers [required]\n"
         "hint: 'servers: {dev: {}}' is one with JetStream on the usual ports\n"},
    };
    const char *directory = project_of(&topologies[0]);
    write_file(directory, "none.yaml", "streams: {}\n");
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct run run = RUN_IN(directory, "generate", calls[i].arguments[0], calls[i].arguments[1]);
        ck_assert_exit(run, calls[i].exit_code);
        ck_assert_str_eq(run.err, calls[i].err);
    }
    run_shell(directory, "test ! -e deploy");
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_to_is_told)
{
    const char *directory = project_of(&topologies[0]);
    write_file(directory, "deploy", "a file\n");
    struct run run = RUN_IN(directory, "generate", "conf");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(run.err, "error: cannot write 'deploy/conf/dev.conf': not a directory [file]\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generate");
    TCase *each = tcase_create("each topology");
    TCase *stories = tcase_create("stories");
    const TTest *const loops[] = {configurations_pass_the_servers_own_check,
                                  compose_takes_the_file,
                                  systemd_takes_the_units,
                                  launchd_takes_the_agents,
                                  a_shell_takes_the_variables,
                                  the_same_manifest_gives_the_same_bytes};
    const TTest *const tests[] = {hostile_values_stay_values,
                                  secrets_are_for_their_owner_alone,
                                  versions_decide_what_an_end_means,
                                  options_are_explained_once,
                                  files_that_the_manifest_names_are_mounted,
                                  a_containers_health_is_asked_for_where_it_can_be,
                                  relative_paths_are_put_in_place,
                                  the_login_is_one_for_applications,
                                  folders_are_there_for_what_is_written,
                                  what_containers_write_is_right_below_data,
                                  names_of_images_stay_names,
                                  files_of_others_stay,
                                  edited_files_stay,
                                  files_of_ones_own_follow_the_manifest,
                                  what_looks_like_a_seal_is_none,
                                  one_file_goes_to_standard_output,
                                  wrong_calls_are_told,
                                  a_folder_that_cannot_be_written_to_is_told};
    for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
        tcase_add_loop_test(each, loops[i], 0, TOPOLOGIES);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(stories, tests[i]);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, stories);
    return suite_run_made(suite);
}
