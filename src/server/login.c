/* Who we are to a server; see login.h. */
#include "server/login.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/conceal.h"
#include "base/read.h"
#include "base/strbuf.h"

/*
 * ---- connection nkey ----
 * Public nkeys.
 *
 * A seed is base32 of two bytes of prefix, 32 bytes of Ed25519 seed, and a CRC-16 (XMODEM, low byte first); a
 * public key is base32 of one byte of prefix, 32 bytes of key, and the same checksum.
 */

enum {
    KEY_BYTES = 32,
    SEED_BYTES = 2 + KEY_BYTES + 2,
    PUBLIC_BYTES = 1 + KEY_BYTES + 2,
    SEED_LENGTH = 58,
    PREFIX_SEED = 18 << 3, /* 'S' */
    PREFIX_USER = 20 << 3, /* 'U' */
};

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static uint16_t checksum(const unsigned char *bytes, size_t length)
{
    uint16_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum ^= (uint16_t)(bytes[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            sum = (uint16_t)(sum & 0x8000 ? sum << 1 ^ 0x1021 : sum << 1);
    }
    return sum;
}

static bool decode(const char *text, unsigned char *out, size_t length)
{
    uint32_t bits = 0;
    int held = 0;
    size_t end = 0;
    for (; *text && end < length; text++) {
        const char *digit = strchr(base32, *text);
        if (!digit)
            return false;
        bits = bits << 5 | (uint32_t)(digit - base32);
        held += 5;
        if (held >= 8) {
            held -= 8;
            out[end++] = (unsigned char)(bits >> held & 0xff);
        }
    }
    return end == length;
}

/* `length` is a multiple of five bytes, so that no padding is left over. */
static void encode(const unsigned char *bytes, size_t length, char *out)
{
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 5; held -= 5)
            *out++ = base32[bits >> (held - 5) & 31];
    }
    *out = '\0';
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static bool derive(const unsigned char seed[KEY_BYTES], unsigned char ret_key[KEY_BYTES])
{
    size_t length = KEY_BYTES;
    EVP_PKEY *key __attribute__((cleanup(free_key))) =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, KEY_BYTES);
    return key && EVP_PKEY_get_raw_public_key(key, ret_key, &length) == 1 && length == KEY_BYTES;
}

bool nkey_public(const char *seed, char ret_key[NKEY_PUBLIC_LENGTH + 1])
{
    unsigned char raw[SEED_BYTES] = {0}, public[PUBLIC_BYTES] = {PREFIX_USER};
    bool fine = strlen(seed) == SEED_LENGTH && decode(seed, raw, sizeof(raw));
    uint16_t sum = checksum(raw, SEED_BYTES - 2);
    fine = fine && raw[SEED_BYTES - 2] == (sum & 0xff) && raw[SEED_BYTES - 1] == sum >> 8;
    /* The first five bits say seed, the next eight what of. */
    fine =
        fine && (raw[0] & 0xf8) == PREFIX_SEED && ((raw[0] & 7) << 5 | (raw[1] & 0xf8) >> 3) == PREFIX_USER;
    fine = fine && derive(raw + 2, public + 1);
    /* memset() would be left out by the compiler, since nobody reads the seed any more. */
    OPENSSL_cleanse(raw, sizeof(raw));
    if (!fine)
        return false;
    sum = checksum(public, PUBLIC_BYTES - 2);
    public[PUBLIC_BYTES - 2] = (unsigned char)(sum & 0xff);
    public[PUBLIC_BYTES - 1] = (unsigned char)(sum >> 8);
    encode(public, PUBLIC_BYTES, ret_key);
    return true;
}

/*
 * ---- connection secret ----
 * Following references to secrets. Read at each connect, kept nowhere else.
 */

/* The rest of `text` after `prefix`, in any case as in URIs; NULL when it starts otherwise. */
static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncasecmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* Layers pass texts on, so that a value of the manifest's is known by its very text. */
static struct srcpos find_text(const struct object *object, const char *text)
{
    for (size_t i = 0; object && i < object->table->count; i++) {
        const struct value *value = &object->values[i];
        struct srcpos pos = value->type == VALUE_OBJECT ? find_text(value->object, text) : (struct srcpos){0};
        if (pos.source)
            return pos;
        if (value->type == VALUE_TEXT && value->text == text && value->node)
            return value->node->pos;
    }
    return (struct srcpos){0};
}

