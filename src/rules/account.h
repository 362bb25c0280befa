/*
 * Account: what $JS.API.INFO says of an account's limits and of what is used of them, per tier where there are tiers.
 */
#ifndef RULES_ACCOUNT_H
#define RULES_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "syntax/node.h"

/* Of one kind of storage, in bytes. -1 is unlimited. */
struct account_storage {
    int64_t most;
    int64_t stream_most; /* of one stream; 0 and -1: unlimited */
    int64_t reserved;    /* by max_bytes of the streams that are there */
};

struct account_tier {
    const char *name; /* "R3"; "" where there are no tiers */
    int64_t streams_most;
    int64_t consumers_most; /* of one stream */
    int64_t pending_most;   /* max_ack_pending of one consumer; 0 and -1: unlimited */
    bool needs_max_bytes;
    int64_t streams; /* that are there */
    struct account_storage file;
    struct account_storage memory;
};

struct account {
    VEC(struct account_tier) tiers;
};

/* `info` is the reply; NULL gives an account without tiers, of which nothing is known. */
struct account account_read(struct arena *arena, const struct node *info);
/* The tier of streams with so many replicas, or NULL. */
const struct account_tier *account_tier(const struct account *account, int64_t replicas);
/* Are limits by number of replicas? Otherwise each replica counts. */
bool account_is_tiered(const struct account *account);

#endif
