/*
 * GitHub Actions, as far as natsform's workflow uses it; see ci_service.h. What a job may do is what its `permissions` say: the API of
 * tests/pipelines/gh looks at them.
 */
#include <check.h>
#include <string.h>

#include "base/path.h"
#include "support/ci_service.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

#define REPOSITORY "acme/shop"

struct job {
    struct ci *ci;
    const struct ci_event *event;
    const struct node *node;
    struct ci_words words; /* of expressions */
    struct ci_words env;
    const char *shell, *folder; /* of `run` */
    const char *workspace, *temporary;
    const char *path; /* what steps have put on the PATH, with a colon behind each */
    bool failed;
    struct strbuf *log, *summary;
};

static void take_map(struct job *job, const struct node *map, struct ci_words *to, const char *prefix)
{
    for (size_t i = 0; map && i < map->count; i++)
        ci_set(to, format("%s%s", prefix, map->members[i].key),
               ci_expand(&job->words, node_get_text(map, map->members[i].key)));
}

/* ---- actions ---- */

static void check_out(struct job *job, const struct node *with)
{
    const char *depth = node_get_text(with, "fetch-depth");
    ck_assert_str_eq(node_get_text(with, "persist-credentials"), "false");
    run_shell(
        job->workspace,
        format(
            "git init -q --template= . && git fetch -q --depth %s 'file://%s/origin.git' %s && git checkout -q --detach FETCH_HEAD",
            *depth ? depth : "1", job->ci->folder, job->event->sha));
}

/* A path with a pattern is one of folders here. */
static void upload(struct job *job, const struct node *with)
{
    const char *path = ci_expand(&job->words, node_get_text(with, "path"));
    const char *name = ci_expand(&job->words, node_get_text(with, "name"));
    bool optional = strcmp(node_get_text(with, "if-no-files-found"), "ignore") == 0;
    const char *find = strncmp(path, "**/", 3) == 0 ? format("find . -path '*/%s*' -type f", path + 3)
                                                    : format("ls -d '%s'", path);
    run_shell(
        job->workspace,
        format(
            "%s >../found || %s\n"
            "if [ -s ../found ]; then\n"
            "  to='%s/store/artifacts/%u/%s' && rm -rf \"$to\" && mkdir -p \"$to\" && xargs cp -t \"$to\" <../found\n"
            "  printf '{\"name\":\"%s\",\"expired\":false,\"created_at\":\"2026-01-02T03:%%02d:00Z\",\"workflow_run\":"
            "{\"id\":%u,\"head_sha\":\"%s\",\"repository_id\":1,\"head_repository_id\":%d}}\\n' %u >>'%s/store/artifacts.json'\n"
            "fi\n",
            find, optional ? "true" : "false", job->ci->folder, job->ci->runs, name, name, job->ci->runs,
            job->event->head ? job->event->head : job->event->sha, job->event->fork ? 2 : 1, job->ci->runs,
            job->ci->folder));
}

static void download(struct job *job, const struct node *with)
{
    const struct node *permissions = node_get(job->node, "permissions");
    ck_assert_str_eq(node_get_text(permissions, "actions"), "read");
    ck_assert_str_eq(ci_expand(&job->words, node_get_text(with, "github-token")), "the-token");
    run_shell(job->workspace, format("mkdir -p '%s' && cp -R '%s/store/artifacts/%s/%s/.' '%s'",
                                     ci_expand(&job->words, node_get_text(with, "path")), job->ci->folder,
                                     ci_expand(&job->words, node_get_text(with, "run-id")),
                                     ci_expand(&job->words, node_get_text(with, "name")),
                                     ci_expand(&job->words, node_get_text(with, "path"))));
}

/* Restores at once; what it did not find is kept when the job ends, here by the next one with that key. */
static void cache(struct job *job, const struct node *with, const char *id)
{
    const char *key = ci_expand(&job->words, node_get_text(with, "key"));
    const char *path = ci_expand(&job->words, node_get_text(with, "path"));
    const char *kept = format("%s/store/cache/%s", job->ci->folder, key);
    struct run run = run_natsform(&(struct run_options){
        .program = "/bin/cp", .arguments = (const char *const[]){"-R", kept, path, NULL}});
    ci_set(&job->words, format("steps.%s.outputs.cache-hit", id), run.exit_code == 0 ? "true" : "");
    if (run.exit_code != 0)
        run_shell(job->workspace,
                  format("mkdir -p '%s/store/cache' && ln -s '%s' '%s'", job->ci->folder, path, kept));
}

