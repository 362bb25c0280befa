/*
 * Options of nats-server: leafnodes; see server_option.h. Names, types and versions are those of the servers' own
 * parsers; `make interop` compares the rows with the newest source, and tests/live gives every row to each
 * version.
 */
#include "kind/server_options.h"

#include "base/row.h"

static const char *const choices_dev[] = {"dev", NULL};
static const char *const choices_off[] = {"off",     "disabled", "accept",    "on",     "enabled",
                                          "s2_fast", "fast",     "s2_better", "better", "s2_best",
                                          "best",    "s2_auto",  "auto",      NULL};
static const char *const choices_default[] = {"default", "close", "retry", NULL};

static const struct server_option leafnodes_rows[] = {
    ROW(.name = "listen", .takes = TAKES_TEXT | TAKES_INT, .reload = RELOAD_REFUSED, .flags = SERVER_LISTEN,
        .doc = "Address and port to take leafnodes on.", .example = "\"127.0.0.1:7422\""),
    ROW(.name = "host", .aliases = {"net"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .takes = TAKES_INT, .least = -1, .most = 65535, .fallback = "7422",
        .reload = RELOAD_REFUSED, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "remotes", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_leaf_remote,
        .fallback = "the one of the server's own key 'leaf_of'", .reload_since = {{VERSION(2, 14, 0)}},
        .doc = "Servers that this one extends."),
    ROW(.name = "authorization", .takes = TAKES_BLOCK, .block = &server_block_leaf_authorization,
        .reload = RELOAD_REFUSED, .doc = "Who may be a leafnode."),
    ROW(.name = "tls", .takes = TAKES_CHOICE | TAKES_BLOCK, .block = &server_block_tls,
        .choices = choices_dev,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .aliases = {"leafnode_advertise"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Address that leafnodes reach this server by."),
    ROW(.name = "no_advertise", .takes = TAKES_BOOL, .fallback = "false", .reload = RELOAD_REFUSED,
        .doc = "Leafnodes are not told of other servers."),
    ROW(.name = "min_version", .aliases = {"minimum_version"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Oldest nats-server that may be a leafnode.", .example = "\"2.9.0\""),
    ROW(.name = "reconnect", .aliases = {"reconnect_delay", "reconnect_interval"},
        .takes = TAKES_INT | TAKES_DURATION, .fallback = "1s", .reload = RELOAD_REFUSED,
        .doc =
            "Time between tries to reach a hub; before 2.10 a number of seconds, from then on with its unit.",
        .example = "2s"),
    ROW(.name = "dial_timeout", .takes = TAKES_DURATION, .since = {{VERSION(2, 14, 5)}},
        .reload = RELOAD_REFUSED, .doc = "How long a try may take."),
    ROW(.name = "compression", .takes = TAKES_BOOL | TAKES_CHOICE | TAKES_BLOCK,
        .block = &server_block_compression, .choices = choices_off, .fallback = "s2_auto",
        .since = {{VERSION(2, 10, 0)}}, .flags = SERVER_ANY_CASE, .doc = "How what passes is compressed."),
    ROW(.name = "isolate_leafnode_interest", .aliases = {"isolate"}, .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 12, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Leafnodes are not told what others subscribe to."),
    ROW(.name = "ping_interval", .takes = TAKES_DURATION, .since = {{VERSION(2, 14, 10), VERSION(2, 15, 3)}},
        .reload = RELOAD_REFUSED, .doc = "Time between pings to the other side."),
    ROW(.name = "ping_max", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "2",
        .since = {{VERSION(2, 14, 10), VERSION(2, 15, 3)}}, .reload = RELOAD_REFUSED,
        .doc = "Pings without an answer after which it is cut off."),
    ROW(.name = "write_deadline", .takes = TAKES_DURATION,
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 1), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "How long a write to the other side may take."),
    ROW(.name = "write_timeout", .takes = TAKES_CHOICE, .choices = choices_default, .fallback = "default",
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 2), VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "What happens to the other side when a write takes too long."),
};

const struct server_block server_block_leafnodes = {
    .id = "server_leafnodes",
    .noun = "leafnodes",
    .doc = "Servers that extend this one, and those that this one extends.",
    SERVER_ROWS(leafnodes_rows),
};

static const struct server_option leaf_authorization_rows[] = {
    ROW(.name = "user", .aliases = {"username"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Name of the only user."),
    ROW(.name = "password", .aliases = {"pass"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .flags = SERVER_SECRET, .doc = "That user's password, plain or hashed by bcrypt."),
    ROW(.name = "nkey", .takes = TAKES_TEXT, .since = {{VERSION(2, 10, 8), VERSION(2, 11, 0)}},
        .reload = RELOAD_REFUSED, .doc = "Public key instead of a password."),
    ROW(.name = "account", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Account that leafnodes are in."),
    ROW(.name = "users", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_leaf_user,
        .reload = RELOAD_REFUSED, .doc = "Several users, each of an account."),
    ROW(.name = "timeout", .takes = TAKES_SECONDS, .fallback = "2s", .reload = RELOAD_REFUSED,
        .doc = "How long a leafnode has for it, in seconds unless a unit is said."),
    ROW(.name = "proxy_required", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .reload = RELOAD_REFUSED, .doc = "Leafnodes have to come through a trusted proxy."),
};

const struct server_block server_block_leaf_authorization = {
    .id = "server_leaf_authorization",
    .noun = "authorization",
    .doc = "Who may be a leafnode.",
    SERVER_ROWS(leaf_authorization_rows),
};

static const struct server_option leaf_user_rows[] = {
    ROW(.name = "user", .aliases = {"username"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "User name."),
    ROW(.name = "password", .aliases = {"pass"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .flags = SERVER_SECRET, .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "account", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Account that the leafnode is in."),
    ROW(.name = "proxy_required", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .reload = RELOAD_REFUSED, .doc = "The leafnode has to come through a trusted proxy."),
};

const struct server_block server_block_leaf_user = {
    .id = "server_leaf_user",
    .noun = "user",
    .doc = "A user that leafnodes log in as.",
    SERVER_ROWS(leaf_user_rows),
};

static const struct server_option leaf_remote_rows[] = {
    ROW(.name = "urls", .aliases = {"url"}, .takes = TAKES_TEXT | TAKES_LIST, .items = TAKES_TEXT,
        .flags = SERVER_URL | SERVER_REQUIRED, .doc = "URL of it, or several of one cluster."),
    ROW(.name = "account", .aliases = {"local"}, .takes = TAKES_TEXT,
        .doc = "Account of this server that is extended."),
    ROW(.name = "credentials", .aliases = {"creds"}, .takes = TAKES_TEXT, .flags = SERVER_PATH,
        .doc = "Credentials file to log in with."),
    ROW(.name = "nkey", .aliases = {"seed"}, .takes = TAKES_TEXT,
        .since = {{VERSION(2, 10, 8), VERSION(2, 11, 0)}}, .flags = SERVER_SECRET,
        .doc = "Seed of an nkey to log in with."),
    ROW(.name = "tls", .takes = TAKES_BLOCK, .block = &server_block_tls,
        .doc = "Certificates for that server."),
    ROW(.name = "hub", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "This server is the hub, though it is the one that connects."),
    ROW(.name = "deny_imports", .aliases = {"deny_import"}, .takes = TAKES_TEXT | TAKES_LIST,
        .items = TAKES_TEXT, .doc = "Subjects that do not come in."),
    ROW(.name = "deny_exports", .aliases = {"deny_export"}, .takes = TAKES_TEXT | TAKES_LIST,
        .items = TAKES_TEXT, .doc = "Subjects that do not go out."),
    ROW(.name = "no_randomize", .aliases = {"dont_randomize"}, .takes = TAKES_BOOL, .fallback = "false",
        .doc = "Tries the URLs in their order."),
    ROW(.name = "ignore_discovered_servers", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 14, 0)}}, .doc = "Keeps to these URLs."),
    ROW(.name = "compression", .takes = TAKES_BOOL | TAKES_CHOICE | TAKES_BLOCK,
        .block = &server_block_compression, .choices = choices_off, .fallback = "s2_auto",
        .since = {{VERSION(2, 10, 0)}}, .flags = SERVER_ANY_CASE, .doc = "How what passes is compressed."),
    ROW(.name = "ws_compression", .aliases = {"ws_compress", "websocket_compression", "websocket_compress"},
        .takes = TAKES_BOOL, .fallback = "false", .doc = "Compresses by WebSocket."),
    ROW(.name = "ws_no_masking", .aliases = {"websocket_no_masking"}, .takes = TAKES_BOOL,
        .fallback = "false", .doc = "Asks for WebSocket without masking."),
    ROW(.name = "jetstream_cluster_migrate", .aliases = {"js_cluster_migrate"},
        .takes = TAKES_BOOL | TAKES_BLOCK, .block = &server_block_leaf_migrate, .fallback = "false",
        .doc = "Gives leaders of streams away while the hub is out of reach."),
    ROW(.name = "first_info_timeout", .takes = TAKES_DURATION, .fallback = "1s",
        .since = {{VERSION(2, 10, 26), VERSION(2, 11, 0)}},
        .doc = "How long the first word of the hub may take."),
    ROW(.name = "dial_timeout", .takes = TAKES_DURATION, .since = {{VERSION(2, 14, 5)}},
        .doc = "How long a try may take."),
    ROW(.name = "disabled", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .doc = "Does not connect."),
    ROW(.name = "request_isolation", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .doc = "Asks the hub not to tell what other leafnodes subscribe to."),
    ROW(.name = "isolate_leafnode_interest", .aliases = {"isolate"}, .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 12, 0)}},
        .doc = "Does not tell the hub what other leafnodes of this server subscribe to."),
    ROW(.name = "proxy", .takes = TAKES_BLOCK, .block = &server_block_leaf_proxy,
        .since = {{VERSION(2, 12, 1), VERSION(2, 14, 0)}},
        .doc = "HTTP proxy on the way, for WebSocket URLs."),
};

const struct server_block server_block_leaf_remote = {
    .id = "server_leaf_remote",
    .noun = "remote",
    .doc = "A server that this one extends.",
    SERVER_ROWS(leaf_remote_rows),
};

static const struct server_option leaf_migrate_rows[] = {
    ROW(.name = "leader_migrate_delay", .takes = TAKES_DURATION, .since = {{VERSION(2, 11, 0)}},
        .doc = "How long the hub is out of reach before."),
};

const struct server_block server_block_leaf_migrate = {
    .id = "server_leaf_migrate",
    .noun = "jetstream_cluster_migrate",
    .doc = "When leaders of streams are given away.",
    SERVER_ROWS(leaf_migrate_rows),
};

static const struct server_option leaf_proxy_rows[] = {
    ROW(.name = "url", .takes = TAKES_TEXT, .since = {{VERSION(2, 12, 1), VERSION(2, 14, 0)}},
        .flags = SERVER_URL | SERVER_REQUIRED, .doc = "Its URL."),
    ROW(.name = "username", .takes = TAKES_TEXT, .since = {{VERSION(2, 12, 1), VERSION(2, 14, 0)}},
        .doc = "User name."),
    ROW(.name = "password", .takes = TAKES_TEXT, .since = {{VERSION(2, 12, 1), VERSION(2, 14, 0)}},
        .flags = SERVER_SECRET, .doc = "Password."),
    ROW(.name = "timeout", .takes = TAKES_DURATION, .since = {{VERSION(2, 12, 1), VERSION(2, 14, 0)}},
        .doc = "How long it may take."),
    ROW(.name = "tls", .takes = TAKES_BLOCK, .block = &server_block_tls,
        .since = {{VERSION(2, 14, 8), VERSION(2, 15, 1)}},
        .doc = "For a proxy with an https URL; nothing that is about clients of it."),
};

const struct server_block server_block_leaf_proxy = {
    .id = "server_leaf_proxy",
    .noun = "proxy",
    .doc = "An HTTP proxy.",
    SERVER_ROWS(leaf_proxy_rows),
};
