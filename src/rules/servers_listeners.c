/* Rules of what servers listen on. */
#include <string.h>

#include "base/number.h"
#include "base/row.h"
#include "rules/servers_scan.h"

static DIAG_CODE(
    code_server_listener, .name = "server-listener", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A server would not open one of its listeners, or takes nobody there.",
    .why = "'nats-server -t' takes such a configuration; the server itself ends right after it started.",
    .example = "servers: {dev: {websocket: {port: 8080}}}",
    .remedy = "Do what the hint says: for WebSocket clients 'no_tls: true', or certificates in 'tls'.");

static DIAG_CODE(code_server_tls, .name = "server-tls", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A listener has TLS and no certificate, which no client gets past.",
                 .why = "The server starts, asks every client for TLS, and has no certificate to show.",
                 .example = "servers: {dev: {tls: {verify: true}}}",
                 .remedy = "Name 'cert_file' and 'key_file', or say 'tls: dev'.");

static void check_websocket_tls(const struct rule_scan *scan)
{
    const struct node *websocket = node_get(scan->node->config, "websocket");
    if (!websocket || node_get(websocket, "tls") || server_says(websocket, "no_tls"))
        return;
    struct diag *diag =
        rule_report(scan, websocket->pos, "'websocket' of server '%s' says neither 'no_tls' nor 'tls'",
                    scan->node->server);
    diag_hint(scan->diags, diag,
              "'no_tls: true' is for development and behind a proxy; 'tls: dev' has a certificate made");
}

static void check_mqtt_jetstream(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *mqtt = node_get(config, "mqtt");
    /* In a cluster another server may have JetStream, and a leafnode's hub. */
    bool alone =
        !node_get(config, "cluster") && !node_get(config, "gateway") && !node_get(config, "leafnodes");
    if (!mqtt || !alone || server_has_jetstream(config))
        return;
    struct diag *diag = rule_report(scan, mqtt->pos, "'mqtt' of server '%s' needs JetStream, which is off",
                                    scan->node->server);
    diag_hint(scan->diags, diag, "take 'jetstream: false' away");
}

static void check_https(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *https =
        node_get(config, "https") ? node_get(config, "https") : node_get(config, "https_port");
    if (!https || node_get(config, "tls"))
        return;
    struct diag *diag = rule_report(scan, https->pos, "monitoring of server '%s' by TLS has no certificate",
                                    scan->node->server);
    diag_hint(scan->diags, diag, "add 'tls' to the server, or use 'http_port'");
}

static void check_http_twice(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *https =
        node_get(config, "https") ? node_get(config, "https") : node_get(config, "https_port");
    if (!https || (!node_get(config, "http") && !node_get(config, "http_port")))
        return;
    struct diag *diag = rule_report(
        scan, https->pos, "server '%s' cannot have monitoring by both http and https", scan->node->server);
    diag_hint(scan->diags, diag, "leave https away: natsform looks after the server by http");
}

static void check_origins(const struct rule_scan *scan)
{
    const struct node *origins = server_option_of(scan, "websocket", "allowed_origins");
    for (size_t i = 0; i < server_count(origins); i++) {
        const struct node *origin = server_item(origins, i);
        bool http = strncmp(origin->text, "http://", 7) == 0 || strncmp(origin->text, "https://", 8) == 0;
        if (http && strstr(origin->text, "://")[3])
            continue;
        struct diag *diag = rule_report(scan, origin->pos, "'%s' is no origin", origin->text);
        diag_hint(scan->diags, diag,
                  "an origin is a URL such as https://shop.example; without any, all are taken");
    }
}

static void check_cookie(const struct rule_scan *scan)
{
    const struct node *cookie = server_option_of(scan, "websocket", "jwt_cookie");
    /* A JWT means something only to an operator's servers. */
    if (!cookie || server_has_operator(scan->node->config))
        return;
    struct diag *diag =
        rule_report(scan, cookie->pos, "'jwt_cookie' of server '%s' needs an operator", scan->node->server);
    diag_hint(scan->diags, diag, "without one, cookies are 'user_cookie' and 'pass_cookie' (from 2.11 on)");
}

