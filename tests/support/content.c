/* Messages of a stream; see content.h. */
#include "support/content.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/number.h"
#include "support/config.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "syntax/json.h"

enum { REPLY_MS = 5000, ACK_MS = 60000, ACK_MOST = 512, ACK_TOKENS = 9, ASKED_AT_ONCE = 500 };

static uint64_t number_of(const struct node *node, const char *key)
{
    const struct node *value = node_get(node, key);
    uint64_t number = 0;
    if (value)
        number_parse_u64(value->text, &number);
    return number;
}

static const char *text_of(const struct node *node, const char *key)
{
    const struct node *value = node_get(node, key);
    return value ? value->text : "";
}

/* Without a root when there is none in time. */
static struct raw_reply next_reply(natsSubscription *subscription)
{
    natsMsg *message = NULL;
    if (natsSubscription_NextMsg(&message, subscription, REPLY_MS) != NATS_OK)
        return (struct raw_reply){0};
    struct raw_reply reply = raw_reply_read(
        arena_strndup(test_arena(), natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)));
    natsMsg_Destroy(message);
    return reply;
}

static int by_seq(const void *a, const void *b)
{
    const struct content_message *one = a, *other = b;
    return (one->seq > other->seq) - (one->seq < other->seq);
}

/* Of the headers as the server writes them. */
static const char *id_of(const char *encoded)
{
    static const char name[] = "Nats-Msg-Id:";
    struct strbuf headers = {0};
    const char *id = "";
    ck_assert(base64_decode(&headers, encoded));
    const char *at = headers.length ? strstr(headers.text, name) : NULL;
    if (at) {
        at += strlen(name);
        at += strspn(at, " ");
        id = arena_strndup(test_arena(), at, strcspn(at, "\r\n"));
    }
    strbuf_release(&headers);
    return id;
}

static void keep_message(struct content *content, const struct node *message)
{
    const struct content_message got = {.seq = number_of(message, "seq"),
                                        .subject = text_of(message, "subject"),
                                        .data = text_of(message, "data"),
                                        .id = id_of(text_of(message, "hdrs")),
                                        .time = text_of(message, "time")};
    if (message)
        VEC_PUSH(test_arena(), &content->list, got);
}

/* All these are asked for at once; a message that is gone is answered with an error. False: there is a request without an answer. */
static bool read_some(natsConnection *connection, const char *stream, uint64_t first, uint64_t last,
                      struct content *content)
{
    natsSubscription *subscription = NULL;
    natsInbox *inbox = NULL;
    const char *subject = arena_printf(test_arena(), "$JS.API.STREAM.MSG.GET.%s", stream);
    ck_assert_int_eq(natsInbox_Create(&inbox), NATS_OK);
    ck_assert_int_eq(natsConnection_SubscribeSync(&subscription, connection, inbox), NATS_OK);
    for (uint64_t seq = first; seq <= last; seq++)
        natsConnection_PublishRequestString(
            connection, subject, inbox,
            arena_printf(test_arena(), "{\"seq\":%llu}", (unsigned long long)seq));
    struct raw_reply reply = {.root = node_map(test_arena())};
    for (uint64_t seq = first; reply.root && seq <= last; seq++) {
        reply = next_reply(subscription);
        keep_message(content, node_get(reply.root, "message"));
    }
    natsSubscription_Destroy(subscription);
    natsInbox_Destroy(inbox);
    return reply.root != NULL;
}

/* Not too many at a time: a server drops requests when too many of them wait. */
static bool read_messages(natsConnection *connection, const char *stream, uint64_t first,
                          struct content *content)
{
    bool whole = true;
    for (; whole && first <= content->last_seq; first += ASKED_AT_ONCE) {
        uint64_t last = first + ASKED_AT_ONCE - 1;
        whole = read_some(connection, stream, first, last < content->last_seq ? last : content->last_seq,
                          content);
    }
    if (content->list.count)
        qsort(content->list.items, content->list.count, sizeof(content->list.items[0]), by_seq);
    return whole;
}

