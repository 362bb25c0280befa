/* Somebody who publishes, and somebody who consumes; see exchange.h. */
#include "support/exchange.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "support/content.h"
#include "support/patience.h"
#include "support/scratch.h"

enum {
    PAUSE_US = 1000,   /* between messages at full speed */
    CALM_US = 5000,    /* and from then on: more often than natsform looks whether all stands still */
    ALONE_US = 5000,   /* between deliveries where nobody publishes, so that they last */
    TRY_US = 5000,     /* before the next try */
    RECONNECT_MS = 20, /* and before the next try of a connection */
    ACK_MS = 2000,     /* a publisher waits for its acknowledgement */
    CONFIRM_MS = 2000, /* and a consumer for the confirmation of its own */
    CONFIRMS_MOST = 5,
    NEXT_MS = 1000, /* and for a message; longer than a request of its kind is kept */
    PUSHED_MS = 20,
    TEXT_MOST = EXCHANGE_SAID - 64,
};
static const char next_body[] = "{\"batch\":1,\"expires\":250000000}";
static const char id_header[] = "Nats-Msg-Id";

natsConnection *exchange_connect(const char *url)
{
    natsOptions *options = NULL;
    natsConnection *connection = NULL;
    natsOptions_Create(&options);
    natsOptions_SetURL(options, url);
    natsOptions_SetMaxReconnect(options, -1);
    natsOptions_SetRetryOnFailedConnect(options, true, NULL, NULL);
    natsOptions_SetReconnectWait(options, RECONNECT_MS);
    natsOptions_SetReconnectJitter(options, 0, 0);
    natsConnection_Connect(&connection, options);
    natsOptions_Destroy(options);
    return connection;
}

/* ---- publishing ---- */

/* Once; true: it is acknowledged. */
static bool try_to_publish(struct exchange *exchange, natsConnection *connection, size_t number)
{
    struct exchange_message *entry = &exchange->list[number];
    natsMsg *message = NULL, *reply = NULL;
    char id[TEXT_MOST], text[TEXT_MOST] = "";
    snprintf(id, sizeof(id), "%s-%zu", exchange->name, number);
    bool bare = exchange->bare || !exchange->header;
    natsMsg_Create(&message, exchange->subjects[entry->subject], NULL, id, bare ? (int)strlen(id) : 0);
    natsMsgHeader_Set(message, id_header, id);
    if (!bare)
        natsMsgHeader_Set(message, exchange->header, exchange->value);
    natsStatus status = natsConnection_RequestMsg(&reply, connection, message, ACK_MS);
    if (status == NATS_OK)
        snprintf(text, sizeof(text), "%.*s", natsMsg_GetDataLength(reply), natsMsg_GetData(reply));
    natsMsg_Destroy(message);
    natsMsg_Destroy(reply);
    entry->seq = content_acknowledged_seq(text, NULL);
    entry->duplicate = strstr(text, "\"duplicate\":true") != NULL;
    if (!entry->seq)
        snprintf(exchange->said, sizeof(exchange->said), "%s: %s", natsStatus_GetText(status), text);
    if (!entry->seq && strstr(text, "\"error\"") && exchange->header)
        exchange->bare = !exchange->bare;
    return entry->seq != 0;
}

/* What takes long needs no thousand messages, which cost servers more than all else. */
static void pause_for(struct exchange *exchange, int64_t brisk_us)
{
    int64_t calm_us = exchange->calm_us ? exchange->calm_us : CALM_US;
    bool calm = atomic_load(&exchange->brisk) == 0;
    if (!calm)
        atomic_fetch_sub(&exchange->brisk, 1);
    let_pass(calm && calm_us > brisk_us ? calm_us : brisk_us);
}

bool exchange_publish(struct exchange *exchange, natsConnection *connection, size_t subject)
{
    size_t number = atomic_load(&exchange->published);
    if (number == EXCHANGE_MOST)
        return false;
    exchange->list[number].subject = subject;
    while (!try_to_publish(exchange, connection, number)) {
        atomic_fetch_add(&exchange->refused, 1);
        pause_for(exchange, TRY_US);
    }
    atomic_store(&exchange->published, number + 1);
    return true;
}

static void *publish_on(void *context)
{
    struct exchange *exchange = context;
    natsConnection *connection = exchange_connect(exchange->publisher_url);
    while (connection && !atomic_load(&exchange->stops_publishing) &&
           exchange_publish(exchange, connection, 0))
        pause_for(exchange, PAUSE_US);
    natsConnection_Destroy(connection);
    atomic_store(&exchange->has_stopped_publishing, true);
    return NULL;
}

/* ---- consuming ---- */

struct exchange_message *exchange_message(struct exchange *exchange, const char *id)
{
    size_t length = strlen(exchange->name);
    uint64_t number = 0;
    if (strncmp(id, exchange->name, length) != 0 || id[length] != '-')
        return NULL;
    const char *text = id + length + 1;
    return number_scan_u64(&text, &number) && number < EXCHANGE_MOST ? &exchange->list[number] : NULL;
}

/* What nobody answered in time may have been heard, and is not delivered again then: it is said once more. */
static bool confirm(natsConnection *connection, const char *reply)
{
    natsStatus status = NATS_TIMEOUT;
    for (int i = 0; i < CONFIRMS_MOST && status == NATS_TIMEOUT; i++) {
        natsMsg *confirmed = NULL;
        status = natsConnection_RequestString(&confirmed, connection, reply, "+ACK", CONFIRM_MS);
        natsMsg_Destroy(confirmed);
    }
    return status == NATS_OK;
}

