/*
 * Where else natsform runs by itself: what examples/pipelines has for others, and what their formats say of it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "support/ci_service.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *root(void)
{
    return format("%s/..", getenv("NATSFORM_TESTS"));
}

static const char *example(const char *name)
{
    return format("%s/examples/pipelines/%s", root(), name);
}

/* The newest, or that of the index. */
static struct server_fixture *start(int index)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    return fixture_start(versions[(size_t)index % count], NULL);
}

/* A script of bash as somebody runs it who has natsform in PATH, and NATS_URL. */
static struct run run_bash(const char *folder, const char *url, const char *script)
{
    return run_natsform(&(struct run_options){
        .program = "/bin/bash",
        .arguments = (const char *const[]){"-euo", "pipefail", "-c", format("exec 2>&1; %s", script), NULL},
        .directory = folder,
        .env = (const char *const[]){format("PATH=%s:%s", path_folder(test_arena(), getenv("NATSFORM")),
                                            getenv("PATH")),
                                     format("NATS_URL=%s", url), format("HOME=%s", folder),
                                     "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
                                     "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", NULL},
    });
}

/* ---- schemas ---- */

static struct run fits(const char *schema, const char *path)
{
    return run_natsform(&(struct run_options){
        .program = format("%s/tests/pipelines/fits", root()),
        .arguments =
            (const char *const[]){format("%s/tests/pipelines/schemas/%s.json", root(), schema), path, NULL},
    });
}

static const struct {
    const char *schema, *path;
    const char *break_it; /* of sed */
} files[] = {
    {"github-workflows", "examples/pipelines/github.yml", "s/cancel-in-progress: false/cancel: false/"},
    {"github-workflows", "examples/pipelines/github.yml", "s/runs-on:/run-on:/"},
    {"github-actions", "action.yml", "s/using: composite/using: bash/"},
    {"gitlab-ci", "examples/pipelines/gitlab-ci.yml", "s/action: access/action: excess/"},
    {"gitlab-ci", "examples/pipelines/gitlab-ci.yml", "s/resource_group:/resource:/"},
};
enum { FILES = sizeof(files) / sizeof(files[0]) };

START_TEST(each_fits_its_schema)
{
    const char *folder = test_directory();
    const char *path = format("%s/%s", root(), files[_i].path);
    struct run run = fits(files[_i].schema, path);
    ck_assert_msg(run.exit_code == 0, "%s%s", run.out, run.err);
    run_shell(folder,
              format("sed '%s' '%s' >broken && ! cmp -s broken '%s'", files[_i].break_it, path, path));
    ck_assert_exit(fits(files[_i].schema, format("%s/broken", folder)), 1);
}
END_TEST

START_TEST(examples_are_what_init_writes)
{
    static const char *const services[][3] = {{"github", ".github/workflows/natsform.yml", "github.yml"},
                                              {"gitlab", ".gitlab-ci.yml", "gitlab-ci.yml"}};
    const char *folder = test_directory();
    run_shell(folder, format("cp '%s'/*.yaml .", example("")));
    for (size_t i = 0; i < 2; i++) {
        ck_assert_exit(
            run_natsform(&(struct run_options){
                .arguments = (const char *const[]){"init", "--ci", services[i][0], "--environment",
                                                   "staging=natsform.yaml,staging.yaml", "--environment",
                                                   "production=natsform.yaml,production.yaml", NULL},
                .directory = folder}),
            0);
        const char *written = format("%s/%s", folder, services[i][1]);
        if (getenv("GOLDEN"))
            run_shell(folder, format("cp '%s' '%s'", written, example(services[i][2])));
        ck_assert_text(read_file(example(services[i][2])), read_file(written));
    }
    for (size_t i = 0; i < 2; i++)
        ck_assert_exit(RUN("validate", "-f", example("natsform.yaml"), "-f",
                           example(i ? "production.yaml" : "staging.yaml")),
                       0);
}
END_TEST

/* ---- a bare repository ---- */

static struct run push(const char *folder, const char *url, const char *manifest, const char *branch)
{
    return run_bash(folder, url,
                    format("cd clone; printf '%s' >natsform.yaml; git add -A; git commit -q -m change; "
                           "git push -q origin HEAD:%s",
                           manifest, branch));
}

