/* Options of nats-server: leafnodes; see kind/server_options.h. */
#include "kind/server_options.h"

#include "base/row.h"

/* From 2.14 on, a reload may add, remove and disable remotes. Before, it takes compression and certificates only. */
static const struct field leafnodes_rows[] = {
    ROW(.name = "listen", .id = OPTION_LISTEN, .type = FIELD_TEXT | FIELD_COUNT, .reload = RELOAD_NEVER,
        .flags = FIELD_LISTEN, .doc = "Address and port to take leafnodes on.",
        .example = "\"127.0.0.1:7422\""),
    ROW(.name = "host", .id = OPTION_HOST, .aliases = {"net"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Address to listen on.", .example = "127.0.0.1"),
    ROW(.name = "port", .id = OPTION_PORT, .type = FIELD_COUNT, .least = -1, .most = 65535,
        .fallback = "7422", .reload = RELOAD_NEVER, .doc = "Port to listen on; -1 is any free one."),
    ROW(.name = "remotes", .id = OPTION_REMOTES, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .object = &server_leaf_remote_table, .fallback_doc = "the one of the server's own key 'leaf_of'",
        .reload_since = {V_2_14}, .doc = "Servers that this one extends."),
    ROW(.name = "authorization", .id = OPTION_AUTHORIZATION, .type = FIELD_OBJECT,
        .object = &server_leaf_authorization_table, .reload = RELOAD_NEVER, .doc = "Who may be a leafnode."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_CHOICE | FIELD_OBJECT, .object = &server_tls_table,
        .choices = option_choices_tls,
        .doc = "Certificates and how they are checked; 'dev' is a certificate of natsform's own authority."),
    ROW(.name = "advertise", .id = OPTION_ADVERTISE, .aliases = {"leafnode_advertise"}, .type = FIELD_TEXT,
        .reload = RELOAD_NEVER, .doc = "Address that leafnodes reach this server by."),
    ROW(.name = "no_advertise", .id = OPTION_NO_ADVERTISE, .type = FIELD_BOOL, .fallback = "false",
        .reload = RELOAD_NEVER, .doc = "Leafnodes are not told of other servers."),
    ROW(.name = "min_version", .aliases = {"minimum_version"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Oldest nats-server that may be a leafnode.", .example = "\"2.9.0\""),
    ROW(.name = "reconnect", .aliases = {"reconnect_delay", "reconnect_interval"},
        .type = FIELD_COUNT | FIELD_DURATION, .fallback = "1s", .reload = RELOAD_NEVER,
        .doc =
            "Time between tries to reach a hub; before 2.10 a number of seconds, from then on with its unit.",
        .example = "2s"),
    ROW(.name = "dial_timeout", .type = FIELD_DURATION, .since = {VERSION(2, 14, 5)}, .reload = RELOAD_NEVER,
        .doc = "How long a try may take."),
    ROW(.name = "compression", .type = FIELD_BOOL | FIELD_CHOICE | FIELD_OBJECT,
        .object = &server_compression_table, .choices = option_choices_compression, .fallback = "s2_auto",
        .since = {V_2_10}, .flags = FIELD_ANY_CASE, .doc = "How what passes is compressed."),
    ROW(.name = "isolate_leafnode_interest", .aliases = {"isolate"}, .type = FIELD_BOOL, .fallback = "false",
        .since = {V_2_12}, .reload = RELOAD_NEVER, .doc = "Leafnodes are not told what others subscribe to."),
    ROW(.name = "ping_interval", .type = FIELD_DURATION, .since = {VERSION(2, 14, 10), VERSION(2, 15, 3)},
        .reload = RELOAD_NEVER, .doc = "Time between pings to the other side."),
    ROW(.name = "ping_max", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "2",
        .since = {VERSION(2, 14, 10), VERSION(2, 15, 3)}, .reload = RELOAD_NEVER,
        .doc = "Pings without an answer after which it is cut off."),
    ROW(.name = "write_deadline", .type = FIELD_DURATION,
        .since = {VERSION(2, 11, 11), VERSION(2, 12, 1), V_2_14}, .reload = RELOAD_NEVER,
        .doc = "How long a write to the other side may take."),
    ROW(.name = "write_timeout", .type = FIELD_CHOICE, .choices = option_choices_write_timeout,
        .fallback = "default", .since = {VERSION(2, 11, 11), VERSION(2, 12, 2), V_2_14},
        .reload = RELOAD_NEVER, .doc = "What happens to the other side when a write takes too long."),
};

const struct table server_leafnodes_table = {
    .definition = "server_leafnodes",
    .noun = "leafnodes",
    .doc = "Servers that extend this one, and those that this one extends.",
    TABLE_OPTIONS(leafnodes_rows),
};

static const struct field leaf_authorization_rows[] = {
    ROW(.name = "user", .id = OPTION_USER, .aliases = {"username"}, .type = FIELD_TEXT,
        .reload = RELOAD_NEVER, .doc = "Name of the only user."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .aliases = {"pass"}, .type = FIELD_TEXT,
        .reload = RELOAD_NEVER, .flags = FIELD_SECRET,
        .doc = "That user's password, plain or hashed by bcrypt."),
    ROW(.name = "nkey", .id = OPTION_NKEY, .type = FIELD_TEXT, .since = {VERSION(2, 10, 8), V_2_11},
        .reload = RELOAD_NEVER, .doc = "Public key instead of a password."),
    ROW(.name = "account", .id = OPTION_ACCOUNT, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Account that leafnodes are in."),
    ROW(.name = "users", .id = OPTION_USERS, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .object = &server_leaf_user_table, .reload = RELOAD_NEVER,
        .doc = "Several users, each of an account."),
    ROW(.name = "timeout", .type = FIELD_SECONDS, .fallback = "2s", .reload = RELOAD_NEVER,
        .doc = "How long a leafnode has for it, in seconds unless a unit is said."),
    ROW(.name = "proxy_required", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .reload = RELOAD_NEVER, .doc = "Leafnodes have to come through a trusted proxy."),
};

const struct table server_leaf_authorization_table = {
    .definition = "server_leaf_authorization",
    .noun = "authorization",
    .doc = "Who may be a leafnode.",
    TABLE_OPTIONS(leaf_authorization_rows),
};

static const struct field leaf_user_rows[] = {
    ROW(.name = "user", .id = OPTION_USER, .aliases = {"username"}, .type = FIELD_TEXT,
        .reload = RELOAD_NEVER, .doc = "User name."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .aliases = {"pass"}, .type = FIELD_TEXT,
        .reload = RELOAD_NEVER, .flags = FIELD_SECRET, .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "account", .id = OPTION_ACCOUNT, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Account that the leafnode is in."),
    ROW(.name = "proxy_required", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .reload = RELOAD_NEVER, .doc = "The leafnode has to come through a trusted proxy."),
};

const struct table server_leaf_user_table = {
    .definition = "server_leaf_user",
    .noun = "user",
    .doc = "A user that leafnodes log in as.",
    TABLE_OPTIONS(leaf_user_rows),
};

/*
 * Two remotes to one hub need different accounts, or they count as one twice. An unknown account passes -t, and the
 * start fails.
 */
static const struct field leaf_remote_rows[] = {
    ROW(.name = "urls", .id = OPTION_URLS, .aliases = {"url"}, .type = FIELD_TEXT | FIELD_LIST,
        .items = FIELD_TEXT, .flags = FIELD_URL | FIELD_REQUIRED,
        .doc = "URL of it, or several of one cluster."),
    ROW(.name = "account", .id = OPTION_ACCOUNT, .aliases = {"local"}, .type = FIELD_TEXT,
        .doc = "Account of this server that is extended."),
    ROW(.name = "credentials", .id = OPTION_CREDENTIALS, .aliases = {"creds"}, .type = FIELD_TEXT,
        .flags = FIELD_FILE, .doc = "Credentials file to log in with."),
    ROW(.name = "nkey", .id = OPTION_NKEY, .aliases = {"seed"}, .type = FIELD_TEXT,
        .since = {VERSION(2, 10, 8), V_2_11}, .flags = FIELD_SECRET,
        .doc = "Seed of an nkey to log in with."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_OBJECT, .object = &server_tls_table,
        .doc = "Certificates for that server."),
    ROW(.name = "hub", .type = FIELD_BOOL, .fallback = "false",
        .doc = "This server is the hub, though it is the one that connects."),
    ROW(.name = "deny_imports", .aliases = {"deny_import"}, .type = FIELD_TEXT | FIELD_LIST,
        .items = FIELD_TEXT, .doc = "Subjects that do not come in."),
    ROW(.name = "deny_exports", .aliases = {"deny_export"}, .type = FIELD_TEXT | FIELD_LIST,
        .items = FIELD_TEXT, .doc = "Subjects that do not go out."),
    ROW(.name = "no_randomize", .aliases = {"dont_randomize"}, .type = FIELD_BOOL, .fallback = "false",
        .doc = "Tries the URLs in their order."),
    ROW(.name = "ignore_discovered_servers", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_14},
        .doc = "Keeps to these URLs."),
    ROW(.name = "compression", .type = FIELD_BOOL | FIELD_CHOICE | FIELD_OBJECT,
        .object = &server_compression_table, .choices = option_choices_compression, .fallback = "s2_auto",
        .since = {V_2_10}, .flags = FIELD_ANY_CASE, .doc = "How what passes is compressed."),
    ROW(.name = "ws_compression", .aliases = {"ws_compress", "websocket_compression", "websocket_compress"},
        .type = FIELD_BOOL, .fallback = "false", .doc = "Compresses by WebSocket."),
    ROW(.name = "ws_no_masking", .aliases = {"websocket_no_masking"}, .type = FIELD_BOOL, .fallback = "false",
        .doc = "Asks for WebSocket without masking."),
    ROW(.name = "jetstream_cluster_migrate", .aliases = {"js_cluster_migrate"},
        .type = FIELD_BOOL | FIELD_OBJECT, .object = &server_leaf_migrate_table, .fallback = "false",
        .doc = "Gives leaders of streams away while the hub is out of reach."),
    ROW(.name = "first_info_timeout", .type = FIELD_DURATION, .fallback = "1s",
        .since = {VERSION(2, 10, 26), V_2_11}, .doc = "How long the first word of the hub may take."),
    ROW(.name = "dial_timeout", .type = FIELD_DURATION, .since = {VERSION(2, 14, 5)},
        .doc = "How long a try may take."),
    ROW(.name = "disabled", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .doc = "Does not connect."),
    ROW(.name = "request_isolation", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .doc = "Asks the hub not to tell what other leafnodes subscribe to."),
    ROW(.name = "isolate_leafnode_interest", .aliases = {"isolate"}, .type = FIELD_BOOL, .fallback = "false",
        .since = {V_2_12}, .doc = "Does not tell the hub what other leafnodes of this server subscribe to."),
    ROW(.name = "proxy", .type = FIELD_OBJECT, .object = &server_leaf_proxy_table,
        .since = {VERSION(2, 12, 1), V_2_14}, .doc = "HTTP proxy on the way, for WebSocket URLs."),
};

const struct table server_leaf_remote_table = {
    .definition = "server_leaf_remote",
    .noun = "remote",
    .doc = "A server that this one extends.",
    TABLE_OPTIONS(leaf_remote_rows),
};

static const struct field leaf_migrate_rows[] = {
    ROW(.name = "leader_migrate_delay", .type = FIELD_DURATION, .since = {V_2_11},
        .doc = "How long the hub is out of reach before."),
};

const struct table server_leaf_migrate_table = {
    .definition = "server_leaf_migrate",
    .noun = "jetstream_cluster_migrate",
    .doc = "When leaders of streams are given away.",
    TABLE_OPTIONS(leaf_migrate_rows),
};

static const struct field leaf_proxy_rows[] = {
    ROW(.name = "url", .type = FIELD_TEXT, .since = {VERSION(2, 12, 1), V_2_14},
        .flags = FIELD_URL | FIELD_REQUIRED, .doc = "Its URL."),
    ROW(.name = "username", .id = OPTION_USERNAME, .type = FIELD_TEXT, .since = {VERSION(2, 12, 1), V_2_14},
        .doc = "User name."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .type = FIELD_TEXT, .since = {VERSION(2, 12, 1), V_2_14},
        .flags = FIELD_SECRET, .doc = "Password."),
    ROW(.name = "timeout", .type = FIELD_DURATION, .since = {VERSION(2, 12, 1), V_2_14},
        .doc = "How long it may take."),
    ROW(.name = "tls", .id = OPTION_TLS, .type = FIELD_OBJECT, .object = &server_tls_table,
        .since = {VERSION(2, 14, 8), VERSION(2, 15, 1)},
        .doc = "For a proxy with an https URL; nothing that is about clients of it."),
};

const struct table server_leaf_proxy_table = {
    .definition = "server_leaf_proxy",
    .noun = "proxy",
    .doc = "An HTTP proxy.",
    TABLE_OPTIONS(leaf_proxy_rows),
};
