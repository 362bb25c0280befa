/*
 * See up_connection.h. A configuration is read as the server reads it: full names, absolute or relative to the
 * manifest's folder.
 */
#include "devenv/up_connection.h"

#include <string.h>
#include <strings.h>

#include "base/host.h"
#include "base/path.h"
#include "base/scope.h"
#include "devenv/process.h"
#include "devenv/runners.h"
#include "server/connection.h"

static const char booted_by[] = "natsform up";

/* ---- login ---- */

/* A password in the configuration as a bcrypt hash cannot be used to log in. */
static bool is_hash(const char *password)
{
    return strncmp(password, "$2", 2) == 0;
}

/* Some users are for WebSocket, MQTT or leafnodes alone. */
static bool may_connect(const struct node *entry)
{
    const struct node *types = node_get(entry, "allowed_connection_types");
    bool may = !types || types->type != NODE_LIST;
    for (size_t i = 0; !may && i < types->count; i++)
        may = types->items[i]->type == NODE_SCALAR && strcasecmp(types->items[i]->text, "STANDARD") == 0;
    return may;
}

static bool take_user(const struct node *entry, struct login *login)
{
    const char *user = node_get_text(entry, "user");
    const char *password = node_get_text(entry, "password");
    if (!*user || !*password || is_hash(password) || !may_connect(entry))
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

static bool any_has_jetstream(const struct node *accounts)
{
    bool any = false;
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++)
        any |= has_jetstream(accounts->members[i].value);
    return any;
}

/* Of the accounts with JetStream, if there are such: streams will be created with this login. */
static bool take_of_accounts(const struct node *accounts, struct login *login, bool *ret_any)
{
    bool jetstream = any_has_jetstream(accounts);
    for (size_t i = 0; accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
        const struct node *account = accounts->members[i].value;
        const struct node *users = node_get(account, "users");
        *ret_any |= users && users->count;
        if (has_jetstream(account) == jetstream && take_first(users, login))
            return true;
    }
    return false;
}

bool login_of(const struct node *config, struct login *ret_login)
{
    const struct node *authorization = node_get(config, "authorization");
    const char *token = node_get_text(authorization, "token");
    const struct node *users = node_get(authorization, "users");
    const struct node *accounts = node_get(config, "accounts");
    bool any = *token || *node_get_text(authorization, "user") || users || node_get(config, "operator");
    *ret_login = (struct login){0};
    if (*node_get_text(config, "no_auth_user"))
        return true;
    if (*token && !is_hash(token)) {
        ret_login->token = token;
        return true;
    }
    /* These users are in $G, which has no JetStream where another account has. */
    if (!any_has_jetstream(accounts) && (take_user(authorization, ret_login) || take_first(users, ret_login)))
        return true;
    return take_of_accounts(accounts, ret_login, &any) || !any;
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

/* All nodes, so that a client finds the cluster while one of them restarts. */
static const char *urls_of(struct up *up, const struct envserver *server)
{
    struct arena *arena = up->arena;
    const char *urls = NULL;
    for (size_t i = 0; i < server->count; i++) {
        const struct envnode *node = &up->environment->nodes[server->first + i];
        const struct upnode *running = state_node(&up->state, node->name);
        const char *url = running && running->urls[LISTENER_CLIENT]
                              ? running->urls[LISTENER_CLIENT]
                              : envnode_url(arena, node, &place_local, LISTENER_CLIENT);
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
        .url = urls_of(up, server),
        .url_from = booted_by,
        .lookup = lookup,
        .lookup_context = context,
        .user = login.user,
        .password = login.password,
        .token = login.token,
    };
    put_tls(up->arena, up->root, node_get(config, "tls"), &booted.base);
    return booted;
}

/* ---- back to it ---- */

/* Containers are not looked at: that takes another program, and their ports are theirs as long as they exist. */
static bool anything_runs(struct arena *arena, const struct upstate *state)
{
    for (size_t i = 0; i < state->nodes.count; i++) {
        const struct upnode *node = state->nodes.items[i];
        const struct process process = {.pid = node->pid, .born = node->born, .program = node->program};
        if (process.pid && process_runs(arena, &process))
            return true;
    }
    return state->runner && strcmp(state->runner, RUNNER_DOCKER) == 0;
}

int up_find(struct arena *arena, const char *root, struct connection_settings *ret_settings,
            struct diags *diags)
{
    struct upstate state;
    if (state_read(arena, root, &state, diags))
        return -1;
    if (!state.nodes.count)
        return 0;
    bool runs = anything_runs(arena, &state);
    if (runs && state.connection)
        return connection_read_context(state.connection, booted_by, ret_settings, diags) ? -1 : 1;
    struct diag *diag = diag_add(diags, &code_environment, (struct srcpos){0},
                                 runs ? "'natsform up' has not ended in %s, and how to connect is not known"
                                      : "what 'natsform up' started in %s does not run any more",
                                 root);
    diag_hint(diags, diag, "'natsform up' again, or 'natsform down'; --server or --context name another one");
    return -1;
}

static bool is_node(struct arena *arena, const struct upnode *node, const struct server_url *url)
{
    struct diags unheard SCOPED(diags_release) = {0};
    struct server_url *own = NULL;
    size_t count = 0;
    if (!node->urls[LISTENER_CLIENT] ||
        server_urls_parse(arena, node->urls[LISTENER_CLIENT], NULL, &own, &count, &unheard))
        return false;
    return own->port == url->port && (strcmp(own->host, url->host) == 0 ||
                                      (host_is_loopback(own->host) && host_is_loopback(url->host)));
}

const char *up_elsewhere(struct arena *arena, const struct upstate *state,
                         const struct connection_settings *settings)
{
    struct diags unheard SCOPED(diags_release) = {0};
    const char *text = settings->url ? settings->url : SERVER_USUAL_URL;
    struct server_url *urls = NULL;
    size_t count = 0;
    if (server_urls_parse(arena, text, NULL, &urls, &count, &unheard))
        return "a URL that is none";
    for (size_t i = 0; i < count; i++) {
        bool here = false;
        for (size_t j = 0; j < state->nodes.count; j++)
            here |= is_node(arena, state->nodes.items[j], &urls[i]);
        if (!here)
            return urls[i].text;
    }
    return NULL;
}

/* ---- for the nats CLI ---- */

/* An absolute path, because the nats CLI may be run in any folder. */
static const char *from_anywhere(struct arena *arena, const char *path)
{
    const char *real = path ? path_real(arena, path) : NULL;
    return real ? real : path;
}

int context_settings(struct up *up, const struct manifest *manifest, const struct connection_settings *base,
                     struct connection_settings *ret_settings, struct diags *diags)
{
    struct arena *arena = up->arena;
    struct connection_settings said;
    if (connection_find_booted(arena, manifest, base, &said, diags))
        return -1;
    *ret_settings = up_elsewhere(arena, &up->state, &said) ? *base : said;
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        const char *path =
            row->type == SETTING_PATH ? from_anywhere(arena, setting_text(ret_settings, row)) : NULL;
        if (path)
            setting_set(ret_settings, row, &path);
    }
    return 0;
}
