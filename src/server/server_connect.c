/*
 * Connecting and closing; see server.h. The words for what goes wrong are in connection_failure.c before a
 * server has let us in, and above after that.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "field/value.h"
#include "server/api.h"
#include "server/api_channel.h"
#include "server/connection_failure.h"
#include "server/library.h"
#include "server/server.h"
#include "server/server_state.h"

/*
 * ---- server greeting ----
 * The first questions.
 *
 * $JS.API.INFO tells whether the account has JetStream, how many streams, and since 2.11 the API level. The
 * version is what nats.c reads and keeps to itself, so $SYS.REQ.USER.INFO is asked in the same round trip.
 * Measured:
 *
 *     2.9.10   no such service: "no responders" at once
 *     2.10.27  {"server":{name,id,ver,cluster,domain,…},"data":{user,account,permissions}}; with a token,
 *              `user` is the token itself; over a leafnode the hub answers too, often first, so the reply is
 *              the one with our server's id
 *     2.15.1   the same with account_name; a token's `user` is "[REDACTED]"; the hub does not answer
 *
 * `cluster` is absent from a standalone server, and the server's own name when it has leafnodes. The service
 * works on a server without JetStream, with no_system_account and in every account, unless the user may not
 * publish there. Where it does not answer, the version is in the INFO line (connection_failure.h), which costs a
 * second connection but no waiting.
 */

enum {
    PATIENCE_MS = 100, /* at least, for the version once JetStream has answered */
};

/* Does the reply have the type `wanted`, a string such as "stream_info_response"? Fits channel_accepts. */
static bool api_is_type(const void *wanted, const struct node *body)
{
    static const char prefix[] = "io.nats.jetstream.api.v1.";
    const struct node *type = node_get(body, "type");
    return type && type->type == NODE_SCALAR && strncmp(type->text, prefix, strlen(prefix)) == 0 &&
           strcmp(type->text + strlen(prefix), wanted) == 0;
}

static void ask(struct server *server, struct api_answer *answer, const char *subject,
                channel_accepts *accepts, const void *wanted)
{
    struct channel_request request = {
        .subject = subject,
        .accepts = accepts,
        .wanted = wanted,
        .done = api_answer,
        .context = answer,
    };
    channel_submit(server->channel, &request);
}

static bool is_from_server(const void *wanted, const struct node *body)
{
    return strcmp(node_get_text(node_get(body, "server"), "id"), wanted) == 0;
}

/* ---- why not ---- */

static const char *whose(const struct server *server, const char *unknown)
{
    return server->identity.who ? server->identity.who : unknown;
}

static void refuse_silence(const struct server *server, struct diags *diags)
{
    struct diag *diag = NULL;
    if (server->domain) {
        diag = diag_add(diags, &code_no_jetstream, (struct srcpos){0},
                        "no JetStream of domain '%s' is reachable from server %s", server->domain,
                        server->info.where);
        diag_hint(diags, diag, "check the domain's name, and that its leafnodes are connected");
    } else if (strcmp(server->api, "$JS.API") != 0) {
        diag =
            diag_add(diags, &code_no_jetstream, (struct srcpos){0},
                     "no JetStream listens on API prefix '%s' at server %s", server->api, server->info.where);
        diag_hint(diags, diag, "check the prefix, and that the account imports it");
    } else {
        diag = diag_add(diags, &code_no_jetstream, (struct srcpos){0}, "server %s has no JetStream",
                        server->info.where);
        diag_hint(diags, diag, "start it with --jetstream, or with a 'jetstream' block in its configuration");
    }
}

static void refuse_account(const struct server *server, const struct api_reply *account, struct diags *diags)
{
    struct diag *diag = NULL;
    if (account->err_code == NOT_ENABLED) {
        refuse_silence(server, diags);
        return;
    }
    if (server->info.account[0])
        diag =
            diag_add(diags, &code_no_jetstream, (struct srcpos){0},
                     "account '%s' on server %s has no JetStream", server->info.account, server->info.where);
    else
        diag = diag_add(diags, &code_no_jetstream, (struct srcpos){0},
                        "the account of %s on server %s has no JetStream", whose(server, "nobody"),
                        server->info.where);
    diag_hint(diags, diag, "give the account 'jetstream: enabled' on the server, or log in to another one");
}

