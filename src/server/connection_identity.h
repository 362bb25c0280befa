/*
 * Identity: who we are to the server, read from the settings' references once per connect.
 */
#ifndef SERVER_CONNECTION_IDENTITY_H
#define SERVER_CONNECTION_IDENTITY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "server/connection.h"
#include "server/connection_nkey.h"
#include "server/connection_url.h"

struct identity {
    const char *user;     /* NULL when not used, like all of these */
    const char *password; /* with user */
    const char *token;
    const char *jwt;
    const char *seed;                        /* signs for jwt or public_key */
    char public_key[NKEY_PUBLIC_LENGTH + 1]; /* "" unless an nkey without a JWT */
    const char *who;                         /* for messages: "user 'bob'", "the token"; NULL for nobody */
    bool unlucky;                            /* set while connecting: try again (connection_options.c) */
    bool secret_user; /* the server's name for us is a secret: to 2.10.27, the token is the user's name */
};

/*
 * As the nats CLI does: of user, creds, nkey and JWT the first that is set, and a token beside it; a user
 * without a password is a token. User info in a URL comes before the settings' own.
 */
int identity_read(struct arena *arena, const struct connection_settings *settings,
                  struct identity *ret_identity, struct diags *diags);
struct identity identity_for_url(struct arena *arena, const struct identity *identity,
                                 const struct server_url *url);

#endif
