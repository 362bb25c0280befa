/*
 * `generate env`: a file for applications with the servers' URLs and one login. It is written for sh. Compose, systemd and Docker, which
 * read it as well, all have rules of their own for quotes; without any they agree.
 */
#include <ctype.h>
#include <string.h>

#include "base/host.h"
#include "generate/generators.h"
#include "generate/login.h"

#define CERTIFICATE GENERATE_CERTIFICATES "/ca.pem" /* the certificate of `tls: dev`'s authority */

/* The variable for the URL of each listener. */
static const struct {
    enum listener listener;
    const char *name;
} addresses[] = {
    {LISTENER_CLIENT, "NATS_URL"},
    {LISTENER_WEBSOCKET, "NATS_WEBSOCKET_URL"},
    {LISTENER_MQTT, "NATS_MQTT_URL"},
    {LISTENER_MONITOR, "NATS_MONITOR_URL"},
};

static void add_variable(struct strbuf *out, const char *name, const char *suffix, const char *text)
{
    strbuf_addf(out, "%s%s=", name, suffix);
    if (*text)
        strbuf_add_word(out, text);
    strbuf_addc(out, '\n');
}

/* ---- the file ---- */

/* The end of a variable's name, such as "_EAST_1" for the node "east-1". */
static const char *suffix_of(struct arena *arena, const char *name)
{
    char *suffix = arena_printf(arena, "_%s", name);
    for (char *at = suffix; *at; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    return suffix;
}

/* The URLs of all nodes, separated by commas, if clients of this listener take several; otherwise the first one. */
static const char *urls_of(struct arena *arena, const struct envserver *server,
                           const struct environment *environment, enum listener listener)
{
    const char *urls = "";
    /* Clients of NATS take several URLs with commas between them; those of WebSocket, MQTT and HTTP take one. */
    size_t count = listener == LISTENER_CLIENT ? server->count : 1;
    for (size_t i = 0; i < count && i < server->count; i++) {
        const struct envnode *node = &environment->nodes[server->first + i];
        /* By a name, monitoring stays with its machine. */
        bool hidden = listener == LISTENER_MONITOR && node->host && !host_is_address(node->host);
        if (node->ports[listener] && !node->open_port[listener] && !hidden)
            urls = arena_printf(arena, "%s%s%s", urls, *urls ? "," : "",
                                envnode_url(arena, node, &place_hosts, listener));
    }
    return urls;
}

/* Returns whether what it added has a secret. */
static bool add_server(struct arena *arena, struct strbuf *out, const struct generate_request *request,
                       const struct envserver *server, const char *suffix)
{
    const struct environment *environment = request->environment;
    struct login login = {0};
    if (!server->count)
        return false;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        const char *urls = urls_of(arena, server, environment, addresses[i].listener);
        if (*urls)
            add_variable(out, addresses[i].name, suffix, urls);
    }
    const struct node *config = environment_config(arena, &environment->nodes[server->first], &place_local);
    if (!login_find(config, &login) || (!login.user && !login.token))
        return false;
    if (login.user) {
        add_variable(out, "NATS_USER", suffix, login.user);
        add_variable(out, "NATS_PASSWORD", suffix, login.password);
    } else {
        add_variable(out, "NATS_TOKEN", suffix, login.token);
    }
    return true;
}

int generate_env(struct arena *arena, const struct generate_request *request, struct diags *diags,
                 struct generated *generated)
{
    const struct environment *environment = request->environment;
    struct strbuf text = {0};
    bool secret = false;
    (void)diags;
    strbuf_addf(&text,
                "#\n"
                "#   set -a; . %s/nats.env; set +a\n"
                "#\n"
                "# nats, natsform and applications that read these variables find the server so.\n\n",
                request->folder);
    if (environment->server_count)
        secret = add_server(arena, &text, request, environment_main_server(environment), "");
    if (environment->needs_certificates)
        add_variable(&text, "NATS_CA", "",
                     strcmp(request->root, ".") == 0 ? CERTIFICATE
                                                     : arena_printf(arena, "%s/" CERTIFICATE, request->root));
    for (size_t i = 0; environment->server_count > 1 && i < environment->server_count; i++) {
        const struct envserver *server = &environment->servers[i];
        strbuf_addf(&text, "\n# %s\n", server->name);
        secret |= add_server(arena, &text, request, server, suffix_of(arena, server->name));
    }
    generated_add(arena, generated, "nats.env", &seal_hash, &text, secret);
    return 0;
}
