/*
 * Options of nats-server: certificates; see server_option.h. Names, types and versions are those of the servers'
 * own parsers; `make interop` compares the rows with the newest source, and tests/live gives every row to each
 * version.
 */
#include "kind/server_options.h"

#include "base/row.h"

static const char *const choices_auto[] = {"auto", "always", "never", "must", NULL};
static const char *const choices_none[] = {"none", "local", NULL};
static const char *const choices_auto_[] = {"auto", "auto_fallback", NULL};
static const char *const choices_optional[] = {"optional", NULL};
static const char *const choices_1_2[] = {"1.2", "1.3", NULL};

static const struct server_option ocsp_rows[] = {
    ROW(.name = "mode", .takes = TAKES_CHOICE, .choices = choices_auto, .fallback = "auto",
        .flags = SERVER_ANY_CASE, .doc = "When it is stapled."),
    ROW(.name = "url", .takes = TAKES_TEXT, .doc = "Who is asked."),
    ROW(.name = "urls", .takes = TAKES_LIST, .items = TAKES_TEXT, .doc = "Who are asked."),
};

const struct server_block server_block_ocsp = {
    .id = "server_ocsp",
    .noun = "ocsp",
    .doc = "Stapling.",
    SERVER_ROWS(ocsp_rows),
};

static const struct server_option ocsp_cache_rows[] = {
    ROW(.name = "type", .takes = TAKES_CHOICE, .choices = choices_none, .fallback = "local",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .flags = SERVER_ANY_CASE,
        .doc = "Where it is remembered."),
    ROW(.name = "local_store", .takes = TAKES_TEXT, .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}},
        .flags = SERVER_PATH, .doc = "Folder of the cache."),
    ROW(.name = "preserve_revoked", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "Keeps what was revoked for good."),
    ROW(.name = "save_interval", .takes = TAKES_SECONDS, .fallback = "5m",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "Time between saves."),
};

const struct server_block server_block_ocsp_cache = {
    .id = "server_ocsp_cache",
    .noun = "ocsp_cache",
    .doc = "What was said of the certificates of others.",
    SERVER_ROWS(ocsp_cache_rows),
};

