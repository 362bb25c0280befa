/*
 * Logins by https, and whether the server is who it should be. Only for this room, and for the process that fetches.
 *
 * A login is the URL's own; else the token of NATSFORM_GIT_TOKEN, with the user of NATSFORM_GIT_USER; else the one that a pipeline has for just
 * this host: GITHUB_TOKEN or GH_TOKEN, CI_JOB_TOKEN.
 */
#ifndef REPO_REMOTE_LOGIN_H
#define REPO_REMOTE_LOGIN_H

#include <stdbool.h>

#include "repo/libgit2.h"
#include "repo/remote_model.h"

struct remote_login {
    const struct fetch_job *job;
    const char *token_user, *token;
    const char *token_name; /* the variable that it is from; NULL: there is no token */
    bool token_given;
    const char *fault, *remedy; /* why the other side is not talked to; else NULL */
};

struct remote_login remote_login(const struct fetch_job *job);
/* The login, if there is one that was not given yet. Returns 0, or a code of libgit2 with `fault`. */
int remote_login_next(struct remote_login *login, unsigned kinds, git_credential **ret_credential);
/* Says what is wrong with a certificate that libgit2 does not take. */
void remote_login_refuse(struct remote_login *login, const git_cert *certificate, const char *host);
/* How somebody gets in who did not. */
const char *remote_login_hint(const struct remote_login *login);

#endif
