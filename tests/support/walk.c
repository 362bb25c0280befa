/* Pairs being played; see walk.h. */
#include "support/walk.h"

#include <check.h>
#include <stdarg.h>

#include "support/config.h"
#include "support/patience.h"
#include "support/random.h"
#include "support/scratch.h"

enum { MESSAGES_MOST = 40 };

void walk_tell(struct walk *walk, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&walk->story, format, args);
    va_end(args);
    strbuf_addc(&walk->story, '\n');
}

void walk_complain(struct walk *walk, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&walk->problems, format, args);
    va_end(args);
    strbuf_addc(&walk->problems, '\n');
}

const char *walk_stream_name(const struct walk *walk, unsigned stream)
{
    return pair_stream_name(walk->pair, stream);
}

void walk_read(struct walk *walk, struct content *ret_contents)
{
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        ret_contents[i] = content_read(walk->connection, walk_stream_name(walk, i));
}

/* ---- messages and their consumers ---- */

static bool publish_one(struct walk *walk, unsigned token, unsigned key)
{
    static const char padding[] = "........................................";
    const char *subject = pair_subject(walk->pair, token, key);
    const char *data = arena_printf(test_arena(), "m%u:%.*s", ++walk->id,
                                    (int)random_below(&walk->pair->random, sizeof(padding)), padding);
    return content_publish(walk->connection, subject, data, NULL) > 0;
}

void walk_publish(struct walk *walk, const char *who, unsigned stream)
{
    unsigned wanted = random_below(&walk->pair->random, MESSAGES_MOST + 1), acknowledged = 0;
    for (unsigned i = 0; i < wanted; i++) {
        unsigned token = random_below(&walk->pair->random, PAIR_TOKENS);
        unsigned owner = pair_owner(walk->pair, &walk->pair->a, token);
        bool wants = owner < PAIR_STREAMS && (stream == PAIR_STREAMS || owner == stream);
        unsigned key = wants ? random_below(&walk->pair->random, PAIR_KEYS) : 0;
        acknowledged += wants && publish_one(walk, token, key);
    }
    walk_tell(walk, "%s: %u messages acknowledged", who, acknowledged);
}

/* By its own subjects, or through a stream that it copies. */
static bool comes_to(const struct pair *pair, unsigned stream, unsigned token)
{
    unsigned owner = pair_owner(pair, &pair->b, token);
    bool copied =
        stream == pair->copies && owner < PAIR_STREAMS && pair->b.streams[stream].sources & (1u << owner);
    return owner == stream || copied;
}

unsigned walk_publish_each(struct walk *walk, unsigned stream)
{
    unsigned acknowledged = 0;
    for (unsigned token = 0; token < PAIR_TOKENS; token++)
        for (unsigned key = 0; comes_to(walk->pair, stream, token) && key < PAIR_KEYS; key++)
            acknowledged += publish_one(walk, token, key);
    return acknowledged;
}

void walk_acknowledge(struct walk *walk, const struct walk_delivery *delivery)
{
    natsMsg *acked = NULL;
    natsConnection_RequestString(&acked, walk->connection, delivery->reply, "+ACK", PATIENCE_MS);
    natsMsg_Destroy(acked);
}

static unsigned token_of(const natsMsg *message)
{
    unsigned long long seed = 0;
    unsigned token = PAIR_TOKENS;
    sscanf(natsMsg_GetSubject(message), "p%llu.t%u.", &seed, &token);
    return token;
}

