/*
 * Connection: where the server is and who we are, found as the nats CLI finds it.
 *
 * Settings come in layers, the first that names a thing wins: flags, environment (NATS_URL, NATS_CREDS, …),
 * the manifest's `connection`, the nats CLI context (named by flag, environment or manifest, or else the
 * selected one), and nats://127.0.0.1:4222. Settings that belong together come from one layer: who we are
 * (user, password, token, creds, nkey, JWT), the client certificate with its key, domain with API prefix.
 *
 *     struct connection_settings settings;
 *     if (connection_resolve(&arena, &flags, &manifest, lookup, context, &settings, diags))
 *         return -1;
 *     if (server_connect(&settings, &server, diags))
 *         return -1;
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "field/value.h"

extern const struct diag_code code_context;
extern const struct diag_code code_credentials;
extern const struct diag_code code_unreachable;
extern const struct diag_code code_timeout;

/* What the process's environment answers: getenv(), or a test's table. NULL when it is not set. */
typedef const char *environment_lookup(void *context, const char *name);

/*
 * Every string is NULL when it is not set. Nothing here is ever shown but the URL (without user info), names
 * and paths. Credentials may be references, as in nats CLI contexts: creds and nkey are a path, file://PATH,
 * env://NAME or data:;base64,TEXT; password, token, JWT and seed are the secret itself, env://NAME or data:.
 * In paths '~' and $VAR are expanded.
 */
struct connection_settings {
    const char *context;  /* name of a nats CLI context, or path of a context file */
    const char *url;      /* one or more, by commas; NULL is nats://127.0.0.1:4222 */
    const char *url_from; /* who named the URL, for messages, such as "NATS_URL"; comes with it */
    const char *user;     /* without a password it is a token, as for the nats CLI */
    const char *password;
    const char *token;
    const char *creds;
    const char *nkey;
    const char *user_jwt;
    const char *user_seed;
    const char *cert;
    const char *key;
    const char *ca;
    const char *domain;     /* JetStream domain: API prefix $JS.<domain>.API */
    const char *api_prefix; /* JetStream API prefix, without the last dot; wins over domain */
    const char *inbox_prefix;
    bool tls_first;
    int64_t timeout_ms;         /* of connecting and of each request; 0 is SETTINGS_TIMEOUT_MS */
    environment_lookup *lookup; /* for env://NAME, '~' and $VAR; NULL: they are not expanded */
    void *lookup_context;
    const struct object
        *declared; /* the manifest's section, which knows where its values stand; NULL: there is none */
};

enum { SETTINGS_TIMEOUT_MS = 5000 };

/* Settings of which a layer sets all or none. */
enum setting_group {
    SETTING_ALONE,
    SETTING_IDENTITY,
    SETTING_CERTIFICATE,
    SETTING_API,
};

/* One string of the settings and its names elsewhere. */
struct setting_row {
    size_t offset;   /* of a const char * in struct connection_settings */
    const char *env; /* name of the environment variable, or NULL */
    const char *key; /* in a nats CLI context file, or NULL */
    enum setting_group group;
};

extern const struct setting_row setting_rows[];
extern const size_t setting_row_count;

const char *setting_get(const struct connection_settings *settings, const struct setting_row *row);
void setting_set(struct connection_settings *settings, const struct setting_row *row, const char *value);

/*
 * Fills what is not set in `settings` from `below`. Groups come whole, but for one case: a password completes
 * a user from above, so that `--user me` works with NATS_PASSWORD.
 */
void connection_overlay(struct connection_settings *settings, const struct connection_settings *below);

/* The environment's layer: the variables of setting_rows, and NATS_TIMEOUT. Empty ones are not set. */
int connection_from_environment(struct arena *arena, environment_lookup *lookup, void *context,
                                struct connection_settings *ret_settings, struct diags *diags);

/*
 * Reads the context file that `name` means: a path when it has a slash or ends in ".json", else that context
 * of the nats CLI in $XDG_CONFIG_HOME/nats/context or ~/.config/nats/context. With a NULL name, the one
 * selected in nats/context.txt, where nothing selected is no error and gives empty settings. A missing context
 * is an error that lists those there are. Keys that natsform has no use for are ignored, except those without
 * which the connection would be another one (nsc, socks_proxy).
 */
int connection_from_context(struct arena *arena, const char *name, environment_lookup *lookup, void *context,
                            struct connection_settings *ret_settings, struct diags *diags);

/* The nats CLI's folder: $XDG_CONFIG_HOME/nats or ~/.config/nats; NULL when there is no home. */
const char *contexts_folder(struct arena *arena, environment_lookup *lookup, void *context);
/* The name of the context that is selected there, in its context.txt; NULL: none. */
const char *contexts_selected(struct arena *arena, const char *folder);

/*
 * All layers together. The strings of `flags` and `manifest` (either may be NULL) are referenced.
 *
 * The context that is merely selected takes part only when no layer above names a URL: unlike the nats CLI,
 * this never sends the selected context's secrets to another host.
 */
int connection_resolve(struct arena *arena, const struct connection_settings *flags,
                       const struct connection_settings *manifest, environment_lookup *lookup, void *context,
                       struct connection_settings *ret_settings, struct diags *diags);

#endif
