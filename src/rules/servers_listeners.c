/* Rules of what servers listen on; their rows are in servers_table.c. */
#include <string.h>

#include "base/number.h"
#include "rules/servers_scan.h"

DIAG_CODE(
    code_server_listener, .name = "server-listener", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A server would not open one of its listeners, or takes nobody there.",
    .why = "'nats-server -t' takes such a configuration; the server itself ends right after it started.",
    .example = "servers: {dev: {websocket: {port: 8080}}}",
    .remedy = "Do what the hint says: for WebSocket clients 'no_tls: true', or certificates in 'tls'.");

DIAG_CODE(code_server_tls, .name = "server-tls", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A listener has TLS and no certificate, which no client gets past.",
          .why = "The server starts, asks every client for TLS, and has no certificate to show.",
          .example = "servers: {dev: {tls: {verify: true}}}",
          .remedy = "Name 'cert_file' and 'key_file', or say 'tls: dev'.");

void check_server_websocket_tls(const struct server_scan *scan)
{
    const struct node *websocket = node_get(scan->node->config, "websocket");
    if (!websocket || node_get(websocket, "tls") || server_says(websocket, "no_tls"))
        return;
    struct diag *diag = server_report(
        scan, websocket, "'websocket' of server '%s' says neither 'no_tls' nor 'tls'", scan->node->server);
    diag_hint(scan->diags, diag,
              "'no_tls: true' is for development and behind a proxy; 'tls: dev' has a certificate made");
}

void check_server_mqtt_jetstream(const struct server_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *mqtt = node_get(config, "mqtt");
    bool alone =
        !node_get(config, "cluster") && !node_get(config, "gateway") && !node_get(config, "leafnodes");
    if (!mqtt || !alone || server_has_jetstream(config))
        return;
    struct diag *diag =
        server_report(scan, mqtt, "'mqtt' of server '%s' needs JetStream, which is off", scan->node->server);
    diag_hint(scan->diags, diag, "take 'jetstream: false' away");
}

void check_server_https(const struct server_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *https =
        node_get(config, "https") ? node_get(config, "https") : node_get(config, "https_port");
    if (!https || node_get(config, "tls"))
        return;
    struct diag *diag =
        server_report(scan, https, "monitoring of server '%s' by TLS has no certificate", scan->node->server);
    diag_hint(scan->diags, diag, "add 'tls' to the server, or use 'http_port'");
}

void check_server_http_twice(const struct server_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *https =
        node_get(config, "https") ? node_get(config, "https") : node_get(config, "https_port");
    if (!https || (!node_get(config, "http") && !node_get(config, "http_port")))
        return;
    struct diag *diag = server_report(
        scan, https, "server '%s' cannot have monitoring by both http and https", scan->node->server);
    diag_hint(scan->diags, diag, "leave https away: natsform looks after the server by http");
}

void check_server_origins(const struct server_scan *scan)
{
    const struct node *origins = server_option_of(scan, "websocket", "allowed_origins");
    for (size_t i = 0; i < server_count(origins); i++) {
        const struct node *origin = server_item(origins, i);
        bool http = strncmp(origin->text, "http://", 7) == 0 || strncmp(origin->text, "https://", 8) == 0;
        if (http && strstr(origin->text, "://")[3])
            continue;
        struct diag *diag = server_report(scan, origin, "'%s' is no origin", origin->text);
        diag_hint(scan->diags, diag,
                  "an origin is a URL such as https://shop.example; without any, all are taken");
    }
}

void check_server_cookie(const struct server_scan *scan)
{
    const struct node *cookie = server_option_of(scan, "websocket", "jwt_cookie");
    if (!cookie || server_has_operator(scan->node->config))
        return;
    struct diag *diag =
        server_report(scan, cookie, "'jwt_cookie' of server '%s' needs an operator", scan->node->server);
    diag_hint(scan->diags, diag, "without one, cookies are 'user_cookie' and 'pass_cookie' (from 2.11 on)");
}

static void count_user(void *context, const struct member *account, const struct node *user)
{
    (void)account;
    (void)user;
    ++*(size_t *)context;
}

void check_server_listener_login(const struct server_scan *scan)
{
    static const char *const listeners[] = {"websocket", "mqtt"};
    size_t users = 0;
    server_each_user(scan->node->config, count_user, &users);
    for (size_t i = 0; users && i < sizeof(listeners) / sizeof(listeners[0]); i++) {
        const struct node *login = server_option_of(scan, listeners[i], "authorization");
        const struct node *said =
            node_get(login, "user") ? node_get(login, "user") : node_get(login, "token");
        if (!said)
            continue;
        struct diag *diag = server_report(scan, login, "'%s' of server '%s' has a login beside users",
                                          listeners[i], scan->node->server);
        diag->secret = true;
        diag_hint(scan->diags, diag, "make it one of the users, with 'allowed_connection_types'");
    }
}

/* "host", "host:4222", "[::1]:4222" */
static bool is_address(const char *text)
{
    int64_t port;
    const char *host = text[0] == '[' ? strchr(text, ']') : text;
    const char *colon = host ? strchr(host, ':') : NULL;
    if (!host || !*text)
        return false;
    return !colon ||
           (!strchr(colon + 1, ':') && number_parse_i64(colon + 1, &port) && port >= 0 && port <= 65535);
}

void check_server_advertise(const struct server_scan *scan)
{
    static const struct {
        const char *block, *key;
    } places[] = {
        {NULL, "client_advertise"}, {"cluster", "advertise"},   {"gateway", "advertise"},
        {"leafnodes", "advertise"}, {"websocket", "advertise"},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const struct node *said = server_option_of(scan, places[i].block, places[i].key);
        if (!said || is_address(said->text))
            continue;
        struct diag *diag =
            server_report(scan, said, "'%s' of server '%s' is no address", places[i].key, scan->node->server);
        diag_hint(scan->diags, diag, "write a host, or a host and a port: \"nats.example:4222\"");
    }
}

void check_server_certificate(const struct server_scan *scan)
{
    static const char *const blocks[] = {NULL, "cluster", "gateway", "leafnodes", "websocket", "mqtt"};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct node *tls = server_option_of(scan, blocks[i], "tls");
        bool listens =
            !blocks[i] || strcmp(blocks[i], "leafnodes") != 0 || server_option_of(scan, blocks[i], "listen");
        bool has = node_get(tls, "cert_store") || node_get(tls, "certs") ||
                   (node_get(tls, "cert_file") && node_get(tls, "key_file"));
        if (!tls || has || !listens)
            continue;
        const char *missing = !node_get(tls, "cert_file") ? "cert_file" : "key_file";
        struct diag *diag = blocks[i] ? server_report(scan, tls, "'tls' in '%s' of server '%s' has no '%s'",
                                                      blocks[i], scan->node->server, missing)
                                      : server_report(scan, tls, "'tls' of server '%s' has no '%s'",
                                                      scan->node->server, missing);
        diag_hint(scan->diags, diag, "name 'cert_file' and 'key_file', or say 'tls: dev'");
    }
}
