/*
 * The workflow for GitHub Actions; see pipeline.h. Its steps are run by tests/live/pipeline.c.
 */
#include <string.h>

#include "base/strbuf.h"
#include "generate/pipeline.h"
#include "generate/template.h"

static const char workflow[] =
#include "generate/templates/github.yml.h"
    ;

/* The first steps of each job. */
static const char set_up[] =
#include "generate/templates/github_set_up.yml.h"
    ;

static const char *matrix(struct arena *arena, const struct pipeline *pipeline)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < pipeline->environments.count; i++) {
        const struct pipeline_environment *environment = &pipeline->environments.items[i];
        strbuf_addf(&out, "          - environment: %s\n            files:", environment->name);
        for (size_t j = 0; j < environment->files.count; j++)
            strbuf_addf(&out, " %s", environment->files.items[j]);
        strbuf_addf(&out, "\n            options: %s\n", pipeline->prune ? "--prune" : "''");
    }
    return strbuf_move(&out, arena);
}

/* What a push has to be to for the workflow to begin; its job asks for the default branch once more, which may get another name. */
static const char *branches(struct arena *arena, const struct pipeline *pipeline)
{
    static const char usual[] = "main, master";
    const char *own = pipeline->branch;
    bool known = !own || strcmp(own, "main") == 0 || strcmp(own, "master") == 0;
    return known ? usual : arena_printf(arena, "%s, %s", own, usual);
}

const char *pipeline_github(struct arena *arena, const struct pipeline *pipeline)
{
    const char *const words[][2] = {
        {"@NAME@", pipeline->name},
        {"@FOLDER@", pipeline->folder},
        {"@BRANCHES@", branches(arena, pipeline)},
        {"@MATRIX@\n", matrix(arena, pipeline)},
        {"@SET_UP@\n", set_up},
        {NULL, NULL},
    };
    struct strbuf out = {0};
    template_fill(&out, workflow, words);
    return strbuf_move(&out, arena);
}
