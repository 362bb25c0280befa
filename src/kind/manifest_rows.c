/*
 * The manifest's own rows; see manifest_rows.h. They are fields like those of streams, so decoding, "did you
 * mean", the JSON Schema and `explain` need nothing special for them.
 */
#include "kind/manifest_rows.h"

#include <string.h>

#include "base/row.h"
#include "base/suggest.h"
#include "kind/kinds.h"

/*
 * ---- names ----
 * Keys of objects.
 */

const char *resource_key(struct arena *arena, const char *stream, const char *consumer)
{
    char *key = arena_alloc(arena, strlen(stream) + 1 + strlen(consumer) + 1);
    char *at = stpcpy(key, stream);
    *at++ = ' '; /* which names do not have */
    stpcpy(at, consumer);
    return key;
}

/*
 * ---- lint ----
 * Reading `lint: {ignore: […]}` of an object. Only warnings and notes can be ignored. An error is
 * something that a server refuses, and ignoring it would not help.
 */

static const struct field lint_fields[] = {
    ROW(.name = "ignore", .id = LINT_IGNORE, .type = FIELD_TEXT, .shape = SHAPE_LIST, .flags = FIELD_OURS,
        .doc = "Codes of warnings and notes, as the brackets at their ends have them, that are not reported.",
        .example = "[replicas-even]"),
};

const struct table lint_table = {
    .noun = "lint",
    .doc = "Which warnings about the object are not wanted.",
    TABLE_FIELDS(lint_fields),
};

static void refuse_code(const struct node *node, const struct diag_code *code, struct diags *diags)
{
    struct suggestion near = {.wanted = node->text};
    if (node->expanded) { /* what a variable holds is not shown */
        diag_error(diags, &code_choice, node->pos, "not a code of a warning or note");
        return;
    }
    if (code) {
        bool error = code->severity == SEVERITY_ERROR;
        struct diag *diag = diag_add(diags, &code_choice, node->pos, "'%s' cannot be ignored%s", node->text,
                                     error ? ": it is an error" : "");
        diag_hint(diags, diag, "'natsform explain codes' says which can");
        return;
    }
    struct diag *diag =
        diag_add(diags, &code_choice, node->pos, "'%s' is not a code of a warning or note", node->text);
    for (code = diag_code_next(NULL); code; code = diag_code_next(code))
        if (code->lint)
            suggestion_consider(&near, code->name);
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
    else
        diag_hint(diags, diag, "'natsform explain codes' lists them");
}

static const struct object *lint_of(const struct object *declared)
{
    for (size_t i = 0; i < declared->table->count; i++)
        if (declared->table->fields[i].object == &lint_table)
            return declared->values[i].type == VALUE_OBJECT ? declared->values[i].object : NULL;
    return NULL;
}

const struct diag_codes *lint_read(struct arena *arena, const struct object *declared, struct diags *diags)
{
    const struct object *lint = lint_of(declared);
    struct diag_codes *ignored = NULL;
    for (size_t i = 0; lint && i < object_list(lint, LINT_IGNORE)->count; i++) {
        const struct value *item = &object_list(lint, LINT_IGNORE)->items[i];
        const struct diag_code *code = diag_code_by_name(item->text);
        if (!code || !code->lint) {
            refuse_code(item->node, code, diags);
            continue;
        }
        if (!ignored)
            ignored = ARENA_NEW(arena, struct diag_codes);
        VEC_PUSH(arena, ignored, code);
    }
    return ignored;
}

bool lint_ignores(const struct diag_codes *ignored, const struct diag_code *code)
{
    for (size_t i = 0; ignored && i < ignored->count; i++)
        if (ignored->items[i] == code)
            return true;
    return false;
}

