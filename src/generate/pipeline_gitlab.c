/*
 * The pipeline for GitLab CI; see pipeline.h. Its scripts are run by tests/live/pipeline.c.
 */
#include "base/strbuf.h"
#include "generate/pipeline.h"
#include "generate/template.h"

static const char shared[] =
#include "generate/templates/gitlab.yml.h"
    ;

/* The jobs of an environment. */
static const char jobs[] =
#include "generate/templates/gitlab_jobs.yml.h"
    ;

static const char *joined(struct arena *arena, const struct pipeline_environment *environment)
{
    const char *text = environment->files.items[0];
    for (size_t i = 1; i < environment->files.count; i++)
        text = arena_printf(arena, "%s %s", text, environment->files.items[i]);
    return text;
}

/* One environment after the other: where one fails, those after it are left alone. */
static const char *job_before(struct arena *arena, const struct pipeline *pipeline, size_t index)
{
    if (index == 0)
        return "";
    return arena_printf(arena, "%s-apply-%s", pipeline->name, pipeline->environments.items[index - 1].name);
}

const char *pipeline_gitlab(struct arena *arena, const struct pipeline *pipeline)
{
    const char *const words[][2] = {{"@NAME@", pipeline->name}, {"@FOLDER@", pipeline->folder}, {NULL, NULL}};
    struct strbuf out = {0};
    template_fill(&out, shared, words);
    for (size_t i = 0; i < pipeline->environments.count; i++) {
        const struct pipeline_environment *environment = &pipeline->environments.items[i];
        const char *const of_job[][2] = {
            {"@NAME@", pipeline->name},
            {"@ENVIRONMENT@", environment->name},
            {"@FILES@", joined(arena, environment)},
            {"@OPTIONS@", pipeline->prune ? "--prune" : ""},
            {"@BEFORE@", job_before(arena, pipeline, i)},
            {NULL, NULL},
        };
        strbuf_adds(&out, i ? "\n" : "");
        template_fill(&out, jobs, of_job);
    }
    return strbuf_move(&out, arena);
}
