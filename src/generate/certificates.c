/*
 * Development certificates; see certificates.h.
 *
 * Only the files decide whether a certificate stays. They are asked what a peer would ask: does the key fit, did the
 * authority sign it, does it name every host, how long is it good? Nothing about them is stored elsewhere, where it
 * could differ.
 *
 * Nodes of clusters and gateways connect to each other, and always want the other's certificate. A certificate for
 * servers only would fail there, so this one is for clients too.
 */
#include "generate/certificates.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/folder.h"
#include "base/host.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"

enum {
    DAY_S = 24 * 60 * 60,
    /* Valid from an hour ago, because clocks of containers and virtual machines may be slow. */
    BEFORE_S = 60 * 60,
    /* RFC 5280 wants a positive number of at most 20 bytes. The highest bit is always set, so these are always 16. */
    SERIAL_BITS = 127,
};

#define CA_NAME "natsform development CA"
#define SERVER_NAME "natsform development server"

static const char *const usual_names[] = {"localhost", "127.0.0.1", "::1"};

struct identity {
    X509 *cert;
    EVP_PKEY *key;
};

static void identity_release(struct identity *identity)
{
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
    *identity = (struct identity){0};
}

static void free_bio(BIO **bio)
{
    BIO_free_all(*bio);
}

static void free_extension(X509_EXTENSION **extension)
{
    X509_EXTENSION_free(*extension);
}

static void free_names(GENERAL_NAMES **names)
{
    GENERAL_NAMES_free(*names);
}

static void free_number(BIGNUM **number)
{
    BN_free(*number);
}

/* ---- names ---- */

static bool is_address(const char *name, unsigned char ret_bytes[16], int *ret_length)
{
    *ret_length = inet_pton(AF_INET, name, ret_bytes) == 1 ? 4 : 16;
    return *ret_length == 4 || inet_pton(AF_INET6, name, ret_bytes) == 1;
}

static bool has_name(X509 *cert, const char *name)
{
    unsigned char bytes[16];
    int length;
    if (is_address(name, bytes, &length))
        return X509_check_ip(cert, bytes, (size_t)length, 0) == 1;
    return !host_is_name(name) ||
           X509_check_host(cert, name, strlen(name), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
}

static bool add_name(GENERAL_NAMES *names, const char *name)
{
    unsigned char bytes[16];
    int length;
    bool address = is_address(name, bytes, &length);
    /*
     * What no certificate can name is left out here, as has_name() does. Else a new certificate would be made in each
     * run.
     */
    if (!address && !host_is_name(name))
        return true;
    ASN1_STRING *value = ASN1_STRING_type_new(address ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    GENERAL_NAME *entry = GENERAL_NAME_new();
    const void *data = address ? (const void *)bytes : name;
    if (!value || !entry || !ASN1_STRING_set(value, data, address ? length : (int)strlen(name)) ||
        !sk_GENERAL_NAME_push(names, entry)) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(entry);
        return false;
    }
    GENERAL_NAME_set0_value(entry, address ? GEN_IPADD : GEN_DNS, value);
    return true;
}

static bool add_names(X509 *cert, const char *const *names, size_t count)
{
    GENERAL_NAMES *all SCOPED(free_names) = sk_GENERAL_NAME_new_null();
    bool fine = all != NULL;
    for (size_t i = 0; fine && i < sizeof(usual_names) / sizeof(usual_names[0]); i++)
        fine = add_name(all, usual_names[i]);
    for (size_t i = 0; fine && i < count; i++)
        fine = add_name(all, names[i]);
    return fine && X509_add1_ext_i2d(cert, NID_subject_alt_name, all, 0, 0) == 1;
}

/* ---- making ---- */

/*
 * `value` is in OpenSSL's little language for extensions, so it must not come from outside. Names of hosts go through
 * add_names() instead.
 */
static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension SCOPED(free_extension) = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    return extension && X509_add_ext(cert, extension, -1) == 1;
}

static bool set_serial(X509 *cert)
{
    BIGNUM *number SCOPED(free_number) = BN_new();
    return number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
}

/* Begins a certificate with a new key. Extensions and the signature are still missing. */
static bool begin(struct identity *identity, const char *name, int days, time_t now)
{
    const unsigned char *text = (const unsigned char *)name;
    identity->key = EVP_EC_gen("P-256");
    identity->cert = X509_new();
    if (!identity->key || !identity->cert)
        return false;
    X509_NAME *subject = X509_get_subject_name(identity->cert);
    time_t from = now - BEFORE_S;
    return X509_set_version(identity->cert, X509_VERSION_3) == 1 && set_serial(identity->cert) &&
           X509_time_adj_ex(X509_getm_notBefore(identity->cert), 0, 0, &from) &&
           X509_time_adj_ex(X509_getm_notAfter(identity->cert), days, -1, &from) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
           X509_set_pubkey(identity->cert, identity->key) == 1;
}