/* Only those from `first` on: earlier ones are not about this object. */
void lint_forget(const struct diag_codes *ignored, struct diags *diags, size_t first)
{
    size_t kept = first;
    for (size_t i = first; ignored && i < diags->list.count; i++) {
        struct diag *diag = diags->list.items[i];
        if (lint_ignores(ignored, diag->code))
            diags->warnings--;
        else
            diags->list.items[kept++] = diag;
    }
    if (ignored && kept < diags->list.count)
        diags->list.count = kept;
}

/*
 * ---- lifecycle ----
 * The lifecycle that streams and consumers share: natsform's own keys, never on the wire.
 */

static const struct field allow_data_loss_fields[] = {
    ROW(.name = "until", .id = ALLOW_DATA_LOSS_UNTIL, .type = FIELD_TIME,
        .flags = FIELD_OURS | FIELD_REQUIRED | FIELD_DAY,
        .doc = "The last day on which that holds, in UTC, or a time.", .example = "2026-12-24"),
};

static const struct table allow_data_loss_table = {
    .noun = "allow_data_loss",
    .doc =
        "Changes of the object may destroy messages, which are backed up first. Destroying all still takes the option.",
    TABLE_FIELDS(allow_data_loss_fields),
};

static const struct choice on_immutable_choices[] = {
    {.name = CHOICE_REFUSE, .doc = "The plan is refused, unless nothing could be lost."},
    {.name = CHOICE_MIGRATE,
     .doc = "It is made anew with all that is in it; publishers are turned away meanwhile."},
    {.name = CHOICE_RECREATE, .doc = "It is deleted, and made anew without its messages."},
    {0},
};

static const struct field lifecycle_fields[] = {
    ROW(.name = "prevent_destroy", .id = LIFECYCLE_PREVENT_DESTROY, .type = FIELD_BOOL, .flags = FIELD_OURS,
        .doc = "Refuses every plan that would delete the object."),
    ROW(.name = "ignore", .id = LIFECYCLE_IGNORE, .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .flags = FIELD_OURS,
        .doc = "Fields that are set at creation and then left as they are on the server.",
        .example = "[num_replicas]"),
    ROW(.name = "allow_data_loss", .id = LIFECYCLE_ALLOW_DATA_LOSS, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &allow_data_loss_table,
        .doc = "Lets changes destroy messages until that day, as --allow-data-loss does for one run.",
        .example = "{until: 2026-12-24}"),
    ROW(.name = "on_immutable", .id = LIFECYCLE_ON_IMMUTABLE, .type = FIELD_CHOICE, .flags = FIELD_OURS,
        .choices = on_immutable_choices, .fallback = CHOICE_REFUSE,
        .doc = "What a change does that no server makes in place, as --replace does for one run.",
        .example = "migrate"),
};

const struct table lifecycle_table = {
    .noun = "lifecycle",
    .doc = "How natsform treats the object.",
    TABLE_FIELDS(lifecycle_fields),
};

/* ---- manifest rows ---- */

static const struct field tls_fields[] = {
    ROW(.name = "ca", .id = TLS_CA, .type = FIELD_PATH,
        .doc = "Certificates to trust instead of the system's: a file, or their text as ${VARIABLE}."),
    ROW(.name = "cert", .id = TLS_CERT, .type = FIELD_PATH,
        .doc = "The client's certificate: a file, or its text as ${VARIABLE}."),
    ROW(.name = "key", .id = TLS_KEY, .type = FIELD_PATH,
        .doc = "The key of the client's certificate: a file, or its text as ${VARIABLE}."),
    ROW(.name = "first", .id = TLS_FIRST, .type = FIELD_BOOL,
        .doc = "Starts TLS before the server says anything."),
};

static const struct table tls_table = {
    .noun = "tls",
    .doc = "How the connection is encrypted.",
    TABLE_FIELDS(tls_fields),
};

