/*
 * See up_connection.h. A configuration is read as the server reads it: full names, absolute or relative to the
 * manifest's folder.
 */
#include "devenv/up_connection.h"

#include <string.h>

#include "base/host.h"
#include "base/path.h"
#include "base/scope.h"
#include "devenv/process.h"
#include "devenv/runners.h"
#include "generate/login.h"
#include "server/connection.h"

static const char booted_by[] = "natsform up";

/* ---- where to ---- */

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
    const struct envserver *server = environment_main_server(up->environment);
    const struct node *config = client_config(up, &up->environment->nodes[server->first]);
    struct login login;
    struct booted booted = {.login_known = login_find(config, &login)};
    booted.base = (struct connection_settings){
        .url = urls_of(up, server),
        .url_from = booted_by,
        .who_from = booted_by,
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

static int refuse_copy(const struct upstate *state, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_environment, (struct srcpos){0},
                                 "what 'natsform up' started is of '%s', and %s is a copy of that",
                                 state->original, state->root);
    diag_hint(
        diags, diag,
        "'natsform up' starts servers of this folder, 'natsform down' forgets those; --server or --context "
        "name another one");
    return -1;
}

int up_find(struct arena *arena, const char *root, struct connection_settings *ret_settings,
            struct diags *diags)
{
    struct upstate state;
    if (state_read(arena, root, &state, diags))
        return -1;
    if (state.original)
        return refuse_copy(&state, diags);
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
