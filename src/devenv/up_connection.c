/*
 * See up_connection.h. A configuration is read as the server reads it: full names, absolute or relative to the
 * manifest's folder.
 */
#include "devenv/up_connection.h"

#include <string.h>

#include "base/path.h"
#include "devenv/runners.h"

/* ---- login ---- */

static bool is_hash(const char *password)
{
    return strncmp(password, "$2", 2) == 0;
}

static bool take_user(const struct node *entry, struct login *login)
{
    const char *user = node_get_text(entry, "user");
    const char *password = node_get_text(entry, "password");
    if (!*user || !*password || is_hash(password))
        return false;
    *login = (struct login){.user = user, .password = password};
    return true;
}

static bool take_first(const struct node *users, struct login *login)
{
    for (size_t i = 0; users && users->type == NODE_LIST && i < users->count; i++)
        if (take_user(users->items[i], login))
            return true;
    return false;
}

static bool says_no(const char *text)
{
    return !*text || strcmp(text, "false") == 0 || strcmp(text, "disabled") == 0 ||
           strcmp(text, "disable") == 0;
}

static bool has_jetstream(const struct node *account)
{
    const struct node *jetstream = node_get(account, "jetstream");
    return jetstream && (jetstream->type == NODE_MAP || !says_no(jetstream->text));
}

/* Searches accounts with JetStream first, because streams will be created with this login. */
static bool take_of_accounts(const struct node *accounts, struct login *login, bool *ret_any)
{
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
            const struct node *account = accounts->members[i].value;
            const struct node *users = node_get(account, "users");
            *ret_any |= users && users->count;
            if (has_jetstream(account) == (turn == 0) && take_first(users, login))
                return true;
        }
    return false;
}

bool login_of(const struct node *config, struct login *ret_login)
{
    const struct node *authorization = node_get(config, "authorization");
    const char *token = node_get_text(authorization, "token");
    const struct node *users = node_get(authorization, "users");
    bool any = *token || *node_get_text(authorization, "user") || users || node_get(config, "operator");
    *ret_login = (struct login){0};
    if (*node_get_text(config, "no_auth_user"))
        return true;
    if (*token && !is_hash(token)) {
        ret_login->token = token;
        return true;
    }
    if (take_user(authorization, ret_login) || take_first(users, ret_login) ||
        take_of_accounts(node_get(config, "accounts"), ret_login, &any))
        return true;
    return !any;
}

/* ---- where to ---- */

/* Streams are applied to the first server with JetStream. */
static const struct envserver *main_server(const struct environment *environment)
{
    for (size_t i = 0; i < environment->server_count; i++)
        if (environment->nodes[environment->servers[i].first].jetstream)
            return &environment->servers[i];
    return &environment->servers[0];
}

static const char *urls_of(struct arena *arena, const struct environment *environment,
                           const struct envserver *server)
{
    const char *urls = NULL;
    for (size_t i = 0; i < server->count; i++) {
        const char *url = envnode_url(arena, &environment->nodes[server->first + i], LISTENER_CLIENT);
        urls = urls ? arena_printf(arena, "%s,%s", urls, url) : url;
    }
    return urls;
}

static const char *text_or_null(const struct node *map, const char *key)
{
    const char *text = node_get_text(map, key);
    return *text ? text : NULL;
}

static const char *path_of(struct arena *arena, const char *root, const char *path)
{
    return !path || path[0] == '/' ? path : arena_printf(arena, "%s/%s", root, path);
}

/* If a server wants certificates from clients, we use the server's own: those of `tls: dev` are good for both. */
static void put_tls(struct arena *arena, const char *root, const struct node *tls,
                    struct connection_settings *settings)
{
    bool verifies = false, first = false;
    const struct node *verify = node_get(tls, "verify"), *handshake = node_get(tls, "handshake_first");
    settings->ca = path_of(arena, root, text_or_null(tls, "ca_file"));
    if (verify && node_is_bool(verify, &verifies) && verifies) {
        settings->cert = path_of(arena, root, text_or_null(tls, "cert_file"));
        settings->key = path_of(arena, root, text_or_null(tls, "key_file"));
    }
    if (handshake && node_is_bool(handshake, &first))
        settings->tls_first = first;
}

/* A configuration with the paths of this machine. A container's own configuration has the paths inside of it. */
static const struct node *client_config(struct up *up, const struct envnode *node)
{
    struct environment_place place = place_local;
    if (strcmp(up->runner->name, RUNNER_DOCKER) != 0)
        return up_config(up, node);
    place.certificates = arena_printf(up->arena, "%s/tls", up->state.folder);
    return environment_config(up->arena, node, &place);
}

struct booted up_connection(struct up *up, environment_lookup *lookup, void *context)
{
    const struct envserver *server = main_server(up->environment);
    const struct node *config = client_config(up, &up->environment->nodes[server->first]);
    struct login login;
    struct booted booted = {.login_known = login_of(config, &login)};
    booted.base = (struct connection_settings){
        .url = urls_of(up->arena, up->environment, server),
        .url_from = "natsform up",
        .lookup = lookup,
        .lookup_context = context,
        .user = login.user,
        .password = login.password,
        .token = login.token,
    };
    put_tls(up->arena, up->root, node_get(config, "tls"), &booted.base);
    return booted;
}

/* An absolute path, because the nats CLI may be run in any folder. */
static const char *from_anywhere(struct arena *arena, const char *path)
{
    const char *real = path ? path_real(arena, path) : NULL;
    return real ? real : path;
}

int context_settings(struct arena *arena, const struct manifest *manifest,
                     const struct connection_settings *base, struct connection_settings *ret_settings,
                     struct diags *diags)
{
    struct connection_settings said;
    if (connection_find_booted(arena, manifest, base, &said, diags))
        return -1;
    *ret_settings = strcmp(said.url, base->url) == 0 ? said : *base;
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        const char *path =
            row->type == SETTING_PATH ? from_anywhere(arena, setting_text(ret_settings, row)) : NULL;
        if (path)
            setting_set(ret_settings, row, &path);
    }
    return 0;
}