static const struct field expect_fields[] = {
    ROW(.name = "cluster", .id = EXPECT_CLUSTER, .type = FIELD_TEXT,
        .doc = "Name of the cluster, or of a server that is in none; any other is refused.",
        .example = "staging"),
    ROW(.name = "server_name", .id = EXPECT_SERVER_NAME, .type = FIELD_TEXT,
        .doc = "Name of the server that is connected to.", .example = "dev"),
    ROW(.name = "account", .id = EXPECT_ACCOUNT, .type = FIELD_TEXT,
        .doc = "The user's account, as the server names it; from nats-server 2.10 on.", .example = "ORDERS"),
    ROW(.name = "domain", .id = EXPECT_DOMAIN, .type = FIELD_TEXT,
        .doc = "JetStream domain of the server that answers.", .example = "hub"),
};

static const struct table expect_table = {
    .noun = "expect",
    .doc = "What the server must be.",
    TABLE_FIELDS(expect_fields),
};

static const struct field connection_fields[] = {
    ROW(.name = "context", .id = CONNECTION_CONTEXT, .type = FIELD_TEXT,
        .doc = "A context of the nats CLI, or a context file's path."),
    ROW(.name = "url", .id = CONNECTION_URL, .type = FIELD_TEXT, .doc = "One or more server URLs, by commas.",
        .example = "nats://127.0.0.1:4222"),
    ROW(.name = "user", .id = CONNECTION_USER, .type = FIELD_TEXT, .doc = "User name."),
    ROW(.name = "password", .id = CONNECTION_PASSWORD, .type = FIELD_TEXT, .flags = FIELD_SECRET,
        .doc = "Password; better as ${VARIABLE}."),
    ROW(.name = "token", .id = CONNECTION_TOKEN, .type = FIELD_TEXT, .flags = FIELD_SECRET,
        .doc = "Token; better as ${VARIABLE}."),
    ROW(.name = "creds", .id = CONNECTION_CREDS, .type = FIELD_PATH,
        .doc = "Credentials file with a user's JWT and seed, or its text as ${VARIABLE}."),
    ROW(.name = "nkey", .id = CONNECTION_NKEY, .type = FIELD_PATH,
        .doc = "File with a user's nkey seed, or the seed as ${VARIABLE}."),
    ROW(.name = "tls", .id = CONNECTION_TLS, .type = FIELD_OBJECT, .object = &tls_table,
        .doc = "How the connection is encrypted."),
    ROW(.name = "domain", .id = CONNECTION_DOMAIN, .type = FIELD_NAME, .doc = "JetStream domain."),
    ROW(.name = "api_prefix", .id = CONNECTION_API_PREFIX, .type = FIELD_LITERAL,
        .doc = "Prefix of the JetStream API, instead of $JS.API."),
    ROW(.name = "inbox_prefix", .id = CONNECTION_INBOX_PREFIX, .type = FIELD_LITERAL,
        .doc = "Prefix of the subjects that replies come on."),
    ROW(.name = "timeout", .id = CONNECTION_TIMEOUT, .type = FIELD_DURATION, .least = MILLISECOND,
        .most = INT64_MAX, .fallback = "5s", .doc = "Deadline of connecting and of each request."),
    ROW(.name = "expect", .id = CONNECTION_EXPECT, .type = FIELD_OBJECT, .object = &expect_table,
        .doc = "What the server must be, so that a plan for staging never hits production."),
};

/* Both say where JetStream's API is. */
static const struct constraint connection_constraints[] = {
    {.field = CONNECTION_DOMAIN, .verb = CONSTRAINT_EXCLUDES, .other = CONNECTION_API_PREFIX},
};

static const struct table connection_table = {
    .noun = "connection",
    .doc = "Where the server is and who we are. Flags and environment win over it.",
    TABLE_FIELDS(connection_fields),
    TABLE_CONSTRAINTS(connection_constraints),
};

