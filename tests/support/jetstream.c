/* JetStream, asked; see jetstream.h. */
#include "support/jetstream.h"

#include <check.h>
#include <string.h>

#include "support/patience.h"
#include "support/scratch.h"
#include "syntax/json.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

const char *jetstream_request(natsConnection *connection, const char *subject, const char *body,
                              int64_t milliseconds)
{
    natsMsg *message = NULL;
    const char *text = NULL;
    if (natsConnection_RequestString(&message, connection, subject, body, milliseconds) == NATS_OK)
        text = arena_strndup(test_arena(), natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    natsMsg_Destroy(message);
    return text;
}

const struct node *jetstream_try(natsConnection *connection, const char *subject, const char *body,
                                 int64_t milliseconds)
{
    struct diags faults = {0};
    const char *text = jetstream_request(connection, subject, body, milliseconds);
    const struct node *reply = text ? json_read(test_arena(), text, strlen(text), NULL, &faults) : NULL;
    return reply && !node_get(reply, "error") ? reply : NULL;
}

const struct node *jetstream_ask(natsConnection *connection, const char *subject, const char *body)
{
    struct diags faults = {0};
    const char *text = jetstream_request(connection, subject, body, JETSTREAM_REPLY_MS);
    ck_assert_msg(text != NULL, "%s: no reply", subject);
    const struct node *reply = json_read(test_arena(), text, strlen(text), NULL, &faults);
    ck_assert_msg(reply && !node_get(reply, "error"), "%s %s: %s", subject, body, text);
    return reply;
}

const struct node *jetstream_info(natsConnection *connection, const char *what, const char *name)
{
    const char *subject = format("$JS.API.%s.INFO.%s", what, name);
    const struct node *info = NULL;
    AWAIT((info = jetstream_try(connection, subject, "", JETSTREAM_LOOK_MS)) != NULL);
    return info;
}

static natsStatus first_of(natsConnection *connection, const char *next, const char *inbox, const char *count,
                           natsSubscription *subscription, natsMsg **ret_message)
{
    natsConnection_PublishRequestString(connection, next, inbox, count);
    return natsSubscription_NextMsg(ret_message, subscription, JETSTREAM_REPLY_MS);
}

void jetstream_use(natsConnection *connection, const char *stream, const char *consumer, bool out_of_order)
{
    enum { DELIVERED = 7 };
    natsSubscription *subscription = NULL;
    natsInbox *inbox = NULL;
    const char *next = format("$JS.API.CONSUMER.MSG.NEXT.%s.%s", stream, consumer);
    ck_assert_int_eq(natsInbox_Create(&inbox), NATS_OK);
    ck_assert_int_eq(natsConnection_SubscribeSync(&subscription, connection, inbox), NATS_OK);
    for (int i = 1; i <= DELIVERED; i++) {
        natsMsg *message = NULL;
        natsStatus status = NATS_NO_RESPONDERS;
        if (i == 1) /* in a cluster, it may have no leader yet */
            AWAIT((status = first_of(connection, next, inbox, format("%d", DELIVERED), subscription,
                                     &message)) != NATS_NO_RESPONDERS);
        else
            status = natsSubscription_NextMsg(&message, subscription, JETSTREAM_REPLY_MS);
        ck_assert_msg(status == NATS_OK && natsMsg_GetReply(message), "consumer %s.%s delivers nothing: %s",
                      stream, consumer, natsStatus_GetText(status));
        if (i <= 3 || (out_of_order && i == 5))
            ck_assert_ptr_nonnull(
                jetstream_request(connection, natsMsg_GetReply(message), "+ACK", JETSTREAM_REPLY_MS));
        natsMsg_Destroy(message);
    }
    natsSubscription_Destroy(subscription);
    natsInbox_Destroy(inbox);
}
