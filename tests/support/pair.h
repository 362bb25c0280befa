/*
 * Pair: two valid manifests of the same few streams, made of a seed: the second is the first with some changes.
 *
 *     struct pair *pair = pair_new(seed, version, false);
 *     … pair_text(pair, &pair->a) … pair_text(pair, &pair->b) …
 *
 * Every name and subject has the seed in it, so that pairs on one server have nothing in common. A subject's second token says
 * which of a pair's tokens it belongs to: a token has one owner, and moves between the streams; the last ones never move.
 */
#ifndef SUPPORT_PAIR_H
#define SUPPORT_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "syntax/node.h"

enum {
    PAIR_STREAMS = 4,
    PAIR_CONSUMERS = 3,
    PAIR_MOVING = 4, /* tokens that move */
    PAIR_TOKENS = PAIR_MOVING + PAIR_STREAMS,
    PAIR_KEYS = 3, /* subjects of a token */
};

enum pair_retention { PAIR_LIMITS, PAIR_INTEREST, PAIR_QUEUE };

struct pair_consumer {
    bool there;
    unsigned filter; /* set of tokens; 0: all */
    bool leaves;     /* a second after its last use */
    unsigned ack_policy;
    unsigned description;
};

struct pair_stream {
    bool there;
    unsigned tokens;        /* set; none for a mirror or a bucket */
    bool mirrors;           /* its one source */
    unsigned sources;       /* set of streams */
    unsigned source_filter; /* one token or 0, of each source that is no bucket */
    enum pair_retention retention;
    /* 0: unlimited */
    unsigned max_msgs;
    unsigned max_bytes;
    unsigned max_msgs_per_subject; /* a bucket's history, never 0 */
    unsigned max_age;              /* seconds: 1, or beyond the life of any test */
    bool discard_new;
    unsigned description;
    unsigned replicas; /* 0: left out, as always where there is no cluster */
    struct pair_consumer consumers[PAIR_CONSUMERS];
};

struct pair_side {
    struct pair_stream streams[PAIR_STREAMS];
};

struct pair {
    uint64_t seed;
    uint64_t random; /* for whoever plays it */
    uint32_t version;
    bool memory;             /* where messages are kept */
    bool owned;              /* it has a project, and what is not in a manifest any more is pruned */
    unsigned bucket, copies; /* the streams that are such, or PAIR_STREAMS */
    struct pair_side a, b;
};

struct pair *pair_new(uint64_t seed, uint32_t version, bool clustered);
const char *pair_text(const struct pair *pair, const struct pair_side *side);
/* The stream's own name. */
const char *pair_stream_name(const struct pair *pair, unsigned stream);
/* A subject of the token; of a bucket's own one, a key. */
const char *pair_subject(const struct pair *pair, unsigned token, unsigned key);
/* What a raw request has to say, but for the object's name. */
struct node *pair_stream_config(const struct pair *pair, const struct pair_stream *stream, unsigned index);
struct node *pair_consumer_config(const struct pair *pair, const struct pair_consumer *consumer);
/* Where messages of that token are acknowledged; PAIR_STREAMS: nowhere. */
unsigned pair_owner(const struct pair *pair, const struct pair_side *side, unsigned token);

#endif