/* ---- steps ---- */

static const char *line_value(struct arena *arena, const char *line, size_t name)
{
    return arena_strndup(arena, line + name + 1, strcspn(line + name + 1, "\n"));
}

static void take_outputs(struct job *job, const char *id, const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t name = strcspn(line, "=");
        ci_set(&job->words, format("steps.%s.outputs.%.*s", id, (int)name, line),
               line_value(test_arena(), line, name));
    }
}

static void run_script(struct job *job, const struct node *step, const char *action)
{
    const char *files = test_directory();
    struct ci_words env = {0};
    const char *output = write_file(files, "output", "");
    const char *path = write_file(files, "path", "");
    const char *summary = write_file(files, "summary", "");
    const char *own = node_get_text(step, "shell");
    for (size_t i = 0; i < job->env.list.count; i++)
        ci_set(&env, job->env.list.items[i].name, job->env.list.items[i].value);
    take_map(job, node_get(step, "env"), &env, "");
    ci_set(&env, "GITHUB_OUTPUT", output);
    ci_set(&env, "GITHUB_PATH", path);
    ci_set(&env, "GITHUB_STEP_SUMMARY", summary);
    ci_set(&env, "GITHUB_ACTION_PATH", action);
    ci_set(&env, "PATH", job->path);
    const char *script = node_get_text(step, "run");
    /* What others say may not get into a shell as if it were ours. */
    ck_assert_msg(!strstr(script, "${{"), "a script has an expression: %s", script);
    int code = ci_shell(job->ci, *action ? job->workspace : job->folder, *own ? own : job->shell, script,
                        &env, job->log);
    job->failed |= code != 0;
    take_outputs(job, node_get_text(step, "id"), read_file(output));
    strbuf_adds(job->summary, read_file(summary));
    const char *added = read_file(path);
    if (*added)
        job->path = format("%.*s:%s", (int)strcspn(added, "\n"), added, job->path);
}

static void run_steps(struct job *job, const struct node *steps, const char *action);

static void run_uses(struct job *job, const struct node *step, const char *uses)
{
    const struct node *with = node_get(step, "with");
    if (strcmp(uses, "actions/checkout@v4") == 0)
        check_out(job, with);
    else if (strcmp(uses, "actions/upload-artifact@v4") == 0)
        upload(job, with);
    else if (strcmp(uses, "actions/download-artifact@v4") == 0)
        download(job, with);
    else if (strcmp(uses, "actions/cache@v4") == 0)
        cache(job, with, node_get_text(step, "id"));
    else {
        ck_assert_msg(strncmp(uses, "./", 2) == 0, "who is %s?", uses);
        const char *folder = path_in(test_arena(), job->workspace, uses + 2);
        run_steps(job, node_get(node_get(ci_yaml(format("%s/action.yml", folder)), "runs"), "steps"), folder);
    }
}

static void run_steps(struct job *job, const struct node *steps, const char *action)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct node *step = steps->items[i];
        const char *condition = node_get_text(step, "if");
        const char *uses = node_get_text(step, "uses");
        /* Without one of these functions a condition is that of success() too. */
        bool goes_on = !job->failed || strstr(condition, "always()");
        if (!goes_on || (*condition && !ci_holds(&job->words, condition)))
            continue;
        if (*uses)
            run_uses(job, step, uses);
        else
            run_script(job, step, action);
    }
}

/* ---- jobs ---- */