static void refuse_permission(const struct server *server, const struct api_reply *account,
                              struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_permission, (struct srcpos){0}, "%s may not use JetStream on %s: %s",
                 whose(server, "a user without credentials"), server->info.where, account->description);
    if (strstr(account->description, "Subscription"))
        diag_hint(diags, diag, "the user must be allowed to subscribe to '%s.>', or give --inbox-prefix",
                  server->inbox_prefix ? server->inbox_prefix : "_INBOX");
    else
        diag_hint(diags, diag, "the user must be allowed to publish to '%s.>'", server->api);
}

static void refuse(const struct server *server, const struct api_reply *account, struct diags *diags)
{
    struct diag *diag = NULL;
    switch (account->outcome) {
    case API_NO_RESPONDERS:
        refuse_silence(server, diags);
        break;
    case API_FORBIDDEN:
        refuse_permission(server, account, diags);
        break;
    case API_TIMEOUT:
        diag =
            diag_add(diags, &code_timeout, (struct srcpos){0}, "JetStream on server %s does not answer: %s",
                     server->info.where, account->description);
        diag_hint(diags, diag, "a cluster that has no meta leader, or is overloaded, stays silent");
        break;
    case API_DISCONNECTED:
        diag_error(diags, &code_unreachable, (struct srcpos){0}, "server %s closed the connection: %s",
                   server->info.where, account->description);
        break;
    case API_ERROR:
        if (account->err_code == NOT_ENABLED_FOR_ACCOUNT || account->err_code == NOT_ENABLED) {
            refuse_account(server, account, diags);
            break;
        }
        diag = diag_add(diags, &code_api, (struct srcpos){0}, "JetStream on server %s fails: %s (%d)",
                        server->info.where, account->description, account->err_code);
        diag->err_code = account->err_code;
        break;
    default:
        diag_error(diags, &code_reply, (struct srcpos){0}, "JetStream on server %s does not answer: %s",
                   server->info.where, account->description);
        break;
    }
}

/* ---- who answered ---- */

static const char *own(struct server *server, const char *text)
{
    return arena_strdup(&server->arena, text);
}

static void fill_from_user_info(struct server *server, const struct node *reply)
{
    const struct node *of_server = node_get(reply, "server");
    const struct node *data = node_get(reply, "data");
    const char *user = node_get_text(data, "user");
    server->info.name = own(server, node_get_text(of_server, "name"));
    server->info.version_text = own(server, node_get_text(of_server, "ver"));
    server->info.cluster = own(server, node_get_text(of_server, "cluster"));
    server->info.account = own(server, node_get_text(data, "account"));
    server->info.account_name = own(server, node_get_text(data, "account_name"));
    if (!server->identity.secret_user && strcmp(user, "[REDACTED]") != 0)
        server->info.user = own(server, user);
}

static void fill_from_hello(struct server *server, const struct node *hello)
{
    server->info.name = own(server, node_get_text(hello, "server_name"));
    server->info.version_text = own(server, node_get_text(hello, "version"));
    server->info.cluster = own(server, node_get_text(hello, "cluster"));
}

/* The greeting of the very server we are connected to: behind one address there may be several. */
static const struct node *hello_of(struct server *server, const char *id)
{
    const char *reason = NULL;
    /* With all the time that a request has: without a version the server would be taken for the newest. */
    const struct node *hello =
        server_hello(&server->arena, server->url.host, server->url.port, server->timeout_ms, &reason);
    return hello && strcmp(node_get_text(hello, "server_id"), id) == 0 ? hello : NULL;
}

/*
 * Is the JetStream that answers that of the server connected to? By a domain it may be beyond a leafnode; a
 * server without JetStream of its own speaks for its cluster, but alone it passes on what a leafnode says.
 */