static void take(struct exchange *exchange, natsConnection *connection, natsMsg *message)
{
    const char *id = NULL, *reply = natsMsg_GetReply(message);
    if (!reply || natsMsgHeader_Get(message, id_header, &id) != NATS_OK)
        return;
    struct exchange_message *entry = exchange_message(exchange, id);
    if (!entry)
        return;
    entry->delivered++;
    entry->again |= entry->confirmed > 0;
    if (confirm(connection, reply) && !entry->confirmed) {
        entry->confirmed = atomic_load(&exchange->confirmed) + 1;
        atomic_store(&exchange->confirmed, entry->confirmed);
    }
}

/* Asks for one, or takes one that was pushed. */
static natsMsg *next_message(const struct exchange *exchange, natsConnection *connection,
                             natsSubscription *pushed)
{
    natsMsg *message = NULL;
    if (natsConnection_RequestString(&message, connection, exchange->next, next_body, NEXT_MS) == NATS_OK &&
        natsMsg_GetReply(message))
        return message;
    natsMsg_Destroy(message); /* it tells why there is none */
    message = NULL;
    if (pushed && natsSubscription_NextMsg(&message, pushed, PUSHED_MS) == NATS_OK)
        return message;
    let_pass(TRY_US); /* there may be no consumer now */
    return NULL;
}

static void *consume_on(void *context)
{
    struct exchange *exchange = context;
    natsConnection *connection = exchange_connect(exchange->consumer_url);
    natsSubscription *pushed = NULL;
    if (connection && exchange->pushed)
        natsConnection_SubscribeSync(&pushed, connection, exchange->pushed);
    while (connection && !atomic_load(&exchange->stops)) {
        natsMsg *message = next_message(exchange, connection, pushed);
        if (message)
            take(exchange, connection, message);
        if (message && exchange->only_consumes)
            let_pass(ALONE_US);
        natsMsg_Destroy(message);
    }
    natsSubscription_Destroy(pushed);
    natsConnection_Destroy(connection);
    return NULL;
}

/* ---- both ---- */

void exchange_hurry(struct exchange *exchange, size_t tries)
{
    atomic_store(&exchange->brisk, tries);
}

void exchange_start(struct exchange *exchange)
{
    exchange_hurry(exchange, EXCHANGE_BRISK);
    exchange->publishes = !exchange->only_consumes;
    atomic_store(&exchange->stops_publishing, false);
    atomic_store(&exchange->has_stopped_publishing, false);
    if (exchange->publishes)
        ck_assert_int_eq(pthread_create(&exchange->publisher, NULL, publish_on, exchange), 0);
    exchange_start_consuming(exchange);
}

void exchange_start_consuming(struct exchange *exchange)
{
    atomic_store(&exchange->stops, false);
    exchange->consumes = exchange->next != NULL;
    if (exchange->consumes)
        ck_assert_int_eq(pthread_create(&exchange->consumer, NULL, consume_on, exchange), 0);
}

void exchange_stop_consuming(struct exchange *exchange)
{
    atomic_store(&exchange->stops, true);
    if (exchange->consumes)
        pthread_join(exchange->consumer, NULL);
    exchange->consumes = false;
}

void exchange_stop_publishing(struct exchange *exchange)
{
    atomic_store(&exchange->stops_publishing, true);
    if (!exchange->publishes)
        return;
    AWAIT(atomic_load(&exchange->has_stopped_publishing));
    pthread_join(exchange->publisher, NULL);
    exchange->publishes = false;
}

void exchange_stop(struct exchange *exchange)
{
    exchange_stop_publishing(exchange);
    exchange_stop_consuming(exchange);
}

size_t exchange_published(const struct exchange *exchange)
{
    return atomic_load(&exchange->published);
}

size_t exchange_confirmed(const struct exchange *exchange)
{
    return atomic_load(&exchange->confirmed);
}

void exchange_await_more(struct exchange *exchange, size_t more)
{
    struct patience patience = {0};
    size_t published = exchange_published(exchange);
    exchange_hurry(exchange, more);
    while (exchange_published(exchange) < published + more)
        ck_assert_msg(patience_lasts(&patience), "%s: %zu messages are published, and no more; the next: %s",
                      exchange->name, exchange_published(exchange), exchange->said);
}

const bool *exchange_kept(struct exchange *exchange, const struct content *content, const char *title)
{
    bool *kept = ARENA_ARRAY(test_arena(), bool, EXCHANGE_MOST);
    for (size_t i = 0; i < content->list.count; i++) {
        const struct content_message *got = &content->list.items[i];
        const struct exchange_message *message = exchange_message(exchange, got->id);
        ck_assert_msg(message && message->seq, "%s: a message '%s' that was not acknowledged", title,
                      got->id);
        size_t number = (size_t)(message - exchange->list);
        ck_assert_msg(message->seq == got->seq,
                      "%s: message %s has sequence %llu, and was acknowledged as %llu", title, got->id,
                      (unsigned long long)got->seq, (unsigned long long)message->seq);
        ck_assert_msg(!kept[number], "%s: message %s is there twice", title, got->id);
        kept[number] = true;
    }
    return kept;
}
