/* Rules about the limits of an account; see scan.h. */
#include <string.h>

#include "kind/kinds.h"
#include "rules/account.h"
#include "rules/scan.h"

DIAG_CODE(code_account_limit, .name = "account-limit", CODE_ERROR(EXIT_MANIFEST),
          .doc = "The account does not allow so many streams, consumers or bytes.",
          .why = "An account has so many streams, consumers and bytes; the server refuses what goes beyond.",
          .example = "max_bytes: 1TiB", .remedy = "Ask for less, or have the account's limits raised.");

typedef void stream_check(struct rule_scan *scan, const struct rules_object *stream,
                          const struct account_tier *tier);

static const struct account_tier *tier_of(const struct rule_scan *scan, const struct object *stream)
{
    return account_tier(&scan->world->facts->account, object_integer(stream, STREAM_NUM_REPLICAS));
}

/* Streams that are or will be written, of accounts whose limits are known. */
static void each_stream(struct rule_scan *scan, stream_check *check)
{
    if (!scan->world->facts || scan->world->facts->account.tiers.count == 0)
        return;
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        if (rules_is_open(stream))
            check(scan, stream, tier_of(scan, stream->config));
    }
}

static void no_tier(struct rule_scan *scan, const struct rules_object *stream,
                    const struct account_tier *tier)
{
    if (!tier)
        rule_report(scan, stream, object_pos(stream->config, STREAM_NUM_REPLICAS),
                    "the account has no room for streams of %lld replicas, such as %s",
                    (long long)object_integer(stream->config, STREAM_NUM_REPLICAS),
                    rules_label(scan, stream));
}

void check_tier(struct rule_scan *scan)
{
    each_stream(scan, no_tier);
}

/* New ones take the places that are left, in the order of their names. */
void check_stream_count(struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    for (size_t i = 0; facts && i < facts->account.tiers.count; i++) {
        const struct account_tier *tier = &facts->account.tiers.items[i];
        int64_t count = tier->streams;
        for (size_t j = 0; tier->streams_most >= 0 && j < scan->world->streams.count; j++) {
            const struct rules_object *stream = &scan->world->streams.items[j]->self;
            if (!rules_is_open(stream) || stream->live || tier_of(scan, stream->config) != tier)
                continue;
            if (++count > tier->streams_most)
                rule_report(scan, stream, (struct srcpos){0},
                            "%s is one too many: the account may have %lld and has %lld",
                            rules_label(scan, stream), (long long)tier->streams_most,
                            (long long)tier->streams);
        }
    }
}

static void max_consumers(struct rule_scan *scan, const struct rules_object *stream,
                          const struct account_tier *tier)
{
    int64_t wanted = object_integer(stream->config, STREAM_MAX_CONSUMERS);
    if (tier && tier->consumers_most > 0 && wanted > tier->consumers_most)
        rule_report(scan, stream, object_pos(stream->config, STREAM_MAX_CONSUMERS),
                    "%s asks for %lld consumers, and the account allows %lld", rules_label(scan, stream),
                    (long long)wanted, (long long)tier->consumers_most);
}

void check_account_consumers(struct rule_scan *scan)
{
    each_stream(scan, max_consumers);
}

static void needs_max_bytes(struct rule_scan *scan, const struct rules_object *stream,
                            const struct account_tier *tier)
{
    if (tier && tier->needs_max_bytes && object_integer(stream->config, STREAM_MAX_BYTES) <= 0)
        rule_report(scan, stream, object_pos(stream->config, STREAM_MAX_BYTES),
                    "%s needs a '%s', as all streams of the account do", rules_label(scan, stream),
                    table_field_by_id(&stream_table, STREAM_MAX_BYTES)->name);
}

void check_max_bytes_needed(struct rule_scan *scan)
{
    each_stream(scan, needs_max_bytes);
}

static const struct account_storage *storage_of(const struct object *stream, const struct account_tier *tier)
{
    return object_has(stream, STREAM_STORAGE, CHOICE_MEMORY) ? &tier->memory : &tier->file;
}

static void stream_bytes(struct rule_scan *scan, const struct rules_object *stream,
                         const struct account_tier *tier)
{
    const struct account_storage *storage = tier ? storage_of(stream->config, tier) : NULL;
    int64_t wanted = object_integer(stream->config, STREAM_MAX_BYTES);
    if (storage && storage->stream_most > 0 && wanted > storage->stream_most)
        rule_report(scan, stream, object_pos(stream->config, STREAM_MAX_BYTES),
                    "%s asks for %lld bytes, and the account allows a stream %lld", rules_label(scan, stream),
                    (long long)wanted, (long long)storage->stream_most);
}

