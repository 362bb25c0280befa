/*
 * The way to what `up` has booted: where its clients go and who they are, as far as the servers' configuration tells.
 */
#ifndef DEVENV_UP_CONNECTION_H
#define DEVENV_UP_CONNECTION_H

#include <stdbool.h>

#include "devenv/up.h"
#include "server/connection.h"

/* Who a client is, as a server's configuration has it. */
struct login {
    const char *user;
    const char *password;
    const char *token;
};

/*
 * The login that a server's configuration offers to anybody who reads it: none when it wants none, else that of its first user with a password
 * in plain text, of an account with JetStream if it has accounts. False when it wants one that the configuration does not tell.
 */
bool login_of(const struct node *config, struct login *ret_login);

struct booted {
    struct connection_settings base; /* what connection_find_booted() takes */
    bool login_known;                /* the configuration tells who may log in, or that anybody may */
};

/* The first server with JetStream, where streams are applied. After up_boot(). */
struct booted up_connection(struct up *up, environment_lookup *lookup, void *context);

/*
 * The same for the nats CLI, which is run in any folder: who the manifest's `connection` says that we are, it is too, unless that leads
 * elsewhere. Returns 0, or -1 with diagnostics.
 */
int context_settings(struct arena *arena, const struct manifest *manifest,
                     const struct connection_settings *base, struct connection_settings *ret_settings,
                     struct diags *diags);

#endif
