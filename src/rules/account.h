/*
 * Account: the limits of an account and how much of them is used, as $JS.API.INFO says it. If there are tiers, each has its own.
 */
#ifndef RULES_ACCOUNT_H
#define RULES_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "syntax/node.h"

/* Limits of one kind of storage, in bytes. -1 is unlimited. */
struct account_storage {
    int64_t most;
    int64_t stream_most; /* for one stream; 0 and -1: unlimited */
    int64_t reserved;    /* by max_bytes of existing streams */
};

struct account_tier {
    const char *name; /* such as "R3"; "" if there are no tiers */
    int64_t streams_most;
    int64_t consumers_most; /* of one stream */
    int64_t pending_most;   /* max_ack_pending of one consumer; 0 and -1: unlimited */
    bool needs_max_bytes;
    int64_t streams; /* how many exist */
    struct account_storage file;
    struct account_storage memory;
};

struct account {
    VEC(struct account_tier) tiers;
};

/* `info` is the reply. For NULL, the account has no tiers, and nothing is known about it. */
struct account account_read(struct arena *arena, const struct node *info);
/* The tier for streams with so many replicas, or NULL. */
const struct account_tier *account_tier(const struct account *account, int64_t replicas);
/* Does each number of replicas have its own limits? Otherwise one limit holds for all, and each replica counts. */
bool account_is_tiered(const struct account *account);

#endif
