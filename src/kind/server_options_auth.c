/* Options of nats-server: accounts, users and what they may do; see kind/server_options.h. */
#include "kind/server_options.h"

#include "base/row.h"

static const struct choice resolver_types[] = {
    {.name = "full"}, {.name = "cache"}, {.name = "mem"}, {.name = "memory"}, {0}};
static const struct choice response_types[] = {{.name = "single"}, {.name = "singleton"}, {.name = "stream"},
                                               {.name = "chunk"},  {.name = "chunked"},   {0}};
static const struct choice connection_types[] = {
    {.name = "STANDARD"}, {.name = "WEBSOCKET"}, {.name = "LEAFNODE"},   {.name = "LEAFNODE_WS"},
    {.name = "MQTT"},     {.name = "MQTT_WS"},   {.name = "IN_PROCESS"}, {0}};

/* -t refuses weights that add up to more than 100. */
static const struct field mapping_rows[] = {
    ROW(.name = "destination", .aliases = {"dest"}, .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
        .doc = "The other subject; $1 is the first wildcard."),
    ROW(.name = "weight", .type = FIELD_PERCENT, .flags = FIELD_REQUIRED,
        .doc = "Percentage of messages that go there.", .example = "60%"),
    ROW(.name = "cluster", .id = OPTION_CLUSTER, .type = FIELD_TEXT,
        .doc = "Only for what is published in this cluster."),
};

const struct table server_mapping_table = {
    .definition = "server_mapping",
    .noun = "mapping",
    .doc = "One of the subjects that a subject is mapped to.",
    TABLE_OPTIONS(mapping_rows),
};

/* nats-server compares these names with case, and ignores those that it does not know. */
static const struct field resolver_rows[] = {
    ROW(.name = "type", .type = FIELD_CHOICE, .choices = resolver_types,
        .flags = FIELD_REQUIRED | FIELD_ANY_CASE, .doc = "Keeps all JWTs, or those that were used lately."),
    ROW(.name = "dir", .id = OPTION_DIR, .type = FIELD_TEXT, .flags = FIELD_FILE,
        .doc = "The folder, which is made when it is not there."),
    ROW(.name = "allow_delete", .type = FIELD_BOOL, .fallback = "false", .doc = "JWTs may be deleted."),
    ROW(.name = "hard_delete", .type = FIELD_BOOL, .fallback = "false", .since = {VERSION(2, 9, 16), V_2_10},
        .doc = "Deleted JWTs are removed, not renamed."),
    ROW(.name = "limit", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX,
        .doc = "How many JWTs are kept."),
    ROW(.name = "ttl", .type = FIELD_DURATION, .doc = "How long a JWT is kept in a cache."),
    ROW(.name = "interval", .type = FIELD_DURATION, .doc = "Time between comparisons with other servers."),
    ROW(.name = "timeout", .type = FIELD_DURATION, .doc = "How long the look-up of a JWT may take."),
};

const struct table server_resolver_table = {
    .definition = "server_resolver",
    .noun = "resolver",
    .doc = "A folder of JWTs of accounts, or memory.",
    TABLE_OPTIONS(resolver_rows),
};

/*
 * As soon as one account is defined, JetStream is off in all that do not ask for it. Streams of $G are then not found
 * any more, and /healthz stays at 503.
 */
