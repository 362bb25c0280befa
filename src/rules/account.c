/*
 * Reading account limits; see account.h. Names of keys are those of the API's reply. A limit that the reply does
 * not have counts as unlimited: rules must not refuse what they do not know.
 */
#include "rules/account.h"

#include <string.h>

#include "base/number.h"

static int64_t number_of(const struct node *map, const char *key, int64_t otherwise)
{
    int64_t number = otherwise;
    const struct node *node = node_get(map, key);
    if (node && node->type == NODE_SCALAR && !number_parse_i64(node->text, &number))
        return otherwise; /* 2.10 may report wrapped 64-bit numbers */
    return number;
}

/* -1 is the API's own word for "no limit". */
static struct account_tier read_tier(const char *name, const struct node *usage)
{
    const struct node *limits = node_get(usage, "limits");
    bool needs = false;
    const struct node *required = node_get(limits, "max_bytes_required");
    if (required)
        node_is_bool(required, &needs);
    return (struct account_tier){
        .name = name,
        .streams_most = number_of(limits, "max_streams", -1),
        .consumers_most = number_of(limits, "max_consumers", -1),
        .pending_most = number_of(limits, "max_ack_pending", -1),
        .needs_max_bytes = needs,
        .streams = number_of(usage, "streams", 0),
        .file = {.most = number_of(limits, "max_storage", -1),
                 .stream_most = number_of(limits, "storage_max_stream_bytes", -1),
                 .reserved = number_of(usage, "reserved_storage", 0)},
        .memory = {.most = number_of(limits, "max_memory", -1),
                   .stream_most = number_of(limits, "memory_max_stream_bytes", -1),
                   .reserved = number_of(usage, "reserved_memory", 0)},
    };
}

struct account account_read(struct arena *arena, const struct node *info)
{
    struct account account = {0};
    const struct node *tiers = node_get(info, "tiers");
    for (size_t i = 0; tiers && tiers->type == NODE_MAP && i < tiers->count; i++)
        VEC_PUSH(arena, &account.tiers, read_tier(tiers->members[i].key, tiers->members[i].value));
    /* Without tiers, all limits are one: a tier without a name, for streams of any number of replicas. */
    if (account.tiers.count == 0 && node_get(info, "limits"))
        VEC_PUSH(arena, &account.tiers, read_tier("", info));
    return account;
}

bool account_is_tiered(const struct account *account)
{
    return account->tiers.count > 0 && *account->tiers.items[0].name;
}

const struct account_tier *account_tier(const struct account *account, int64_t replicas)
{
    /* Tiers are named R1, R3 and R5, by the number of replicas; 0 replicas are 1. */
    char name[] = "R1";
    name[1] = (char)('0' + (replicas > 1 && replicas <= 9 ? replicas : 1));
    for (size_t i = 0; i < account->tiers.count; i++)
        if (!*account->tiers.items[i].name || strcmp(account->tiers.items[i].name, name) == 0)
            return &account->tiers.items[i];
    return NULL;
}
