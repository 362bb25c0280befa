/* Options of nats-server: WebSocket and MQTT clients; see kind/server_options.h. */
#include "kind/server_options.h"

#include "base/row.h"

/*
 * Without 'tls' and 'no_tls' the start fails, though -t passes. A reload takes nothing of this block but new
 * certificates.
 */
static const struct field websocket_rows[] = {
    ROW(.name = "listen", .id = OPTION_LISTEN, .type = FIELD_TEXT | FIELD_COUNT, .reload = RELOAD_NEVER,
        .flags = FIELD_LISTEN, .doc = "Address and port to take WebSocket clients on.",
        .example = "\"127.0.0.1:8080\""),
    ROW(.name = "host", .id = OPTION_HOST, .aliases = {"net"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .id = OPTION_PORT, .type = FIELD_COUNT, .least = -1, .most = 65535,
        .fallback = "8080", .reload = RELOAD_NEVER, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "no_tls", .id = OPTION_NO_TLS, .type = FIELD_BOOL, .fallback = "false",
        .reload = RELOAD_NEVER,
        .doc = "Without TLS, for development or behind a proxy; this or tls has to be there."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_CHOICE | FIELD_OBJECT, .object = &server_tls_table,
        .choices = option_choices_tls,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .id = OPTION_ADVERTISE, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address that clients reach this server by."),
    ROW(.name = "same_origin", .type = FIELD_BOOL, .fallback = "false", .reload = RELOAD_NEVER,
        .doc = "Takes only pages of the same address."),
    ROW(.name = "allowed_origins",
        .aliases = {"allowed_origin", "allow_origins", "allow_origin", "origins", "origin"},
        .type = FIELD_TEXT | FIELD_LIST, .items = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "The only addresses whose pages are taken.", .example = "[\"https://shop.example\"]"),
    ROW(.name = "compression", .aliases = {"compress"}, .type = FIELD_BOOL, .fallback = "false",
        .reload = RELOAD_NEVER, .doc = "Compresses for clients that can."),
    ROW(.name = "handshake_timeout", .type = FIELD_DURATION, .fallback = "2s", .reload = RELOAD_NEVER,
        .doc = "How long the handshake may take."),
    ROW(.name = "ping_interval", .type = FIELD_DURATION,
        .since = {VERSION(2, 11, 12), VERSION(2, 12, 3), V_2_14}, .reload = RELOAD_NEVER,
        .doc = "Time between pings to a client."),
    ROW(.name = "authorization", .id = OPTION_AUTHORIZATION, .aliases = {"authentication"},
        .type = FIELD_OBJECT, .object = &server_client_authorization_table, .doc = "Who may connect here."),
    ROW(.name = "no_auth_user", .id = OPTION_NO_AUTH_USER, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "User that clients without credentials are."),
    ROW(.name = "jwt_cookie", .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Cookie that has the user's JWT."),
    ROW(.name = "user_cookie", .type = FIELD_TEXT, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Cookie that has the user name."),
    ROW(.name = "pass_cookie", .type = FIELD_TEXT, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Cookie that has the password."),
    ROW(.name = "token_cookie", .type = FIELD_TEXT, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Cookie that has the token."),
    ROW(.name = "headers", .type = FIELD_TEXT, .shape = SHAPE_MAP, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Headers of the answer to a handshake."),
};

const struct table server_websocket_table = {
    .definition = "server_websocket",
    .noun = "websocket",
    .doc = "WebSocket clients, as browsers are.",
    TABLE_OPTIONS(websocket_rows),
};

/*
 * MQTT needs JetStream, and in a cluster a server_name: both are noticed at the start only. The first client makes
 * streams $MQTT_….
 */
static const struct field mqtt_rows[] = {
    ROW(.name = "listen", .id = OPTION_LISTEN, .type = FIELD_TEXT | FIELD_COUNT, .reload = RELOAD_NEVER,
        .flags = FIELD_LISTEN, .doc = "Address and port to take MQTT clients on.",
        .example = "\"127.0.0.1:1883\""),
    ROW(.name = "host", .id = OPTION_HOST, .aliases = {"net"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .id = OPTION_PORT, .type = FIELD_COUNT, .least = -1, .most = 65535,
        .fallback = "1883", .reload = RELOAD_NEVER, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_CHOICE | FIELD_OBJECT, .object = &server_tls_table,
        .choices = option_choices_tls,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "authorization", .id = OPTION_AUTHORIZATION, .aliases = {"authentication"},
        .type = FIELD_OBJECT, .object = &server_client_authorization_table, .doc = "Who may connect here."),
    ROW(.name = "no_auth_user", .id = OPTION_NO_AUTH_USER, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "User that clients without credentials are."),
    ROW(.name = "ack_wait", .aliases = {"ackwait"}, .type = FIELD_DURATION, .fallback = "30s",
        .doc = "After how long a message is sent again that was not acknowledged."),
    ROW(.name = "max_ack_pending", .aliases = {"max_pending", "max_inflight"}, .type = FIELD_COUNT,
        .least = 0, .most = 65535, .fallback = "1024",
        .doc = "Messages of a session that may be unacknowledged."),
    ROW(.name = "js_domain", .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "JetStream domain that keeps what MQTT keeps."),
    ROW(.name = "js_api_timeout", .aliases = {"api_timeout"}, .type = FIELD_DURATION, .fallback = "5s",
        .since = {VERSION(2, 11, 3), V_2_12}, .reload = RELOAD_NEVER,
        .doc = "How long a request of the JetStream API may take."),
    ROW(.name = "stream_replicas", .type = FIELD_COUNT, .least = 0, .most = 5,
        .doc = "Replicas of the streams that MQTT makes."),
    /* nats-server ignores it with a warning, and -t makes an error of the warning. */
    ROW(.name = "consumer_replicas", .type = FIELD_COUNT, .least = 0, .most = 5,
        .doc = "Replicas of their consumers; servers ignore it, and warn."),
    ROW(.name = "consumer_memory_storage", .type = FIELD_BOOL, .fallback = "false",
        .doc = "Keeps the state of their consumers in memory."),
    ROW(.name = "consumer_inactive_threshold", .aliases = {"consumer_auto_cleanup"}, .type = FIELD_DURATION,
        .doc = "After how long an unused consumer of theirs is removed."),
    ROW(.name = "reject_qos2_publish", .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 10, 4), V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Cuts off clients that publish with QoS 2."),
    ROW(.name = "downgrade_qos2_subscribe", .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 10, 4), V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Subscriptions get at most QoS 1."),
};

const struct table server_mqtt_table = {
    .definition = "server_mqtt",
    .noun = "mqtt",
    .doc = "MQTT clients; they need JetStream.",
    TABLE_OPTIONS(mqtt_rows),
};
