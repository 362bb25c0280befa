/* What nats.c is told, and what its threads have to say; see library.h. */
#include "server/library.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/host.h"
#include "base/strbuf.h"
#include "server/login.h"
#include "server/server_state.h"

/*
 * ---- api mailbox ----
 * The queue between nats.c's threads and ours.
 *
 * Why a callback and not natsSubscription_NextMsg(): that one swallows a "no responders" message and returns
 * a status without saying which request it was for (3.4.1 to 3.13), and it cannot be woken by a violation of
 * permissions. The callback costs nothing that could be measured.
 */

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a letter came, or an owner left */
    struct letter *first;
    struct letter **last;
    int owners;                                     /* threads of nats.c that may still call */
    bool is_abandoned;                              /* by its one reader: the last owner destroys it */
    bool (*wants)(const char *data, size_t length); /* NULL: every message */
    size_t most, held;                              /* bytes of messages in it; most is 0: as many as come */
    bool dropped;                                   /* a message did not fit, and that is not told yet */
    struct mailbox *told;                           /* gets each violation, too; NULL: nobody does */
};

/* Archives come in large pieces: with less for a call to the system, there are many of them; with more, what came is copied out of slower memory. */
enum { BUFFER_BYTES = 64 * 1024 };

/* Far more than it takes. A thread that hangs must not keep the command from ending. */
enum { LEAVE_MOST_MS = 2000 };

struct mailbox *mailbox_new(void)
{
    struct mailbox *mailbox = base_alloc(sizeof(*mailbox));
    pthread_mutex_init(&mailbox->lock, NULL);
    pthread_cond_init(&mailbox->changed, NULL);
    mailbox->last = &mailbox->first;
    return mailbox;
}

void letters_free(struct letter *letters)
{
    while (letters) {
        struct letter *next = letters->next;
        natsMsg_Destroy(letters->message);
        free(letters);
        letters = next;
    }
}

/* pthread_cond_timedwait() by the wall clock, for want of a portable other; an early end is looked at again. */
static void wait_ms(struct mailbox *mailbox, int64_t ms)
{
    struct timespec until = {0};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&mailbox->changed, &mailbox->lock, &until);
}

/* ---- owners ---- */

static void destroy(struct mailbox *mailbox)
{
    letters_free(mailbox->first);
    pthread_cond_destroy(&mailbox->changed);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static void take_part(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->owners++;
    pthread_mutex_unlock(&mailbox->lock);
}

/* A thread of nats.c will not call again. */
static void leave(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool is_last = --mailbox->owners == 0;
    bool is_abandoned = mailbox->is_abandoned;
    pthread_cond_signal(&mailbox->changed);
    pthread_mutex_unlock(&mailbox->lock);
    if (is_last && is_abandoned)
        destroy(mailbox);
}

/*
 * Waits for nats.c's threads to leave, which takes them well under a millisecond: a message that is freed after
 * nats_Close() is never freed by it.
 */
void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    int64_t deadline = clock_ms() + LEAVE_MOST_MS;
    pthread_mutex_lock(&mailbox->lock);
    while (mailbox->owners > 0 && clock_ms() < deadline)
        wait_ms(mailbox, deadline - clock_ms());
    mailbox->is_abandoned = mailbox->owners > 0;
    bool is_last = !mailbox->is_abandoned;
    pthread_mutex_unlock(&mailbox->lock);
    if (is_last)
        destroy(mailbox);
}

static void put(struct mailbox *mailbox, enum letter_kind kind, natsMsg *message, const char *text)
{
    struct letter *letter = base_alloc(sizeof(*letter));
    size_t bytes = message ? (size_t)natsMsg_GetDataLength(message) + sizeof(*letter) : 0;
    letter->kind = kind;
    letter->message = message;
    snprintf(letter->text, sizeof(letter->text), "%s", text ? text : "");
    pthread_mutex_lock(&mailbox->lock);
    bool fits = !message || !mailbox->most || bytes <= mailbox->most - mailbox->held;
    if (fits) {
        *mailbox->last = letter;
        mailbox->last = &letter->next;
        mailbox->held += mailbox->most ? bytes : 0;
    }
    mailbox->dropped |= !fits;
    pthread_cond_signal(&mailbox->changed);
    pthread_mutex_unlock(&mailbox->lock);
    if (!fits)
        letters_free(letter);
}