/* Where the manifest says it; nowhere when another layer does. */
static struct srcpos secret_pos(const struct connection_settings *settings, const char *reference)
{
    return find_text(settings->declared, reference);
}

static const char *environment(const struct connection_settings *settings, const char *name)
{
    return settings->lookup ? settings->lookup(settings->lookup_context, name) : NULL;
}

/* One $NAME or ${NAME} at text; returns its length and adds its value. An unset variable is empty. */
static size_t expand_variable(const struct connection_settings *settings, const char *text,
                              struct strbuf *out)
{
    bool braces = text[1] == '{';
    const char *name = text + 1 + braces;
    size_t length = 0;
    while (isalnum((unsigned char)name[length]) || name[length] == '_')
        length++;
    if (length == 0 || (braces && name[length] != '}')) {
        strbuf_addc(out, '$');
        return 1;
    }
    struct strbuf key __attribute__((cleanup(strbuf_release))) = {0};
    strbuf_add(&key, name, length);
    const char *value = environment(settings, strbuf_text(&key));
    strbuf_adds(out, value ? value : "");
    return 1 + length + 2 * (size_t)braces;
}

static const char *expand(struct arena *arena, const struct connection_settings *settings, const char *path)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    const char *file = after(path, "file://");
    path = file ? file : path;
    if (!settings->lookup)
        return path;
    const char *home = environment(settings, "HOME");
    /* Only one's own home: '~name' would need the password database. */
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home) {
        strbuf_adds(&out, home);
        path++;
    }
    while (*path) {
        if (*path == '$')
            path += expand_variable(settings, path, &out);
        else
            strbuf_addc(&out, *path++);
    }
    return arena_strndup(arena, strbuf_text(&out), out.length);
}

/* What follows "data:", such as ";base64,SGVsbG8=". */
static int read_data(struct arena *arena, struct srcpos pos, const char *what, const char *rest,
                     const char **ret_text, struct diags *diags)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    const char *comma = strchr(rest, ',');
    const char *encoding = strstr(rest, ";base64");
    if (!comma || !encoding || encoding > comma || !base64_decode(&out, comma + 1))
        return diag_error(diags, &code_credentials, pos, "the %s is given as 'data:' that is not base64",
                          what);
    *ret_text = arena_strndup(arena, strbuf_text(&out), out.length);
    return 0;
}

static int read_variable(const struct connection_settings *settings, struct srcpos pos, const char *what,
                         const char *name, const char **ret_text, struct diags *diags)
{
    const char *value = environment(settings, name);
    if (!value || !value[0])
        return diag_error(diags, &code_credentials, pos,
                          "the %s is to come from the environment variable '%s', which is not set", what,
                          name);
    *ret_text = value;
    return 0;
}

static int refuse_manager(struct srcpos pos, const char *what, const char *reference, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_credentials, pos, "the %s is to come from '%.*s', which natsform cannot ask",
                 what, (int)strcspn(reference, ":"), reference);
    diag_hint(diags, diag, "give a path, or env://NAME with the secret in that variable");
    return -1;
}

/* 1Password and nsc are programs to be asked; the nats CLI runs them, natsform does not. */
static bool is_managed(const char *reference)
{
    return after(reference, "op://") || after(reference, "nsc://");
}

static int read_file(struct arena *arena, struct srcpos pos, const char *what, const char *path,
                     const char **ret_text, struct diags *diags)
{
    struct source file;
    int error = file_read(arena, path, FILE_SMALL_MOST, &file, NULL);
    if (!error) {
        *ret_text = file.text;
        return 0;
    }
    return diag_error(diags, &code_credentials, pos, "cannot read the %s '%s': %s", what, path,
                      strerror(error));
}

/* The text itself; or $CREDS in a path was all of it. */
static bool is_text(struct arena *arena, const struct connection_settings *settings, const char *reference,
                    const char **ret_text)
{
    *ret_text = conceal_is_content(reference) ? reference : expand(arena, settings, reference);
    return conceal_is_content(*ret_text);
}

