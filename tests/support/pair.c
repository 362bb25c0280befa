/*
 * Pairs of manifests; see pair.h. A side is made or changed field by field, whatever comes of it, and then mended until it is valid.
 */
#include "support/pair.h"

#include <string.h>

#include "base/strbuf.h"
#include "field/field.h"
#include "support/config.h"
#include "support/random.h"
#include "support/scratch.h"

static const char *const retentions[] = {"limits", "interest", "workqueue"};
static const char *const ack_policies[] = {"explicit", "all", "none"};

/* Around the number of messages that are published, so that limits bite; often there are none. */
static const unsigned counts[] = {0, 0, 0, 3, 5, 10, 20, 50};
static const unsigned sizes[] = {0, 0, 0, 500, 1500, 10000};
static const unsigned per_subject[] = {0, 0, 0, 1, 2, 5};
static const unsigned ages[] = {0, 0, 7200, 86400};
static const unsigned copies[] = {0, 1, 3, 3}; /* of each message, in a cluster */

#define PICK(random, list) ((list)[random_below((random), sizeof(list) / sizeof((list)[0]))])

/* A change of one side; `at` is the stream that it is about. */
typedef void change(struct pair *pair, struct pair_side *side, struct pair_stream *at);

static unsigned own_token(unsigned stream)
{
    return PAIR_MOVING + stream;
}

static unsigned bit(unsigned number)
{
    return 1u << number;
}

static unsigned lowest(unsigned set)
{
    return set & (~set + 1);
}

/* ---- the fields ---- */

static void change_count(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    at->max_msgs = PICK(&pair->random, counts);
}

static void change_size(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    at->max_bytes = PICK(&pair->random, sizes);
}

static void change_per_subject(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    at->max_msgs_per_subject = PICK(&pair->random, per_subject);
}

/* In the first manifest nothing is to go by itself. */
static void change_age(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    at->max_age = PICK(&pair->random, ages);
    if (side == &pair->b && random_once_in(&pair->random, 4))
        at->max_age = 1;
}

static void change_discard(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    at->discard_new = random_once_in(&pair->random, 2);
}

/* A queue stays one: the server refuses everything else. */
static void change_retention(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    if (at->retention != PAIR_QUEUE)
        at->retention = random_once_in(&pair->random, 2) ? PAIR_INTEREST : PAIR_LIMITS;
}

static void change_description(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    at->description = random_below(&pair->random, 100);
}

static void change_replicas(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    at->replicas = PICK(&pair->random, copies);
}

static void change_presence(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)pair;
    (void)side;
    at->there = !at->there;
}

/* A token goes to the stream, from wherever it was. */
static void move_token(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    unsigned token = bit(random_below(&pair->random, PAIR_MOVING));
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        side->streams[i].tokens &= ~token;
    at->tokens |= token;
}

static void change_sources(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)at;
    struct pair_stream *copy = pair->copies < PAIR_STREAMS ? &side->streams[pair->copies] : NULL;
    if (copy && !copy->mirrors)
        copy->sources ^= bit(random_below(&pair->random, PAIR_STREAMS));
}

static void change_source_filter(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)at;
    if (pair->copies < PAIR_STREAMS)
        side->streams[pair->copies].source_filter =
            random_once_in(&pair->random, 2) ? bit(random_below(&pair->random, PAIR_MOVING + 2)) : 0;
}

static struct pair_consumer *some_consumer(struct pair *pair, struct pair_stream *at)
{
    return &at->consumers[random_below(&pair->random, PAIR_CONSUMERS)];
}

static void change_filter(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    struct pair_consumer *consumer = some_consumer(pair, at);
    consumer->filter = random_once_in(&pair->random, 3) ? 0 : random_below(&pair->random, bit(PAIR_TOKENS));
}

static void change_consumer(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    struct pair_consumer *consumer = some_consumer(pair, at);
    consumer->there = !consumer->there;
    change_filter(pair, side, at);
}

static void change_threshold(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    some_consumer(pair, at)->leaves = side == &pair->b;
}

static void describe_consumer(struct pair *pair, struct pair_side *side, struct pair_stream *at)
{
    (void)side;
    some_consumer(pair, at)->description = random_below(&pair->random, 100);
}

