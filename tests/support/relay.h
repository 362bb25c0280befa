/*
 * Relay: stands between the program and a real server; hears what goes through, and changes or swallows it.
 *
 *     struct relay *relay = relay_start(server, hook, context);
 *     … RUN("apply", "--yes", "-s", relay->url) …
 *     ck_assert_uint_eq(relay_count(relay, "STREAM.CREATE", "A"), 1);
 *     relay_stop(relay);
 *
 * It is a nats-server without JetStream, so that the program knows no version and takes it for the newest, and a
 * responder on its JetStream API that passes requests on, and the pieces of restores. The hook runs in a thread of its own, one request
 * after the other; it uses relay->arena and nothing of the test's.
 */
#ifndef SUPPORT_RELAY_H
#define SUPPORT_RELAY_H

#include <nats/nats.h>
#include <pthread.h>

#include "base/vec.h"
#include "support/server_fixture.h"

struct relay_request {
    const char *verb; /* "STREAM.CREATE" */
    const char *name; /* "ORDERS", "ORDERS.billing"; "" for none */
    const char *body;
    const char *reply_to;
};

struct relay;

/* Returns the text of the reply, or NULL for none. */
typedef const char *relay_hook(struct relay *relay, const struct relay_request *request);

struct relay {
    const char *url;
    struct server_fixture *front;
    struct server_fixture *back;
    natsConnection *front_connection;
    natsConnection *back_connection;
    natsSubscription *requests, *pieces;
    relay_hook *hook;
    void *context; /* of the hook */
    struct arena arena;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t ended;
    int ends; /* so many of the subscriptions have ended; with both, no hook will run any more */
    struct {
        VEC(struct relay_request) list;
    } heard;
};

/* A NULL hook passes everything on. */
struct relay *relay_start(struct server_fixture *back, relay_hook *hook, void *context);
/* The program takes it for a server of the version behind it: one without JetStream speaks for its cluster, here of itself alone. */
struct relay *relay_start_same_version(struct server_fixture *back, relay_hook *hook, void *context);
void relay_stop(struct relay *relay);

/* For hooks: what the real server answers, to that body. */
const char *relay_pass(struct relay *relay, const struct relay_request *request, const char *body);
/* For hooks: the text with every `from` put as `to`. */
const char *relay_replace(struct relay *relay, const char *text, const char *from, const char *to);
/* For hooks: a reply to an earlier request. */
void relay_answer(struct relay *relay, const char *reply_to, const char *text);

/* A request of that verb and that name: NULL is any, and '*' in it any text. */
bool relay_is_of(const struct relay_request *request, const char *verb, const char *name);
/* How many of them were heard. */
size_t relay_count(struct relay *relay, const char *verb, const char *name);
/* The body of the first such request; fails the test when there was none. */
const char *relay_body(struct relay *relay, const char *verb, const char *name);

#endif