static void set_event(struct job *job)
{
    const struct ci_event *event = job->event;
    const char *repository = event->fork ? "somebody/shop" : REPOSITORY;
    const struct ci_word words[] = {
        {"github.event_name", event->name},
        {"github.sha", event->sha},
        {"github.ref_name", event->number ? format("%s/merge", event->number) : "main"},
        {"github.repository", REPOSITORY},
        {"github.token", "the-token"},
        {"github.run_attempt", "1"},
        {"github.event.repository.default_branch", "main"},
        {"github.event.repository.private", "true"},
        {"github.event.pull_request.head.sha", event->head ? event->head : ""},
        {"github.event.pull_request.number", event->number ? event->number : ""},
        {"github.event.pull_request.head.repo.full_name", event->number ? repository : ""},
        {"inputs.run", event->run ? event->run : ""},
        {"vars.NATSFORM_SOURCE", format("%s/source", job->ci->folder)},
        {"vars.NATSFORM_VERSION", "v1"},
        {"runner.temp", job->temporary},
        {"always()", "true"},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        ci_set(&job->words, words[i].name, words[i].value);
}

static void set_environment(struct job *job, const struct node *workflow)
{
    const char *may = "";
    const struct node *permissions = node_get(job->node, "permissions");
    for (size_t i = 0; permissions && i < permissions->count; i++)
        may = format("%s %s:%s", may, permissions->members[i].key,
                     node_get_text(permissions, permissions->members[i].key));
    const struct ci_word words[] = {
        {"GITHUB_ACTIONS", "true"},
        {"GITHUB_REPOSITORY", REPOSITORY},
        {"GITHUB_SHA", job->event->sha},
        {"GITHUB_RUN_ID", format("%u", job->ci->runs)},
        {"GITHUB_WORKSPACE", job->workspace},
        {"RUNNER_TEMP", job->temporary},
        {"MAY", may},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        ci_set(&job->env, words[i].name, words[i].value);
    take_map(job, node_get(workflow, "env"), &job->env, "");
    take_map(job, node_get(job->node, "env"), &job->env, "");
    take_map(job, node_get(job->node, "env"), &job->words, "env.");
}

static void begin(struct job *job, const struct node *workflow, const struct node *row)
{
    struct ci *ci = job->ci;
    const struct node *defaults = node_get(node_get(workflow, "defaults"), "run");
    const char *own = make_directory(ci->folder, format("jobs/%u", ++ci->jobs));
    job->workspace = make_directory(own, "workspace");
    job->temporary = make_directory(own, "temporary");
    job->folder = path_in(test_arena(), job->workspace, node_get_text(defaults, "working-directory"));
    job->shell = node_get_text(defaults, "shell");
    set_event(job);
    set_environment(job, workflow);
    take_map(job, row, &job->words, "matrix.");
    /* A fork's pull request gets no secrets. */
    const char *environment = ci_expand(&job->words, node_get_text(job->node, "environment"));
    ci_set(&job->words, "secrets.NATS_URL", job->event->fork ? "" : ci_url(ci, environment));
}

/* One row of its matrix. */
static bool run_job(struct job *job, const struct node *workflow, const struct node *row, struct strbuf *jobs)
{
    begin(job, workflow, row);
    run_steps(job, node_get(job->node, "steps"), "");
    strbuf_addf(jobs, "%s: %s\n", ci_expand(&job->words, node_get_text(job->node, "name")),
                job->failed ? "failure" : "success");
    return job->failed;
}

static bool is_wanted(struct ci *ci, const struct ci_event *event, const struct node *node)
{
    struct job job = {.ci = ci, .event = event, .node = node, .temporary = ""};
    set_event(&job);
    return ci_holds(&job.words, node_get_text(node, "if"));
}

struct ci_run ci_github(struct ci *ci, const struct ci_event *event)
{
    const struct node *workflow = ci_yaml(format("%s/clone/.github/workflows/natsform.yml", ci->folder));
    const struct node *jobs = node_get(workflow, "jobs");
    struct strbuf log = {0}, summary = {0}, ended = {0};
    ci->runs++;
    for (size_t i = 0; i < jobs->count; i++) {
        const struct node *node = jobs->members[i].value;
        const struct node *rows = node_get(node_get(node_get(node, "strategy"), "matrix"), "include");
        bool failed = false;
        if (!is_wanted(ci, event, node))
            continue;
        for (size_t j = 0; j < rows->count; j++) {
            struct job job = {
                .ci = ci, .event = event, .node = node, .path = "", .log = &log, .summary = &summary};
            bool fails_fast = strcmp(node_get_text(node_get(node, "strategy"), "fail-fast"), "false") != 0;
            if (!failed || !fails_fast)
                failed |= run_job(&job, workflow, rows->items[j], &ended);
        }
    }
    return (struct ci_run){.jobs = strbuf_move(&ended, test_arena()),
                           .log = strbuf_move(&log, test_arena()),
                           .summary = strbuf_move(&summary, test_arena())};
}
