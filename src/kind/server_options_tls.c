/* Options of nats-server: certificates; see kind/server_options.h. */
#include "kind/server_options.h"

#include "base/row.h"

static const struct choice stapling_modes[] = {
    {.name = "auto"}, {.name = "always"}, {.name = "never"}, {.name = "must"}, {0}};
static const struct choice cache_types[] = {{.name = "none"}, {.name = "local"}, {0}};
static const struct choice handshake_choices[] = {{.name = "auto", .since = {VERSION(2, 10, 4)}},
                                                  {.name = "auto_fallback", .since = {VERSION(2, 10, 4)}},
                                                  {0}};
static const struct choice verify_choices[] = {
    {.name = "optional", .since = {VERSION(2, 14, 10), VERSION(2, 15, 3)}}, {0}};
static const struct choice tls_versions[] = {{.name = "1.2"}, {.name = "1.3"}, {0}};

static const struct field ocsp_rows[] = {
    ROW(.name = "mode", .type = FIELD_CHOICE, .choices = stapling_modes, .fallback = "auto",
        .flags = FIELD_ANY_CASE, .doc = "When it is stapled."),
    ROW(.name = "url", .type = FIELD_TEXT, .doc = "Who is asked."),
    ROW(.name = "urls", .id = OPTION_URLS, .type = FIELD_TEXT, .shape = SHAPE_LIST, .doc = "Who are asked."),
};

const struct table server_ocsp_table = {
    .definition = "server_ocsp",
    .noun = "ocsp",
    .doc = "Stapling.",
    TABLE_OPTIONS(ocsp_rows),
};

static const struct field ocsp_cache_rows[] = {
    ROW(.name = "type", .type = FIELD_CHOICE, .choices = cache_types, .fallback = "local",
        .since = {VERSION(2, 9, 21), V_2_10}, .flags = FIELD_ANY_CASE, .doc = "Where it is remembered."),
    ROW(.name = "local_store", .id = OPTION_LOCAL_STORE, .type = FIELD_TEXT,
        .since = {VERSION(2, 9, 21), V_2_10}, .flags = FIELD_FILE, .doc = "Folder of the cache."),
    ROW(.name = "preserve_revoked", .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "Keeps what was revoked for good."),
    ROW(.name = "save_interval", .type = FIELD_SECONDS, .fallback = "5m",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "Time between saves."),
};

const struct table server_ocsp_cache_table = {
    .definition = "server_ocsp_cache",
    .noun = "ocsp_cache",
    .doc = "What was said of the certificates of others.",
    TABLE_OPTIONS(ocsp_cache_rows),
};

/*
 * nats-server reads the files even with -t, and takes relative paths from its working folder, not from the
 * configuration's. An empty block passes, and the server starts without a certificate. Clusters and gateways always
 * want the other side's certificate.
 */