static const struct field defaults_fields[] = {
    ROW(.name = "stream", .id = DEFAULTS_STREAM, .type = FIELD_OBJECT, .object = &stream_table,
        .doc = "For every stream of the manifest."),
    ROW(.name = "consumer", .id = DEFAULTS_CONSUMER, .type = FIELD_OBJECT, .object = &consumer_table,
        .doc = "For every consumer of the manifest."),
    ROW(.name = "key_value", .id = DEFAULTS_KEY_VALUE, .type = FIELD_OBJECT, .object = &key_value_table,
        .doc = "For every key-value bucket of the manifest."),
    ROW(.name = "object_store", .id = DEFAULTS_OBJECT_STORE, .type = FIELD_OBJECT,
        .object = &object_store_table, .doc = "For every object store of the manifest."),
};

static const struct table defaults_table = {
    .noun = "defaults",
    .doc = "Values for the objects that leave them out.",
    TABLE_FIELDS(defaults_fields),
};

#define DELETE_DOC                                                                                           \
    "Deletes it with its messages, which are backed up first, instead of letting it go; only if it is the project's."

static const struct field removed_stream_fields[] = {
    ROW(.name = "name", .id = REMOVED_NAME, .type = FIELD_NAME, .flags = FIELD_REQUIRED | FIELD_KEY,
        .doc = "The stream's name."),
    ROW(.name = "delete", .id = REMOVED_DELETE, .type = FIELD_BOOL, .doc = DELETE_DOC),
};

static const struct table removed_stream_table = {
    .noun = "removed stream",
    .doc = "A stream that the project lets go, or deletes.",
    TABLE_FIELDS(removed_stream_fields),
};

static const struct field removed_bucket_fields[] = {
    ROW(.name = "name", .id = REMOVED_NAME, .type = FIELD_BUCKET, .flags = FIELD_REQUIRED | FIELD_KEY,
        .doc = "The bucket's name."),
    ROW(.name = "delete", .id = REMOVED_DELETE, .type = FIELD_BOOL, .doc = DELETE_DOC),
};

static const struct table removed_bucket_table = {
    .noun = "removed bucket",
    .doc = "A key-value bucket or an object store that the project lets go, or deletes.",
    TABLE_FIELDS(removed_bucket_fields),
};

static const struct field removed_consumer_fields[] = {
    ROW(.name = "stream", .id = REMOVED_CONSUMER_STREAM, .type = FIELD_NAME,
        .flags = FIELD_REQUIRED | FIELD_KEY, .doc = "The consumer's stream."),
    ROW(.name = "name", .id = REMOVED_CONSUMER_NAME, .type = FIELD_NAME, .flags = FIELD_REQUIRED | FIELD_KEY,
        .doc = "The consumer's name."),
    ROW(.name = "delete", .id = REMOVED_CONSUMER_DELETE, .type = FIELD_BOOL, .doc = DELETE_DOC),
};

static const struct table removed_consumer_table = {
    .noun = "removed consumer",
    .doc = "A consumer that the project lets go, or deletes.",
    TABLE_FIELDS(removed_consumer_fields),
};

static const struct field removed_fields[] = {
    ROW(.name = "streams", .id = REMOVED_STREAMS, .type = FIELD_NAME | FIELD_OBJECT, .shape = SHAPE_LIST,
        .flags = FIELD_COLLECTS, .object = &removed_stream_table,
        .doc = "Streams, each with the consumers that the project has on it.",
        .example = "[OLD, {name: SEARCH, delete: true}]"),
    ROW(.name = "consumers", .id = REMOVED_CONSUMERS, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .flags = FIELD_COLLECTS, .object = &removed_consumer_table, .doc = "Consumers of streams that stay.",
        .example = "[{stream: ORDERS, name: audit}]"),
    ROW(.name = "key_values", .id = REMOVED_KEY_VALUES, .type = FIELD_BUCKET | FIELD_OBJECT,
        .shape = SHAPE_LIST, .flags = FIELD_COLLECTS, .object = &removed_bucket_table,
        .doc = "Key-value buckets.", .example = "[sessions]"),
    ROW(.name = "object_stores", .id = REMOVED_OBJECT_STORES, .type = FIELD_BUCKET | FIELD_OBJECT,
        .shape = SHAPE_LIST, .flags = FIELD_COLLECTS, .object = &removed_bucket_table,
        .doc = "Object stores.", .example = "[uploads]"),
};