static bool is_its_own(const struct server_info *info, const struct node *of_server)
{
    bool has_jetstream = strcmp(node_get_text(of_server, "jetstream"), "true") == 0;
    return strcmp(info->domain, node_get_text(of_server, "domain")) == 0 &&
           (has_jetstream || info->cluster[0]);
}

static void fill_from_account(struct server *server, const struct node *reply)
{
    uint64_t level = node_get_number(node_get(reply, "api"), "level");
    server->info.account_info = reply;
    server->info.domain = own(server, node_get_text(reply, "domain"));
    server->info.streams = node_get_number(reply, "streams");
    server->info.consumers = node_get_number(reply, "consumers");
    server->info.api_level = level < INT32_MAX ? (int64_t)level : 0;
}

static void find_version(struct server *server, const struct api_reply *user, const char *id)
{
    const struct node *of_server = node_get(user->body, "server");
    if (user->body) {
        fill_from_user_info(server, user->body);
    } else if (server->info.account_info) {
        of_server = hello_of(server, id);
        if (of_server)
            fill_from_hello(server, of_server);
    }
    if (server->info.account_info && of_server && !is_its_own(&server->info, of_server))
        server->info.version_text = "";
}

/* Returns 0, or -1 with a diagnostic that says why its JetStream cannot be used. */
static int server_greet(struct server *server, struct diags *diags)
{
    struct api_answer user = {.arena = &server->arena}, account = {.arena = &server->arena};
    char id[128] = "";
    int64_t start = clock_ms();
    natsConnection_GetConnectedServerId(server->connection, id, sizeof(id));
    ask(server, &user, "$SYS.REQ.USER.INFO", is_from_server, id);
    ask(server, &account, arena_printf(&server->arena, "%s.INFO", server->api), api_is_type,
        "account_info_response");
    channel_wait(server->channel, &account.done, INT64_MAX);
    int64_t patience = 2 * (clock_ms() - start);
    channel_wait(server->channel, &user.done, clock_ms() + (patience > PATIENCE_MS ? patience : PATIENCE_MS));
    channel_forget(server->channel, &user);
    if (account.is.outcome == API_DONE)
        fill_from_account(server, account.is.body);
    find_version(server, &user.is, id);
    if (server->identity.who || *server->info.user)
        server->info.who =
            identity_known(&server->arena, &server->identity, server->info.user, server->found);
    if (account.is.outcome == API_DONE)
        return 0;
    refuse(server, &account.is, diags);
    failure_note_lender(server->lender, diags);
    return -1;
}

/* ---- server connect ---- */

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
    server->identity = url->user ? identity_for_url(&server->arena, identity, url) : *identity;
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
        .who = identity_who(&server->arena, &server->identity, server->found),
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
    server->lender = settings->lender;
    if (server_urls_parse(&server->arena, text, server->found, &urls, &count, diags) ||
        (connection_logs_in(settings) && identity_read(&server->arena, settings, &identity, diags)))
        return -1;
    if (!identity.who)
        identity.from = settings->cert ? "no login but a certificate" : "no login given";
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
        .account_name = "",
        .user = "",
        .who = "",
        .max_payload = natsConnection_GetMaxPayload(server->connection),
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
    for (size_t i = 0; i < server->lines.count; i++)
        natsSubscription_Destroy(server->lines.items[i]);
    natsConnection_Destroy(server->connection);
    arena_release(&server->account_arena);
    arena_release(&server->arena);
    free(server);
}

bool server_is_clustered(const struct server_info *info)
{
    return info->cluster[0] && strcmp(info->cluster, info->name) != 0;
}

bool server_is_nameless(const char *name)
{
    enum { ID_LENGTH = 56 };
    return strlen(name) == ID_LENGTH && name[0] == 'N' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ID_LENGTH;
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
    enum { THREADS_MS = 2000 };
    nats_CloseAndWait(THREADS_MS);
}

/*
 * ---- api requests ----
 * JetStream's requests over a channel, and messages for those that failed. An outcome that is unknown
 * never becomes a success or a failure here; that is for the caller to find out by reading.
 */