static const struct field account_rows[] = {
    ROW(.name = "users", .id = OPTION_USERS, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .object = &server_user_table, .doc = "Who is in the account; names are unique among all accounts.",
        .example = "[{user: app, password: \"${APP_PASSWORD}\"}]"),
    ROW(.name = "jetstream", .id = OPTION_JETSTREAM, .type = FIELD_BOOL | FIELD_CHOICE | FIELD_OBJECT,
        .object = &server_account_jetstream_table, .choices = option_choices_jetstream,
        .fallback = "disabled", .flags = FIELD_ANY_CASE,
        .doc = "Streams of the account; without it there are none."),
    ROW(.name = "imports", .type = FIELD_OBJECT, .shape = SHAPE_LIST, .object = &server_import_table,
        .doc = "Subjects of other accounts."),
    ROW(.name = "exports", .type = FIELD_OBJECT, .shape = SHAPE_LIST, .object = &server_export_table,
        .doc = "Subjects for other accounts."),
    ROW(.name = "mappings", .aliases = {"maps"}, .type = FIELD_MAP,
        .values = FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, .items = FIELD_OBJECT,
        .object = &server_mapping_table, .doc = "Other subjects for the subjects that are published on."),
    ROW(.name = "limits", .type = FIELD_OBJECT, .object = &server_account_limits_table,
        .doc = "Limits of all users together."),
    ROW(.name = "default_permissions", .type = FIELD_OBJECT, .object = &server_permissions_table,
        .doc = "What users may do that have no permissions of their own."),
    ROW(.name = "nkey", .id = OPTION_NKEY, .type = FIELD_TEXT, .doc = "Public key of the account."),
    ROW(.name = "msg_trace", .aliases = {"trace_dest"}, .type = FIELD_TEXT | FIELD_OBJECT,
        .object = &server_msg_trace_table, .since = {V_2_11},
        .doc = "Where the traces of messages go that enter the account."),
};

const struct table server_account_table = {
    .definition = "server_account",
    .noun = "account",
    .doc = "Users, subjects and streams of their own.",
    TABLE_OPTIONS(account_rows),
};

static const struct field account_limits_rows[] = {
    ROW(.name = "max_connections", .aliases = {"max_conn"}, .type = FIELD_COUNT, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "Clients; -1 is no limit."),
    ROW(.name = "max_subscriptions", .aliases = {"max_subs"}, .type = FIELD_COUNT, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "Subscriptions of a client; -1 is no limit."),
    ROW(.name = "max_payload", .aliases = {"max_pay"}, .type = FIELD_SIZE, .least = -1, .most = INT64_MAX,
        .fallback = "-1", .doc = "Bytes of a message; -1 is no limit."),
    ROW(.name = "max_leafnodes", .aliases = {"max_leafs"}, .type = FIELD_COUNT, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "Leafnodes; -1 is no limit."),
};

const struct table server_account_limits_table = {
    .definition = "server_account_limits",
    .noun = "limits",
    .doc = "Limits of all users of an account together.",
    TABLE_OPTIONS(account_limits_rows),
};

static const struct field msg_trace_rows[] = {
    ROW(.name = "dest", .type = FIELD_TEXT, .since = {V_2_11}, .flags = FIELD_REQUIRED,
        .doc = "Subject that traces are published on."),
    ROW(.name = "sampling", .type = FIELD_PERCENT, .fallback = "100%", .since = {V_2_11},
        .doc = "Percentage of messages that are traced."),
};

const struct table server_msg_trace_table = {
    .definition = "server_msg_trace",
    .noun = "msg_trace",
    .doc = "Traces of messages that enter the account.",
    TABLE_OPTIONS(msg_trace_rows),
};

static const struct field export_rows[] = {
    ROW(.name = "stream", .type = FIELD_TEXT, .doc = "Subject whose messages others may receive."),
    ROW(.name = "service", .type = FIELD_TEXT, .doc = "Subject that others may send requests on."),
    ROW(.name = "accounts", .id = OPTION_ACCOUNTS, .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .doc = "The only accounts that may import it."),
    ROW(.name = "account_token_position", .type = FIELD_COUNT, .least = 1, .most = INT64_MAX,
        .doc = "Token of the subject that is the importing account's name, from 1 on."),
    ROW(.name = "response_type", .aliases = {"response"}, .type = FIELD_CHOICE, .choices = response_types,
        .fallback = "singleton", .flags = FIELD_ANY_CASE, .doc = "How many answers a request has."),
    ROW(.name = "threshold", .aliases = {"response_threshold", "response_max_time", "response_time"},
        .type = FIELD_DURATION, .doc = "How long answers may take."),
    ROW(.name = "latency", .type = FIELD_TEXT | FIELD_OBJECT, .object = &server_latency_table,
        .doc = "Subject that the time answers take is published on."),
    ROW(.name = "allow_trace", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_11},
        .doc = "Traces go on into the account."),
};