static const struct table removed_table = {
    .noun = "removed",
    .doc =
        "Objects that stay on the server and are no longer this project's; or, where it says so, that are deleted.",
    TABLE_FIELDS(removed_fields),
};

static const struct field backup_fields[] = {
    ROW(.name = "dir", .id = BACKUP_DIR, .type = FIELD_PATH,
        .doc = "The folder, relative to the manifest's. Default: .natsform/backups beside the manifest."),
};

static const struct table backup_table = {
    .noun = "backup",
    .doc = "Where messages are backed up before a change destroys them.",
    TABLE_FIELDS(backup_fields),
};

static const struct field manifest_fields[] = {
    ROW(.name = "project", .id = MANIFEST_PROJECT, .type = FIELD_NAME,
        .doc = "The owner's mark on every object (in metadata, on servers from 2.10 on).", .example = "chat"),
    ROW(.name = "include", .id = MANIFEST_INCLUDE, .type = FIELD_PATH, .shape = SHAPE_LIST,
        .doc = "More files, by patterns relative to this one; a name that two of them define is an error.",
        .example = "[streams/*.yaml]"),
    ROW(.name = "connection", .id = MANIFEST_CONNECTION, .type = FIELD_OBJECT, .object = &connection_table,
        .doc = "Where the server is and who we are."),
    ROW(.name = "connections", .id = MANIFEST_CONNECTIONS, .type = FIELD_OBJECT, .shape = SHAPE_MAP,
        .flags = FIELD_OURS, .object = &connection_table,
        .doc = "More accounts by name, for objects that say 'connection: NAME'.",
        .example = "{billing: {url: nats://billing.example, creds: billing.creds}}"),
    ROW(.name = "defaults", .id = MANIFEST_DEFAULTS, .type = FIELD_OBJECT, .object = &defaults_table,
        .doc = "Values for the objects that leave them out."),
    ROW(.name = "streams", .id = MANIFEST_STREAMS, .type = FIELD_OBJECT, .shape = SHAPE_MAP,
        .flags = FIELD_OURS, .object = &stream_table, .doc = "Streams by name."),
    ROW(.name = "key_values", .id = MANIFEST_KEY_VALUES, .type = FIELD_OBJECT, .shape = SHAPE_MAP,
        .flags = FIELD_OURS, .object = &key_value_table, .doc = "Key-value buckets by name."),
    ROW(.name = "object_stores", .id = MANIFEST_OBJECT_STORES, .type = FIELD_OBJECT, .shape = SHAPE_MAP,
        .flags = FIELD_OURS, .object = &object_store_table, .doc = "Object stores by name."),
    ROW(.name = "removed", .id = MANIFEST_REMOVED, .type = FIELD_OBJECT, .flags = FIELD_COLLECTS,
        .object = &removed_table,
        .doc = "Objects to forget: they stay on the server and lose the project's mark; or to delete.",
        .example = "{streams: [OLD]}"),
    ROW(.name = "backup", .id = MANIFEST_BACKUP, .type = FIELD_OBJECT, .object = &backup_table,
        .doc = "Where messages are backed up before a change destroys them.",
        .example = "{dir: /var/backups/nats}"),
    ROW(.name = "servers", .id = MANIFEST_SERVERS, .type = FIELD_TREE, .shape = SHAPE_MAP,
        .flags = FIELD_OURS,
        .doc = "Servers to run by name: options of nats-server, and of natsform how many and where.",
        .example = "{dev: {jetstream: {max_file: 1GiB}}}"),
};

#define OF_SERVERS                                                                                           \
    "options of servers are in 'servers: {NAME: …}'; 'natsform import conf FILE' takes a nats-server.conf"
#define OF_PLACES                                                                                            \
    "where the server is stands in 'connection'; a context of the nats CLI is named: '--context NAME'"
