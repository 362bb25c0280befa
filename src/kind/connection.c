/* The rows of a connection's settings; see connection.h. Flags, variables and keys are named as the nats CLI names them. */
#include "kind/connection.h"

#include <string.h>

#include "base/row.h"
#include "kind/manifest_rows.h"

/* A row knows where its member is, so that code walks through all settings and need not list them. */
#define AT(member) .offset = offsetof(struct connection_settings, member)

const struct setting connection_rows[SETTINGS] = {
    [SETTING_URL] =
        ROW(AT(url), .field = CONNECTION_URL, .env = "NATS_URL", .context = "url", .nack = "servers",
            .flag = {"server", 's', "URL", "Server, or several separated by commas"}),
    [SETTING_CONTEXT] = ROW(AT(context), .field = CONNECTION_CONTEXT, .env = "NATS_CONTEXT",
                            .flag = {"context", 0, "NAME", "Context of the nats CLI"}),
    [SETTING_CREDS] = ROW(AT(creds), .type = SETTING_PATH, .group = GROUP_IDENTITY, .field = CONNECTION_CREDS,
                          .env = "NATS_CREDS", .context = "creds", .nack = "creds",
                          .flag = {"creds", 0, "FILE", "Credentials file"}),
    [SETTING_NKEY] = ROW(AT(nkey), .type = SETTING_PATH, .group = GROUP_IDENTITY, .field = CONNECTION_NKEY,
                         .env = "NATS_NKEY", .context = "nkey", .nack = "nkey",
                         .flag = {"nkey", 0, "FILE", "File with an nkey seed"}),
    [SETTING_USER] = ROW(AT(user), .group = GROUP_IDENTITY, .field = CONNECTION_USER, .env = "NATS_USER",
                         .context = "user", .flag = {"user", 0, "NAME", "User name"}),
    [SETTING_PASSWORD] =
        ROW(AT(password), .type = SETTING_SECRET, .group = GROUP_IDENTITY, .field = CONNECTION_PASSWORD,
            .env = "NATS_PASSWORD", .context = "password",
            .flag = {"password", 0, "TEXT", "Password; NATS_PASSWORD keeps it out of the process list"}),
    [SETTING_TOKEN] =
        ROW(AT(token), .type = SETTING_SECRET, .group = GROUP_IDENTITY, .field = CONNECTION_TOKEN,
            .env = "NATS_TOKEN", .context = "token", .flag = {"token", 0, "TEXT", "Token; see --password"}),
    /* These two have neither flag nor field: a seed on a command line or in a manifest would be seen by too many. */
    [SETTING_USER_JWT] = ROW(AT(user_jwt), .type = SETTING_SECRET, .group = GROUP_IDENTITY, .env = "NATS_JWT",
                             .context = "user_jwt"),
    [SETTING_USER_SEED] = ROW(AT(user_seed), .type = SETTING_SECRET, .group = GROUP_IDENTITY,
                              .env = "NATS_SEED", .context = "user_seed"),
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
