/* Reading credentials; see connection_identity.h. What a reference to a secret means says connection_secret.c. */
#include "server/connection_identity.h"

#include <string.h>

#include "server/connection_secret.h"

static int refuse_content(struct srcpos pos, const struct secret *secret, const char *wants,
                          struct diags *diags)
{
    return diag_error(diags, &code_credentials, pos, "the %s %s", secret->called, wants);
}

static int read_creds(struct arena *arena, const struct connection_settings *settings,
                      struct identity *identity, struct diags *diags)
{
    struct srcpos pos = secret_pos(settings, settings->creds);
    struct secret secret;
    if (secret_read(arena, settings, "creds file", settings->creds, &secret, diags))
        return -1;
    /* Between its "-----BEGIN" lines; a JWT is base64 of '{"', a user's seed begins with SU. */
    identity->jwt = secret_line(arena, secret.text, "eyJ");
    identity->seed = secret_line(arena, secret.text, "SU");
    if (!identity->jwt)
        return refuse_content(pos, &secret, "holds no user JWT", diags);
    if (!identity->seed || !nkey_public(identity->seed, (char[NKEY_PUBLIC_LENGTH + 1]){0}))
        return refuse_content(pos, &secret, "holds no valid user seed", diags);
    identity->who = arena_printf(arena, "the %s", secret.called);
    return 0;
}

static int read_nkey(struct arena *arena, const struct connection_settings *settings,
                     struct identity *identity, struct diags *diags)
{
    struct secret secret;
    if (secret_read(arena, settings, "nkey seed file", settings->nkey, &secret, diags))
        return -1;
    identity->seed = secret_line(arena, secret.text, "SU");
    if (!identity->seed || !nkey_public(identity->seed, identity->public_key))
        return refuse_content(secret_pos(settings, settings->nkey), &secret, "holds no valid user seed",
                              diags);
    identity->who = arena_printf(arena, "nkey '%s'", identity->public_key);
    return 0;
}

static int read_jwt(struct arena *arena, const struct connection_settings *settings,
                    struct identity *identity, struct diags *diags)
{
    if (secret_literal(arena, settings, "user JWT", settings->user_jwt, &identity->jwt, diags))
        return -1;
    if (settings->user_seed &&
        secret_literal(arena, settings, "user seed", settings->user_seed, &identity->seed, diags))
        return -1;
    if (identity->seed && !nkey_public(identity->seed, (char[NKEY_PUBLIC_LENGTH + 1]){0}))
        return diag_error(diags, &code_credentials, (struct srcpos){0}, "the user seed is not valid");
    identity->who = "the user JWT";
    return 0;
}

static int read_user(struct arena *arena, const struct connection_settings *settings,
                     struct identity *identity, struct diags *diags)
{
    identity->user = settings->user;
    identity->who = arena_printf(arena, "user '%s'", settings->user);
    return secret_literal(arena, settings, "password", settings->password, &identity->password, diags);
}

int identity_read(struct arena *arena, const struct connection_settings *settings,
                  struct identity *ret_identity, struct diags *diags)
{
    struct identity identity = {0};
    bool bare_user = settings->user && !settings->password;
    /* As for the nats CLI, a user without a password is a token. */
    const char *token = settings->token ? settings->token : bare_user ? settings->user : NULL;
    int result = 0;
    if (settings->user && !bare_user)
        result = read_user(arena, settings, &identity, diags);
    else if (settings->creds)
        result = read_creds(arena, settings, &identity, diags);
    else if (settings->nkey)
        result = read_nkey(arena, settings, &identity, diags);
    else if (settings->user_jwt)
        result = read_jwt(arena, settings, &identity, diags);
    if (!result && token)
        result = secret_literal(arena, settings, "token", token, &identity.token, diags);
    if (result)
        return -1;
    if (token && !identity.who)
        identity.who = "the token";
    identity.secret_user = token != NULL;
    *ret_identity = identity;
    return 0;
}

/* What the URL says is about this server, so it comes before what holds for all. */
struct identity identity_for_url(struct arena *arena, const struct identity *identity,
                                 const struct server_url *url)
{
    struct identity result = *identity;
    if (!url->user)
        return result;
    result.user = url->password ? url->user : NULL;
    result.password = url->password;
    result.token = url->password ? NULL : url->user;
    result.secret_user = !url->password;
    result.who = url->password ? arena_printf(arena, "user '%s'", url->user) : "the token";
    return result;
}
