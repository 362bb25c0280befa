/*
 * Options of nats-server: accounts, users and what they may do; see server_option.h. Names, types and versions are
 * those of the servers' own parsers; `make interop` compares the rows with the newest source, and tests/live gives
 * every row to each version.
 */
#include "kind/server_options.h"

#include "base/row.h"

static const char *const choices_full[] = {"full", "cache", "mem", "memory", NULL};
static const char *const choices_enabled[] = {"enabled", "enable", "disabled", "disable", NULL};
static const char *const choices_single[] = {"single", "singleton", "stream", "chunk", "chunked", NULL};
static const char *const choices_standard[] = {"STANDARD", "WEBSOCKET", "LEAFNODE",   "LEAFNODE_WS",
                                               "MQTT",     "MQTT_WS",   "IN_PROCESS", NULL};

static const struct server_option mapping_rows[] = {
    ROW(.name = "destination", .aliases = {"dest"}, .takes = TAKES_TEXT, .flags = SERVER_REQUIRED,
        .doc = "The other subject; $1 is the first wildcard."),
    ROW(.name = "weight", .takes = TAKES_PERCENT, .flags = SERVER_REQUIRED,
        .doc = "Percentage of messages that go there.", .example = "60%"),
    ROW(.name = "cluster", .takes = TAKES_TEXT, .doc = "Only for what is published in this cluster."),
};

const struct server_block server_block_mapping = {
    .id = "server_mapping",
    .noun = "mapping",
    .doc = "One of the subjects that a subject is mapped to.",
    SERVER_ROWS(mapping_rows),
};

static const struct server_option resolver_rows[] = {
    ROW(.name = "type", .takes = TAKES_CHOICE, .choices = choices_full,
        .flags = SERVER_REQUIRED | SERVER_ANY_CASE, .doc = "Keeps all JWTs, or those that were used lately."),
    ROW(.name = "dir", .takes = TAKES_TEXT, .flags = SERVER_PATH,
        .doc = "The folder, which is made when it is not there."),
    ROW(.name = "allow_delete", .takes = TAKES_BOOL, .fallback = "false", .doc = "JWTs may be deleted."),
    ROW(.name = "hard_delete", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 9, 16), VERSION(2, 10, 0)}}, .doc = "Deleted JWTs are removed, not renamed."),
    ROW(.name = "limit", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .doc = "How many JWTs are kept."),
    ROW(.name = "ttl", .takes = TAKES_DURATION, .doc = "How long a JWT is kept in a cache."),
    ROW(.name = "interval", .takes = TAKES_DURATION, .doc = "Time between comparisons with other servers."),
    ROW(.name = "timeout", .takes = TAKES_DURATION, .doc = "How long the look-up of a JWT may take."),
};

const struct server_block server_block_resolver = {
    .id = "server_resolver",
    .noun = "resolver",
    .doc = "A folder of JWTs of accounts, or memory.",
    SERVER_ROWS(resolver_rows),
};

static const struct server_option account_rows[] = {
    ROW(.name = "users", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_user,
        .doc = "Who is in the account; names are unique among all accounts.",
        .example = "[{user: app, password: \"${APP_PASSWORD}\"}]"),
    ROW(.name = "jetstream", .takes = TAKES_BOOL | TAKES_CHOICE | TAKES_BLOCK,
        .block = &server_block_account_jetstream, .choices = choices_enabled, .fallback = "disabled",
        .flags = SERVER_ANY_CASE, .doc = "Streams of the account; without it there are none."),
    ROW(.name = "imports", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_import,
        .doc = "Subjects of other accounts."),
    ROW(.name = "exports", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_export,
        .doc = "Subjects for other accounts."),
    ROW(.name = "mappings", .aliases = {"maps"}, .takes = TAKES_MAP,
        .values = TAKES_TEXT | TAKES_BLOCK | TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_mapping,
        .doc = "Other subjects for the subjects that are published on."),
    ROW(.name = "limits", .takes = TAKES_BLOCK, .block = &server_block_account_limits,
        .doc = "Limits of all users together."),
    ROW(.name = "default_permissions", .takes = TAKES_BLOCK, .block = &server_block_permissions,
        .doc = "What users may do that have no permissions of their own."),
    ROW(.name = "nkey", .takes = TAKES_TEXT, .doc = "Public key of the account."),
    ROW(.name = "msg_trace", .aliases = {"trace_dest"}, .takes = TAKES_TEXT | TAKES_BLOCK,
        .block = &server_block_msg_trace, .since = {{VERSION(2, 11, 0)}},
        .doc = "Where the traces of messages go that enter the account."),
};

const struct server_block server_block_account = {
    .id = "server_account",
    .noun = "account",
    .doc = "Users, subjects and streams of their own.",
    SERVER_ROWS(account_rows),
};

