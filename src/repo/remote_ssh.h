/*
 * Git over ssh, by the user's own ssh program: it knows their keys, agent, known hosts and ~/.ssh/config. libssh2, which libgit2 has, knows little of
 * that, and up to 1.10 no signatures by RSA keys that servers still take. As git does, GIT_SSH_COMMAND or GIT_SSH name another program. Only for this room.
 */
#ifndef REPO_REMOTE_SSH_H
#define REPO_REMOTE_SSH_H

#include "repo/libgit2.h"
#include "repo/remote_model.h"

struct remote_ssh {
    const struct fetch_job *job;
    void (*alive)(void *context); /* called whenever something has come */
    void *context;
    const char *fault, *remedy; /* why it failed, by what ssh has said; else NULL */
};

/* For git_remote_callbacks.transport; the parameter is a struct remote_ssh, which is to live as long as the remote. */
int remote_ssh_transport(git_transport **ret_transport, git_remote *remote, void *ssh);

#endif
