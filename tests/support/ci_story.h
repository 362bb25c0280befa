/*
 * Stories of a repository on a CI service: a base, pull requests and their merges.
 *
 *     struct ci *ci = ci_begin(server->url, (const char *const[]){"init", "--ci", "github", NULL});
 *     struct ci_pull pull = ci_open_pull(ci, "1", "sed -i s/1h/2h/ natsform.yaml");
 *     … ci_github() of pull.trial …
 *     const char *sha = ci_squash(ci, &pull);
 */
#ifndef SUPPORT_CI_STORY_H
#define SUPPORT_CI_STORY_H

#include "support/ci_service.h"

struct ci_pull {
    const char *number, *branch;
    const char *head;  /* its last commit */
    const char *trial; /* that merged into its base */
    const char *base;
    bool fork;
};

/* A repository whose project is shop, with a manifest that the server holds already; the options are those of init. */
struct ci *ci_begin(const char *url, const char *const *options);
/* Opens a pull request of what the script changes, or brings an open one up to date. */
struct ci_pull ci_open_pull(struct ci *ci, const char *number, const char *script);
/* Merges it as a commit that is none of the pull request's, and returns that. */
const char *ci_squash(struct ci *ci, const struct ci_pull *pull);

const char *ci_main(struct ci *ci);                     /* the last commit of the default branch */
const char *ci_stored(struct ci *ci, const char *path); /* a file that the service keeps */
void ci_assert_jobs(struct ci_run run,
                    const char *jobs); /* shows the log if other jobs ran, or ended otherwise */

#endif