START_TEST(a_push_is_planned_and_applied)
{
    struct server_fixture *server = start(_i);
    const char *folder = test_directory();
    run_shell(folder, format("git init -q --bare shop.git && cp '%s' '%s' shop.git/hooks\n"
                             "git init -q -b main clone && git -C clone remote add origin ../shop.git",
                             example("hooks/pre-receive"), example("hooks/post-receive")));
    struct run run =
        push(folder, server->url, "project: shop\nstreams: {A: {subjects: [a.>], max_msgs: 9}}\n", "main");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "remote: Plan: 1 to create");
    ck_assert_contains(run.out, "remote: Done: 1 of 1 changes");
    raw_publish(server, "a.1", "hello");
    raw_publish(server, "a.1", "hello");
    static const char *const bad[][2] = {
        {"project: shop\nstreams: {A: {subjects: [a..b]}}\n", "a..b"},
        {"project: shop\nstreams: {A: {subjects: [a.>], max_msgs: 1}}\n", "remote: Plan: "},
    };
    for (size_t i = 0; i < 2; i++) {
        run = push(folder, server->url, bad[i][0], "main");
        ck_assert_int_ne(run.exit_code, 0);
        ck_assert_contains(run.out, bad[i][1]);
        ck_assert_contains(run.out, "pre-receive hook declined");
        run_shell(folder, "cd clone && git reset -q --hard HEAD^");
    }
    /* Other branches are checked, and change nothing. */
    ck_assert_exit(
        push(folder, server->url, "project: shop\nstreams: {A: {subjects: [a.>], max_msgs: 8}}\n", "other"),
        0);
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.A", ""), "\"max_msgs\":9");
    run_shell(folder, "git -C clone push -q origin :other && test -z \"$(ls shop.git/*.plan 2>/dev/null)\"");
}
END_TEST

/* ---- pre-commit ---- */

START_TEST(pre_commit_stops_what_is_not_right)
{
    const char *folder = test_directory();
    run_shell(
        folder,
        format("mkdir natsform && cp '%s/.pre-commit-hooks.yaml' natsform && cd natsform && git init -q\n"
               "git add -A && git commit -q -m one && git tag v0.1.0 && cd ..\n"
               "git init -q clone && cd clone && echo 'project: shop' >natsform.yaml\n"
               "sed \"s#https://example.com/natsform.git#$PWD/../natsform#\" '%s' >.pre-commit-config.yaml",
               root(), example("pre-commit-config.yaml")));
    struct run run =
        run_bash(folder, "nats://127.0.0.1:1", "cd clone; pre-commit install; git add -A; git commit -m one");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out,
                       "natsform validate........................................................Passed");
    run = run_bash(folder, "nats://127.0.0.1:1",
                   "cd clone; echo 'projekt: x' >>natsform.yaml; git commit -am two");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "unknown key 'projekt'");
}
END_TEST

/* ---- Kubernetes ---- */

START_TEST(the_job_applies_the_manifest)
{
    struct server_fixture *server = start(_i);
    const char *folder = test_directory();
    const struct node *job = ci_yaml(example("kubernetes/job.yaml"));
    const struct node *pod = node_get(node_get(node_get(job, "spec"), "template"), "spec");
    const struct node *container = node_get(pod, "containers")->items[0];
    const struct node *command = node_get(container, "command");
    ck_assert_str_eq(command->items[0]->text, "sh");
    ck_assert_str_eq(command->items[1]->text, "-euc");
    const char *script = node_get(container, "args")->items[0]->text;
    const char *mounted = strstr(script, "/manifest/");
    ck_assert_ptr_nonnull(mounted);
    run_shell(folder, format("mkdir manifest && cp '%s' manifest", example("kubernetes/natsform.yaml")));
    const char *here =
        format("%.*s../manifest/%s", (int)(mounted - script), script, mounted + strlen("/manifest/"));
    struct run run = run_bash(make_directory(folder, "state"), server->url, format("sh -euc \"%s\"", here));
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: 2 of 2 changes");
    const struct node *generator =
        node_get(ci_yaml(example("kubernetes/kustomization.yaml")), "configMapGenerator");
    ck_assert_str_eq(node_get_text(generator->items[0], "name"),
                     node_get_text(node_get(node_get(pod, "volumes")->items[0], "configMap"), "name"));
    ck_assert_str_eq(
        node_get_text(node_get(node_get(ci_yaml(example("argo-cd.yaml")), "spec"), "source"), "path"),
        "kubernetes");
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = each_fits_its_schema, .times = FILES},
        {.test = examples_are_what_init_writes},
        {.test = a_push_is_planned_and_applied, .each_version = true},
        {.test = pre_commit_stops_what_is_not_right},
        {.test = the_job_applies_the_manifest, .each_version = true},
    };
    return suite_run("pipeline_places", tests, sizeof(tests) / sizeof(tests[0]));
}
