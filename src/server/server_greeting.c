/*
 * The first questions; see server_greeting.h.
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
 * publish there. Where it does not answer, the version is in the INFO line (server_hello.h), which costs a
 * second connection but no waiting.
 */
#include "server/server_greeting.h"

#include <string.h>

#include "field/units.h"
#include "server/server_hello.h"

enum {
    PATIENCE_MS = 100,    /* at least, for the version once JetStream has answered */
    HELLO_MOST_MS = 1000, /* for a server that has just answered */
};

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

static int refuse(const struct server *server, const struct api_reply *account, struct diags *diags)
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
    return -1;
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
    int64_t patience = server->timeout_ms < HELLO_MOST_MS ? server->timeout_ms : HELLO_MOST_MS;
    const struct node *hello =
        server_hello(&server->arena, server->url.host, server->url.port, patience, &reason);
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

int server_greet(struct server *server, struct diags *diags)
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
    return account.is.outcome == API_DONE ? 0 : refuse(server, &account.is, diags);
}