static const struct server_option account_limits_rows[] = {
    ROW(.name = "max_connections", .aliases = {"max_conn"}, .takes = TAKES_INT, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "Clients; -1 is no limit."),
    ROW(.name = "max_subscriptions", .aliases = {"max_subs"}, .takes = TAKES_INT, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "Subscriptions of a client; -1 is no limit."),
    ROW(.name = "max_payload", .aliases = {"max_pay"}, .takes = TAKES_SIZE, .least = -1, .most = INT64_MAX,
        .fallback = "-1", .doc = "Bytes of a message; -1 is no limit."),
    ROW(.name = "max_leafnodes", .aliases = {"max_leafs"}, .takes = TAKES_INT, .least = -1, .most = INT64_MAX,
        .fallback = "-1", .doc = "Leafnodes; -1 is no limit."),
};

const struct server_block server_block_account_limits = {
    .id = "server_account_limits",
    .noun = "limits",
    .doc = "Limits of all users of an account together.",
    SERVER_ROWS(account_limits_rows),
};

static const struct server_option msg_trace_rows[] = {
    ROW(.name = "dest", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}}, .flags = SERVER_REQUIRED,
        .doc = "Subject that traces are published on."),
    ROW(.name = "sampling", .takes = TAKES_PERCENT, .fallback = "100%", .since = {{VERSION(2, 11, 0)}},
        .doc = "Percentage of messages that are traced."),
};

const struct server_block server_block_msg_trace = {
    .id = "server_msg_trace",
    .noun = "msg_trace",
    .doc = "Traces of messages that enter the account.",
    SERVER_ROWS(msg_trace_rows),
};

static const struct server_option export_rows[] = {
    ROW(.name = "stream", .takes = TAKES_TEXT, .doc = "Subject whose messages others may receive."),
    ROW(.name = "service", .takes = TAKES_TEXT, .doc = "Subject that others may send requests on."),
    ROW(.name = "accounts", .takes = TAKES_LIST, .items = TAKES_TEXT,
        .doc = "The only accounts that may import it."),
    ROW(.name = "account_token_position", .takes = TAKES_INT, .least = 1, .most = INT64_MAX,
        .doc = "Token of the subject that is the importing account's name, from 1 on."),
    ROW(.name = "response_type", .aliases = {"response"}, .takes = TAKES_CHOICE, .choices = choices_single,
        .fallback = "singleton", .flags = SERVER_ANY_CASE, .doc = "How many answers a request has."),
    ROW(.name = "threshold", .aliases = {"response_threshold", "response_max_time", "response_time"},
        .takes = TAKES_DURATION, .doc = "How long answers may take."),
    ROW(.name = "latency", .takes = TAKES_TEXT | TAKES_BLOCK, .block = &server_block_latency,
        .doc = "Subject that the time answers take is published on."),
    ROW(.name = "allow_trace", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 11, 0)}},
        .doc = "Traces go on into the account."),
};

const struct server_block server_block_export = {
    .id = "server_export",
    .noun = "export",
    .doc = "A subject for other accounts.",
    SERVER_ROWS(export_rows),
};

static const struct server_option latency_rows[] = {
    ROW(.name = "subject", .takes = TAKES_TEXT, .flags = SERVER_REQUIRED, .doc = "Where it is published."),
    ROW(.name = "sampling", .takes = TAKES_PERCENT | TAKES_TEXT, .fallback = "100%",
        .doc = "Percentage of requests; 'headers' leaves it to their headers."),
};

const struct server_block server_block_latency = {
    .id = "server_latency",
    .noun = "latency",
    .doc = "Measures how long answers take.",
    SERVER_ROWS(latency_rows),
};

static const struct server_option import_rows[] = {
    ROW(.name = "stream", .takes = TAKES_BLOCK, .block = &server_block_import_source,
        .doc = "Messages of another account."),
    ROW(.name = "service", .takes = TAKES_BLOCK, .block = &server_block_import_source,
        .doc = "Requests to another account."),
    ROW(.name = "prefix", .takes = TAKES_TEXT, .doc = "What the subject of such a message begins with here."),
    ROW(.name = "to", .takes = TAKES_TEXT, .doc = "The subject here."),
    ROW(.name = "share", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "Tells the other account who sends the requests."),
    ROW(.name = "allow_trace", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 11, 0)}},
        .doc = "Traces go on into this account."),
};

const struct server_block server_block_import = {
    .id = "server_import",
    .noun = "import",
    .doc = "A subject of another account.",
    SERVER_ROWS(import_rows),
};