void check_stream_bytes(struct rule_scan *scan)
{
    each_stream(scan, stream_bytes);
}

static int64_t reserves(const struct rule_scan *scan, const struct object *stream)
{
    int64_t bytes = stream ? object_integer(stream, STREAM_MAX_BYTES) : 0;
    int64_t replicas = stream ? object_integer(stream, STREAM_NUM_REPLICAS) : 1;
    if (bytes <= 0)
        return 0;
    if (account_is_tiered(&scan->world->facts->account) || replicas < 2)
        return bytes;
    return bytes > INT64_MAX / replicas ? INT64_MAX : bytes * replicas;
}

/* What shrinks makes room first, as it does when the plan is carried out. */
static void check_reserved(struct rule_scan *scan, const struct account_tier *tier,
                           const struct account_storage *storage)
{
    int64_t reserved = storage->reserved;
    for (int grows = 0; storage->most >= 0 && grows < 2; grows++)
        for (size_t i = 0; i < scan->world->streams.count; i++) {
            const struct rules_object *stream = &scan->world->streams.items[i]->self;
            if (!rules_is_open(stream) || tier_of(scan, stream->config) != tier ||
                storage_of(stream->config, tier) != storage)
                continue;
            int64_t more = reserves(scan, stream->config) - reserves(scan, stream->live);
            if ((more > 0) != grows || more == 0)
                continue;
            int64_t left = storage->most - reserved;
            if (more > left)
                rule_report(scan, stream, object_pos(stream->config, STREAM_MAX_BYTES),
                            "%s asks for %lld bytes more, and %lld of the account's %lld are left",
                            rules_label(scan, stream), (long long)more, (long long)(left > 0 ? left : 0),
                            (long long)storage->most);
            else
                reserved += more;
        }
}

void check_account_file(struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    for (size_t i = 0; facts && i < facts->account.tiers.count; i++)
        check_reserved(scan, &facts->account.tiers.items[i], &facts->account.tiers.items[i].file);
}

void check_account_memory(struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    for (size_t i = 0; facts && i < facts->account.tiers.count; i++)
        check_reserved(scan, &facts->account.tiers.items[i], &facts->account.tiers.items[i].memory);
}

/* Left out, it is the account's own, when that is lower than the default. */
void check_account_pending(struct rule_scan *scan)
{
    for (size_t i = 0; scan->world->facts && i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        const struct account_tier *tier = stream->self.config ? tier_of(scan, stream->self.config) : NULL;
        for (size_t j = 0; tier && tier->pending_most > 0 && j < stream->consumers.count; j++) {
            const struct rules_object *consumer = stream->consumers.items[j];
            const struct value *wanted =
                rules_is_open(consumer) ? object_value(consumer->config, CONSUMER_MAX_ACK_PENDING) : NULL;
            if (wanted && wanted->given && wanted->type == VALUE_INT && wanted->integer > tier->pending_most)
                rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_MAX_ACK_PENDING),
                            "'%s' of %s is %lld, and the account allows %lld",
                            table_field_by_id(&consumer_table, CONSUMER_MAX_ACK_PENDING)->name,
                            rules_label(scan, consumer), (long long)wanted->integer,
                            (long long)tier->pending_most);
        }
    }
}

/* ---- a server alone ---- */

static void check_alone(struct rule_scan *scan, const struct rules_object *object, unsigned id)
{
    int64_t wanted = rules_is_open(object) ? object_integer(object->config, id) : 0;
    if (wanted > 1 && !object->live)
        rule_report(scan, object, object_pos(object->config, id),
                    "%s wants %lld replicas, and the server is not clustered", rules_label(scan, object),
                    (long long)wanted);
}

/* At creation; whether an update may is the field's own rule. */
void check_server_alone(struct rule_scan *scan)
{
    bool alone =
        scan->world->facts && !scan->world->facts->clustered && scan->world->version != VERSION_UNKNOWN;
    for (size_t i = 0; alone && i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        check_alone(scan, &stream->self, STREAM_NUM_REPLICAS);
        for (size_t j = 0; j < stream->consumers.count; j++)
            check_alone(scan, stream->consumers.items[j], CONSUMER_NUM_REPLICAS);
    }
}
