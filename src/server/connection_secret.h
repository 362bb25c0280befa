/*
 * Secrets: what the references in connection settings stand for.
 *
 * A reference is a path, file://PATH, env://NAME, data:;base64,TEXT, or the text itself, if it is PEM, a credentials file's, or a
 * seed: pipelines have it in a variable, and `creds: ${NATS_CREDS_TEXT}` gives it. Those of a password manager or of nsc
 * (op://, nsc://) are refused with a remedy. No message repeats a secret, nor a reference that may hold one.
 */
#ifndef SERVER_CONNECTION_SECRET_H
#define SERVER_CONNECTION_SECRET_H

#include "base/arena.h"
#include "base/diag.h"
#include "server/connection.h"

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

/* Where the manifest says it; nowhere when another layer does. */
struct srcpos secret_pos(const struct connection_settings *settings, const char *reference);

/* The first line that starts with `prefix`, without blanks around it; NULL when there is none. */
const char *secret_line(struct arena *arena, const char *text, const char *prefix);

#endif