/* Some messages of a consumer are delivered, and most of these acknowledged. */
static void consume(struct walk *walk, unsigned stream, unsigned consumer)
{
    natsSubscription *subscription = NULL;
    natsInbox *inbox = NULL;
    const char *subject = arena_printf(test_arena(), "$JS.API.CONSUMER.MSG.NEXT.%s.c%u",
                                       walk_stream_name(walk, stream), consumer);
    unsigned batch = 1 + random_below(&walk->pair->random, 6), got = 0;
    ck_assert_int_eq(natsInbox_Create(&inbox), NATS_OK);
    ck_assert_int_eq(natsConnection_SubscribeSync(&subscription, walk->connection, inbox), NATS_OK);
    natsConnection_PublishRequestString(walk->connection, subject, inbox,
                                        arena_printf(test_arena(), "{\"batch\":%u,\"no_wait\":true}", batch));
    for (bool more = true; more && got < batch;) {
        natsMsg *message = NULL;
        more = natsSubscription_NextMsg(&message, subscription, PATIENCE_MS) == NATS_OK &&
               natsMsg_GetReply(message) && *natsMsg_GetReply(message);
        struct walk_delivery delivery = {.stream = stream};
        if (more) {
            delivery.token = token_of(message);
            delivery.reply = arena_strdup(test_arena(), natsMsg_GetReply(message));
        }
        if (more && !random_once_in(&walk->pair->random, 4))
            walk_acknowledge(walk, &delivery);
        else if (more)
            VEC_PUSH(test_arena(), &walk->unacked, delivery);
        got += more;
        natsMsg_Destroy(message);
    }
    walk_tell(walk, "%s > c%u: %u delivered", walk_stream_name(walk, stream), consumer, got);
    natsSubscription_Destroy(subscription);
    natsInbox_Destroy(inbox);
}

void walk_consume(struct walk *walk)
{
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        for (unsigned j = 0; j < PAIR_CONSUMERS; j++)
            if (walk->pair->a.streams[i].there && walk->pair->a.streams[i].consumers[j].there &&
                walk->pair->a.streams[i].consumers[j].ack_policy == 0 &&
                random_once_in(&walk->pair->random, 3))
                consume(walk, i, j);
}

/* ---- the stranger ---- */

static void edit_limit(struct walk *walk, unsigned stream)
{
    static const unsigned limits[] = {2, 5, 15, 100};
    unsigned limit = limits[random_below(&walk->pair->random, 4)];
    struct raw_reply live = raw_info(walk->server, walk_stream_name(walk, stream), NULL);
    struct node *config =
        config_over(live.config, config_read(arena_printf(test_arena(), "max_msgs: %u", limit)));
    struct raw_reply reply =
        raw_call(walk->server, arena_printf(test_arena(), "STREAM.UPDATE.%s", walk_stream_name(walk, stream)),
                 config_json(config));
    walk->edited.streams[stream].max_msgs = limit;
    walk_tell(walk, "the stranger: max_msgs of %s is %u (%d)", walk_stream_name(walk, stream), limit,
              reply.err_code);
}

static void edit_consumer(struct walk *walk, unsigned stream)
{
    struct raw_reply reply = raw_create(walk->server, walk_stream_name(walk, stream), "stranger",
                                        config_read("durable_name: stranger, ack_policy: explicit"));
    walk_tell(walk, "the stranger: a consumer of %s (%d)", walk_stream_name(walk, stream), reply.err_code);
}

static void edit_messages(struct walk *walk, unsigned stream)
{
    unsigned first = walk->id;
    walk_publish(walk, "the stranger", stream);
    walk->id_edited += walk->id - first;
}

/* What went by the stranger's own doing is not looked for later, and what came is. */
static void note_edit(struct walk *walk, unsigned stream, const struct content *earlier)
{
    struct content now = content_read(walk->connection, walk_stream_name(walk, stream));
    struct content gone = content_lost(earlier, &now), came = content_lost(&now, earlier),
                   kept = {.there = now.there};
    for (size_t i = 0; i < walk->before[stream].list.count; i++)
        if (!content_has(&gone, &walk->before[stream].list.items[i]))
            VEC_PUSH(test_arena(), &kept.list, walk->before[stream].list.items[i]);
    for (size_t i = 0; i < came.list.count; i++)
        VEC_PUSH(test_arena(), &kept.list, came.list.items[i]);
    walk->before[stream] = kept;
}

void walk_edit(struct walk *walk, unsigned stream)
{
    static void (*const edits[])(struct walk * walk, unsigned stream) = {edit_limit, edit_consumer,
                                                                         edit_messages};
    struct content earlier = content_read(walk->connection, walk_stream_name(walk, stream));
    if (!earlier.there)
        return;
    edits[random_below(&walk->pair->random, 3)](walk, stream);
    walk->edits++;
    note_edit(walk, stream, &earlier);
}