static change *const changes[] = {
    change_count,     change_count,     change_size,        change_per_subject,   change_age,
    change_discard,   change_retention, change_description, change_presence,      move_token,
    move_token,       change_presence,  change_sources,     change_source_filter, change_source_filter,
    move_token,       change_presence,  change_filter,      change_consumer,      change_consumer,
    change_threshold, describe_consumer};

/* ---- what makes a side valid ---- */

/* A filter matches something of the stream; before 2.10 there is one at most. */
static void mend_filter(const struct pair *pair, const struct pair_stream *stream, unsigned own,
                        struct pair_consumer *consumer)
{
    unsigned filter = consumer->filter & stream->tokens;
    if (consumer->filter && !filter)
        filter = bit(own);
    consumer->filter = version_has(pair->version, VERSION(2, 10, 0)) ? filter : lowest(filter);
}

/* Consumers of a queue share nothing, and acknowledge each message. */
static void mend_queue(const struct pair *pair, struct pair_stream *stream)
{
    unsigned left = stream->tokens;
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++) {
        struct pair_consumer *consumer = &stream->consumers[i];
        unsigned filter = (consumer->filter ? consumer->filter : stream->tokens) & left;
        consumer->there = consumer->there && filter;
        consumer->ack_policy = 0;
        if (!consumer->there)
            continue;
        consumer->filter = version_has(pair->version, VERSION(2, 10, 0)) ? filter : lowest(filter);
        left &= ~consumer->filter;
    }
}

/* A copy is of other streams that are there. */
static void mend_copy(const struct pair *pair, struct pair_side *side)
{
    struct pair_stream *copy = &side->streams[pair->copies];
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        if (i == pair->copies || !side->streams[i].there)
            copy->sources &= ~bit(i);
    copy->sources = copy->mirrors ? lowest(copy->sources) : copy->sources;
    copy->there = copy->there && (copy->sources || !copy->mirrors);
    copy->retention = PAIR_LIMITS;
    if (copy->mirrors)
        copy->tokens = 0;
}

static void mend_bucket(struct pair_stream *bucket)
{
    bucket->tokens = 0;
    bucket->retention = PAIR_LIMITS;
    bucket->discard_new = true;
    bucket->max_msgs = 0;
    if (bucket->max_msgs_per_subject == 0)
        bucket->max_msgs_per_subject = 1;
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++)
        bucket->consumers[i].there = false;
}

static void mend(const struct pair *pair, struct pair_side *side)
{
    for (unsigned i = 0; i < PAIR_STREAMS; i++) {
        struct pair_stream *stream = &side->streams[i];
        stream->tokens |= bit(own_token(i));
        if (i == pair->bucket)
            mend_bucket(stream);
        if (i == pair->copies)
            mend_copy(pair, side);
        for (unsigned j = 0; j < PAIR_CONSUMERS; j++) {
            if (stream->tokens)
                mend_filter(pair, stream, own_token(i), &stream->consumers[j]);
            else
                stream->consumers[j].filter = 0;
        }
        if (stream->retention == PAIR_QUEUE)
            mend_queue(pair, stream);
    }
}

/* ---- making ---- */

static void make_stream(struct pair *pair, unsigned index)
{
    struct pair_stream *stream = &pair->a.streams[index];
    stream->there = !random_once_in(&pair->random, 6);
    stream->retention = (enum pair_retention)(random_below(&pair->random, 6) / 2);
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++) {
        stream->consumers[i].there = random_once_in(&pair->random, 2);
        stream->consumers[i].ack_policy = random_below(&pair->random, 5) / 2;
        change_filter(pair, &pair->a, stream);
    }
    for (unsigned turns = random_below(&pair->random, 3); turns > 0; turns--)
        PICK(&pair->random, changes)(pair, &pair->a, stream);
}

static void make_roles(struct pair *pair)
{
    pair->owned = version_has(pair->version, VERSION(2, 10, 0)) && random_once_in(&pair->random, 2);
    pair->memory = random_once_in(&pair->random, 2);
    pair->bucket = random_once_in(&pair->random, 2) ? 2 : PAIR_STREAMS;
    pair->copies = random_once_in(&pair->random, 2) ? 3 : PAIR_STREAMS;
}

