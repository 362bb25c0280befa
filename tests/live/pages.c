/*
 * The commands of README.md and docs/, as they are printed there: each page in order, on a terminal, in a world that tests/pages makes
 * for it, with a network and processes of its own. A new page with commands needs a file there.
 */
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/session.h"
#include "support/shell.h"
#include "support/suite.h"

/* In the order of the alphabet. */
static const char *const pages[] = {
    "README.md",           "docs/backup.md",         "docs/dev-environment.md", "docs/formats.md",
    "docs/from-nack.md",   "docs/from-terraform.md", "docs/generate.md",        "docs/gitops.md",
    "docs/init.md",        "docs/manifest.md",       "docs/migrate.md",         "docs/ownership.md",
    "docs/pipelines.md",   "docs/plan-json.md",      "docs/reviews.md",         "docs/saved-plans.md",
    "docs/server-conf.md", "docs/status.md",         "docs/takeover.md",        "docs/watch.md",
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

/* Pages whose commands other tests run. */
static const char *const elsewhere[] = {
    "docs/docker.md",      /* live_docker */
    "docs/first-steps.md", /* interop_first_steps, with what is printed */
    "docs/lock.md",        /* live_lock: it takes another run that holds the lock */
    "docs/nats-cli.md",    /* interop_nats_cli, with what is printed */
};

/* ---- the terminal ---- */

struct typing {
    struct strbuf seen; /* since the last command began */
    size_t answered;    /* so much of it has been answered */
};

static bool ends_with(const struct typing *typing, const char *text)
{
    size_t length = strlen(text), have = typing->seen.length;
    return have >= length && have > typing->answered &&
           strcmp(strbuf_text(&typing->seen) + have - length, text) == 0;
}

/* Questions take what they offer, or a "yes". What goes on until somebody ends it is ended by Ctrl and C. */
static const char *answer(void *context, pid_t pid, const char *text)
{
    static const struct {
        const char *end, *types;
    } questions[] = {{"Type 'yes' to go on: ", "yes\n"}, {"]: ", "\n"}};
    struct typing *typing = context;
    (void)pid;
    strbuf_adds(&typing->seen, text);
    const char *all = strbuf_text(&typing->seen);
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (ends_with(typing, questions[i].end)) {
            typing->answered = typing->seen.length;
            return questions[i].types;
        }
    const char *unseen = all + typing->answered;
    bool follows = strstr(all, "$ natsform logs -F") && strstr(unseen, "Server is ready") &&
                   !strstr(strstr(all, "$ natsform logs -F") + 1, "\n$ ");
    bool watches = strstr(unseen, " watching for changes;") || strstr(unseen, " watching; Ctrl-C ends it") ||
                   strstr(unseen, "\"type\":\"started\"");
    if (!follows && !watches)
        return NULL;
    typing->answered = typing->seen.length;
    return "\x03";
}

/* ---- the pages ---- */

static const char *in_tests(const char *path)
{
    return arena_printf(test_arena(), "%s/%s", getenv("NATSFORM_TESTS"), path);
}

START_TEST(commands_run)
{
    const char *directory = test_directory();
    struct typing typing = {0};
    const char *as_root = geteuid() == 0 ? "" : "--map-root-user ";
    const char *line = arena_printf(
        test_arena(), "exec unshare %s--net --mount --pid --fork --kill-child --mount-proc sh '%s' '%s'",
        as_root, in_tests("pages/run.sh"), pages[_i]);
    struct run run = run_natsform(&(struct run_options){
        .program = "/bin/sh",
        .arguments = (const char *const[]){"-c", line, NULL},
        .directory = make_directory(directory, "work"),
        .env = session_environment(directory),
        .terminal = true,
        .columns = 100,
        .types = answer,
        .context = &typing,
    });
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "Each command of %s ran.", pages[_i]));
    strbuf_release(&typing.seen);
}
END_TEST

static bool is_among(const char *page, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], page) == 0)
            return true;
    return false;
}

/* A page that has commands is run here or elsewhere. */
START_TEST(no_page_is_missing)
{
    glob_t found;
    ck_assert_int_eq(glob(in_tests("../docs/*.md"), 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *page = arena_printf(test_arena(), "docs/%s", path_name(found.gl_pathv[i]));
        bool has = strstr(read_file(found.gl_pathv[i]), "\n    natsform ") ||
                   strstr(read_file(found.gl_pathv[i]), "\n    $ natsform ");
        ck_assert_msg(!has || strcmp(page, "docs/codes.md") == 0 || is_among(page, pages, PAGES) ||
                          is_among(page, elsewhere, sizeof(elsewhere) / sizeof(elsewhere[0])),
                      "%s has commands, and no file in tests/pages", page);
    }
    globfree(&found);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = commands_run, .times = PAGES},
        {.test = no_page_is_missing},
    };
    return suite_run("live/pages", tests, sizeof(tests) / sizeof(tests[0]));
}
