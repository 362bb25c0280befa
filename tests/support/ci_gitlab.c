/*
 * GitLab CI, as far as natsform's pipeline uses it; see ci_service.h.
 */
#include <check.h>
#include <string.h>

#include "support/ci_service.h"
#include "support/scratch.h"
#include "support/shell.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

struct pipeline {
    struct ci *ci;
    const struct ci_event *event;
    const struct node *file;
    struct strbuf log, ended;
    VEC(const char *) failed; /* names of jobs */
};

/* What a job or one that it extends says; NULL: none of them says it. */
static const struct node *said(const struct pipeline *pipeline, const struct node *job, const char *key)
{
    const struct node *value = node_get(job, key);
    const char *base = node_get_text(job, "extends");
    return value || !*base ? value : said(pipeline, node_get(pipeline->file, base), key);
}

/* Maps of variables are joined; the job's own come last, and so count. */
static void take_variables(const struct pipeline *pipeline, const struct node *job, struct ci_words *env)
{
    const char *base = node_get_text(job, "extends");
    if (*base)
        take_variables(pipeline, node_get(pipeline->file, base), env);
    const struct node *variables = node_get(job, "variables");
    for (size_t i = 0; variables && i < variables->count; i++)
        ci_set(env, variables->members[i].key, node_get_text(variables, variables->members[i].key));
}