struct pair *pair_new(uint64_t seed, uint32_t version, bool clustered)
{
    struct pair *pair = ARENA_NEW(test_arena(), struct pair);
    *pair = (struct pair){.seed = seed, .random = seed, .version = version};
    make_roles(pair);
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        make_stream(pair, i);
    for (unsigned i = 0; i < PAIR_MOVING; i++)
        move_token(pair, &pair->a, &pair->a.streams[random_below(&pair->random, PAIR_STREAMS)]);
    if (pair->copies < PAIR_STREAMS) {
        struct pair_stream *copy = &pair->a.streams[pair->copies];
        copy->mirrors = random_once_in(&pair->random, 3);
        copy->sources = random_below(&pair->random, bit(PAIR_STREAMS));
    }
    for (unsigned i = 0; clustered && i < PAIR_STREAMS; i++)
        change_replicas(pair, &pair->a, &pair->a.streams[i]);
    mend(pair, &pair->a);
    pair->b = pair->a;
    for (unsigned turns = 1 + random_below(&pair->random, 4); turns > 0; turns--)
        PICK(&pair->random, changes)
    (pair, &pair->b, &pair->b.streams[random_below(&pair->random, PAIR_STREAMS)]);
    if (random_once_in(&pair->random, 4))
        change_source_filter(pair, &pair->b, NULL);
    if (clustered && random_once_in(&pair->random, 2))
        change_replicas(pair, &pair->b, &pair->b.streams[random_below(&pair->random, PAIR_STREAMS)]);
    mend(pair, &pair->b);
    return pair;
}

/* ---- names ---- */

static const char *shown_name(const struct pair *pair, unsigned stream)
{
    return arena_printf(test_arena(), "P%llu%c", (unsigned long long)pair->seed, 'A' + (int)stream);
}

const char *pair_stream_name(const struct pair *pair, unsigned stream)
{
    return arena_printf(test_arena(), "%s%s", stream == pair->bucket ? "KV_" : "", shown_name(pair, stream));
}

const char *pair_subject(const struct pair *pair, unsigned token, unsigned key)
{
    if (token == own_token(pair->bucket))
        return arena_printf(test_arena(), "$KV.%s.k%u", shown_name(pair, pair->bucket), key);
    return arena_printf(test_arena(), "p%llu.t%u.k%u", (unsigned long long)pair->seed, token, key);
}

unsigned pair_owner(const struct pair *pair, const struct pair_side *side, unsigned token)
{
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        if (side->streams[i].there &&
            (side->streams[i].tokens & bit(token) || (i == pair->bucket && token == own_token(i))))
            return i;
    return PAIR_STREAMS;
}

/* ---- text ---- */

static void add_tokens(struct strbuf *out, const struct pair *pair, unsigned tokens)
{
    const char *before = "";
    for (unsigned i = 0; i < PAIR_TOKENS; i++) {
        if (!(tokens & bit(i)))
            continue;
        strbuf_addf(out, "%sp%llu.t%u.*", before, (unsigned long long)pair->seed, i);
        before = ", ";
    }
}

static void add_filter(struct strbuf *out, const struct pair *pair, unsigned filter)
{
    bool one = filter == lowest(filter);
    if (!filter)
        return;
    strbuf_adds(out, one ? ", filter_subject: " : ", filter_subjects: [");
    add_tokens(out, pair, filter);
    strbuf_adds(out, one ? "" : "]");
}

static void add_number(struct strbuf *out, const char *name, unsigned number)
{
    if (number)
        strbuf_addf(out, ", %s: %u", name, number);
}

static void add_description(struct strbuf *out, unsigned number)
{
    if (number)
        strbuf_addf(out, ", description: '%u'", number);
}

static void add_consumer(struct strbuf *out, const struct pair *pair, const struct pair_consumer *consumer)
{
    strbuf_addf(out, "ack_policy: %s", ack_policies[consumer->ack_policy]);
    add_filter(out, pair, consumer->filter);
    if (consumer->leaves)
        strbuf_adds(out, ", inactive_threshold: 1s");
    add_description(out, consumer->description);
}

static void add_sources(struct strbuf *out, const struct pair *pair, const struct pair_stream *stream)
{
    const char *before = stream->mirrors ? ", mirror: " : ", sources: [";
    for (unsigned i = 0; i < PAIR_STREAMS; i++) {
        if (!(stream->sources & bit(i)))
            continue;
        strbuf_addf(out, "%s{name: %s", before, pair_stream_name(pair, i));
        if (stream->source_filter && i != pair->bucket)
            add_filter(out, pair, stream->source_filter);
        strbuf_adds(out, "}");
        before = ", ";
    }
    if (stream->sources && !stream->mirrors)
        strbuf_adds(out, "]");
}