/* pathlen:0: it signs servers, and no other authorities. Whoever trusts it trusts nothing beyond. */
static bool make_authority(struct identity *ca, time_t now)
{
    return begin(ca, CA_NAME, AUTHORITY_DAYS, now) &&
           X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) == 1 &&
           add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash") &&
           X509_sign(ca->cert, ca->key, EVP_sha256()) > 0;
}

static bool make_server(struct identity *server, const struct identity *ca, const char *const *names,
                        size_t name_count, time_t now)
{
    return begin(server, SERVER_NAME, CERTIFICATE_DAYS, now) &&
           X509_set_issuer_name(server->cert, X509_get_subject_name(ca->cert)) == 1 &&
           add_extension(server->cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(server->cert, ca->cert, NID_key_usage, "critical,digitalSignature") &&
           add_extension(server->cert, ca->cert, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(server->cert, ca->cert, NID_subject_key_identifier, "hash") &&
           add_extension(server->cert, ca->cert, NID_authority_key_identifier, "keyid") &&
           add_names(server->cert, names, name_count) && X509_sign(server->cert, ca->key, EVP_sha256()) > 0;
}

/* ---- files ---- */

/*
 * A file that is missing and one with other contents are the same here: a new one is made. Keys have no passwords, so
 * nobody is asked for one.
 */
static BIO *open_file(const char *path)
{
    return BIO_new_file(path, "rb");
}

static X509 *read_cert(const char *path)
{
    BIO *bio SCOPED(free_bio) = open_file(path);
    return bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
}

static EVP_PKEY *read_key(const char *path)
{
    char no_password[] = "";
    BIO *bio SCOPED(free_bio) = open_file(path);
    return bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password) : NULL;
}

static int cannot_write(struct diags *diags, const char *path, const char *error)
{
    struct diag *diag = diag_add(diags, &code_file, (struct srcpos){0}, "cannot write '%s': %s", path, error);
    diag_hint(diags, diag, "'tls: dev' keeps its certificates there");
    return -1;
}

static int write_key(struct arena *arena, const char *path, EVP_PKEY *key, struct diags *diags)
{
    /* This memory is wiped when it is freed. */
    BIO *bio SCOPED(free_bio) = BIO_new(BIO_s_secmem());
    const char *error = "OpenSSL cannot write the key";
    char *text = NULL;
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        return cannot_write(diags, path, error);
    long length = BIO_get_mem_data(bio, &text);
    const struct new_file file = {.path = path, .text = text, .length = (size_t)length, .secret = true};
    return file_write(arena, &file, FILE_REPLACES, &error) ? cannot_write(diags, path, error) : 0;
}

static int write_cert(struct arena *arena, const char *path, X509 *cert, struct diags *diags)
{
    BIO *bio SCOPED(free_bio) = BIO_new(BIO_s_mem());
    const char *error = "OpenSSL cannot write the certificate";
    char *text = NULL;
    if (!bio || PEM_write_bio_X509(bio, cert) != 1)
        return cannot_write(diags, path, error);
    long length = BIO_get_mem_data(bio, &text);
    const struct new_file file = {.path = path, .text = text, .length = (size_t)length};
    return file_write(arena, &file, FILE_REPLACES, &error) ? cannot_write(diags, path, error) : 0;
}

/* The key is written first. If this stops in between, an old certificate does not fit the new key, and both are made again. */
static int write_identity(struct arena *arena, const char *folder, const char *name,
                          const struct identity *identity, struct diags *diags)
{
    const char *key = path_in(arena, folder, arena_printf(arena, "%s-key.pem", name));
    const char *cert = path_in(arena, folder, arena_printf(arena, "%s.pem", name));
    return write_key(arena, key, identity->key, diags) || write_cert(arena, cert, identity->cert, diags) ? -1
                                                                                                         : 0;
}

static struct identity read_identity(struct arena *arena, const char *folder, const char *name)
{
    return (struct identity){
        .cert = read_cert(path_in(arena, folder, arena_printf(arena, "%s.pem", name))),
        .key = read_key(path_in(arena, folder, arena_printf(arena, "%s-key.pem", name))),
    };
}

/* ---- is it still good? ---- */

/* Renewed some time before its end, so that it does not run out under a server that stays up. */
static bool is_current(X509 *cert, time_t now)
{
    time_t then = now + (time_t)CERTIFICATE_RENEW_DAYS * DAY_S;
    return X509_cmp_time(X509_get0_notBefore(cert), &now) < 0 &&
           X509_cmp_time(X509_get0_notAfter(cert), &then) > 0;
}

static bool is_authority(X509 *cert, time_t now)
{
    return cert && X509_check_ca(cert) == 1 && is_current(cert, now) &&
           X509_verify(cert, X509_get0_pubkey(cert)) == 1;
}

/*
 * Is the certificate still good? The authority's key is not needed for that. Deleting that key is the safest thing to do
 * with it.
 */
static bool is_good(const struct identity *server, X509 *ca, const char *const *names, size_t count,
                    time_t now)
{
    bool good = server->cert && server->key && is_current(server->cert, now) &&
                X509_check_private_key(server->cert, server->key) == 1 &&
                X509_check_issued(ca, server->cert) == X509_V_OK &&
                X509_verify(server->cert, X509_get0_pubkey(ca)) == 1 &&
                X509_check_purpose(server->cert, X509_PURPOSE_SSL_SERVER, 0) == 1 &&
                X509_check_purpose(server->cert, X509_PURPOSE_SSL_CLIENT, 0) == 1;
    for (size_t i = 0; good && i < sizeof(usual_names) / sizeof(usual_names[0]); i++)
        good = has_name(server->cert, usual_names[i]);
    for (size_t i = 0; good && i < count; i++)
        good = has_name(server->cert, names[i]);
    return good;
}

/* ---- all of it ---- */

struct making {
    struct arena *arena;
    const struct certificate_request *request;
    struct identity ca, server;
};

static int failed_to_make(struct diags *diags)
{
    return diag_error(diags, &code_file, (struct srcpos){0},
                      "OpenSSL cannot make the certificates of 'tls: dev'");
}

static int make(struct making *making, struct certificates *certificates, struct diags *diags)
{
    const struct certificate_request *request = making->request;
    const char *error;
    bool trusted = is_authority(making->ca.cert, request->now);
    if (trusted &&
        is_good(&making->server, making->ca.cert, request->names, request->name_count, request->now))
        return 0;
    if (folder_make(making->arena, request->folder, &error))
        return cannot_write(diags, request->folder, error);
    /* Without the authority's key nothing can be signed: a new authority is made, and has to be trusted anew. */
    if (!trusted || !making->ca.key || X509_check_private_key(making->ca.cert, making->ca.key) != 1) {
        identity_release(&making->ca);
        if (!make_authority(&making->ca, request->now))
            return failed_to_make(diags);
        if (write_identity(making->arena, request->folder, "ca", &making->ca, diags))
            return -1;
        certificates->new_authority = true;
    }
    identity_release(&making->server);
    if (!make_server(&making->server, &making->ca, request->names, request->name_count, request->now))
        return failed_to_make(diags);
    certificates->new_certificate = true;
    return write_identity(making->arena, request->folder, "server", &making->server, diags);
}

int certificates_make(struct arena *arena, const struct certificate_request *request,
                      struct certificates *ret_certificates, struct diags *diags)
{
    struct certificates certificates = {
        .ca = path_in(arena, request->folder, "ca.pem"),
        .cert = path_in(arena, request->folder, "server.pem"),
        .key = path_in(arena, request->folder, "server-key.pem"),
    };
    struct making making = {
        .arena = arena,
        .request = request,
        .ca = read_identity(arena, request->folder, "ca"),
        .server = read_identity(arena, request->folder, "server"),
    };
    int failed = make(&making, &certificates, diags);
    identity_release(&making.ca);
    identity_release(&making.server);
    /*
     * OpenSSL keeps a list of errors for each thread. nats.c reads it when TLS fails, and would tell of a file that was
     * missing here.
     */
    ERR_clear_error();
    if (!failed)
        *ret_certificates = certificates;
    return failed;
}

/* ---- trusting it ---- */

/* What stands before and behind the path of the authority's certificate. */
static const struct {
    const char *who, *before, *after;
} trust[] = {
    {"Debian, Ubuntu", "sudo cp ",
     " /usr/local/share/ca-certificates/natsform-development.crt && sudo update-ca-certificates"},
    {"Fedora", "sudo cp ",
     " /etc/pki/ca-trust/source/anchors/natsform-development.pem && sudo update-ca-trust"},
    {"macOS", "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ", ""},
    {"Chromium on Linux", "certutil -d \"sql:$HOME/.pki/nssdb\" -A -t C,, -n '" CA_NAME "' -i ", ""},
    {"Firefox", "Settings, Privacy & Security, View Certificates, Authorities, Import: ", ""},
    {"Node.js", "export NODE_EXTRA_CA_CERTS=", ""},
    {"curl", "curl --cacert ", " https://…"},
    {"nats", "nats --tlsca ", " …"},
    {"natsform", "natsform plan --tlsca ", ""},
};

const struct trust_step *certificates_trust(struct arena *arena, const char *ca, size_t *ret_count)
{
    size_t count = sizeof(trust) / sizeof(trust[0]);
    struct strbuf word SCOPED(strbuf_release) = {0};
    /* These lines are copied into a shell, and a folder may have any name. */
    strbuf_add_word(&word, ca);
    const char *path = strbuf_text(&word);
    struct trust_step *steps = ARENA_ARRAY(arena, struct trust_step, count);
    for (size_t i = 0; i < count; i++)
        steps[i] = (struct trust_step){
            .who = trust[i].who,
            .how = arena_printf(arena, "%s%s%s", trust[i].before, path, trust[i].after),
        };
    *ret_count = count;
    return steps;
}