int secret_read(struct arena *arena, const struct connection_settings *settings, const char *what,
                const char *reference, struct secret *ret_secret, struct diags *diags)
{
    struct srcpos pos = secret_pos(settings, reference);
    struct secret secret = {0};
    bool data = after(reference, "data:");
    if (is_managed(reference))
        return refuse_manager(pos, what, reference, diags);
    if (data || after(reference, "env://")) {
        secret.called = arena_printf(arena, "%s '%s'", what, data ? "data:" : reference);
        if (secret_literal(arena, settings, what, reference, &secret.text, diags))
            return -1;
    } else if (is_text(arena, settings, reference, &secret.text)) {
        secret.called = arena_printf(arena, "text of the %s", what);
    } else {
        secret.path = secret.text;
        secret.called = arena_printf(arena, "%s '%s'", what, secret.path);
        if (read_file(arena, pos, what, secret.path, &secret.text, diags))
            return -1;
    }
    *ret_secret = secret;
    return 0;
}

int tls_files_read(struct arena *arena, const struct connection_settings *settings,
                   struct tls_files *ret_files, struct diags *diags)
{
    struct tls_files files = {0};
    if (!settings->cert != !settings->key)
        return diag_error(
            diags, &code_credentials, (struct srcpos){0},
            "a client certificate needs both its certificate and its key, and there is only the %s",
            settings->cert ? "certificate" : "key");
    if (settings->ca && secret_read(arena, settings, "CA certificate", settings->ca, &files.ca, diags))
        return -1;
    if (settings->cert &&
        (secret_read(arena, settings, "client certificate", settings->cert, &files.cert, diags) ||
         secret_read(arena, settings, "client key", settings->key, &files.key, diags)))
        return -1;
    *ret_files = files;
    return 0;
}

/* A file ends with one, and the secret does not. */
static const char *without_line_end(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    return arena_strndup(arena, text, length);
}

int secret_literal(struct arena *arena, const struct connection_settings *settings, const char *what,
                   const char *value, const char **ret_text, struct diags *diags)
{
    const char *variable = after(value, "env://");
    const char *data = after(value, "data:");
    const char *text = value;
    struct srcpos pos = secret_pos(settings, value);
    int result = 0;
    if (is_managed(value))
        return refuse_manager(pos, what, value, diags);
    if (data)
        result = read_data(arena, pos, what, data, &text, diags);
    else if (variable)
        result = read_variable(settings, pos, what, variable, &text, diags);
    else if (after(value, "file://"))
        result = read_file(arena, pos, what, expand(arena, settings, value), &text, diags);
    if (!result)
        *ret_text = text == value ? value : without_line_end(arena, text);
    return result;
}

/* The first line that starts with `prefix`, without blanks around it; NULL when there is none. */
static const char *secret_line(struct arena *arena, const char *text, const char *prefix)
{
    while (*text) {
        text += strspn(text, " \t\r\n");
        size_t length = strcspn(text, " \t\r\n");
        if (strncmp(text, prefix, strlen(prefix)) == 0)
            return arena_strndup(arena, text, length);
        text += strcspn(text, "\n");
    }
    return NULL;
}

/*
 * ---- connection identity ----
 * Reading credentials. What a reference to a secret means is said above.
 */

static int refuse_content(struct srcpos pos, const struct secret *secret, const char *wants,
                          struct diags *diags)
{
    return diag_error(diags, &code_credentials, pos, "the %s %s", secret->called, wants);
}

static int read_creds(struct arena *arena, const struct connection_settings *settings,
                      struct identity *identity, struct diags *diags)
{
    struct srcpos pos = secret_pos(settings, settings->creds);
    struct secret secret;
    if (secret_read(arena, settings, "creds file", settings->creds, &secret, diags))
        return -1;
    /* Between its "-----BEGIN" lines; a JWT is base64 of '{"', a user's seed begins with SU. */
    identity->jwt = secret_line(arena, secret.text, "eyJ");
    identity->seed = secret_line(arena, secret.text, "SU");
    if (!identity->jwt)
        return refuse_content(pos, &secret, "holds no user JWT", diags);
    if (!identity->seed || !nkey_public(identity->seed, (char[NKEY_PUBLIC_LENGTH + 1]){0}))
        return refuse_content(pos, &secret, "holds no valid user seed", diags);
    identity->who = arena_printf(arena, "the %s", secret.called);
    return 0;
}