/* ---- what nats.c calls, in threads of its own ---- */

static void on_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                       void *closure)
{
    struct mailbox *mailbox = closure;
    (void)connection;
    (void)subscription;
    if (mailbox->wants && !mailbox->wants(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)))
        natsMsg_Destroy(message);
    else
        put(mailbox, LETTER_MESSAGE, message, NULL);
}

static void on_complete(void *closure)
{
    leave(closure);
}

/* Handlers for natsOptions; the closure is the mailbox. */
static void mailbox_on_error(natsConnection *connection, natsSubscription *subscription, natsStatus status,
                             void *closure)
{
    struct mailbox *mailbox = closure;
    (void)connection;
    (void)subscription;
    /* The thread's own last error is that of this call; the connection's may be a later one already. */
    if (status != NATS_NOT_PERMITTED)
        return;
    put(mailbox, LETTER_VIOLATION, NULL, nats_GetLastError(NULL));
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->told)
        put(mailbox->told, LETTER_VIOLATION, NULL, nats_GetLastError(NULL));
    pthread_mutex_unlock(&mailbox->lock);
}

/* Handlers for natsOptions; the closure is the mailbox. */
static void mailbox_on_closed(natsConnection *connection, void *closure)
{
    const char *reason = NULL;
    if (natsConnection_GetLastError(connection, &reason) == NATS_OK)
        reason = NULL;
    put(closure, LETTER_CLOSED, NULL, reason);
    leave(closure);
}

/* ---- what our thread calls ---- */

void mailbox_connected(struct mailbox *mailbox)
{
    take_part(mailbox);
}

natsStatus mailbox_subscribe(struct mailbox *mailbox, natsConnection *connection, const char *subject,
                             natsSubscription **ret_subscription)
{
    natsStatus status = natsConnection_Subscribe(ret_subscription, connection, subject, on_message, mailbox);
    if (status != NATS_OK)
        return status;
    take_part(mailbox);
    status = natsSubscription_SetOnCompleteCB(*ret_subscription, on_complete, mailbox);
    if (status != NATS_OK) /* the connection is gone already, and the subscription with it */
        leave(mailbox);
    /* A page of 256 streams can be large, and none may be dropped: API_WINDOW bounds what is under way. */
    return natsSubscription_SetPendingLimits(*ret_subscription, -1, -1);
}

struct letter *mailbox_take(struct mailbox *mailbox, int64_t deadline)
{
    pthread_mutex_lock(&mailbox->lock);
    while (!mailbox->first) {
        int64_t left = deadline - clock_ms();
        if (left <= 0)
            break;
        wait_ms(mailbox, left);
    }
    struct letter *letters = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    mailbox->held = 0;
    pthread_mutex_unlock(&mailbox->lock);
    return letters;
}

void mailbox_bound(struct mailbox *mailbox, size_t most_bytes, bool (*wants)(const char *data, size_t length))
{
    mailbox->most = most_bytes;
    mailbox->wants = wants;
}

void mailbox_tell(struct mailbox *mailbox, struct mailbox *told)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->told = told;
    pthread_mutex_unlock(&mailbox->lock);
}

bool mailbox_has_dropped(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool dropped = mailbox->dropped;
    mailbox->dropped = false;
    pthread_mutex_unlock(&mailbox->lock);
    return dropped;
}

/*
 * ---- connection options ----
 * Settings to nats.c's options. Each part is a function that sets some of them and
 * returns nats.c's status.
 */

int64_t settings_timeout(const struct connection_settings *settings)
{
    return settings->timeout_ms > 0 ? settings->timeout_ms : SETTINGS_TIMEOUT_MS;
}

const char *library_words(struct arena *arena, natsStatus status)
{
    const char *text = nats_GetLastError(NULL);
    /* nats.c puts the name of its own function in front. */
    const char *end = text && text[0] == '(' ? strstr(text, "): ") : NULL;
    if (end)
        text = end + strlen("): ");
    return arena_strdup(arena, text && text[0] ? text : natsStatus_GetText(status));
}