static bool is_read(natsConnection *connection, const char *stream, const struct content *earlier,
                    struct content *ret_content)
{
    struct content content = {0};
    natsMsg *message = NULL;
    const char *subject = arena_printf(test_arena(), "$JS.API.STREAM.INFO.%s", stream);
    *ret_content = content;
    if (natsConnection_RequestString(&message, connection, subject, "", REPLY_MS) != NATS_OK)
        return false;
    struct raw_reply reply = raw_reply_read(
        arena_strndup(test_arena(), natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)));
    natsMsg_Destroy(message);
    const struct node *state = node_get(reply.root, "state");
    content.there = !reply.err_code;
    content.last_seq = number_of(state, "last_seq");
    content.state = content.there ? arena_printf(test_arena(), "%s %s", text_of(reply.root, "created"),
                                                 json_text(test_arena(), state))
                                  : "";
    if (earlier && earlier->state && strcmp(content.state, earlier->state) == 0) {
        *ret_content = *earlier;
        return true;
    }
    bool whole = true;
    if (content.there && number_of(state, "messages"))
        whole = read_messages(connection, stream, number_of(state, "first_seq"), &content);
    *ret_content = content;
    return whole;
}

/* A stream of a cluster answers nobody while it has no leader. */
struct content content_look(natsConnection *connection, const char *stream, const struct content *earlier)
{
    struct content content;
    struct patience patience = {0};
    while (!is_read(connection, stream, earlier, &content))
        ck_assert_msg(patience_lasts(&patience), "stream %s does not answer", stream);
    return content;
}

struct content content_read(natsConnection *connection, const char *stream)
{
    return content_look(connection, stream, NULL);
}

bool content_has_seq(const struct content *content, uint64_t seq)
{
    for (size_t i = 0; i < content->list.count; i++)
        if (content->list.items[i].seq == seq)
            return true;
    return false;
}

bool content_has_data(const struct content *content, const char *data)
{
    for (size_t i = 0; i < content->list.count; i++)
        if (strcmp(content->list.items[i].data, data) == 0)
            return true;
    return false;
}

bool content_has(const struct content *content, const struct content_message *message)
{
    for (size_t i = 0; i < content->list.count; i++)
        if (content->list.items[i].seq == message->seq &&
            strcmp(content->list.items[i].data, message->data) == 0)
            return true;
    return false;
}

struct content content_lost(const struct content *before, const struct content *after)
{
    struct content lost = {0};
    for (size_t i = 0; i < before->list.count; i++)
        if (!content_has(after, &before->list.items[i]))
            VEC_PUSH(test_arena(), &lost.list, before->list.items[i]);
    return lost;
}

const struct content_message *content_twice(const struct content *content)
{
    for (size_t i = 0; i < content->list.count; i++)
        for (size_t j = i + 1; j < content->list.count; j++)
            if (strcmp(content->list.items[i].data, content->list.items[j].data) == 0)
                return &content->list.items[i];
    return NULL;
}

/* {"stream":"ORDERS", "seq":7} */
uint64_t content_acknowledged_seq(const char *text, char ret_stream[CONTENT_NAME_MOST])
{
    const char *stream = strstr(text, "\"stream\":\"");
    const char *found = stream ? strstr(text, "\"seq\":") : NULL;
    uint64_t seq = 0;
    if (!found || strstr(text, "\"error\""))
        return 0;
    found += strlen("\"seq\":");
    stream += strlen("\"stream\":\"");
    if (ret_stream)
        snprintf(ret_stream, CONTENT_NAME_MOST, "%.*s", (int)strcspn(stream, "\""), stream);
    return number_scan_u64(&found, &seq) ? seq : 0;
}

uint64_t content_publish(natsConnection *connection, const char *subject, const char *data,
                         char ret_stream[CONTENT_NAME_MOST])
{
    char text[ACK_MOST];
    natsMsg *message = NULL;
    if (natsConnection_RequestString(&message, connection, subject, data, ACK_MS) != NATS_OK)
        return 0;
    snprintf(text, sizeof(text), "%.*s", natsMsg_GetDataLength(message), natsMsg_GetData(message));
    natsMsg_Destroy(message);
    return content_acknowledged_seq(text, ret_stream);
}

/* "$JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQ…"; newer forms have domain and account before the stream's name. */
uint64_t content_delivered_seq(const char *reply)
{
    int dots = 0;
    uint64_t seq = 0;
    for (const char *at = reply; *at; at++)
        dots += *at == '.';
    for (int skip = dots < ACK_TOKENS ? 5 : 7; *reply && skip > 0; reply++)
        skip -= *reply == '.';
    return number_scan_u64(&reply, &seq) ? seq : 0;
}
