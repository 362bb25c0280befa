/*
 * Connecting and closing; see server.h. The words for what goes wrong are in connection_failure.c before a
 * server has let us in, and in server_greeting.c after.
 */
#include "server/server.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "server/connection_failure.h"
#include "server/connection_options.h"
#include "server/server_greeting.h"
#include "server/server_state.h"

enum { UNLUCKY_MOST = 8 }; /* tries, each of which fails by chance in one of 256 */

static void destroy_options(natsOptions **options)
{
    natsOptions_Destroy(*options);
}

static void close_server(struct server **server)
{
    server_close(*server);
}

/* Prefixes are parts of subjects: whole tokens without wildcards, blanks or a dot at an end. */
static int check_prefix(const char *prefix, const char *what, struct diags *diags)
{
    if (!prefix)
        return 0;
    size_t length = strlen(prefix);
    bool fine = length > 0 && length < 200 && prefix[0] != '.' && prefix[length - 1] != '.' &&
                !strstr(prefix, "..") && prefix[strcspn(prefix, " \t\r\n*>")] == '\0';
    if (fine)
        return 0;
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "the %s '%s' is not part of a subject", what, prefix);
    diag_hint(diags, diag, "tokens with dots between them, without blanks, '*' and '>'");
    return -1;
}

static int set_prefixes(struct server *server, const struct connection_settings *settings,
                        struct diags *diags)
{
    if (check_prefix(settings->api_prefix, "API prefix", diags) ||
        check_prefix(settings->domain, "domain", diags) ||
        check_prefix(settings->inbox_prefix, "inbox prefix", diags))
        return -1;
    server->api = "$JS.API";
    server->inbox_prefix =
        settings->inbox_prefix ? arena_strdup(&server->arena, settings->inbox_prefix) : NULL;
    server->timeout_ms = settings_timeout(settings);
    if (settings->api_prefix) {
        server->api = arena_strdup(&server->arena, settings->api_prefix);
    } else if (settings->domain) {
        server->domain = arena_strdup(&server->arena, settings->domain);
        server->api = arena_printf(&server->arena, "$JS.%s.API", settings->domain);
    }
    return 0;
}

/* Returns 0 when connected, 1 with *ret_failure when not, -1 with a diagnostic when it need not be tried. */
static int try_url(struct server *server, const struct connection_settings *settings,
                   const struct server_url *url, const struct identity *identity,
                   struct connect_failure *ret_failure, struct diags *diags)
{
    natsOptions *options __attribute__((cleanup(destroy_options))) = NULL;
    server->identity = identity_for_url(&server->arena, identity, url);
    server->mailbox = mailbox_new();
    if (options_make(server, settings, url, &options, diags))
        return -1;
    natsStatus status = NATS_ERR;
    /* See sign(): with eight tries that is one chance in 256 to the power of eight. */
    for (int tries = 0; tries == 0 || (server->identity.unlucky && tries < UNLUCKY_MOST); tries++)
        status = natsConnection_Connect(&server->connection, options);
    if (status == NATS_OK) {
        mailbox_connected(server->mailbox);
        server->url = *url;
        return 0;
    }
    *ret_failure = (struct connect_failure){
        .status = status,
        .text = library_words(&server->arena, status),
        .url = url,
        .who = server->identity.who,
    };
    mailbox_free(server->mailbox);
    server->mailbox = NULL;
    return 1;
}

/* In the order given; the first that lets us in. */
static int connect_any(struct server *server, const struct connection_settings *settings, struct diags *diags)
{
    struct server_url *urls = NULL;
    struct identity identity = {0};
    size_t count = 0;
    const char *text = settings->url ? settings->url : SERVER_USUAL_URL;
    server->found = settings->url_from || settings->url ? settings->url_from : "default";
    if (server_urls_parse(&server->arena, text, server->found, &urls, &count, diags) ||
        identity_read(&server->arena, settings, &identity, diags))
        return -1;
    struct connect_failure *failures = ARENA_ARRAY(&server->arena, struct connect_failure, count);
    for (size_t i = 0; i < count; i++) {
        int result = try_url(server, settings, &urls[i], &identity, &failures[i], diags);
        if (result <= 0)
            return result;
    }
    return failure_report(&server->arena, settings, failures, count, diags);
}

static int open_channel(struct server *server, struct diags *diags)
{
    natsStatus status = channel_open(server->connection, server->mailbox, server->api, server->inbox_prefix,
                                     server->timeout_ms, &server->channel);
    if (status == NATS_OK)
        return 0;
    return diag_error(diags, &code_unreachable, (struct srcpos){0}, "server %s closed the connection: %s",
                      server->url.where, natsStatus_GetText(status));
}

static void clear_info(struct server *server)
{
    server->info = (struct server_info){
        .url = server->url.text,
        .found = server->found ? arena_strdup(&server->arena, server->found) : "",
        .where = server->url.where,
        .name = "",
        .version_text = "",
        .cluster = "",
        .domain = "",
        .account = "",
        .user = "",
    };
}

int server_connect(const struct connection_settings *settings, struct server **ret_server,
                   struct diags *diags)
{
    struct server *server __attribute__((cleanup(close_server))) = base_alloc(sizeof(*server));
    if (set_prefixes(server, settings, diags) || connect_any(server, settings, diags) ||
        open_channel(server, diags))
        return -1;
    clear_info(server);
    if (server_greet(server, diags))
        return -1;
    *ret_server = server;
    server = NULL;
    return 0;
}

void server_close(struct server *server)
{
    if (!server)
        return;
    /*
     * In this order, which keeps our reference to the subscription until no thread of nats.c uses it. Its reader
     * hands messages to a subscription without holding it (3.4.1) and crashes when that is destroyed meanwhile;
     * and what a subscription's own thread frees after nats_Close() is leaked.
     */
    channel_unsubscribe(server->channel);
    natsConnection_Close(server->connection);
    mailbox_free(server->mailbox);
    channel_close(server->channel);
    natsConnection_Destroy(server->connection);
    arena_release(&server->arena);
    free(server);
}

const struct server_info *server_info(const struct server *server)
{
    return &server->info;
}

bool server_is_connected(const struct server *server)
{
    return !channel_is_lost(server->channel);
}

void server_set_tick(struct server *server, server_tick *tick, void *context)
{
    channel_set_tick(server->channel, tick, context);
}

const char *server_library_version(void)
{
    return nats_GetVersion();
}

/*
 * When the process ends, nats.c (3.4.1) frees a list of OpenSSL's. That is right only if OpenSSL has cleaned up before,
 * which it has if nats.c was the first to use OpenSSL. Otherwise the list is freed twice. So OpenSSL is told not to
 * clean up at the end; leak checkers do not mind.
 */
void server_library_prepare(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void server_library_release(void)
{
    enum { PATIENCE_MS = 2000 };
    nats_CloseAndWait(PATIENCE_MS);
}
