/* Login: who we are to a server, by the settings of the connection and what they refer to. */
#ifndef SERVER_LOGIN_H
#define SERVER_LOGIN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "server/connection.h"

/*
 * ---- connection nkey ----
 * The public key that belongs to a user's seed. nats.c signs with a seed but wants to be told the key.
 */

enum { NKEY_PUBLIC_LENGTH = 56 };

/* False when the seed ("SU…", 58 characters) is not that of a user or its checksum is wrong. */
bool nkey_public(const char *seed, char ret_key[NKEY_PUBLIC_LENGTH + 1]);

/*
 * ---- connection secret ----
 * What the references in connection settings stand for.
 *
 * A reference is a path, file://PATH, env://NAME, data:;base64,TEXT, or the text itself, if it is PEM, a credentials file's, or a
 * seed: pipelines have it in a variable, and `creds: ${NATS_CREDS_TEXT}` gives it. Those of a password manager or of nsc
 * (op://, nsc://) are refused with a remedy. No message repeats a secret, nor a reference that may hold one.
 */

struct secret {
    const char *text;
    const char *path;   /* of its file, with '~' and $VAR expanded; NULL: it is from elsewhere */
    const char *called; /* "creds file 'app.creds'", "text of the creds file": for messages */
};

/* What the reference's file, variable or data says, or the text itself. `what` names the file in messages: "creds file". */
int secret_read(struct arena *arena, const struct connection_settings *settings, const char *what,
                const char *reference, struct secret *ret_secret, struct diags *diags);

/*
 * The same for passwords, tokens, JWTs and seeds, where anything but env://, data: and file:// is the secret itself, a path too. What was
 * referred to counts without the end of its last line, as to the nats CLI.
 */
int secret_literal(struct arena *arena, const struct connection_settings *settings, const char *what,
                   const char *value, const char **ret_text, struct diags *diags);

/* Those of TLS; the text of what is not given is NULL. */
struct tls_files {
    struct secret ca, cert, key;
};

int tls_files_read(struct arena *arena, const struct connection_settings *settings,
                   struct tls_files *ret_files, struct diags *diags);

/*
 * ---- connection identity ----
 * Who we are to the server, read from the settings' references once per connect.
 */

struct identity {
    const char *user;     /* NULL when not used, like all of these */
    const char *password; /* with user */
    const char *token;
    const char *jwt;
    const char *seed;                        /* signs for jwt or public_key */
    char public_key[NKEY_PUBLIC_LENGTH + 1]; /* "" unless an nkey without a JWT */
    const char *who;                         /* for messages: "user 'bob'", "the token"; NULL for nobody */
    const char *from; /* who said so, or that nobody did; NULL: whoever named the server */
    bool unlucky;     /* set while connecting: try again (library.c) */
    bool secret_user; /* the server's name for us is a secret: to 2.10.27, the token is the user's name */
};

/*
 * As the nats CLI does: of user, creds, nkey and JWT the first that is set, and a token beside it; a user
 * without a password is a token. User info in a URL comes before the settings' own.
 */
int identity_read(struct arena *arena, const struct connection_settings *settings,
                  struct identity *ret_identity, struct diags *diags);
/* "user 'bob' (nats context 'app')": who we are, with who said so unless it is the one who named the server. NULL: nobody. */
const char *identity_who(struct arena *arena, const struct identity *identity, const char *found);
/*
 * The same for a plan, once we are let in: "user bob (nats context 'app')", "the token", or "" for nobody. `user` is whom the server takes us
 * for, or "".
 */
const char *identity_known(struct arena *arena, const struct identity *identity, const char *user,
                           const char *found);
struct identity identity_for_url(struct arena *arena, const struct identity *identity,
                                 const struct server_url *url);

#endif