static const struct server_option import_source_rows[] = {
    {.name = "account", .takes = TAKES_TEXT, .flags = SERVER_REQUIRED, .doc = "The account that exports it."},
    {.name = "subject", .takes = TAKES_TEXT, .flags = SERVER_REQUIRED, .doc = "The subject there."},
};

const struct server_block server_block_import_source = {
    .id = "server_import_source",
    .noun = "import",
    .doc = "Whose, and which.",
    SERVER_ROWS(import_source_rows),
};

static const struct server_option authorization_rows[] = {
    ROW(.name = "user", .aliases = {"username"}, .takes = TAKES_TEXT, .doc = "Name of the only user."),
    ROW(.name = "password", .aliases = {"pass"}, .takes = TAKES_TEXT, .flags = SERVER_SECRET,
        .doc = "That user's password, plain or hashed by bcrypt."),
    ROW(.name = "token", .takes = TAKES_TEXT, .flags = SERVER_SECRET,
        .doc = "Word that every client has to say."),
    ROW(.name = "users", .takes = TAKES_LIST, .items = TAKES_BLOCK, .block = &server_block_user,
        .doc = "Several users, each with a password or an nkey."),
    ROW(.name = "timeout", .takes = TAKES_SECONDS, .fallback = "2s",
        .doc = "How long a client has to say who it is, in seconds unless a unit is said."),
    ROW(.name = "default_permissions", .aliases = {"default_permission", "permissions"}, .takes = TAKES_BLOCK,
        .block = &server_block_permissions,
        .doc = "What users may do that have no permissions of their own."),
    ROW(.name = "auth_callout", .aliases = {"auth_hook"}, .takes = TAKES_BLOCK,
        .block = &server_block_auth_callout, .since = {{VERSION(2, 10, 0)}},
        .doc = "Asks a client of the server who others are."),
    ROW(.name = "proxy_required", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .doc = "Clients have to come through a trusted proxy."),
};

const struct server_block server_block_authorization = {
    .id = "server_authorization",
    .noun = "authorization",
    .doc = "Who may connect, when there are no accounts.",
    SERVER_ROWS(authorization_rows),
};

static const struct server_option link_authorization_rows[] = {
    ROW(.name = "user", .aliases = {"username"}, .takes = TAKES_TEXT, .doc = "User name."),
    ROW(.name = "password", .aliases = {"pass"}, .takes = TAKES_TEXT, .flags = SERVER_SECRET,
        .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "timeout", .takes = TAKES_SECONDS, .fallback = "2s",
        .doc = "How long the other server has for it, in seconds unless a unit is said."),
};

const struct server_block server_block_link_authorization = {
    .id = "server_link_authorization",
    .noun = "authorization",
    .doc = "What other servers log in with.",
    SERVER_ROWS(link_authorization_rows),
};

static const struct server_option client_authorization_rows[] = {
    ROW(.name = "user", .aliases = {"username"}, .takes = TAKES_TEXT, .doc = "User name."),
    ROW(.name = "password", .aliases = {"pass"}, .takes = TAKES_TEXT, .flags = SERVER_SECRET,
        .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "token", .takes = TAKES_TEXT, .flags = SERVER_SECRET,
        .doc = "Word that every client has to say."),
    ROW(.name = "timeout", .takes = TAKES_SECONDS, .fallback = "2s",
        .doc = "How long a client has for it, in seconds unless a unit is said."),
};

const struct server_block server_block_client_authorization = {
    .id = "server_client_authorization",
    .noun = "authorization",
    .doc = "What clients of this listener log in with, when there are no users.",
    SERVER_ROWS(client_authorization_rows),
};

static const struct server_option auth_callout_rows[] = {
    ROW(.name = "issuer", .takes = TAKES_TEXT, .since = {{VERSION(2, 10, 0)}}, .flags = SERVER_REQUIRED,
        .doc = "Public key that its answers are signed with."),
    ROW(.name = "auth_users", .aliases = {"users"}, .takes = TAKES_LIST, .items = TAKES_TEXT,
        .since = {{VERSION(2, 10, 0)}}, .flags = SERVER_REQUIRED, .doc = "Users that are it."),
    ROW(.name = "account", .aliases = {"acc"}, .takes = TAKES_TEXT, .since = {{VERSION(2, 10, 0)}},
        .doc = "Account that it is in."),
    ROW(.name = "xkey", .aliases = {"key"}, .takes = TAKES_TEXT, .since = {{VERSION(2, 10, 0)}},
        .doc = "Public key that requests to it are encrypted for."),
    ROW(.name = "allowed_accounts", .takes = TAKES_TEXT | TAKES_LIST, .items = TAKES_TEXT,
        .since = {{VERSION(2, 11, 0)}}, .doc = "The only accounts that it may put clients into."),
};