DIAG_CODE(code_no_jetstream, .name = "no-jetstream", CODE_ERROR(EXIT_UNREACHABLE),
          .doc = "JetStream is not enabled on the server, or not for the account.",
          .why = "Streams are made by JetStream.", .example = "jetstream: disabled",
          .remedy = "Enable it in the server's configuration, and for the account.");

DIAG_CODE(code_permission, .name = "permission", CODE_ERROR(EXIT_FAILED),
          .doc = "The user may not publish a JetStream API request or receive its reply.",
          .why = "The user's permissions do not cover the JetStream API.",
          .example = "publish: {deny: [\"$JS.API.>\"]}",
          .remedy = "Allow the subject of the message to the user.");

DIAG_CODE(code_api, .name = "api", CODE_ERROR(EXIT_FAILED),
          .doc = "The server answered a request with an error.",
          .why = "The server refused what it was asked.", .example = "maximum number of streams reached",
          .remedy = "See the server's own words in the message.");

DIAG_CODE(code_reply, .name = "reply", CODE_ERROR(EXIT_FAILED),
          .doc = "A reply is not what the request calls for; another subscriber may answer the API.",
          .why = "What is believed must have come from the server.",
          .example = "a client subscribed to $JS.API.>",
          .remedy = "Find who else answers on the API's subjects.");

void api_submit(struct server *server, const struct api_request *request)
{
    struct strbuf subject __attribute__((cleanup(strbuf_release))) = {0};
    strbuf_addf(&subject, "%s.%s", server->api, request->verb);
    if (request->name)
        strbuf_addf(&subject, ".%s", request->name);
    struct channel_request sent = {
        .subject = strbuf_text(&subject),
        .body = request->body,
        .length = request->body && !request->length ? strlen(request->body) : request->length,
        .accepts = request->type ? api_is_type : NULL,
        .wanted = request->type,
        .unread = request->unread,
        .done = request->done,
        .context = request->context,
        .is_light = request->is_light,
    };
    channel_submit(server->channel, &sent);
}

bool api_is_not_found(const struct api_reply *reply)
{
    enum { NOT_FOUND = 404 };
    return reply->outcome == API_ERROR && reply->code == NOT_FOUND;
}

void api_answer(void *answer, const struct api_reply *reply)
{
    struct api_answer *kept = answer;
    kept->done = true;
    kept->is = *reply;
    kept->is.arena = kept->arena;
    kept->is.description = arena_strdup(kept->arena, reply->description);
    /* Copied: the reply's own memory is used again for the next one. */
    kept->is.body = reply->outcome == API_DONE && reply->body ? node_keep(kept->arena, reply->body) : NULL;
}

void api_poll(struct server *server)
{
    channel_poll(server->channel);
}

void api_pause(struct server *server, int64_t milliseconds)
{
    /* The connection is read meanwhile: the lock has to be kept alive, and a loss is to be noticed. */
    enum { LOOK_MS = 20 };
    int64_t until = clock_ms() + milliseconds;
    for (int64_t left; (left = until - clock_ms()) > 0;) {
        channel_poll(server->channel);
        clock_pause(left < LOOK_MS ? left : LOOK_MS);
    }
}

void api_keep(struct server *server, struct arena *arena)
{
    channel_keep(server->channel, arena);
}

void api_wait(struct server *server, const bool *enough, int64_t most_ms)
{
    channel_wait(server->channel, enough, clock_ms() + most_ms);
}

void server_look_again(struct server *server)
{
    struct arena arena = {0};
    const struct api_answer answer =
        api_ask(server, &arena, &(struct api_request){.verb = "INFO", .type = "account_info_response"});
    if (answer.is.outcome != API_DONE) {
        arena_release(&arena);
        return;
    }
    arena_release(&server->account_arena);
    server->account_arena = arena;
    server->info.account_info = answer.is.body;
    server->info.streams = node_get_number(answer.is.body, "streams");
    server->info.consumers = node_get_number(answer.is.body, "consumers");
}

struct api_answer api_ask(struct server *server, struct arena *arena, const struct api_request *request)
{
    struct api_answer answer = {.arena = arena};
    struct api_request sent = *request;
    sent.done = api_answer;
    sent.context = &answer;
    api_submit(server, &sent);
    api_drain(server);
    return answer;
}

