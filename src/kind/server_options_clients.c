/*
 * Options of nats-server: WebSocket and MQTT clients; see server_option.h. Names, types and versions are those of
 * the servers' own parsers; `make interop` compares the rows with the newest source, and tests/live gives every
 * row to each version.
 */
#include "kind/server_options.h"

#include "base/row.h"

static const char *const choices_dev[] = {"dev", NULL};

static const struct server_option websocket_rows[] = {
    ROW(.name = "listen", .takes = TAKES_TEXT | TAKES_INT, .reload = RELOAD_REFUSED, .flags = SERVER_LISTEN,
        .doc = "Address and port to take WebSocket clients on.", .example = "\"127.0.0.1:8080\""),
    ROW(.name = "host", .aliases = {"net"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .takes = TAKES_INT, .least = -1, .most = 65535, .fallback = "8080",
        .reload = RELOAD_REFUSED, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "no_tls", .takes = TAKES_BOOL, .fallback = "false", .reload = RELOAD_REFUSED,
        .doc = "Without TLS, for development or behind a proxy; this or tls has to be there."),
    ROW(.name = "tls", .takes = TAKES_CHOICE | TAKES_BLOCK, .block = &server_block_tls,
        .choices = choices_dev,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address that clients reach this server by."),
    ROW(.name = "same_origin", .takes = TAKES_BOOL, .fallback = "false", .reload = RELOAD_REFUSED,
        .doc = "Takes only pages of the same address."),
    ROW(.name = "allowed_origins",
        .aliases = {"allowed_origin", "allow_origins", "allow_origin", "origins", "origin"},
        .takes = TAKES_TEXT | TAKES_LIST, .items = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "The only addresses whose pages are taken.", .example = "[\"https://shop.example\"]"),
    ROW(.name = "compression", .aliases = {"compress"}, .takes = TAKES_BOOL, .fallback = "false",
        .reload = RELOAD_REFUSED, .doc = "Compresses for clients that can."),
    ROW(.name = "handshake_timeout", .takes = TAKES_DURATION, .fallback = "2s", .reload = RELOAD_REFUSED,
        .doc = "How long the handshake may take."),
    ROW(.name = "ping_interval", .takes = TAKES_DURATION,
        .since = {{VERSION(2, 11, 12), VERSION(2, 12, 3), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Time between pings to a client."),
    ROW(.name = "authorization", .aliases = {"authentication"}, .takes = TAKES_BLOCK,
        .block = &server_block_client_authorization, .doc = "Who may connect here."),
    ROW(.name = "no_auth_user", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "User that clients without credentials are."),
    ROW(.name = "jwt_cookie", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Cookie that has the user's JWT."),
    ROW(.name = "user_cookie", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Cookie that has the user name."),
    ROW(.name = "pass_cookie", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Cookie that has the password."),
    ROW(.name = "token_cookie", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Cookie that has the token."),
    ROW(.name = "headers", .takes = TAKES_MAP, .values = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}},
        .reload = RELOAD_REFUSED, .doc = "Headers of the answer to a handshake."),
};

const struct server_block server_block_websocket = {
    .id = "server_websocket",
    .noun = "websocket",
    .doc = "WebSocket clients, as browsers are.",
    SERVER_ROWS(websocket_rows),
};

static const struct server_option mqtt_rows[] = {
    ROW(.name = "listen", .takes = TAKES_TEXT | TAKES_INT, .reload = RELOAD_REFUSED, .flags = SERVER_LISTEN,
        .doc = "Address and port to take MQTT clients on.", .example = "\"127.0.0.1:1883\""),
    ROW(.name = "host", .aliases = {"net"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .takes = TAKES_INT, .least = -1, .most = 65535, .fallback = "1883",
        .reload = RELOAD_REFUSED, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "tls", .takes = TAKES_CHOICE | TAKES_BLOCK, .block = &server_block_tls,
        .choices = choices_dev,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "authorization", .aliases = {"authentication"}, .takes = TAKES_BLOCK,
        .block = &server_block_client_authorization, .doc = "Who may connect here."),
    ROW(.name = "no_auth_user", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "User that clients without credentials are."),
    ROW(.name = "ack_wait", .aliases = {"ackwait"}, .takes = TAKES_DURATION, .fallback = "30s",
        .doc = "After how long a message is sent again that was not acknowledged."),
    ROW(.name = "max_ack_pending", .aliases = {"max_pending", "max_inflight"}, .takes = TAKES_INT, .least = 0,
        .most = 65535, .fallback = "1024", .doc = "Messages of a session that may be unacknowledged."),
    ROW(.name = "js_domain", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "JetStream domain that keeps what MQTT keeps."),
    ROW(.name = "js_api_timeout", .aliases = {"api_timeout"}, .takes = TAKES_DURATION, .fallback = "5s",
        .since = {{VERSION(2, 11, 3), VERSION(2, 12, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "How long a request of the JetStream API may take."),
    ROW(.name = "stream_replicas", .takes = TAKES_INT, .least = 0, .most = 5,
        .doc = "Replicas of the streams that MQTT makes."),
    ROW(.name = "consumer_replicas", .takes = TAKES_INT, .least = 0, .most = 5,
        .doc = "Replicas of their consumers; servers ignore it, and warn."),
    ROW(.name = "consumer_memory_storage", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "Keeps the state of their consumers in memory."),
    ROW(.name = "consumer_inactive_threshold", .aliases = {"consumer_auto_cleanup"}, .takes = TAKES_DURATION,
        .doc = "After how long an unused consumer of theirs is removed."),
    ROW(.name = "reject_qos2_publish", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 10, 4), VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Cuts off clients that publish with QoS 2."),
    ROW(.name = "downgrade_qos2_subscribe", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 10, 4), VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Subscriptions get at most QoS 1."),
};

const struct server_block server_block_mqtt = {
    .id = "server_mqtt",
    .noun = "mqtt",
    .doc = "MQTT clients; they need JetStream.",
    SERVER_ROWS(mqtt_rows),
};
