/*
 * Pipelines that `init` writes, as those read them who know their services: actionlint for GitHub, with shellcheck for each script;
 * shellcheck for the scripts of GitLab.
 */
#include <check.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "support/ci_service.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *const variants[][6] = {
    {"--environment", "production"},
    {"--prune", "--environment", "staging", "--environment", "production=natsform.yaml,production.yaml"},
};
enum { VARIANTS = sizeof(variants) / sizeof(variants[0]) };

/* A project that is not at the root of its repository. */
static const char *begin(const char *service, const char *const *variant)
{
    const char *folder = test_directory();
    const char **arguments = ARENA_ARRAY(test_arena(), const char *, 16);
    size_t count = 0;
    run_shell(
        folder,
        "git init -q && mkdir -p apps/shop && cd apps/shop && echo 'project: shop' | tee production.yaml >natsform.yaml");
    arguments[count++] = "init";
    arguments[count++] = "--ci";
    arguments[count++] = service;
    while (*variant)
        arguments[count++] = *variant++;
    ck_assert_exit(run_natsform(&(struct run_options){.arguments = arguments,
                                                      .directory = format("%s/apps/shop", folder)}),
                   0);
    return folder;
}

/* What its steps use of natsform's own has to be there. */
static struct run run_actionlint(const char *folder)
{
    run_shell(folder, format("mkdir -p .natsform-source && cp '%s/../action.yml' .natsform-source",
                             getenv("NATSFORM_TESTS")));
    return run_natsform(&(struct run_options){.program = getenv("NATSFORM_ACTIONLINT"),
                                              .arguments = (const char *const[]){"-no-color", NULL},
                                              .directory = folder});
}

START_TEST(actionlint_finds_nothing)
{
    const char *folder = begin("github", variants[_i]);
    struct run run = run_actionlint(folder);
    ck_assert_msg(run.exit_code == 0, "%s%s", run.out, run.err);
    /* It would have: in a condition, in a script, in what it uses of natsform's. */
    static const char *const edits[][2] = {
        {"s/inputs.run == ''/inputs.ran == ''/", "property \"ran\" is not defined"},
        {"s/read -ra files <<<\"$FILES\"/files=$(cat $FILES)/", "shellcheck reported issue"},
        {"s#uses: ./.natsform-source#&\\n        with: {version: 1}#", "input \"version\" is not defined"},
    };
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        run_shell(
            folder,
            format(
                "cp .github/workflows/natsform-apps-shop.yml ../whole && sed -i '%s' .github/workflows/*.yml",
                edits[i][0]));
        run = run_actionlint(folder);
        ck_assert_exit(run, 1);
        ck_assert_contains(run.out, edits[i][1]);
        run_shell(folder, "mv ../whole .github/workflows/natsform-apps-shop.yml");
    }
}
END_TEST

static void add_lines(struct strbuf *script, const struct node *lines)
{
    for (size_t i = 0; lines && i < lines->count; i++)
        strbuf_addf(script, "%s\n", lines->items[i]->text);
}

/* All that a job says runs in one shell. */
START_TEST(shellcheck_finds_nothing)
{
    const char *folder = begin("gitlab", variants[_i]);
    const struct node *file = ci_yaml(format("%s/.gitlab-ci.yml", folder));
    const struct node *before = node_get(node_get(file, ".natsform-apps-shop"), "before_script");
    size_t count = 0;
    ck_assert_ptr_nonnull(before);
    for (size_t i = 0; i < file->count; i++) {
        const struct node *lines = node_get(file->members[i].value, "script");
        struct strbuf script = {0};
        if (!lines)
            continue;
        /* Variables are the service's. */
        strbuf_adds(&script, "#!/bin/bash\nset -eo pipefail\n");
        add_lines(&script, before);
        add_lines(&script, lines);
        write_file(folder, "script", strbuf_text(&script));
        strbuf_release(&script);
        count++;
        run_shell(folder, "shellcheck -e SC2154,SC2034,SC2329 script");
    }
    ck_assert_uint_eq(count, 4);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = actionlint_finds_nothing, .times = VARIANTS},
        {.test = shellcheck_finds_nothing, .times = VARIANTS},
    };
    return suite_run("pipelines", tests, sizeof(tests) / sizeof(tests[0]));
}