static const struct server_option tls_rows[] = {
    ROW(.name = "cert_file", .takes = TAKES_TEXT, .flags = SERVER_PATH, .doc = "Certificate, as PEM."),
    ROW(.name = "key_file", .takes = TAKES_TEXT, .flags = SERVER_PATH, .doc = "Its private key, as PEM."),
    ROW(.name = "ca_file", .takes = TAKES_TEXT, .flags = SERVER_PATH,
        .doc = "Authorities whose certificates are trusted, as PEM."),
    ROW(.name = "verify", .takes = TAKES_BOOL | TAKES_CHOICE, .choices = choices_optional,
        .fallback = "false", .choices_since = {{VERSION(2, 14, 10), VERSION(2, 15, 3)}},
        .flags = SERVER_ANY_CASE,
        .doc = "The other side needs a certificate too; 'optional' looks at it when there is one."),
    ROW(.name = "verify_and_map", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "That, and its name is the name of a user."),
    ROW(.name = "verify_cert_and_check_known_urls", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "That, and its name is one of the known addresses; clusters and gateways only."),
    ROW(.name = "insecure", .takes = TAKES_BOOL, .fallback = "false",
        .doc = "Does not look at the certificate of the other side."),
    ROW(.name = "timeout", .takes = TAKES_SECONDS, .fallback = "2s",
        .doc = "How long the handshake may take, in seconds unless a unit is said."),
    ROW(.name = "handshake_first", .aliases = {"first", "immediate"},
        .takes = TAKES_BOOL | TAKES_DURATION | TAKES_CHOICE, .choices = choices_auto_, .fallback = "false",
        .since = {{VERSION(2, 10, 0)}}, .choices_since = {{VERSION(2, 10, 4)}}, .flags = SERVER_ANY_CASE,
        .doc =
            "Starts TLS before the server says anything; 'auto' or a duration waits for the client first."),
    ROW(.name = "min_version", .takes = TAKES_CHOICE, .choices = choices_1_2, .fallback = "1.2",
        .since = {{VERSION(2, 10, 21), VERSION(2, 11, 0)}}, .doc = "Oldest version of TLS."),
    ROW(.name = "cipher_suites", .takes = TAKES_LIST, .items = TAKES_TEXT,
        .doc = "The only cipher suites, by their Go names."),
    ROW(.name = "allow_insecure_cipher_suites", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 12, 0)}}, .doc = "These may be insecure ones."),
    ROW(.name = "curve_preferences", .takes = TAKES_LIST, .items = TAKES_TEXT,
        .doc = "The only curves, the preferred one first."),
    ROW(.name = "pinned_certs", .takes = TAKES_LIST, .items = TAKES_TEXT,
        .doc = "SHA-256 sums of the only certificates that are taken, as hexadecimal digits."),
    ROW(.name = "connection_rate_limit", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .doc = "Handshakes a second."),
    ROW(.name = "certs", .aliases = {"certificates"}, .takes = TAKES_LIST, .items = TAKES_BLOCK,
        .block = &server_block_tls_cert, .since = {{VERSION(2, 10, 8), VERSION(2, 11, 0)}},
        .doc = "Several certificates, the fitting one of which is used."),
    ROW(.name = "cert_store", .takes = TAKES_TEXT, .since = {{VERSION(2, 9, 20), VERSION(2, 10, 0)}},
        .doc = "Store of certificates, on Windows."),
    ROW(.name = "cert_match_by", .takes = TAKES_TEXT, .since = {{VERSION(2, 9, 20), VERSION(2, 10, 0)}},
        .doc = "What of a certificate is looked for in the store."),
    ROW(.name = "cert_match", .takes = TAKES_TEXT, .since = {{VERSION(2, 9, 20), VERSION(2, 10, 0)}},
        .doc = "What is looked for."),
    ROW(.name = "cert_match_skip_invalid", .takes = TAKES_BOOL,
        .since = {{VERSION(2, 10, 23), VERSION(2, 11, 0)}},
        .doc = "Passes over certificates that have expired."),
    ROW(.name = "ca_certs_match", .takes = TAKES_TEXT | TAKES_LIST, .items = TAKES_TEXT,
        .since = {{VERSION(2, 10, 23), VERSION(2, 11, 0)}},
        .doc = "Authorities in the store that are trusted."),
    ROW(.name = "ocsp_peer", .takes = TAKES_BOOL | TAKES_BLOCK, .block = &server_block_ocsp_peer,
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}},
        .doc = "Asks whether the certificate of the other side was revoked."),
};

const struct server_block server_block_tls = {
    .id = "server_tls",
    .noun = "tls",
    .doc = "Certificates and how they are checked.",
    SERVER_ROWS(tls_rows),
};

static const struct server_option tls_cert_rows[] = {
    ROW(.name = "cert_file", .takes = TAKES_TEXT, .since = {{VERSION(2, 10, 8), VERSION(2, 11, 0)}},
        .flags = SERVER_PATH | SERVER_REQUIRED, .doc = "Certificate, as PEM."),
    ROW(.name = "key_file", .takes = TAKES_TEXT, .since = {{VERSION(2, 10, 8), VERSION(2, 11, 0)}},
        .flags = SERVER_PATH | SERVER_REQUIRED, .doc = "Its private key, as PEM."),
};

const struct server_block server_block_tls_cert = {
    .id = "server_tls_cert",
    .noun = "certs",
    .doc = "One of several certificates.",
    SERVER_ROWS(tls_cert_rows),
};

static const struct server_option ocsp_peer_rows[] = {
    ROW(.name = "verify", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "Asks at all."),
    ROW(.name = "ca_timeout", .takes = TAKES_SECONDS, .fallback = "2s",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "How long an answer may take."),
    ROW(.name = "allowed_clockskew", .takes = TAKES_SECONDS, .fallback = "30s",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "How far clocks may differ."),
    ROW(.name = "cache_ttl_when_next_update_unset", .takes = TAKES_SECONDS, .fallback = "1h",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}},
        .doc = "How long an answer counts that does not say."),
    ROW(.name = "warn_only", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "Only logs what was revoked."),
    ROW(.name = "unknown_is_good", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "What nobody knows is taken."),
    ROW(.name = "allow_when_ca_unreachable", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 9, 21), VERSION(2, 10, 0)}}, .doc = "What nobody answers for is taken."),
};

const struct server_block server_block_ocsp_peer = {
    .id = "server_ocsp_peer",
    .noun = "ocsp_peer",
    .doc = "Whether certificates were revoked.",
    SERVER_ROWS(ocsp_peer_rows),
};