static int read_nkey(struct arena *arena, const struct connection_settings *settings,
                     struct identity *identity, struct diags *diags)
{
    struct secret secret;
    if (secret_read(arena, settings, "nkey seed file", settings->nkey, &secret, diags))
        return -1;
    identity->seed = secret_line(arena, secret.text, "SU");
    if (!identity->seed || !nkey_public(identity->seed, identity->public_key))
        return refuse_content(secret_pos(settings, settings->nkey), &secret, "holds no valid user seed",
                              diags);
    identity->who = arena_printf(arena, "nkey '%s'", identity->public_key);
    return 0;
}

static int read_jwt(struct arena *arena, const struct connection_settings *settings,
                    struct identity *identity, struct diags *diags)
{
    if (secret_literal(arena, settings, "user JWT", settings->user_jwt, &identity->jwt, diags))
        return -1;
    if (settings->user_seed &&
        secret_literal(arena, settings, "user seed", settings->user_seed, &identity->seed, diags))
        return -1;
    if (identity->seed && !nkey_public(identity->seed, (char[NKEY_PUBLIC_LENGTH + 1]){0}))
        return diag_error(diags, &code_credentials, (struct srcpos){0}, "the user seed is not valid");
    identity->who = "the user JWT";
    return 0;
}

static int read_user(struct arena *arena, const struct connection_settings *settings,
                     struct identity *identity, struct diags *diags)
{
    identity->user = settings->user;
    identity->who = arena_printf(arena, "user '%s'", settings->user);
    return secret_literal(arena, settings, "password", settings->password, &identity->password, diags);
}

/* The password, or the seed, may be of another layer than the user, or the JWT, that it belongs to. */
static const char *who_said(struct arena *arena, const struct connection_settings *settings,
                            const struct identity *identity)
{
    bool by_seed = identity->jwt && settings->user_seed && !settings->creds;
    bool completed = settings->secret_from && (identity->user || by_seed);
    return completed && settings->who_from
               ? arena_printf(arena, "%s, with %s", settings->who_from, settings->secret_from)
               : settings->who_from;
}

int identity_read(struct arena *arena, const struct connection_settings *settings,
                  struct identity *ret_identity, struct diags *diags)
{
    struct identity identity = {0};
    bool bare_user = settings->user && !settings->password;
    /* As for the nats CLI, a user without a password is a token. */
    const char *token = settings->token ? settings->token : bare_user ? settings->user : NULL;
    int result = 0;
    if (settings->user && !bare_user)
        result = read_user(arena, settings, &identity, diags);
    else if (settings->creds)
        result = read_creds(arena, settings, &identity, diags);
    else if (settings->nkey)
        result = read_nkey(arena, settings, &identity, diags);
    else if (settings->user_jwt)
        result = read_jwt(arena, settings, &identity, diags);
    if (!result && token)
        result = secret_literal(arena, settings, "token", token, &identity.token, diags);
    if (result)
        return -1;
    if (token && !identity.who)
        identity.who = "the token";
    identity.secret_user = token != NULL;
    identity.from = identity.who ? who_said(arena, settings, &identity) : NULL;
    *ret_identity = identity;
    return 0;
}

static const char *with_origin(struct arena *arena, const char *who, const char *from, const char *found)
{
    return !from || (found && strcmp(from, found) == 0) ? who : arena_printf(arena, "%s (%s)", who, from);
}

const char *identity_who(struct arena *arena, const struct identity *identity, const char *found)
{
    return identity->who ? with_origin(arena, identity->who, identity->from, found) : NULL;
}

const char *identity_known(struct arena *arena, const struct identity *identity, const char *user,
                           const char *found)
{
    const char *name = user[0] ? user : identity->user;
    if (!name)
        return identity->who ? identity_who(arena, identity, found) : "";
    name = arena_printf(arena, "user %s", name);
    return with_origin(arena, name, identity->from, found);
}

/* What the URL says is about this server, so it comes before what holds for all. */
struct identity identity_for_url(struct arena *arena, const struct identity *identity,
                                 const struct server_url *url)
{
    struct identity result = *identity;
    if (!url->user)
        return result;
    result.user = url->password ? url->user : NULL;
    result.password = url->password;
    result.token = url->password ? NULL : url->user;
    result.secret_user = !url->password;
    result.from = NULL;
    result.who = url->password ? arena_printf(arena, "user '%s'", url->user) : "the token";
    return result;
}