#define BUCKETS "key-value buckets are in 'key_values', object stores in 'object_stores'"

static const struct key_hint manifest_hints[] = {
    {"kv", BUCKETS, NULL},
    {"kvs", BUCKETS, NULL},
    {"buckets", BUCKETS, NULL},
    {"stores", BUCKETS, NULL},
    {"objects", BUCKETS, NULL},
    {"services",
     "this looks like a Compose file, which is no manifest; 'natsform import compose FILE' makes one of its nats services",
     NULL},
    {"jetstream", OF_SERVERS, NULL},
    {"port", OF_SERVERS, NULL},
    {"listen", OF_SERVERS, NULL},
    {"accounts", OF_SERVERS, NULL},
    {"authorization", OF_SERVERS, NULL},
    {"url", OF_PLACES, NULL},
    {"creds", OF_PLACES, NULL},
    {"nkey", OF_PLACES, NULL},
    {"context", OF_PLACES, NULL},
    {0},
};

const struct table manifest_table = {
    .noun = "manifest",
    .doc = "A project's streams, consumers, key-value buckets and object stores.",
    TABLE_FIELDS(manifest_fields),
    .key_hints = manifest_hints,
};

/*
 * ---- connection ----
 * The rows of a connection's settings. Flags, variables and keys are named as the nats CLI names them.
 */

/* A row knows where its member is, so that code walks through all settings and need not list them. */
#define AT(member) .offset = offsetof(struct connection_settings, member)

