/*
 * What `generate` writes for containers, on a real engine: the Compose file boots by both generations of Compose, three nodes with one
 * port at an address each among them, healthy, with streams on it that are there again after a restart; the Dockerfile builds, and
 * what it builds serves.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/docker.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"

static const char manifest[] =
    "project: made%d\n"
    "servers:\n"
    "  east:\n"
    "    nodes: {e1: {host: 127.0.0.1}, e2: {host: 127.0.0.2}, e3: {host: 127.0.0.3}}\n"
    "    image: 'nats:%s'\n"
    "    http_base_path: '/a$b'\n"
    "  safe:\n"
    "    image: 'nats:%s'\n"
    "    tls: dev\n"
    "    authorization: {user: \"o'%%$\\\"n\", password: \"a\\\"b\\\\$c'\\n1e9\"}\n"
    "    leaf_of: east\n"
    "    log_file: ./logs/safe.log\n"
    "    pid_file: run/nats.pid\n"
    "    ports_file_dir: ports\n"
    "streams: {ORDERS: {subjects: [orders.>], num_replicas: 3}}\n";

/* The newest one. */
static const char *version(void)
{
    const char *versions = docker_versions();
    const char *last = strrchr(versions, ' ');
    return last ? last + 1 : versions;
}

static void compose(const char *folder, bool v2, const char *words)
{
    run_shell(folder, arena_printf(test_arena(), "cd deploy; %s %s >log 2>&1 || { cat log >&2; exit 1; }",
                                   v2 ? "docker compose" : "docker-compose", words));
}

static struct run natsform_in(const char *folder, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = folder});
}

#define NATSFORM(folder, ...) natsform_in((folder), (const char *const[]){__VA_ARGS__, NULL})

static size_t count_healthy(const char *project)
{
    static const char healthy[] = "(healthy)";
    size_t count = 0;
    for (const char *at = docker_project(project); (at = strstr(at, healthy)); at += strlen(healthy))
        count++;
    return count;
}

/* A cluster elects its leader some time after its nodes are healthy. */
static struct run apply(const char *folder)
{
    struct run run = {0};
    AWAIT((run = NATSFORM(folder, "apply", "--yes", "-s", "nats://127.0.0.2:4222")).exit_code == 0);
    return run;
}

/* Files that the server writes, in folders that nobody makes for it. */
static void must_have_written(const char *folder, const char *container)
{
    run_shell(folder, arena_printf(test_arena(),
                                   "docker cp %s:/data written\n"
                                   "grep -q 'Server is ready' written/logs-safe.log\n"
                                   "test \"$(cat written/run-nats.pid)\" = 1\n"
                                   "test -s written/*_1.ports\n"
                                   "rm -r written\n",
                                   container));
}

START_TEST(the_compose_file_boots)
{
    const char *folder = test_directory();
    const char *project = arena_printf(test_arena(), "made%d", _i);
    bool v2 = _i == 1;
    docker_choose_compose(v2);
    write_file(folder, "natsform.yaml", arena_printf(test_arena(), manifest, _i, version(), version()));
    run_shell(folder, "cp \"$(dirname \"$NATSFORM\")/healthcheck\" probe");
    ck_assert_exit(NATSFORM(folder, "generate", "all", "--probe", "probe"), 0);
    compose(folder, v2, "up -d");
    AWAIT(count_healthy(project) == 4);
    apply(folder);
    must_have_written(folder, "$(docker ps --quiet --filter label=com.docker.compose.service=safe)");
    run_shell(folder, ". deploy/nats.env\n"
                      "export NATS_CA NATS_USER=\"$NATS_USER_SAFE\" NATS_PASSWORD=\"$NATS_PASSWORD_SAFE\"\n"
                      "\"$NATSFORM\" export -s \"$NATS_URL_SAFE\" >said 2>&1 || { cat said >&2; exit 1; }\n");
    compose(folder, v2, "down");
    compose(folder, v2, "up -d");
    AWAIT(count_healthy(project) == 4);
    struct run run = apply(folder);
    ck_assert_contains(run.out, "in sync");
    compose(folder, v2, "down -v");
    ck_assert_str_eq(docker_project(project), "");
}
END_TEST

START_TEST(the_dockerfile_builds_and_runs)
{
    const char *folder = test_directory();
    const char *image = arena_printf(test_arena(), "nats:%s-alpine", version());
    docker_says("tag", arena_printf(test_arena(), "nats:%s", version()), image);
    write_file(
        folder, "natsform.yaml",
        arena_printf(test_arena(),
                     "servers: {dev: {image: '%s', http_base_path: '/a$b\"c', log_file: logs/safe.log, "
                     "pid_file: ./run/nats.pid, ports_file_dir: a/b}}\n",
                     image));
    ck_assert_exit(NATSFORM(folder, "generate", "dockerfile"), 0);
    run_shell(folder, "docker build -t made deploy >log 2>&1 || { cat log >&2; exit 1; }");
    ck_assert_str_eq(docker_says("inspect", "--format", "{{json .Config.Healthcheck.Test}}", "made"),
                     "[\"CMD\",\"wget\",\"-q\",\"-O\",\"/dev/null\","
                     "\"http://127.0.0.1:8222/a$b\\\"c/healthz?js-enabled-only=true\"]\n");
    docker_says("network", "create", "made"); /* the engine has none of its own */
    docker_says("run", "--detach", "--name", "made", "--network", "made", "--publish", "127.0.0.1:4300:4222",
                "made");
    AWAIT(NATSFORM(folder, "export", "-s", "nats://127.0.0.1:4300").exit_code == 0);
    must_have_written(folder, "made");
    run_shell(folder, "docker rm --force --volumes made >said && docker image rm made >said\n"
                      "docker network rm made >said\n");
}
END_TEST

START_TEST(nothing_is_left)
{
    docker_await_nothing();
}
END_TEST

int main(int argc, char **argv)
{
    (void)argc;
    docker_enter(argv);
    const struct suite_test tests[] = {
        {.test = the_compose_file_boots, .times = 2},
        {.test = the_dockerfile_builds_and_runs},
        {.test = nothing_is_left},
    };
    return suite_run("live/generate_docker", tests, sizeof(tests) / sizeof(tests[0]));
}
