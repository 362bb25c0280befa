/* Options of nats-server: clusters and gateways; see kind/server_options.h. */
#include "kind/server_options.h"

#include "base/row.h"

/*
 * JetStream in a cluster needs a name and routes: without them the start fails, though -t passes. An unknown word in
 * 'compression' passes -t, too.
 */
static const struct field cluster_rows[] = {
    ROW(.name = "name", .id = OPTION_NAME, .type = FIELD_TEXT,
        .fallback_doc = "the server's name in the manifest", .flags = FIELD_NO_SPACES,
        .doc = "Name of the cluster."),
    ROW(.name = "listen", .id = OPTION_LISTEN, .type = FIELD_TEXT | FIELD_COUNT, .reload = RELOAD_NEVER,
        .flags = FIELD_LISTEN, .doc = "Address and port to take other servers of the cluster on.",
        .example = "\"127.0.0.1:6222\""),
    ROW(.name = "host", .id = OPTION_HOST, .aliases = {"net"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .id = OPTION_PORT, .type = FIELD_COUNT, .least = -1, .most = 65535,
        .fallback = "6222", .reload = RELOAD_NEVER, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "routes", .id = OPTION_ROUTES, .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .fallback_doc = "all nodes", .flags = FIELD_URL, .doc = "URLs of the servers of the cluster."),
    ROW(.name = "authorization", .id = OPTION_AUTHORIZATION, .type = FIELD_OBJECT,
        .object = &server_link_authorization_table, .doc = "What the servers log in to each other with."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_CHOICE | FIELD_OBJECT, .object = &server_tls_table,
        .choices = option_choices_tls,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .id = OPTION_ADVERTISE, .aliases = {"cluster_advertise"}, .type = FIELD_TEXT,
        .doc = "Address that other servers reach this one by."),
    ROW(.name = "no_advertise", .id = OPTION_NO_ADVERTISE, .type = FIELD_BOOL, .fallback = "false",
        .doc = "Clients are not told of the other servers."),
    ROW(.name = "connect_retries", .id = OPTION_CONNECT_RETRIES, .type = FIELD_COUNT, .least = 0,
        .most = INT64_MAX, .fallback = "0",
        .doc = "How often a route is tried again that was learned from others."),
    ROW(.name = "connect_backoff", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .doc = "Waits longer from try to try."),
    ROW(.name = "permissions", .type = FIELD_OBJECT, .object = &server_cluster_permissions_table,
        .doc = "Subjects that pass between the servers."),
    ROW(.name = "pool_size", .type = FIELD_COUNT, .least = -1, .most = INT64_MAX, .fallback = "3",
        .since = {V_2_10}, .doc = "Connections between two servers; -1 is one, as before 2.10."),
    ROW(.name = "accounts", .id = OPTION_ACCOUNTS, .type = FIELD_TEXT, .shape = SHAPE_LIST, .since = {V_2_10},
        .doc = "Accounts with connections of their own."),
    ROW(.name = "compression", .type = FIELD_BOOL | FIELD_CHOICE | FIELD_OBJECT,
        .object = &server_compression_table, .choices = option_choices_compression, .fallback = "accept",
        .since = {V_2_10}, .flags = FIELD_ANY_CASE, .doc = "How what passes between servers is compressed."),
    ROW(.name = "ping_interval", .type = FIELD_DURATION, .least = 0, .most = INT64_C(30000000000),
        .fallback = "30s", .since = {VERSION(2, 10, 10), V_2_11},
        .doc = "Time between pings to the other servers."),
    ROW(.name = "ping_max", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "2",
        .since = {VERSION(2, 10, 10), V_2_11},
        .doc = "Pings without an answer after which a route is cut off."),
    ROW(.name = "write_deadline", .type = FIELD_DURATION,
        .since = {VERSION(2, 11, 11), VERSION(2, 12, 1), V_2_14}, .reload = RELOAD_NEVER,
        .doc = "How long a write to the other side may take."),
    ROW(.name = "write_timeout", .type = FIELD_CHOICE, .choices = option_choices_write_timeout,
        .fallback = "default", .since = {VERSION(2, 11, 11), VERSION(2, 12, 2), V_2_14},
        .reload = RELOAD_NEVER, .doc = "What happens to the other side when a write takes too long."),
};

const struct table server_cluster_table = {
    .definition = "server_cluster",
    .noun = "cluster",
    .doc = "How the servers of one cluster reach each other.",
    TABLE_OPTIONS(cluster_rows),
};

static const struct field compression_rows[] = {
    ROW(.name = "mode", .type = FIELD_CHOICE, .choices = option_choices_compression, .since = {V_2_10},
        .flags = FIELD_ANY_CASE, .doc = "How strong."),
    ROW(.name = "rtt_thresholds", .aliases = {"thresholds", "rtts", "rtt"}, .type = FIELD_DURATION,
        .shape = SHAPE_LIST, .fallback = "[10ms, 50ms, 100ms]", .since = {V_2_10},
        .doc = "Round trip times from which on s2_auto uses none, s2_fast, s2_better and s2_best."),
};

const struct table server_compression_table = {
    .definition = "server_compression",
    .noun = "compression",
    .doc = "How much is compressed.",
    TABLE_OPTIONS(compression_rows),
};

/* The name is the cluster's name, or the start fails. There is no default port. */
static const struct field gateway_rows[] = {
    ROW(.name = "name", .id = OPTION_NAME, .type = FIELD_TEXT, .fallback_doc = "cluster.name",
        .reload = RELOAD_NEVER, .flags = FIELD_NO_SPACES, .doc = "Name of the own cluster."),
    ROW(.name = "listen", .id = OPTION_LISTEN, .type = FIELD_TEXT | FIELD_COUNT, .reload = RELOAD_NEVER,
        .flags = FIELD_LISTEN, .doc = "Address and port to take other clusters on.",
        .example = "\"127.0.0.1:7222\""),
    ROW(.name = "host", .id = OPTION_HOST, .aliases = {"net"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .id = OPTION_PORT, .type = FIELD_COUNT, .least = -1, .most = 65535,
        .fallback = "7222", .reload = RELOAD_NEVER, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "gateways", .id = OPTION_GATEWAYS, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .object = &server_remote_gateway_table, .fallback_doc = "those of the server's own key 'gateways'",
        .reload = RELOAD_NEVER, .doc = "The clusters, one's own may be among them."),
    ROW(.name = "authorization", .id = OPTION_AUTHORIZATION, .type = FIELD_OBJECT,
        .object = &server_link_authorization_table, .reload = RELOAD_NEVER,
        .doc = "What the clusters log in to each other with."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_CHOICE | FIELD_OBJECT, .object = &server_tls_table,
        .choices = option_choices_tls,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .id = OPTION_ADVERTISE, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address that other clusters reach this one by."),
    ROW(.name = "connect_retries", .id = OPTION_CONNECT_RETRIES, .type = FIELD_COUNT, .least = 0,
        .most = INT64_MAX, .fallback = "0", .reload = RELOAD_NEVER,
        .doc = "How often a cluster is tried again that was learned from others."),
    ROW(.name = "connect_backoff", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .reload = RELOAD_NEVER, .doc = "Waits longer from try to try."),
    ROW(.name = "reject_unknown_cluster", .aliases = {"reject_unknown"}, .type = FIELD_BOOL,
        .fallback = "false", .reload = RELOAD_NEVER, .doc = "Refuses clusters that are not in the list."),
    ROW(.name = "ping_interval", .type = FIELD_DURATION, .least = 0, .most = INT64_C(15000000000),
        .fallback = "15s", .since = {VERSION(2, 14, 10), VERSION(2, 15, 3)}, .reload = RELOAD_NEVER,
        .doc = "Time between pings to the servers of other clusters."),
    ROW(.name = "ping_max", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "2",
        .since = {VERSION(2, 14, 10), VERSION(2, 15, 3)}, .reload = RELOAD_NEVER,
        .doc = "Pings without an answer after which a gateway is cut off."),
    ROW(.name = "write_deadline", .type = FIELD_DURATION,
        .since = {VERSION(2, 11, 11), VERSION(2, 12, 1), V_2_14}, .reload = RELOAD_NEVER,
        .doc = "How long a write to the other side may take."),
    ROW(.name = "write_timeout", .type = FIELD_CHOICE, .choices = option_choices_write_timeout,
        .fallback = "default", .since = {VERSION(2, 11, 11), VERSION(2, 12, 2), V_2_14},
        .reload = RELOAD_NEVER, .doc = "What happens to the other side when a write takes too long."),
};

const struct table server_gateway_table = {
    .definition = "server_gateway",
    .noun = "gateway",
    .doc = "How clusters reach each other.",
    TABLE_OPTIONS(gateway_rows),
};

static const struct field remote_gateway_rows[] = {
    ROW(.name = "name", .id = OPTION_NAME, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .flags = FIELD_REQUIRED, .doc = "Its name."),
    ROW(.name = "url", .type = FIELD_TEXT, .reload = RELOAD_NEVER, .flags = FIELD_URL,
        .doc = "URL of one of its servers."),
    ROW(.name = "urls", .id = OPTION_URLS, .type = FIELD_TEXT, .shape = SHAPE_LIST, .reload = RELOAD_NEVER,
        .flags = FIELD_URL, .doc = "URLs of its servers."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_OBJECT, .object = &server_tls_table,
        .doc = "Certificates for that cluster."),
};

const struct table server_remote_gateway_table = {
    .definition = "server_remote_gateway",
    .noun = "gateway",
    .doc = "A cluster to connect to.",
    TABLE_OPTIONS(remote_gateway_rows),
};