const struct setting connection_rows[SETTINGS] = {
    [SETTING_URL] =
        ROW(AT(url), .field = CONNECTION_URL, .env = "NATS_URL", .context = "url", .nack = "servers",
            .flag = {"server", 's', "URL", "Server, or several separated by commas"}),
    [SETTING_CONTEXT] = ROW(AT(context), .field = CONNECTION_CONTEXT, .env = "NATS_CONTEXT",
                            .flag = {"context", 0, "CONTEXT", "Context of the nats CLI"}),
    [SETTING_CREDS] = ROW(AT(creds), .type = SETTING_PATH, .group = GROUP_IDENTITY, .field = CONNECTION_CREDS,
                          .env = "NATS_CREDS", .context = "creds", .nack = "creds",
                          .flag = {"creds", 0, "FILE", "Credentials file"}),
    [SETTING_NKEY] = ROW(AT(nkey), .type = SETTING_PATH, .group = GROUP_IDENTITY, .field = CONNECTION_NKEY,
                         .env = "NATS_NKEY", .context = "nkey", .nack = "nkey",
                         .flag = {"nkey", 0, "FILE", "File with an nkey seed"}),
    [SETTING_USER] = ROW(AT(user), .group = GROUP_IDENTITY, .field = CONNECTION_USER, .env = "NATS_USER",
                         .context = "user", .flag = {"user", 0, "NAME", "User name"}),
    [SETTING_PASSWORD] =
        ROW(AT(password), .type = SETTING_SECRET, .group = GROUP_IDENTITY, .completes = SETTING_USER,
            .field = CONNECTION_PASSWORD, .env = "NATS_PASSWORD", .context = "password",
            .flag = {"password", 0, "TEXT", "Password; NATS_PASSWORD keeps it out of the process list"}),
    [SETTING_TOKEN] =
        ROW(AT(token), .type = SETTING_SECRET, .group = GROUP_IDENTITY, .field = CONNECTION_TOKEN,
            .env = "NATS_TOKEN", .context = "token", .flag = {"token", 0, "TEXT", "Token; see --password"}),
    /* These two have neither flag nor field: a seed on a command line or in a manifest would be seen by too many. */
    [SETTING_USER_JWT] = ROW(AT(user_jwt), .type = SETTING_SECRET, .group = GROUP_IDENTITY, .env = "NATS_JWT",
                             .context = "user_jwt"),
    [SETTING_USER_SEED] = ROW(AT(user_seed), .type = SETTING_SECRET, .group = GROUP_IDENTITY,
                              .completes = SETTING_USER_JWT, .env = "NATS_SEED", .context = "user_seed"),
    [SETTING_CA] = ROW(AT(ca), .type = SETTING_PATH, .tls = TLS_CA, .env = "NATS_CA", .context = "ca",
                       .nack = "rootCas", .flag = {"tlsca", 0, "FILE", "Certificates to trust"}),
    [SETTING_CERT] =
        ROW(AT(cert), .type = SETTING_PATH, .group = GROUP_CERTIFICATE, .tls = TLS_CERT, .env = "NATS_CERT",
            .context = "cert", .nack = "clientCert", .flag = {"tlscert", 0, "FILE", "Client certificate"}),
    [SETTING_KEY] = ROW(AT(key), .type = SETTING_PATH, .group = GROUP_CERTIFICATE, .tls = TLS_KEY,
                        .env = "NATS_KEY", .context = "key", .nack = "clientKey",
                        .flag = {"tlskey", 0, "FILE", "Key of the client certificate"}),
    [SETTING_DOMAIN] =
        ROW(AT(domain), .group = GROUP_API, .field = CONNECTION_DOMAIN, .context = "jetstream_domain",
            .nack = "jsDomain", .flag = {"js-domain", 0, "NAME", "JetStream domain"}),
    [SETTING_API_PREFIX] = ROW(AT(api_prefix), .group = GROUP_API, .field = CONNECTION_API_PREFIX,
                               .context = "jetstream_api_prefix",
                               .flag = {"js-api-prefix", 0, "SUBJECT", "Prefix of the JetStream API"}),
    [SETTING_INBOX_PREFIX] =
        ROW(AT(inbox_prefix), .field = CONNECTION_INBOX_PREFIX, .context = "inbox_prefix",
            .flag = {"inbox-prefix", 0, "SUBJECT", "Prefix of the subjects for replies"}),
    [SETTING_TIMEOUT] =
        ROW(AT(timeout_ms), .type = SETTING_DURATION, .field = CONNECTION_TIMEOUT, .env = "NATS_TIMEOUT",
            .flag = {"timeout", 0, "DURATION", "Deadline for connecting and for each request. Default: 5s"}),
    [SETTING_TLS_FIRST] = ROW(AT(tls_first), .type = SETTING_FLAG, .tls = TLS_FIRST, .context = "tls_first",
                              .nack = "tlsFirst"),
};

static const void *place_of(const struct connection_settings *settings, const struct setting *row)
{
    return (const char *)settings + row->offset;
}

const char *setting_text(const struct connection_settings *settings, const struct setting *row)
{
    bool is_text = row->type != SETTING_DURATION && row->type != SETTING_FLAG;
    return is_text ? *(const char *const *)place_of(settings, row) : NULL;
}

bool setting_is_set(const struct connection_settings *settings, const struct setting *row)
{
    if (row->type == SETTING_DURATION)
        return *(const int64_t *)place_of(settings, row) != 0;
    if (row->type == SETTING_FLAG)
        return *(const bool *)place_of(settings, row);
    return setting_text(settings, row) != NULL;
}

void setting_set(struct connection_settings *settings, const struct setting *row, const void *value)
{
    size_t size = row->type == SETTING_DURATION ? sizeof(int64_t)
                  : row->type == SETTING_FLAG   ? sizeof(bool)
                                                : sizeof(const char *);
    memcpy((char *)settings + row->offset, value, size);
}

void setting_copy(struct connection_settings *settings, const struct setting *row,
                  const struct connection_settings *from)
{
    setting_set(settings, row, place_of(from, row));
}

bool manifest_is_native(const struct node *document)
{
    bool native = document->type == NODE_MAP;
    for (size_t i = 0; native && i < document->count; i++)
        native = table_field(&manifest_table, document->members[i].key) != NULL;
    return native;
}