static const struct field tls_rows[] = {
    ROW(.name = "cert_file", .id = OPTION_CERT_FILE, .type = FIELD_TEXT, .flags = FIELD_FILE,
        .doc = "Certificate, as PEM."),
    ROW(.name = "key_file", .id = OPTION_KEY_FILE, .type = FIELD_TEXT, .flags = FIELD_FILE,
        .doc = "Its private key, as PEM."),
    ROW(.name = "ca_file", .id = OPTION_CA_FILE, .type = FIELD_TEXT, .flags = FIELD_FILE,
        .doc = "Authorities whose certificates are trusted, as PEM."),
    ROW(.name = "verify", .id = OPTION_VERIFY, .type = FIELD_BOOL | FIELD_CHOICE, .choices = verify_choices,
        .fallback = "false", .flags = FIELD_ANY_CASE,
        .doc = "The other side needs a certificate too; 'optional' looks at it when there is one."),
    ROW(.name = "verify_and_map", .type = FIELD_BOOL, .fallback = "false",
        .doc = "That, and its name is the name of a user."),
    ROW(.name = "verify_cert_and_check_known_urls", .type = FIELD_BOOL, .fallback = "false",
        .doc = "That, and its name is one of the known addresses; clusters and gateways only."),
    ROW(.name = "insecure", .type = FIELD_BOOL, .fallback = "false",
        .doc = "Does not look at the certificate of the other side."),
    ROW(.name = "timeout", .type = FIELD_SECONDS, .fallback = "2s",
        .doc = "How long the handshake may take, in seconds unless a unit is said."),
    ROW(.name = "handshake_first", .aliases = {"first", "immediate"},
        .type = FIELD_BOOL | FIELD_DURATION | FIELD_CHOICE, .choices = handshake_choices, .fallback = "false",
        .since = {V_2_10}, .flags = FIELD_ANY_CASE,
        .doc =
            "Starts TLS before the server says anything; 'auto' or a duration waits for the client first."),
    ROW(.name = "min_version", .type = FIELD_CHOICE, .choices = tls_versions, .fallback = "1.2",
        .since = {VERSION(2, 10, 21), V_2_11}, .doc = "Oldest version of TLS."),
    ROW(.name = "cipher_suites", .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .doc = "The only cipher suites, by their Go names."),
    ROW(.name = "allow_insecure_cipher_suites", .type = FIELD_BOOL, .fallback = "false", .since = {V_2_12},
        .doc = "These may be insecure ones."),
    ROW(.name = "curve_preferences", .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .doc = "The only curves, the preferred one first."),
    ROW(.name = "pinned_certs", .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .doc = "SHA-256 sums of the only certificates that are taken, as hexadecimal digits."),
    ROW(.name = "connection_rate_limit", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .doc = "Handshakes a second."),
    ROW(.name = "certs", .aliases = {"certificates"}, .type = FIELD_OBJECT, .shape = SHAPE_LIST,
        .object = &server_tls_cert_table, .since = {VERSION(2, 10, 8), V_2_11},
        .doc = "Several certificates, the fitting one of which is used."),
    ROW(.name = "cert_store", .type = FIELD_TEXT, .since = {VERSION(2, 9, 20), V_2_10},
        .doc = "Store of certificates, on Windows."),
    ROW(.name = "cert_match_by", .type = FIELD_TEXT, .since = {VERSION(2, 9, 20), V_2_10},
        .doc = "What of a certificate is looked for in the store."),
    ROW(.name = "cert_match", .type = FIELD_TEXT, .since = {VERSION(2, 9, 20), V_2_10},
        .doc = "What is looked for."),
    ROW(.name = "cert_match_skip_invalid", .type = FIELD_BOOL, .since = {VERSION(2, 10, 23), V_2_11},
        .doc = "Passes over certificates that have expired."),
    ROW(.name = "ca_certs_match", .type = FIELD_TEXT | FIELD_LIST, .items = FIELD_TEXT,
        .since = {VERSION(2, 10, 23), V_2_11}, .doc = "Authorities in the store that are trusted."),
    ROW(.name = "ocsp_peer", .type = FIELD_BOOL | FIELD_OBJECT, .object = &server_ocsp_peer_table,
        .since = {VERSION(2, 9, 21), V_2_10},
        .doc = "Asks whether the certificate of the other side was revoked."),
};

const struct table server_tls_table = {
    .definition = "server_tls",
    .noun = "tls",
    .doc = "Certificates and how they are checked.",
    TABLE_OPTIONS(tls_rows),
};

static const struct field tls_cert_rows[] = {
    ROW(.name = "cert_file", .id = OPTION_CERT_FILE, .type = FIELD_TEXT, .since = {VERSION(2, 10, 8), V_2_11},
        .flags = FIELD_FILE | FIELD_REQUIRED, .doc = "Certificate, as PEM."),
    ROW(.name = "key_file", .id = OPTION_KEY_FILE, .type = FIELD_TEXT, .since = {VERSION(2, 10, 8), V_2_11},
        .flags = FIELD_FILE | FIELD_REQUIRED, .doc = "Its private key, as PEM."),
};

const struct table server_tls_cert_table = {
    .definition = "server_tls_cert",
    .noun = "certs",
    .doc = "One of several certificates.",
    TABLE_OPTIONS(tls_cert_rows),
};

static const struct field ocsp_peer_rows[] = {
    ROW(.name = "verify", .id = OPTION_VERIFY, .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "Asks at all."),
    ROW(.name = "ca_timeout", .type = FIELD_SECONDS, .fallback = "2s", .since = {VERSION(2, 9, 21), V_2_10},
        .doc = "How long an answer may take."),
    ROW(.name = "allowed_clockskew", .type = FIELD_SECONDS, .fallback = "30s",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "How far clocks may differ."),
    ROW(.name = "cache_ttl_when_next_update_unset", .type = FIELD_SECONDS, .fallback = "1h",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "How long an answer counts that does not say."),
    ROW(.name = "warn_only", .type = FIELD_BOOL, .fallback = "false", .since = {VERSION(2, 9, 21), V_2_10},
        .doc = "Only logs what was revoked."),
    ROW(.name = "unknown_is_good", .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "What nobody knows is taken."),
    ROW(.name = "allow_when_ca_unreachable", .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 9, 21), V_2_10}, .doc = "What nobody answers for is taken."),
};

const struct table server_ocsp_peer_table = {
    .definition = "server_ocsp_peer",
    .noun = "ocsp_peer",
    .doc = "Whether certificates were revoked.",
    TABLE_OPTIONS(ocsp_peer_rows),
};
