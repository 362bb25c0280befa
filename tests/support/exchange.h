/*
 * Exchange: somebody who publishes, and somebody who consumes, each with a connection and a thread of its own, without end, while
 * something else happens to the stream. Each message has an id, and is tried with it again until it is acknowledged; each delivery
 * is acknowledged, and whether the server has confirmed that is known. It begins at full speed, and goes on calmly when what happens takes long.
 *
 *     exchange_publish(&exchange, 1);        as many as are to be there before, of any subject
 *     exchange_start(&exchange);
 *     AWAIT(exchange_published(&exchange) > 50 && exchange_confirmed(&exchange) > 50);
 *     size_t mark = exchange_confirmed(&exchange);
 *     … something happens …
 *     exchange_stop_publishing(&exchange);
 *     AWAIT(exchange_confirmed(&exchange) == …);
 *     exchange_stop(&exchange);
 *     … exchange.list …
 */
#ifndef SUPPORT_EXCHANGE_H
#define SUPPORT_EXCHANGE_H

#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "support/content.h"

enum { EXCHANGE_MOST = 1 << 16, EXCHANGE_SUBJECTS = 24, EXCHANGE_SAID = 512 };
/* Tries at full speed from the start on: more than a migration takes that waits for nothing. */
enum { EXCHANGE_BRISK = 200 };

/* Its place in the list is its id, behind the name of the exchange: "NAME-7". */
struct exchange_message {
    size_t subject;
    uint64_t seq;     /* that its acknowledgement named; 0: there is none yet */
    bool duplicate;   /* so that acknowledgement said: an earlier try had come in */
    size_t delivered; /* so often */
    size_t confirmed; /* its acknowledgement was the so many-th to be confirmed; 0: none was */
    bool again;       /* delivered once more after that */
};

struct exchange {
    /* To be set before it starts. The texts are the test's, and stay. */
    const char *name;
    const char *publisher_url, *consumer_url;
    const char *subjects[EXCHANGE_SUBJECTS]; /* it goes on publishing to the first one */
    /* Asks the consumer for its next message; NULL: nobody consumes. It may become another one meanwhile. */
    const char *_Atomic next;
    const char *pushed; /* a subject on which it may deliver as well; may be NULL */
    bool only_consumes;
    int64_t calm_us; /* between messages, once it hurries no more; 0: as it is for a server alone */
    /* A header that a stream may want, or may not take: after an error the other way is tried. */
    const char *header, *value;

    struct exchange_message list[EXCHANGE_MOST];
    atomic_size_t published;  /* all before that one are acknowledged */
    atomic_size_t confirmed;  /* messages whose acknowledgement was confirmed */
    atomic_size_t refused;    /* tries that were answered by nobody, by an error or not in time */
    char said[EXCHANGE_SAID]; /* to the last such try; "": nothing */
    bool bare;                /* without the header, as it takes it now */
    atomic_size_t brisk;      /* tries before it is calm */
    atomic_bool stops_publishing, has_stopped_publishing, stops;
    bool publishes, consumes;
    pthread_t publisher, consumer;
};

/* Both by threads of the exchange too, so neither asserts anything: false when it is full. */
bool exchange_publish(struct exchange *exchange, natsConnection *connection, size_t subject);

void exchange_start(struct exchange *exchange);
/* At full speed once more, for so many tries: something is about to happen, or is waited for. */
void exchange_hurry(struct exchange *exchange, size_t tries);
/* The last message that was begun is tried until it is acknowledged. */
void exchange_stop_publishing(struct exchange *exchange);
/* Who consumes may come back. */
void exchange_stop_consuming(struct exchange *exchange);
void exchange_start_consuming(struct exchange *exchange);
/* Both. */
void exchange_stop(struct exchange *exchange);

/* So far. */
size_t exchange_published(const struct exchange *exchange);
size_t exchange_confirmed(const struct exchange *exchange);
/* Waits until so many more are published; else the test fails with what the publisher was told. */
void exchange_await_more(struct exchange *exchange, size_t more);

/* A connection that comes back by itself, however long its server is away. */
natsConnection *exchange_connect(const char *url);
/* The message of that id; NULL: it is none of the exchange's. */
struct exchange_message *exchange_message(struct exchange *exchange, const char *id);

/*
 * Which of the messages the stream has, by their places in the list, once nobody publishes any more. Fails the test when one is there twice, or
 * with another sequence than was acknowledged, or without. `title` is for what it says then.
 */
const bool *exchange_kept(struct exchange *exchange, const struct content *content, const char *title);

#endif