static void destroy_options(natsOptions **options)
{
    natsOptions_Destroy(*options);
}

static natsStatus set_behaviour(natsOptions *options, const struct connection_settings *settings,
                                const struct server_url *url, struct mailbox *mailbox)
{
    int64_t timeout = settings_timeout(settings);
    natsStatus status = natsOptions_SetURL(options, url->text);
    if (status == NATS_OK)
        status = natsOptions_SetName(options, settings->called ? settings->called : "natsform");
    if (status == NATS_OK)
        status = natsOptions_SetIOBufSize(options, BUFFER_BYTES);
    if (status == NATS_OK)
        status = natsOptions_SetTimeout(options, timeout);
    /* Or a server that was stopped would let a large write wait for ever. */
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(options, timeout);
    /* What was under way is of unknown outcome after a cut: no reconnecting behind the caller's back. */
    if (status == NATS_OK)
        status = natsOptions_SetAllowReconnect(options, false);
    /* Each URL is tried by itself, so that its failure can be told. */
    if (status == NATS_OK)
        status = natsOptions_SetIgnoreDiscoveredServers(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetErrorHandler(options, mailbox_on_error, mailbox);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(options, mailbox_on_closed, mailbox);
    return status;
}

/* ---- who we are ---- */

/* nats.c (3.4.1 to 3.13) pastes secrets into its JSON as they are. */
static const char *json_escape(struct arena *arena, const char *text)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    if (!text)
        return NULL;
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_addf(&out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            strbuf_addf(&out, "\\u%04x", (unsigned)*text);
        else
            strbuf_addc(&out, *text);
    }
    return arena_strndup(arena, strbuf_text(&out), out.length);
}

static natsStatus give_jwt(char **jwt, char **error, void *closure)
{
    const struct identity *identity = closure;
    (void)error;
    *jwt = strdup(identity->jwt); /* freed by nats.c */
    return *jwt ? NATS_OK : NATS_NO_MEMORY;
}

/*
 * nats.c before 3.8 takes a signature whose first byte is zero for none at all, and sends none: one login in
 * 256 is refused, with its own functions for seed files too. Such a signature ends the attempt before anything
 * is sent; the next one has another nonce.
 */
static natsStatus sign(char **error, unsigned char **signature, int *length, const char *nonce, void *closure)
{
    struct identity *identity = closure;
    (void)error;
    *length = 0;
    identity->unlucky = false;
    /* A bearer's JWT needs no signature, and a server that wants none sends no nonce. */
    if (!identity->seed || !nonce || !nonce[0]) {
        *signature = calloc(1, 1); /* freed by nats.c */
        return *signature ? NATS_OK : NATS_NO_MEMORY;
    }
    natsStatus status = nats_Sign(identity->seed, nonce, signature, length);
    identity->unlucky = status == NATS_OK && (*signature)[0] == 0;
    return identity->unlucky ? NATS_ERR : status;
}

static natsStatus set_identity(struct arena *arena, natsOptions *options, struct identity *identity)
{
    natsStatus status = NATS_OK;
    if (identity->user)
        status = natsOptions_SetUserInfo(options, json_escape(arena, identity->user),
                                         json_escape(arena, identity->password));
    if (status == NATS_OK && identity->token)
        status = natsOptions_SetToken(options, json_escape(arena, identity->token));
    if (status == NATS_OK && identity->jwt)
        status = natsOptions_SetUserCredentialsCallbacks(options, give_jwt, identity, sign, identity);
    else if (status == NATS_OK && identity->public_key[0])
        status = natsOptions_SetNKey(options, identity->public_key, sign, identity);
    return status;
}

/* ---- TLS ---- */

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}

/* The certificates of a chain that others have signed. */
static const char *signed_by_others(struct arena *arena, const char *chain)
{
    BIO *in __attribute__((cleanup(free_bio))) = BIO_new_mem_buf(chain, -1);
    BIO *out __attribute__((cleanup(free_bio))) = BIO_new(BIO_s_mem());
    char *text = NULL;
    for (X509 *cert; in && out && (cert = PEM_read_bio_X509(in, NULL, NULL, NULL)); X509_free(cert))
        if (X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) != 0)
            PEM_write_bio_X509(out, cert);
    ERR_clear_error(); /* the end of the text is one */
    long length = out ? BIO_get_mem_data(out, &text) : 0;
    return length > 0 ? arena_strndup(arena, text, (size_t)length) : NULL;
}