void api_drain(struct server *server)
{
    channel_drain(server->channel);
}

static const struct diag_code *code_of(const struct api_reply *reply)
{
    switch (reply->outcome) {
    case API_TIMEOUT:
        return &code_timeout;
    case API_DISCONNECTED:
        return &code_unreachable;
    case API_NO_RESPONDERS:
        return &code_no_jetstream;
    case API_FORBIDDEN:
        return &code_permission;
    case API_ERROR:
        return reply->err_code == NOT_ENABLED_FOR_ACCOUNT || reply->err_code == NOT_ENABLED
                   ? &code_no_jetstream
                   : &code_api;
    case API_DONE: /* the caller found fault with the reply */
    case API_STRANGE:
        break;
    }
    return &code_reply;
}

static void add_hint(struct diags *diags, struct diag *diag, const struct server *server,
                     const struct api_reply *reply)
{
    switch (reply->outcome) {
    case API_TIMEOUT:
        diag_hint(diags, diag, "the server may be overloaded; --timeout allows for more time");
        break;
    case API_DISCONNECTED:
        diag_hint(diags, diag, "run again once server %s is back", server->info.where);
        break;
    case API_NO_RESPONDERS:
        diag_hint(diags, diag, "JetStream was there before: is server %s shutting down?", server->info.where);
        break;
    case API_FORBIDDEN:
        if (strstr(reply->description, "Subscription"))
            diag_hint(diags, diag, "the user must be allowed to subscribe to '%s.>', or give --inbox-prefix",
                      server->inbox_prefix ? server->inbox_prefix : "_INBOX");
        else
            diag_hint(diags, diag, "the user must be allowed to publish to '%s.>'", server->api);
        break;
    case API_STRANGE:
        if (strstr(reply->description, "only stream '"))
            diag_hint(diags, diag, "set 'no_ack' on the stream, or take the API's subjects out of its own");
        break;
    case API_ERROR:
    case API_DONE:
        break;
    }
}

/*
 * 10049: a server up to 2.15.2 that deletes the last stream of an account, or gives up creating one, removes the account's empty
 * directories a moment later, and with them the one that another stream is just being created in.
 * 10005: a leader forgets what a node can hold when its route is made anew, and learns it again within 10 s (nodeInfo in the
 * server's route.go, statsz in its events.go); the time given here is a little more.
 * 10124, 10226: from 2.15 on while copies are being made or moved; 1 to 2 s for a small stream (2.15.1).
 * 10126: a consumer's replicas are compared with what the stream has, 0.2 to 0.3 s after it was given more (2.15.1).
 */
static const struct passing passing[] = {
    {10049, "error creating store for stream", 1, 200,
     "nats-server up to 2.15.2 does that when another stream of the account is deleted at that moment"},
    {10005, "peer offline", 48, 250,
     "a cluster does that until its leader has heard from a node that has connected again, which takes up to 10 s"},
    {10124, "move already in progress", 240, 250, "a cluster does that until it has moved the stream"},
    {10226, "reconfiguration already in progress", 240, 250,
     "a cluster does that until the stream has all its copies"},
    {10126, "replica count exceeds parent stream", 20, 250,
     "a cluster does that until it has given the stream its copies"},
};

const struct passing *api_passing(const struct api_reply *reply)
{
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
        if (reply->outcome == API_ERROR && reply->err_code == passing[i].err_code &&
            strstr(reply->description, passing[i].says))
            return &passing[i];
    return NULL;
}

struct diag *api_diagnose(struct diags *diags, const struct server *server, struct srcpos pos,
                          const char *what, const struct api_reply *reply)
{
    struct diag *diag = NULL;
    if (reply->outcome == API_ERROR && reply->err_code) {
        diag = diag_add(diags, code_of(reply), pos, "cannot %s: %s (%d)", what, reply->description,
                        reply->err_code);
        diag->err_code = reply->err_code;
    } else {
        diag = diag_add(diags, code_of(reply), pos, "cannot %s: %s", what, reply->description);
    }
    add_hint(diags, diag, server, reply);
    return diag;
}