static void count_user(void *context, const struct member *account, const struct node *user)
{
    (void)account;
    (void)user;
    ++*(size_t *)context;
}

static void check_listener_login(const struct rule_scan *scan)
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
        struct diag *diag = rule_report(scan, login->pos, "'%s' of server '%s' has a login beside users",
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
    /* A second colon outside of brackets is an IPv6 address without them, which no client can read. */
    return !colon ||
           (!strchr(colon + 1, ':') && number_parse_i64(colon + 1, &port) && port >= 0 && port <= 65535);
}

static void check_advertise(const struct rule_scan *scan)
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
        struct diag *diag = rule_report(scan, said->pos, "'%s' of server '%s' is no address", places[i].key,
                                        scan->node->server);
        diag_hint(scan->diags, diag, "write a host, or a host and a port: \"nats.example:4222\"");
    }
}

static void check_certificate(const struct rule_scan *scan)
{
    static const char *const blocks[] = {NULL, "cluster", "gateway", "leafnodes", "websocket", "mqtt"};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct node *tls = server_option_of(scan, blocks[i], "tls");
        /* Leafnodes without a listener have TLS for their remotes alone, which need no certificate of their own. */
        bool listens =
            !blocks[i] || strcmp(blocks[i], "leafnodes") != 0 || server_option_of(scan, blocks[i], "listen");
        bool has = node_get(tls, "cert_store") || node_get(tls, "certs") ||
                   (node_get(tls, "cert_file") && node_get(tls, "key_file"));
        if (!tls || has || !listens)
            continue;
        const char *missing = !node_get(tls, "cert_file") ? "cert_file" : "key_file";
        struct diag *diag = blocks[i]
                                ? rule_report(scan, tls->pos, "'tls' in '%s' of server '%s' has no '%s'",
                                              blocks[i], scan->node->server, missing)
                                : rule_report(scan, tls->pos, "'tls' of server '%s' has no '%s'",
                                              scan->node->server, missing);
        diag_hint(scan->diags, diag, "name 'cert_file' and 'key_file', or say 'tls: dev'");
    }
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_server_listener, .each = EACH_SERVER, .says = "websocket requires TLS configuration",
        .doc = "A WebSocket listener says that it has no TLS, or has it.", .check = check_websocket_tls),
    ROW(.code = &code_server_listener, .each = EACH_SERVER,
        .says = "mqtt requires JetStream to be enabled if running in standalone mode",
        .doc = "MQTT keeps its sessions in streams.", .check = check_mqtt_jetstream),
    ROW(.code = &code_server_listener, .each = EACH_SERVER, .says = "TLS cert and key required for HTTPS",
        .doc = "Monitoring by TLS needs the server's certificate.", .check = check_https),
    ROW(.code = &code_server_listener, .each = EACH_SERVER, .says = "can't specify both HTTP",
        .doc = "Monitoring is by http or by https; natsform asks by http.", .check = check_http_twice),
    ROW(.code = &code_server_listener, .each = EACH_SERVER, .says = "unable to parse allowed origin",
        .doc = "Origins are whole URLs, which servers before 2.15 leave out with a word in the log.",
        .check = check_origins),
    ROW(.code = &code_server_listener, .each = EACH_SERVER,
        .says =
            "trusted operators or trusted keys configuration is required for JWT authentication via cookie",
        .doc = "JWTs in cookies are those of an operator's users.", .check = check_cookie),
    ROW(.code = &code_server_listener, .each = EACH_SERVER,
        .says = "authentication username not compatible with presence of users/nkeys",
        .doc = "A listener has a login of its own only where there are no users.",
        .check = check_listener_login),
    ROW(.code = &code_server_listener, .each = EACH_SERVER, .says = "too many colons in address",
        .doc = "An advertised address is a host, or a host and a port.", .check = check_advertise),
    ROW(.code = &code_server_tls, .each = EACH_SERVER, .doc = "A listener with TLS has a certificate.",
        .check = check_certificate),
};
const struct rule_list server_listener_rules = RULE_LIST(rows);
