/*
 * Environment check: finds what would keep the manifest's servers from starting, first by rules and then by asking a
 * real nats-server.
 */
#ifndef DEVENV_ENVIRONMENT_CHECK_H
#define DEVENV_ENVIRONMENT_CHECK_H

#include "devenv/binary.h"
#include "generate/environment.h"

struct environment_check {
    const struct manifest *manifest;
    const struct version_range
        *range; /* of nats-server, for servers that want none themselves; NULL: the newest */
    const char *range_text;
    const char *temporary; /* where private folders are made; NULL: /tmp */
    bool advice;           /* report notes too */
};

/* Checks the rules of rules/servers.h, and whether the wanted versions have the options that are used. Runs no program. */
void environment_check(struct arena *arena, const struct environment *environment,
                       const struct environment_check *check, struct diags *diags);

/*
 * Asks a real server: `nats-server -t` on the configuration of each server, from a private folder that is removed.
 * Relative paths are taken from `root`. Of the binaries, one of the server's wanted version (or of `range`) is asked,
 * and none when there is none. What it says becomes code_server_refused, where in the manifest it is about as far as
 * that can be told.
 */
void environment_ask(struct arena *arena, const struct environment *environment,
                     const struct environment_check *check, const struct binaries *binaries, const char *root,
                     struct diags *diags);

#endif