/*
 * Of a text, nats.c (3.4.1) takes only the first certificate. OpenSSL finds the others of the chain among those to trust. Nobody
 * is trusted for their sake: that takes one that has signed itself.
 */
static natsStatus set_chain(struct arena *arena, natsOptions *options, const struct secret *cert,
                            const struct secret *key)
{
    if (cert->path && key->path)
        return natsOptions_LoadCertificatesChain(options, cert->path, key->path);
    const char *chain = signed_by_others(arena, cert->text);
    natsStatus status = natsOptions_SetCertificatesChain(options, cert->text, key->text);
    return status == NATS_OK && chain ? natsOptions_SetCATrustedCertificates(options, chain) : status;
}

static int set_files(struct arena *arena, natsOptions *options, const struct connection_settings *settings,
                     struct diags *diags)
{
    struct tls_files files;
    natsStatus status = NATS_OK;
    if (!settings->ca && !settings->cert && !settings->key)
        return 0;
    if (tls_files_read(arena, settings, &files, diags))
        return -1;
    const struct secret *ca = &files.ca;
    if (ca->text)
        status = ca->path ? natsOptions_LoadCATrustedCertificates(options, ca->path)
                          : natsOptions_SetCATrustedCertificates(options, ca->text);
    if (status == NATS_OK && files.cert.text)
        status = set_chain(arena, options, &files.cert, &files.key);
    if (status == NATS_OK)
        return 0;
    return diag_error(diags, &code_credentials, (struct srcpos){0}, "cannot use the TLS files: %s",
                      library_words(arena, status));
}

static int refuse_tls_first(struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0},
                 "this natsform's NATS library (%s) cannot do the TLS handshake first", nats_GetVersion());
    diag_hint(diags, diag,
              "leave 'tls_first' out, and have the server set 'handshake_first: auto' or a fallback delay");
    return -1;
}

/* nats.c has it since 3.9. */
static int set_tls_first(natsOptions *options, struct diags *diags)
{
#if NATS_VERSION_NUMBER >= 0x030900
    return natsOptions_TLSHandshakeFirst(options) == NATS_OK ? 0 : refuse_tls_first(diags);
#else
    (void)options;
    return refuse_tls_first(diags);
#endif
}

/* As in nats.go, a CA or a certificate asks for TLS as tls:// does: a server without it is refused. */
static int set_tls(struct arena *arena, natsOptions *options, const struct connection_settings *settings,
                   const struct server_url *url, struct diags *diags)
{
    bool wanted = url->tls || settings->tls_first || settings->ca || settings->cert ||
                  (settings->lends_for_tls && !host_is_loopback(url->host));
    if (set_files(arena, options, settings, diags))
        return -1;
    if (!wanted)
        return 0;
    if (natsOptions_SetSecure(options, true) != NATS_OK)
        return diag_error(diags, &code_usage, (struct srcpos){0},
                          "this natsform's NATS library cannot do TLS: %s", library_words(arena, NATS_ERR));
    return settings->tls_first ? set_tls_first(options, diags) : 0;
}

int options_make(struct server *server, const struct connection_settings *settings,
                 const struct server_url *url, natsOptions **ret_options, struct diags *diags)
{
    natsOptions *options __attribute__((cleanup(destroy_options))) = NULL;
    natsStatus status = natsOptions_Create(&options);
    if (status == NATS_OK)
        status = set_behaviour(options, settings, url, server->mailbox);
    if (status == NATS_OK)
        status = set_identity(&server->arena, options, &server->identity);
    if (status != NATS_OK)
        return diag_error(diags, &code_usage, (struct srcpos){0}, "cannot prepare the connection to %s: %s",
                          url->where, library_words(&server->arena, status));
    if (set_tls(&server->arena, options, settings, url, diags))
        return -1;
    *ret_options = options;
    options = NULL;
    return 0;
}