const struct server_block server_block_auth_callout = {
    .id = "server_auth_callout",
    .noun = "auth_callout",
    .doc = "A client of the server that says who others are.",
    SERVER_ROWS(auth_callout_rows),
};

static const struct server_option user_rows[] = {
    ROW(.name = "user", .aliases = {"username"}, .takes = TAKES_TEXT, .doc = "User name."),
    ROW(.name = "password", .aliases = {"pass"}, .takes = TAKES_TEXT, .flags = SERVER_SECRET,
        .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "nkey", .takes = TAKES_TEXT, .doc = "Public key of a user without a password.",
        .example = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"),
    ROW(.name = "permissions", .aliases = {"permission", "authorization"}, .takes = TAKES_BLOCK,
        .block = &server_block_permissions, .doc = "Subjects that the user may publish and subscribe to."),
    ROW(.name = "allowed_connection_types", .aliases = {"connection_types", "clients"}, .takes = TAKES_LIST,
        .items = TAKES_CHOICE, .choices = choices_standard, .flags = SERVER_ANY_CASE,
        .doc = "The only ways in which the user may connect.", .example = "[STANDARD, WEBSOCKET]"),
    ROW(.name = "proxy_required", .takes = TAKES_BOOL, .fallback = "false", .since = {{VERSION(2, 12, 0)}},
        .doc = "The user has to come through a trusted proxy."),
};

const struct server_block server_block_user = {
    .id = "server_user",
    .noun = "user",
    .doc = "A user, by a password or an nkey.",
    SERVER_ROWS(user_rows),
};

static const struct server_option permissions_rows[] = {
    ROW(.name = "publish", .aliases = {"pub", "import"}, .takes = TAKES_TEXT | TAKES_LIST | TAKES_BLOCK,
        .items = TAKES_TEXT, .block = &server_block_subjects, .doc = "Subjects that may be published to.",
        .example = "[\"orders.>\"]"),
    ROW(.name = "subscribe", .aliases = {"sub", "export"}, .takes = TAKES_TEXT | TAKES_LIST | TAKES_BLOCK,
        .items = TAKES_TEXT, .block = &server_block_subjects,
        .doc = "Subjects that may be subscribed to, with a queue group after a blank.",
        .example = "{allow: \"orders.>\", deny: \"orders.secret\"}"),
    ROW(.name = "allow_responses", .aliases = {"publish_allow_responses"}, .takes = TAKES_BOOL | TAKES_BLOCK,
        .block = &server_block_allow_responses, .doc = "May answer requests whatever their reply subject."),
};

const struct server_block server_block_permissions = {
    .id = "server_permissions",
    .noun = "permissions",
    .doc = "Subjects that a user may publish and subscribe to.",
    SERVER_ROWS(permissions_rows),
};

static const struct server_option cluster_permissions_rows[] = {
    ROW(.name = "import", .aliases = {"publish", "pub"}, .takes = TAKES_TEXT | TAKES_LIST | TAKES_BLOCK,
        .items = TAKES_TEXT, .block = &server_block_subjects,
        .doc = "Subjects that are taken from other servers."),
    ROW(.name = "export", .aliases = {"subscribe", "sub"}, .takes = TAKES_TEXT | TAKES_LIST | TAKES_BLOCK,
        .items = TAKES_TEXT, .block = &server_block_subjects,
        .doc = "Subjects that are given to other servers."),
};

const struct server_block server_block_cluster_permissions = {
    .id = "server_cluster_permissions",
    .noun = "permissions",
    .doc = "Subjects that pass between the servers of a cluster.",
    SERVER_ROWS(cluster_permissions_rows),
};

static const struct server_option subjects_rows[] = {
    ROW(.name = "allow", .takes = TAKES_TEXT | TAKES_LIST, .items = TAKES_TEXT,
        .doc = "Allowed subjects; all when there are none."),
    ROW(.name = "deny", .takes = TAKES_TEXT | TAKES_LIST, .items = TAKES_TEXT,
        .doc = "Denied subjects, which win."),
};

const struct server_block server_block_subjects = {
    .id = "server_subjects",
    .noun = "permissions",
    .doc = "Allowed and denied subjects.",
    SERVER_ROWS(subjects_rows),
};

static const struct server_option allow_responses_rows[] = {
    ROW(.name = "max", .aliases = {"max_messages", "max_msgs", "max_responses"}, .takes = TAKES_INT,
        .fallback = "1", .doc = "How many to each request."),
    ROW(.name = "expires", .aliases = {"expiration", "ttl"}, .takes = TAKES_DURATION, .fallback = "2m",
        .doc = "How long after the request."),
};

const struct server_block server_block_allow_responses = {
    .id = "server_allow_responses",
    .noun = "allow_responses",
    .doc = "Answers to requests.",
    SERVER_ROWS(allow_responses_rows),
};
