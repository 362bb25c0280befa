/* A repository, its pull requests and their merges; see ci_story.h. */
#include "support/ci_story.h"

#include <check.h>
#include <string.h>

#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* The first line of a file of git's. */
static const char *line_of(struct ci *ci, const char *path)
{
    const char *text = read_file(format("%s/%s", ci->folder, path));
    return arena_strndup(test_arena(), text, strcspn(text, "\n"));
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
    run_shell(ci->folder, "cd clone && git add -A && git commit -q -m change");
    ck_assert_exit(RUN("apply", "--yes", "-f", format("%s/clone/natsform.yaml", ci->folder), "-s", url), 0);
    return ci;
}

/* `main` is what is checked out, before and after. */
struct ci_pull ci_open_pull(struct ci *ci, const char *number, const char *script)
{
    struct ci_pull pull = {.number = number, .branch = format("pull-%s", number)};
    run_shell(ci->folder, format("cd clone && git checkout -q -B %s\n%s\n"
                                 "git add -A && git commit -q --allow-empty -m change\n"
                                 "git rev-parse HEAD >../head && git merge-base main HEAD >../base\n"
                                 "git checkout -q --detach main && git merge -q --no-ff -m trial %s\n"
                                 "git rev-parse HEAD >../trial && git update-ref refs/pull/%s/merge HEAD\n"
                                 "git checkout -q main",
                                 pull.branch, script, pull.branch, number));
    pull.head = line_of(ci, "head");
    pull.base = line_of(ci, "base");
    pull.trial = line_of(ci, "trial");
    return pull;
}

const char *ci_squash(struct ci *ci, const struct ci_pull *pull)
{
    run_shell(
        ci->folder,
        format(
            "cd clone && git merge -q --squash %s && git commit -q -m 'squashed %s'\n"
            "mkdir -p ../store/pulls\n"
            "echo '[{\"state\":\"merged\",\"iid\":%s,\"merged_at\":\"2026-01-02T03:04:05Z\",\"head\":{\"sha\":\"%s\"}}]' "
            ">../store/pulls/\"$(git rev-parse HEAD)\"",
            pull->branch, pull->number, pull->number, pull->head));
    return ci_main(ci);
}

const char *ci_main(struct ci *ci)
{
    return line_of(ci, "clone/.git/refs/heads/main");
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
