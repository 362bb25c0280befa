/*
 * The way to what `up` has booted: where its clients go and who they are, as far as the servers' configuration tells.
 */
#ifndef DEVENV_UP_CONNECTION_H
#define DEVENV_UP_CONNECTION_H

#include <stdbool.h>

#include "devenv/up.h"
#include "server/connection.h"

struct booted {
    struct connection_settings base; /* what connection_find_booted() takes */
    bool login_known;                /* the configuration tells who may log in, or that anybody may */
};

/* The first server with JetStream, where streams are applied. After up_boot(). */
struct booted up_connection(struct up *up, environment_lookup *lookup, void *context);

/*
 * What `up` has booted in this folder, as a layer of settings. Returns 1, 0 if nothing is up, or -1 with code_environment: the
 * state cannot be read, or does not tell how to connect, or nothing of it runs any more.
 */
int up_find(struct arena *arena, const char *root, struct connection_settings *ret_settings,
            struct diags *diags);

/* The first of the settings' URLs that does not lead to one of these nodes, without user info; NULL: all lead there. */
const char *up_elsewhere(struct arena *arena, const struct upstate *state,
                         const struct connection_settings *settings);

/*
 * The same for the nats CLI, which is run in any folder: who the manifest's `connection` says that we are, it is too,
 * unless that leads elsewhere. Returns 0, or -1 with diagnostics.
 */
int context_settings(struct up *up, const struct manifest *manifest, const struct connection_settings *base,
                     struct connection_settings *ret_settings, struct diags *diags);

#endif
