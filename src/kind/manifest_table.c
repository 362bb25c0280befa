/* The manifest's own rows: everything around the objects that JetStream knows. */
#include "kind/manifest.h"

#include "kind/kinds.h"
#include "kind/removed.h"

static const struct field tls_fields[] = {
    {.name = "ca", .id = TLS_CA, .type = FIELD_PATH, .doc = "Certificates to trust instead of the system's."},
    {.name = "cert", .id = TLS_CERT, .type = FIELD_PATH, .doc = "The client's certificate."},
    {.name = "key", .id = TLS_KEY, .type = FIELD_PATH, .doc = "The key of the client's certificate."},
    {.name = "first",
     .id = TLS_FIRST,
     .type = FIELD_BOOL,
     .doc = "Starts TLS before the server says anything."},
};

static const struct table tls_table = {
    .noun = "tls",
    .doc = "How the connection is encrypted.",
    TABLE_FIELDS(tls_fields),
};

static const struct field expect_fields[] = {
    {.name = "cluster",
     .id = EXPECT_CLUSTER,
     .type = FIELD_TEXT,
     .doc = "Name of the cluster, or of a server that is in none; any other is refused.",
     .example = "staging"},
};

static const struct table expect_table = {
    .noun = "expect",
    .doc = "What the server must be.",
    TABLE_FIELDS(expect_fields),
};

static const struct field connection_fields[] = {
    {.name = "context",
     .id = CONNECTION_CONTEXT,
     .type = FIELD_TEXT,
     .doc = "A context of the nats CLI, or a context file's path."},
    {.name = "url",
     .id = CONNECTION_URL,
     .type = FIELD_TEXT,
     .doc = "One or more server URLs, by commas.",
     .example = "nats://127.0.0.1:4222"},
    {.name = "user", .id = CONNECTION_USER, .type = FIELD_TEXT, .doc = "User name."},
    {.name = "password",
     .id = CONNECTION_PASSWORD,
     .type = FIELD_TEXT,
     .flags = FIELD_SECRET,
     .doc = "Password; better as ${VARIABLE}."},
    {.name = "token",
     .id = CONNECTION_TOKEN,
     .type = FIELD_TEXT,
     .flags = FIELD_SECRET,
     .doc = "Token; better as ${VARIABLE}."},
    {.name = "creds",
     .id = CONNECTION_CREDS,
     .type = FIELD_PATH,
     .doc = "Credentials file with a user's JWT and seed."},
    {.name = "nkey", .id = CONNECTION_NKEY, .type = FIELD_PATH, .doc = "File with a user's nkey seed."},
    {.name = "tls",
     .id = CONNECTION_TLS,
     .type = FIELD_OBJECT,
     .object = &tls_table,
     .doc = "How the connection is encrypted."},
    {.name = "domain", .id = CONNECTION_DOMAIN, .type = FIELD_NAME, .doc = "JetStream domain."},
    {.name = "api_prefix",
     .id = CONNECTION_API_PREFIX,
     .type = FIELD_LITERAL,
     .doc = "Prefix of the JetStream API, instead of $JS.API."},
    {.name = "inbox_prefix",
     .id = CONNECTION_INBOX_PREFIX,
     .type = FIELD_LITERAL,
     .doc = "Prefix of the subjects that replies come on."},
    {.name = "timeout",
     .id = CONNECTION_TIMEOUT,
     .type = FIELD_DURATION,
     .least = MILLISECOND,
     .most = INT64_MAX,
     .fallback = "5s",
     .doc = "Deadline of connecting and of each request."},
    {.name = "expect",
     .id = CONNECTION_EXPECT,
     .type = FIELD_OBJECT,
     .object = &expect_table,
     .doc = "What the server must be, so that a plan for staging never hits production."},
};

static const struct table connection_table = {
    .noun = "connection",
    .doc = "Where the server is and who we are. Flags and environment win over it.",
    TABLE_FIELDS(connection_fields),
};

static const struct field defaults_fields[] = {
    {.name = "stream",
     .id = DEFAULTS_STREAM,
     .type = FIELD_OBJECT,
     .object = &stream_table,
     .doc = "For every stream of the manifest."},
    {.name = "consumer",
     .id = DEFAULTS_CONSUMER,
     .type = FIELD_OBJECT,
     .object = &consumer_table,
     .doc = "For every consumer of the manifest."},
};

static const struct table defaults_table = {
    .noun = "defaults",
    .doc = "Values for the objects that leave them out.",
    TABLE_FIELDS(defaults_fields),
};

static const struct field manifest_fields[] = {
    {.name = "project",
     .id = MANIFEST_PROJECT,
     .type = FIELD_NAME,
     .doc = "The owner's mark on every object (in metadata, on servers from 2.10 on).",
     .example = "chat"},
    {.name = "include",
     .id = MANIFEST_INCLUDE,
     .type = FIELD_PATH,
     .shape = SHAPE_LIST,
     .doc = "More files, by patterns relative to this one; a name that two of them define is an error.",
     .example = "[streams/*.yaml]"},
    {.name = "connection",
     .id = MANIFEST_CONNECTION,
     .type = FIELD_OBJECT,
     .object = &connection_table,
     .doc = "Where the server is and who we are."},
    {.name = "defaults",
     .id = MANIFEST_DEFAULTS,
     .type = FIELD_OBJECT,
     .object = &defaults_table,
     .doc = "Values for the objects that leave them out."},
    {.name = "streams",
     .id = MANIFEST_STREAMS,
     .type = FIELD_OBJECT,
     .shape = SHAPE_MAP,
     .flags = FIELD_OURS,
     .object = &stream_table,
     .doc = "Streams by name."},
    {.name = "removed",
     .id = MANIFEST_REMOVED,
     .type = FIELD_OBJECT,
     .object = &removed_table,
     .doc = "Objects to forget: they stay on the server and lose the project's mark.",
     .example = "{streams: [OLD]}"},
};

const struct table manifest_table = {
    .noun = "manifest",
    .doc = "A project's streams and consumers.",
    TABLE_FIELDS(manifest_fields),
};
