/* A repository, its pull requests and their merges; see ci_story.h. */
#include "support/ci_story.h"

#include <check.h>
#include <string.h>

#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* What git answers, a word. */
static const char *ask(struct ci *ci, const char *command)
{
    run_shell(ci->folder, format("cd clone && { %s; } >../answer", command));
    const char *answer = read_file(format("%s/answer", ci->folder));
    return arena_strndup(test_arena(), answer, strcspn(answer, "\n"));
}

static void commit(struct ci *ci, const char *script)
{
    run_shell(ci->folder, format("cd clone\n%s\ngit add -A && git commit -q --allow-empty -m change\n"
                                 "git push -q -f origin HEAD:$(git rev-parse --abbrev-ref HEAD)",
                                 script));
}

struct ci *ci_begin(const char *url, const char *const *options)
{
    struct ci *ci = ci_new(url);
    run_shell(
        ci->folder,
        "cd clone && printf 'project: shop\nstreams:\n  ORDERS: {subjects: [orders.>]}\n' >natsform.yaml\n"
        "printf 'streams:\n  ORDERS: {max_age: 1h}\n' >prod.yaml\n");
    ck_assert_exit(run_natsform(&(struct run_options){.arguments = options,
                                                      .directory = format("%s/clone", ci->folder)}),
                   0);
    commit(ci, ":");
    ck_assert_exit(RUN("apply", "--yes", "-f", format("%s/clone/natsform.yaml", ci->folder), "-s", url), 0);
    return ci;
}

struct ci_pull ci_open_pull(struct ci *ci, const char *number, const char *script)
{
    struct ci_pull pull = {.number = number, .branch = format("pull-%s", number)};
    run_shell(ci->folder, format("cd clone && git checkout -q -B %s", pull.branch));
    commit(ci, script);
    pull.head = ask(ci, "git rev-parse HEAD");
    pull.base = ask(ci, "git merge-base main HEAD");
    run_shell(ci->folder,
              format("cd clone && git checkout -q --detach main && git merge -q --no-ff -m trial %s\n"
                     "git push -q -f origin HEAD:refs/pull/%s/merge",
                     pull.branch, number));
    pull.trial = ask(ci, "git rev-parse HEAD && git checkout -q main");
    return pull;
}

const char *ci_squash(struct ci *ci, const struct ci_pull *pull)
{
    run_shell(
        ci->folder,
        format(
            "cd clone && git checkout -q main && git merge -q --squash %s && git commit -q -m 'squashed %s'\n"
            "git push -q origin main",
            pull->branch, pull->number));
    const char *sha = ask(ci, "git rev-parse HEAD");
    run_shell(
        ci->folder,
        format(
            "mkdir -p store/pulls\n"
            "echo '[{\"state\":\"merged\",\"iid\":%s,\"merged_at\":\"2026-01-02T03:04:05Z\",\"head\":{\"sha\":\"%s\"}}]' >store/pulls/%s",
            pull->number, pull->head, sha));
    return sha;
}

const char *ci_main(struct ci *ci)
{
    return ask(ci, "git rev-parse main");
}

const char *ci_stored(struct ci *ci, const char *path)
{
    return read_file(format("%s/store/%s", ci->folder, path));
}

void ci_assert_jobs(struct ci_run run, const char *jobs)
{
    if (strcmp(run.jobs, jobs) != 0)
        SHOW_WHOLE("the log", run.log);
    ck_assert_text(run.jobs, jobs);
}