static void set_event(const struct pipeline *pipeline, unsigned job, struct ci_words *env)
{
    const struct ci_event *event = pipeline->event;
    const struct ci *ci = pipeline->ci;
    const struct ci_word words[] = {
        {"GITLAB_CI", "true"},
        {"CI_PIPELINE_SOURCE", event->name},
        {"CI_COMMIT_BRANCH", event->number ? "" : "main"},
        {"CI_DEFAULT_BRANCH", "main"},
        {"CI_COMMIT_SHA", event->sha},
        {"CI_PROJECT_ID", "1"},
        {"CI_API_V4_URL", "https://gitlab.example/api/v4"},
        {"CI_JOB_TOKEN", "the-job"},
        {"CI_JOB_ID", format("%u", job)},
        {"CI_MERGE_REQUEST_IID", event->number ? event->number : ""},
        {"CI_MERGE_REQUEST_PROJECT_ID", event->number ? "1" : ""},
        {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID", event->number ? (event->fork ? "2" : "1") : ""},
        {"CI_MERGE_REQUEST_DIFF_BASE_SHA", event->base ? event->base : ""},
        {"NATSFORM_SOURCE", format("%s/source", ci->folder)},
        {"NATSFORM_VERSION", "v1"},
        {"NATSFORM_GITLAB_TOKEN", event->fork ? "" : ci->token},
        {"NATSFORM_PLAN_JOB", event->run ? event->run : ""},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        ci_set(env, words[i].name, words[i].value);
}

static bool is_wanted(const struct pipeline *pipeline, const struct node *job, const struct ci_words *env)
{
    const struct node *rules = said(pipeline, job, "rules");
    for (size_t i = 0; i < rules->count; i++)
        if (ci_holds(env, node_get_text(rules->items[i], "if")))
            return true;
    return false;
}

/* Has a job failed that it needs? */
static bool is_held(const struct pipeline *pipeline, const struct node *job)
{
    const struct node *needs = said(pipeline, job, "needs");
    for (size_t i = 0; needs && i < needs->count; i++)
        for (size_t j = 0; j < pipeline->failed.count; j++)
            if (strcmp(needs->items[i]->text, pipeline->failed.items[j]) == 0)
                return true;
    return false;
}

static void add_lines(struct strbuf *script, const struct node *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        strbuf_addf(script, "%s\n", lines->items[i]->text);
}

static void keep_artifacts(const struct pipeline *pipeline, const struct node *job, unsigned id,
                           const char *folder, bool failed)
{
    const struct node *artifacts = said(pipeline, job, "artifacts");
    const struct node *paths = node_get(artifacts, "paths");
    const char *to = format("%s/store/job-artifacts/%u", pipeline->ci->folder, id);
    if (failed && strcmp(node_get_text(artifacts, "when"), "always") != 0)
        return;
    for (size_t i = 0; paths && i < paths->count; i++) {
        const char *path = paths->items[i]->text;
        bool deep = strncmp(path, "**/", 3) == 0;
        const char *find = deep ? format("find . -path '*/%s*' -type f", path + 3) : format("ls -d %s", path);
        run_shell(folder, format("{ %s 2>/dev/null || :; } | { mkdir -p '%s' && xargs -r cp -t '%s'; }", find,
                                 to, to));
    }
}

static bool run_script(struct pipeline *pipeline, const struct node *job, const char *folder,
                       const struct ci_words *env)
{
    struct strbuf script = {0};
    strbuf_adds(&script, "set -eo pipefail\n");
    add_lines(&script, said(pipeline, job, "before_script"));
    add_lines(&script, said(pipeline, job, "script"));
    int code =
        ci_shell(pipeline->ci, folder, "bash --noprofile --norc", strbuf_text(&script), env, &pipeline->log);
    strbuf_release(&script);
    return code != 0;
}

static void run_job(struct pipeline *pipeline, const struct member *member)
{
    struct ci *ci = pipeline->ci;
    struct ci_words env = {0};
    unsigned id = ++ci->jobs;
    set_event(pipeline, id, &env);
    take_variables(pipeline, member->value, &env);
    if (!is_wanted(pipeline, member->value, &env) || is_held(pipeline, member->value))
        return;
    const char *environment = node_get_text(node_get(member->value, "environment"), "name");
    ci_set(&env, "NATS_URL", pipeline->event->fork ? "" : ci_url(ci, environment));
    const char *folder = make_directory(ci->folder, format("jobs/%u", id));
    ci_set(&env, "CI_PROJECT_DIR", folder);
    /* The cache by its key, which has one variable in it. */
    const char *kept = format("%s/store/cache", ci->folder);
    run_shell(
        folder,
        format(
            "git clone -q --template= 'file://%s/origin.git' . && git fetch -q origin %s && git checkout -q --detach %s\n"
            "if [ -e '%s' ]; then cp -R '%s/.natsform-source' .; fi",
            ci->folder, pipeline->event->sha, pipeline->event->sha, kept, kept));
    bool failed = run_script(pipeline, member->value, folder, &env);
    run_shell(
        folder,
        format(
            "rm -rf '%s' && mkdir '%s' && cp -R --parents .natsform-source/build/natsform .natsform-source/tools '%s'\n"
            "echo '{\"id\":%u,\"name\":\"%s\",\"status\":\"%s\",\"pipeline\":%u}' >>'%s/store/jobs.json'",
            kept, kept, kept, id, member->key, failed ? "failed" : "success", ci->runs, ci->folder));
    keep_artifacts(pipeline, member->value, id, folder, failed);
    if (failed)
        VEC_PUSH(test_arena(), &pipeline->failed, member->key);
    strbuf_addf(&pipeline->ended, "%s: %s\n", member->key, failed ? "failure" : "success");
}

struct ci_run ci_gitlab(struct ci *ci, const struct ci_event *event)
{
    struct pipeline pipeline = {
        .ci = ci, .event = event, .file = ci_yaml(format("%s/clone/.gitlab-ci.yml", ci->folder))};
    const struct node *stages = node_get(pipeline.file, "stages");
    ci->runs++;
    run_shell(
        ci->folder,
        format("echo '{\"id\":%u,\"iid\":\"%s\",\"source\":\"%s\",\"project_id\":%d}' >>store/pipelines.json",
               ci->runs, event->number ? event->number : "", event->name, event->fork ? 2 : 1));
    for (size_t i = 0; i < stages->count; i++)
        for (size_t j = 0; j < pipeline.file->count; j++) {
            const struct member *member = &pipeline.file->members[j];
            if (*member->key == '.' || strcmp(member->key, "stages") == 0)
                continue;
            if (strcmp(said(&pipeline, member->value, "stage")->text, stages->items[i]->text) == 0)
                run_job(&pipeline, member);
        }
    return (struct ci_run){.jobs = strbuf_move(&pipeline.ended, test_arena()),
                           .log = strbuf_move(&pipeline.log, test_arena()),
                           .summary = ""};
}
