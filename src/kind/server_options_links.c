/*
 * Options of nats-server: clusters and gateways; see server_option.h. Names, types and versions are those of the
 * servers' own parsers; `make interop` compares the rows with the newest source, and tests/live gives every row to
 * each version.
 */
#include "kind/server_options.h"

#include "base/row.h"

static const char *const choices_dev[] = {"dev", NULL};
static const char *const choices_off[] = {"off",     "disabled", "accept",    "on",     "enabled",
                                          "s2_fast", "fast",     "s2_better", "better", "s2_best",
                                          "best",    "s2_auto",  "auto",      NULL};
static const char *const choices_default[] = {"default", "close", "retry", NULL};

static const struct server_option cluster_rows[] = {
    ROW(.name = "name", .takes = TAKES_TEXT, .fallback = "the server's name in the manifest",
        .flags = SERVER_NO_SPACES, .doc = "Name of the cluster."),
    ROW(.name = "listen", .takes = TAKES_TEXT | TAKES_INT, .reload = RELOAD_REFUSED, .flags = SERVER_LISTEN,
        .doc = "Address and port to take other servers of the cluster on.", .example = "\"127.0.0.1:6222\""),
    ROW(.name = "host", .aliases = {"net"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .takes = TAKES_INT, .least = -1, .most = 65535, .fallback = "6222",
        .reload = RELOAD_REFUSED, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "routes", .takes = TAKES_LIST, .items = TAKES_TEXT, .fallback = "all nodes",
        .flags = SERVER_URL, .doc = "URLs of the servers of the cluster."),
    ROW(.name = "authorization", .takes = TAKES_BLOCK, .block = &server_block_link_authorization,
        .doc = "What the servers log in to each other with."),
    ROW(.name = "tls", .takes = TAKES_CHOICE | TAKES_BLOCK, .block = &server_block_tls,
        .choices = choices_dev,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .aliases = {"cluster_advertise"}, .takes = TAKES_TEXT,
        .doc = "Address that other servers reach this one by."),
    ROW(.name = "no_advertise", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "Clients are not told of the other servers."),
    ROW(.name = "connect_retries", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .doc = "How often a route is tried again that was learned from others."),
    ROW(.name = "connect_backoff", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .doc = "Waits longer from try to try."),
    ROW(.name = "permissions", .takes = TAKES_BLOCK, .block = &server_block_cluster_permissions,
        .doc = "Subjects that pass between the servers."),
    ROW(.name = "pool_size", .takes = TAKES_INT, .least = -1, .most = INT64_MAX, .fallback = "3",
        .since = {{VERSION(2, 10, 0)}}, .doc = "Connections between two servers; -1 is one, as before 2.10."),
    ROW(.name = "accounts", .takes = TAKES_LIST, .items = TAKES_TEXT, .since = {{VERSION(2, 10, 0)}},
        .doc = "Accounts with connections of their own."),
    ROW(.name = "compression", .takes = TAKES_BOOL | TAKES_CHOICE | TAKES_BLOCK,
        .block = &server_block_compression, .choices = choices_off, .fallback = "accept",
        .since = {{VERSION(2, 10, 0)}}, .flags = SERVER_ANY_CASE,
        .doc = "How what passes between servers is compressed."),
    ROW(.name = "ping_interval", .takes = TAKES_DURATION, .least = 0, .most = INT64_C(30000000000),
        .fallback = "30s", .since = {{VERSION(2, 10, 10), VERSION(2, 11, 0)}},
        .doc = "Time between pings to the other servers."),
    ROW(.name = "ping_max", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "2",
        .since = {{VERSION(2, 10, 10), VERSION(2, 11, 0)}},
        .doc = "Pings without an answer after which a route is cut off."),
    ROW(.name = "write_deadline", .takes = TAKES_DURATION,
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 1), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "How long a write to the other side may take."),
    ROW(.name = "write_timeout", .takes = TAKES_CHOICE, .choices = choices_default, .fallback = "default",
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 2), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "What happens to the other side when a write takes too long."),
};

const struct server_block server_block_cluster = {
    .id = "server_cluster",
    .noun = "cluster",
    .doc = "How the servers of one cluster reach each other.",
    SERVER_ROWS(cluster_rows),
};

