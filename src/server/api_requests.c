/*
 * JetStream's requests over a channel, and messages for those that failed; see api.h. An outcome that is unknown
 * never becomes a success or a failure here; that is for the caller to find out by reading.
 */
#include "server/api.h"

#include <string.h>

#include "base/strbuf.h"
#include "server/server_state.h"

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

bool api_is_type(const void *wanted, const struct node *body)
{
    static const char prefix[] = "io.nats.jetstream.api.v1.";
    const struct node *type = node_get(body, "type");
    return type && type->type == NODE_SCALAR && strncmp(type->text, prefix, strlen(prefix)) == 0 &&
           strcmp(type->text + strlen(prefix), wanted) == 0;
}

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
 */
static const struct passing passing[] = {
    {10049, "error creating store for stream", 1, 200,
     "nats-server up to 2.15.2 does that when another stream of the account is deleted at that moment"},
    {10005, "peer offline", 48, 250,
     "a cluster does that until its leader has heard from a node that has connected again, which takes up to 10 s"},
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
