/* Between the program and a real server; see relay.h. */
#include "support/relay.h"

#include <check.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "support/scratch.h"

static const char prefix[] = "$JS.API.";
enum { PREFIX = sizeof(prefix) - 1, PASS_MOST_MS = 10000 };

static natsConnection *connect_to(const char *url)
{
    natsConnection *connection = NULL;
    ck_assert_int_eq(natsConnection_ConnectTo(&connection, url), NATS_OK);
    return connection;
}

/* "STREAM.CREATE.ORDERS" is the verb of two words and the name behind; "INFO" is one word. */
static struct relay_request read_request(struct arena *arena, natsMsg *message)
{
    char *subject = arena_strdup(arena, natsMsg_GetSubject(message) + PREFIX);
    char *dot = strchr(subject, '.');
    char *end = dot ? strchr(dot + 1, '.') : NULL;
    if (end)
        *end = '\0';
    return (struct relay_request){
        .verb = subject,
        .name = end ? end + 1 : "",
        .body = arena_strndup(arena, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)),
        .reply_to = arena_strdup(arena, natsMsg_GetReply(message) ? natsMsg_GetReply(message) : ""),
    };
}

static void on_request(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                       void *context)
{
    struct relay *relay = context;
    (void)connection;
    (void)subscription;
    struct relay_request request = read_request(&relay->arena, message);
    pthread_mutex_lock(&relay->mutex);
    VEC_PUSH(&relay->arena, &relay->heard.list, request);
    pthread_mutex_unlock(&relay->mutex);
    const char *reply =
        relay->hook ? relay->hook(relay, &request) : relay_pass(relay, &request, request.body);
    if (reply)
        relay_answer(relay, request.reply_to, reply);
    natsMsg_Destroy(message);
}

/* A piece of an archive; its acknowledgement goes back before the next one is passed on. */
static void on_piece(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *context)
{
    struct relay *relay = context;
    natsMsg *answer = NULL;
    (void)subscription;
    if (natsConnection_Request(&answer, relay->back_connection, natsMsg_GetSubject(message),
                               natsMsg_GetData(message), natsMsg_GetDataLength(message),
                               PASS_MOST_MS) == NATS_OK)
        natsConnection_Publish(connection, natsMsg_GetReply(message), natsMsg_GetData(answer),
                               natsMsg_GetDataLength(answer));
    natsMsg_Destroy(answer);
    natsMsg_Destroy(message);
}

static void on_end(void *context)
{
    struct relay *relay = context;
    pthread_mutex_lock(&relay->mutex);
    relay->ends++;
    pthread_cond_signal(&relay->ended);
    pthread_mutex_unlock(&relay->mutex);
}

const char *relay_pass(struct relay *relay, const struct relay_request *request, const char *body)
{
    const char *dot = *request->name ? "." : "";
    const char *subject = arena_printf(&relay->arena, "%s%s%s%s", prefix, request->verb, dot, request->name);
    const char *text = NULL;
    natsMsg *message = NULL;
    if (natsConnection_RequestString(&message, relay->back_connection, subject, body, PASS_MOST_MS) ==
        NATS_OK)
        text = arena_strndup(&relay->arena, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    natsMsg_Destroy(message);
    return text;
}

const char *relay_replace(struct relay *relay, const char *text, const char *from, const char *to)
{
    const char *out = "";
    for (const char *found = NULL; (found = strstr(text, from)); text = found + strlen(from))
        out = arena_printf(&relay->arena, "%s%.*s%s", out, (int)(found - text), text, to);
    return arena_printf(&relay->arena, "%s%s", out, text);
}

void relay_answer(struct relay *relay, const char *reply_to, const char *text)
{
    natsConnection_PublishString(relay->front_connection, reply_to, text);
    natsConnection_Flush(relay->front_connection);
}

static natsSubscription *listen(struct relay *relay, const char *subject, natsMsgHandler handler)
{
    natsSubscription *subscription = NULL;
    ck_assert_int_eq(
        natsConnection_Subscribe(&subscription, relay->front_connection, subject, handler, relay), NATS_OK);
    ck_assert_int_eq(natsSubscription_SetOnCompleteCB(subscription, on_end, relay), NATS_OK);
    return subscription;
}

static struct relay *start(const struct fixture_options *front, struct server_fixture *back, relay_hook *hook,
                           void *context)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    ck_assert_ptr_nonnull(relay);
    relay->front = fixture_start_with(front);
    relay->back = back;
    relay->url = relay->front->url;
    relay->hook = hook;
    relay->context = context;
    pthread_mutex_init(&relay->mutex, NULL);
    pthread_cond_init(&relay->ended, NULL);
    relay->front_connection = connect_to(relay->front->url);
    relay->back_connection = connect_to(back->url);
    relay->requests = listen(relay, "$JS.API.>", on_request);
    relay->pieces = listen(relay, "$JS.SNAPSHOT.RESTORE.>", on_piece);
    ck_assert_int_eq(natsConnection_Flush(relay->front_connection), NATS_OK);
    return relay;
}

struct relay *relay_start(struct server_fixture *back, relay_hook *hook, void *context)
{
    const struct fixture_options front = {.name = "relay", .no_jetstream = true};
    return start(&front, back, hook, context);
}

struct relay *relay_start_same_version(struct server_fixture *back, relay_hook *hook, void *context)
{
    const struct fixture_options front = {.version = back->version,
                                          .name = "relay",
                                          .no_jetstream = true,
                                          .config = "cluster {name: relay, listen: \"127.0.0.1:-1\"}\n"};
    return start(&front, back, hook, context);
}

void relay_stop(struct relay *relay)
{
    enum { SUBSCRIPTIONS = 2 };
    natsSubscription_Unsubscribe(relay->requests);
    natsSubscription_Unsubscribe(relay->pieces);
    pthread_mutex_lock(&relay->mutex);
    while (relay->ends < SUBSCRIPTIONS)
        pthread_cond_wait(&relay->ended, &relay->mutex);
    pthread_mutex_unlock(&relay->mutex);
    natsSubscription_Destroy(relay->requests);
    natsSubscription_Destroy(relay->pieces);
    natsConnection_Destroy(relay->front_connection);
    natsConnection_Destroy(relay->back_connection);
    fixture_stop(relay->front);
    pthread_cond_destroy(&relay->ended);
    pthread_mutex_destroy(&relay->mutex);
    arena_release(&relay->arena);
    free(relay);
}

bool relay_is_of(const struct relay_request *request, const char *verb, const char *name)
{
    return strcmp(request->verb, verb) == 0 && (!name || fnmatch(name, request->name, 0) == 0);
}

size_t relay_count(struct relay *relay, const char *verb, const char *name)
{
    size_t count = 0;
    pthread_mutex_lock(&relay->mutex);
    for (size_t i = 0; i < relay->heard.list.count; i++)
        count += relay_is_of(&relay->heard.list.items[i], verb, name);
    pthread_mutex_unlock(&relay->mutex);
    return count;
}

const char *relay_body(struct relay *relay, const char *verb, const char *name)
{
    const char *body = NULL;
    pthread_mutex_lock(&relay->mutex);
    for (size_t i = 0; i < relay->heard.list.count && !body; i++)
        if (relay_is_of(&relay->heard.list.items[i], verb, name))
            body = arena_strdup(test_arena(), relay->heard.list.items[i].body);
    pthread_mutex_unlock(&relay->mutex);
    ck_assert_msg(body != NULL, "nobody asked for %s %s", verb, name ? name : "");
    return body;
}