static const struct server_option compression_rows[] = {
    ROW(.name = "mode", .takes = TAKES_CHOICE, .choices = choices_off, .since = {{VERSION(2, 10, 0)}},
        .flags = SERVER_ANY_CASE, .doc = "How strong."),
    ROW(.name = "rtt_thresholds", .aliases = {"thresholds", "rtts", "rtt"}, .takes = TAKES_LIST,
        .items = TAKES_DURATION, .fallback = "[10ms, 50ms, 100ms]", .since = {{VERSION(2, 10, 0)}},
        .doc = "Round trip times from which on s2_auto uses none, s2_fast, s2_better and s2_best."),
};

const struct server_block server_block_compression = {
    .id = "server_compression",
    .noun = "compression",
    .doc = "How much is compressed.",
    SERVER_ROWS(compression_rows),
};

static const struct server_option gateway_rows[] = {
    ROW(.name = "name", .takes = TAKES_TEXT, .fallback = "cluster.name", .reload = RELOAD_REFUSED,
        .flags = SERVER_NO_SPACES, .doc = "Name of the own cluster."),
    ROW(.name = "listen", .takes = TAKES_TEXT | TAKES_INT, .reload = RELOAD_REFUSED, .flags = SERVER_LISTEN,
        .doc = "Address and port to take other clusters on.", .example = "\"127.0.0.1:7222\""),
    ROW(.name = "host", .aliases = {"net"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .takes = TAKES_INT, .least = -1, .most = 65535, .fallback = "7222",
        .reload = RELOAD_REFUSED, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "gateways", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_remote_gateway,
        .fallback = "those of the server's own key 'gateways'", .reload = RELOAD_REFUSED,
        .doc = "The clusters, one's own may be among them."),
    ROW(.name = "authorization", .takes = TAKES_BLOCK, .block = &server_block_link_authorization,
        .reload = RELOAD_REFUSED, .doc = "What the clusters log in to each other with."),
    ROW(.name = "tls", .takes = TAKES_CHOICE | TAKES_BLOCK, .block = &server_block_tls,
        .choices = choices_dev,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address that other clusters reach this one by."),
    ROW(.name = "connect_retries", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload = RELOAD_REFUSED, .doc = "How often a cluster is tried again that was learned from others."),
    ROW(.name = "connect_backoff", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .reload = RELOAD_REFUSED, .doc = "Waits longer from try to try."),
    ROW(.name = "reject_unknown_cluster", .aliases = {"reject_unknown"}, .takes = TAKES_BOOL,
        .fallback = "false", .reload = RELOAD_REFUSED, .doc = "Refuses clusters that are not in the list."),
    ROW(.name = "ping_interval", .takes = TAKES_DURATION, .least = 0, .most = INT64_C(15000000000),
        .fallback = "15s", .since = {{VERSION(2, 14, 10), VERSION(2, 15, 3)}}, .reload = RELOAD_REFUSED,
        .doc = "Time between pings to the servers of other clusters."),
    ROW(.name = "ping_max", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "2",
        .since = {{VERSION(2, 14, 10), VERSION(2, 15, 3)}}, .reload = RELOAD_REFUSED,
        .doc = "Pings without an answer after which a gateway is cut off."),
    ROW(.name = "write_deadline", .takes = TAKES_DURATION,
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 1), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "How long a write to the other side may take."),
    ROW(.name = "write_timeout", .takes = TAKES_CHOICE, .choices = choices_default, .fallback = "default",
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 2), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "What happens to the other side when a write takes too long."),
};

const struct server_block server_block_gateway = {
    .id = "server_gateway",
    .noun = "gateway",
    .doc = "How clusters reach each other.",
    SERVER_ROWS(gateway_rows),
};

static const struct server_option remote_gateway_rows[] = {
    ROW(.name = "name", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED, .flags = SERVER_REQUIRED,
        .doc = "Its name."),
    ROW(.name = "url", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED, .flags = SERVER_URL,
        .doc = "URL of one of its servers."),
    ROW(.name = "urls", .takes = TAKES_LIST, .items = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .flags = SERVER_URL, .doc = "URLs of its servers."),
    ROW(.name = "tls", .takes = TAKES_BLOCK, .block = &server_block_tls,
        .doc = "Certificates for that cluster."),
};

const struct server_block server_block_remote_gateway = {
    .id = "server_remote_gateway",
    .noun = "gateway",
    .doc = "A cluster to connect to.",
    SERVER_ROWS(remote_gateway_rows),
};