const struct table server_export_table = {
    .definition = "server_export",
    .noun = "export",
    .doc = "A subject for other accounts.",
    TABLE_OPTIONS(export_rows),
};

static const struct field latency_rows[] = {
    ROW(.name = "subject", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .doc = "Where it is published."),
    ROW(.name = "sampling", .type = FIELD_PERCENT | FIELD_TEXT, .fallback = "100%",
        .doc = "Percentage of requests; 'headers' leaves it to their headers."),
};

const struct table server_latency_table = {
    .definition = "server_latency",
    .noun = "latency",
    .doc = "Measures how long answers take.",
    TABLE_OPTIONS(latency_rows),
};

static const struct field import_rows[] = {
    ROW(.name = "stream", .type = FIELD_OBJECT, .object = &server_import_source_table,
        .doc = "Messages of another account."),
    ROW(.name = "service", .type = FIELD_OBJECT, .object = &server_import_source_table,
        .doc = "Requests to another account."),
    ROW(.name = "prefix", .type = FIELD_TEXT, .doc = "What the subject of such a message begins with here."),
    ROW(.name = "to", .type = FIELD_TEXT, .doc = "The subject here."),
    ROW(.name = "share", .type = FIELD_BOOL, .fallback = "false",
        .doc = "Tells the other account who sends the requests."),
    ROW(.name = "allow_trace", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_11},
        .doc = "Traces go on into this account."),
};

const struct table server_import_table = {
    .definition = "server_import",
    .noun = "import",
    .doc = "A subject of another account.",
    TABLE_OPTIONS(import_rows),
};

static const struct field import_source_rows[] = {
    {.name = "account",
     .id = OPTION_ACCOUNT,
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .doc = "The account that exports it."},
    {.name = "subject", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .doc = "The subject there."},
};

const struct table server_import_source_table = {
    .definition = "server_import_source",
    .noun = "import",
    .doc = "Whose, and which.",
    TABLE_OPTIONS(import_source_rows),
};

/* One user, a token or a list of users exclude each other. */
static const struct field authorization_rows[] = {
    ROW(.name = "user", .id = OPTION_USER, .aliases = {"username"}, .type = FIELD_TEXT,
        .doc = "Name of the only user."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .aliases = {"pass"}, .type = FIELD_TEXT,
        .flags = FIELD_SECRET, .doc = "That user's password, plain or hashed by bcrypt."),
    ROW(.name = "token", .id = OPTION_TOKEN, .type = FIELD_TEXT, .flags = FIELD_SECRET,
        .doc = "Word that every client has to say."),
    ROW(.name = "users", .id = OPTION_USERS, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .object = &server_user_table, .doc = "Several users, each with a password or an nkey."),
    ROW(.name = "timeout", .type = FIELD_SECONDS, .fallback = "2s",
        .doc = "How long a client has to say who it is, in seconds unless a unit is said."),
    ROW(.name = "default_permissions", .aliases = {"default_permission", "permissions"}, .type = FIELD_OBJECT,
        .object = &server_permissions_table,
        .doc = "What users may do that have no permissions of their own."),
    ROW(.name = "auth_callout", .aliases = {"auth_hook"}, .type = FIELD_OBJECT,
        .object = &server_auth_callout_table, .since = {V_2_10},
        .doc = "Asks a client of the server who others are."),
    ROW(.name = "proxy_required", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .doc = "Clients have to come through a trusted proxy."),
};

const struct table server_authorization_table = {
    .definition = "server_authorization",
    .noun = "authorization",
    .doc = "Who may connect, when there are no accounts.",
    TABLE_OPTIONS(authorization_rows),
};