static void add_settings(struct strbuf *out, const struct pair *pair, const struct pair_stream *stream)
{
    strbuf_addf(out, "storage: %s", pair->memory ? "memory" : "file");
    if (stream->tokens) {
        strbuf_adds(out, ", subjects: [");
        add_tokens(out, pair, stream->tokens);
        strbuf_adds(out, "]");
    }
    add_sources(out, pair, stream);
    strbuf_addf(out, ", retention: %s, discard: %s", retentions[stream->retention],
                stream->discard_new ? "new" : "old");
    add_number(out, "num_replicas", stream->replicas);
    add_number(out, "max_msgs", stream->max_msgs);
    add_number(out, "max_bytes", stream->max_bytes);
    add_number(out, "max_msgs_per_subject", stream->max_msgs_per_subject);
    if (stream->max_age)
        strbuf_addf(out, ", max_age: %us", stream->max_age);
    add_description(out, stream->description);
}

static void add_stream(struct strbuf *out, const struct pair *pair, const struct pair_stream *stream,
                       unsigned index)
{
    bool consumers = false;
    strbuf_addf(out, "  %s:\n    <<: {", shown_name(pair, index));
    add_settings(out, pair, stream);
    strbuf_adds(out, "}\n");
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++) {
        if (!stream->consumers[i].there)
            continue;
        strbuf_adds(out, consumers ? "" : "    consumers:\n");
        strbuf_addf(out, "      c%u: {", i);
        add_consumer(out, pair, &stream->consumers[i]);
        strbuf_adds(out, "}\n");
        consumers = true;
    }
}

static void add_bucket(struct strbuf *out, const struct pair *pair, const struct pair_stream *bucket)
{
    strbuf_addf(out, "key_values:\n  %s: {storage: %s, history: %u", shown_name(pair, pair->bucket),
                pair->memory ? "memory" : "file", bucket->max_msgs_per_subject);
    add_number(out, "num_replicas", bucket->replicas);
    add_number(out, "max_bytes", bucket->max_bytes);
    if (bucket->max_age)
        strbuf_addf(out, ", ttl: %us", bucket->max_age);
    add_description(out, bucket->description);
    strbuf_adds(out, "}\n");
}

const char *pair_text(const struct pair *pair, const struct pair_side *side)
{
    struct strbuf out = {0};
    if (pair->owned)
        strbuf_addf(&out, "project: p%llu\n", (unsigned long long)pair->seed);
    strbuf_adds(&out, "streams:\n");
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        if (side->streams[i].there && i != pair->bucket)
            add_stream(&out, pair, &side->streams[i], i);
    if (pair->bucket < PAIR_STREAMS && side->streams[pair->bucket].there)
        add_bucket(&out, pair, &side->streams[pair->bucket]);
    return strbuf_move(&out, test_arena());
}

/* ---- on the wire ---- */

/* What is in seconds, in nanoseconds. */
static struct node *on_wire(struct strbuf *settings)
{
    struct node *config = config_read(strbuf_move(settings, test_arena()));
    for (size_t i = 0; i < config->count; i++) {
        struct node *value = config->members[i].value;
        if (strcmp(config->members[i].key, "max_age") == 0 ||
            strcmp(config->members[i].key, "inactive_threshold") == 0)
            value->text =
                arena_printf(test_arena(), "%.*s000000000", (int)strcspn(value->text, "s"), value->text);
    }
    return config;
}

struct node *pair_stream_config(const struct pair *pair, const struct pair_stream *stream, unsigned index)
{
    struct strbuf out = {0};
    add_settings(&out, pair, stream);
    if (index == pair->bucket)
        strbuf_addf(
            &out,
            ", subjects: [\"$KV.%s.>\"], allow_rollup_hdrs: true, deny_delete: true, allow_direct: true",
            shown_name(pair, index));
    return on_wire(&out);
}

struct node *pair_consumer_config(const struct pair *pair, const struct pair_consumer *consumer)
{
    struct strbuf out = {0};
    add_consumer(&out, pair, consumer);
    return on_wire(&out);
}
