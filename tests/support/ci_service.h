/*
 * A CI service on this machine: runs the jobs of a pipeline that natsform has written, as the service would, on a real repository, with real
 * shells. Checkouts, artefacts, caches and the service's API are played by tests/pipelines; each job is in a new folder.
 *
 *     struct ci *ci = ci_new(server_url);
 *     …
 *     struct ci_run run = ci_github(ci, &(struct ci_event){.name = "push", .sha = sha});
 *     ck_assert_str_eq(run.jobs, "apply production: success\n");
 */
#ifndef SUPPORT_CI_SERVICE_H
#define SUPPORT_CI_SERVICE_H

#include "base/strbuf.h"
#include "support/ci_words.h"
#include "syntax/node.h"

struct ci {
    const char *folder;      /* origin.git, clone/ (of it), store/ (what the service keeps), jobs/ */
    const char *url;         /* of the server: NATS_URL */
    const char *staging_url; /* the same for the environments that begin with staging; NULL: no other one */
    const char *token;       /* NATSFORM_GITLAB_TOKEN; "" for none */
    unsigned runs;           /* so far; the number of the last one is its id */
    unsigned jobs;
};

struct ci_event {
    const char *
        name; /* "pull_request", "push", "schedule", "workflow_dispatch"; of GitLab "merge_request_event", "push", "schedule", "web" */
    const char *sha;    /* what is checked out */
    const char *head;   /* of a pull request: its last commit */
    const char *number; /* of a pull request */
    const char *base;   /* of a merge request: the commit that it is compared with */
    bool fork;
    const char *run; /* whose plan is to be applied; NULL: none */
};

struct ci_run {
    const char *jobs;    /* a line for each that ran: "plan production: success" */
    const char *log;     /* of all of them */
    const char *summary; /* GitHub's */
};

struct ci *ci_new(const char *url);
/* Of the file in the folder clone/, whatever is committed. */
struct ci_run ci_github(struct ci *ci, const struct ci_event *event);
struct ci_run ci_gitlab(struct ci *ci, const struct ci_event *event);

/* For the two: the URL of an environment. */
const char *ci_url(const struct ci *ci, const char *environment);
/* Reads a YAML file, which has to be right. */
const struct node *ci_yaml(const char *path);
/* Runs a script of bash in a folder, with words as its environment; adds what it says to the log. Returns its exit code. */
int ci_shell(const struct ci *ci, const char *folder, const char *shell, const char *script,
             const struct ci_words *env, struct strbuf *log);

#endif