/* Routes and gateways have one user: neither a token nor a list. */
static const struct field link_authorization_rows[] = {
    ROW(.name = "user", .id = OPTION_USER, .aliases = {"username"}, .type = FIELD_TEXT, .doc = "User name."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .aliases = {"pass"}, .type = FIELD_TEXT,
        .flags = FIELD_SECRET, .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "timeout", .type = FIELD_SECONDS, .fallback = "2s",
        .doc = "How long the other server has for it, in seconds unless a unit is said."),
};

const struct table server_link_authorization_table = {
    .definition = "server_link_authorization",
    .noun = "authorization",
    .doc = "What other servers log in with.",
    TABLE_OPTIONS(link_authorization_rows),
};

static const struct field client_authorization_rows[] = {
    ROW(.name = "user", .id = OPTION_USER, .aliases = {"username"}, .type = FIELD_TEXT, .doc = "User name."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .aliases = {"pass"}, .type = FIELD_TEXT,
        .flags = FIELD_SECRET, .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "token", .id = OPTION_TOKEN, .type = FIELD_TEXT, .flags = FIELD_SECRET,
        .doc = "Word that every client has to say."),
    ROW(.name = "timeout", .type = FIELD_SECONDS, .fallback = "2s",
        .doc = "How long a client has for it, in seconds unless a unit is said."),
};

const struct table server_client_authorization_table = {
    .definition = "server_client_authorization",
    .noun = "authorization",
    .doc = "What clients of this listener log in with, when there are no users.",
    TABLE_OPTIONS(client_authorization_rows),
};

static const struct field auth_callout_rows[] = {
    ROW(.name = "issuer", .type = FIELD_TEXT, .since = {V_2_10}, .flags = FIELD_REQUIRED,
        .doc = "Public key that its answers are signed with."),
    ROW(.name = "auth_users", .aliases = {"users"}, .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .since = {V_2_10}, .flags = FIELD_REQUIRED, .doc = "Users that are it."),
    ROW(.name = "account", .id = OPTION_ACCOUNT, .aliases = {"acc"}, .type = FIELD_TEXT, .since = {V_2_10},
        .doc = "Account that it is in."),
    ROW(.name = "xkey", .aliases = {"key"}, .type = FIELD_TEXT, .since = {V_2_10},
        .doc = "Public key that requests to it are encrypted for."),
    ROW(.name = "allowed_accounts", .type = FIELD_TEXT | FIELD_LIST, .items = FIELD_TEXT, .since = {V_2_11},
        .doc = "The only accounts that it may put clients into."),
};

const struct table server_auth_callout_table = {
    .definition = "server_auth_callout",
    .noun = "auth_callout",
    .doc = "A client of the server that says who others are.",
    TABLE_OPTIONS(auth_callout_rows),
};

/* A user without a password has an empty one, and nats-server takes it. Names are unique across all accounts. */
static const struct field user_rows[] = {
    ROW(.name = "user", .id = OPTION_USER, .aliases = {"username"}, .type = FIELD_TEXT, .doc = "User name."),
    ROW(.name = "password", .id = OPTION_PASSWORD, .aliases = {"pass"}, .type = FIELD_TEXT,
        .flags = FIELD_SECRET, .doc = "Password, plain or hashed by bcrypt."),
    ROW(.name = "nkey", .id = OPTION_NKEY, .type = FIELD_TEXT,
        .doc = "Public key of a user without a password.",
        .example = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"),
    ROW(.name = "permissions", .aliases = {"permission", "authorization"}, .type = FIELD_OBJECT,
        .object = &server_permissions_table, .doc = "Subjects that the user may publish and subscribe to."),
    ROW(.name = "allowed_connection_types", .id = OPTION_ALLOWED_CONNECTION_TYPES,
        .aliases = {"connection_types", "clients"}, .type = FIELD_CHOICE, .shape = SHAPE_LIST,
        .choices = connection_types, .flags = FIELD_ANY_CASE,
        .doc = "The only ways in which the user may connect.", .example = "[STANDARD, WEBSOCKET]"),
    ROW(.name = "proxy_required", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .doc = "The user has to come through a trusted proxy."),
};

const struct table server_user_table = {
    .definition = "server_user",
    .noun = "user",
    .doc = "A user, by a password or an nkey.",
    TABLE_OPTIONS(user_rows),
};

/* Users of JetStream need $JS.API.>, $JS.ACK.> and their inboxes, and $JS.FC.> for flow control. */
static const struct field permissions_rows[] = {
    ROW(.name = "publish", .id = OPTION_PUBLISH, .aliases = {"pub", "import"},
        .type = FIELD_TEXT | FIELD_LIST | FIELD_OBJECT, .items = FIELD_TEXT, .object = &server_subjects_table,
        .doc = "Subjects that may be published to.", .example = "[\"orders.>\"]"),
    ROW(.name = "subscribe", .aliases = {"sub", "export"}, .type = FIELD_TEXT | FIELD_LIST | FIELD_OBJECT,
        .items = FIELD_TEXT, .object = &server_subjects_table,
        .doc = "Subjects that may be subscribed to, with a queue group after a blank.",
        .example = "{allow: \"orders.>\", deny: \"orders.secret\"}"),
    ROW(.name = "allow_responses", .aliases = {"publish_allow_responses"}, .type = FIELD_BOOL | FIELD_OBJECT,
        .object = &server_allow_responses_table, .doc = "May answer requests whatever their reply subject."),
};

const struct table server_permissions_table = {
    .definition = "server_permissions",
    .noun = "permissions",
    .doc = "Subjects that a user may publish and subscribe to.",
    TABLE_OPTIONS(permissions_rows),
};

static const struct field cluster_permissions_rows[] = {
    ROW(.name = "import", .aliases = {"publish", "pub"}, .type = FIELD_TEXT | FIELD_LIST | FIELD_OBJECT,
        .items = FIELD_TEXT, .object = &server_subjects_table,
        .doc = "Subjects that are taken from other servers."),
    ROW(.name = "export", .aliases = {"subscribe", "sub"}, .type = FIELD_TEXT | FIELD_LIST | FIELD_OBJECT,
        .items = FIELD_TEXT, .object = &server_subjects_table,
        .doc = "Subjects that are given to other servers."),
};

const struct table server_cluster_permissions_table = {
    .definition = "server_cluster_permissions",
    .noun = "permissions",
    .doc = "Subjects that pass between the servers of a cluster.",
    TABLE_OPTIONS(cluster_permissions_rows),
};

static const struct field subjects_rows[] = {
    ROW(.name = "allow", .type = FIELD_TEXT | FIELD_LIST, .items = FIELD_TEXT,
        .doc = "Allowed subjects; all when there are none."),
    ROW(.name = "deny", .type = FIELD_TEXT | FIELD_LIST, .items = FIELD_TEXT,
        .doc = "Denied subjects, which win."),
};

const struct table server_subjects_table = {
    .definition = "server_subjects",
    .noun = "permissions",
    .doc = "Allowed and denied subjects.",
    TABLE_OPTIONS(subjects_rows),
};

static const struct field allow_responses_rows[] = {
    ROW(.name = "max", .aliases = {"max_messages", "max_msgs", "max_responses"}, .type = FIELD_COUNT,
        .fallback = "1", .doc = "How many to each request."),
    ROW(.name = "expires", .aliases = {"expiration", "ttl"}, .type = FIELD_DURATION, .fallback = "2m",
        .doc = "How long after the request."),
};

const struct table server_allow_responses_table = {
    .definition = "server_allow_responses",
    .noun = "allow_responses",
    .doc = "Answers to requests.",
    TABLE_OPTIONS(allow_responses_rows),
};
