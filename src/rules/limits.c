/*
 * Rules about the limits of an account. They need a server and find nothing without one. Limits of the server itself are
 * not shown to accounts, so they cannot be predicted.
 */
#include "base/row.h"
#include "kind/kinds.h"
#include "rules/scan.h"

static DIAG_CODE(
    code_account_limit, .name = "account-limit", CODE_ERROR(EXIT_MANIFEST),
    .doc = "The account does not allow so many streams, consumers or bytes.",
    .why = "An account has so many streams, consumers and bytes; the server refuses what goes beyond.",
    .example = "max_bytes: 1TiB", .remedy = "Ask for less, or have the account's limits raised.");

static void check_tier(const struct rule_scan *scan)
{
    int64_t replicas = object_integer(scan->config, STREAM_NUM_REPLICAS);
    if (!scan->tier)
        rule_report(scan, object_pos(scan->config, STREAM_NUM_REPLICAS),
                    "the account has no room for streams of %lld replica%s, such as %s", (long long)replicas,
                    replicas == 1 ? "" : "s", rule_label(scan));
}

/* New streams take the free places in the order of their names, so the same ones are refused each time. */
static void check_stream_count(const struct rule_scan *scan)
{
    int64_t count = scan->tier->streams;
    int64_t most = scan->tier->streams_most;
    for (size_t i = 0; most >= 0 && i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        if (!rules_is_open(stream) || stream->live || rules_tier(scan->world, stream->config) != scan->tier ||
            ++count <= most)
            continue;
        struct rule_scan here = rule_scan_of(scan, stream);
        rule_report(&here, (struct srcpos){0}, "%s is one too many: the account may have %lld and has %lld",
                    rule_label(&here), (long long)most, (long long)scan->tier->streams);
    }
}

static void check_max_consumers(const struct rule_scan *scan)
{
    int64_t wanted = object_integer(scan->config, STREAM_MAX_CONSUMERS);
    /* A server compares only what a stream asks for: "unlimited" passes, and the account's limit holds all the same. */
    if (scan->tier && scan->tier->consumers_most > 0 && wanted > scan->tier->consumers_most)
        rule_report(scan, object_pos(scan->config, STREAM_MAX_CONSUMERS),
                    "%s asks for %lld consumers, and the account allows %lld", rule_label(scan),
                    (long long)wanted, (long long)scan->tier->consumers_most);
}

static void check_max_bytes_needed(const struct rule_scan *scan)
{
    if (scan->tier && scan->tier->needs_max_bytes && object_integer(scan->config, STREAM_MAX_BYTES) <= 0)
        rule_report(scan, object_pos(scan->config, STREAM_MAX_BYTES),
                    "%s needs a '%s', as all streams of the account do", rule_label(scan),
                    table_field_by_id(&stream_table, STREAM_MAX_BYTES)->name);
}

/* ---- bytes ---- */

static const struct account_storage *storage_of(const struct object *stream, const struct account_tier *tier)
{
    return object_has(stream, STREAM_STORAGE, CHOICE_MEMORY) ? &tier->memory : &tier->file;
}

static void check_stream_bytes(const struct rule_scan *scan)
{
    const struct account_storage *storage = scan->tier ? storage_of(scan->config, scan->tier) : NULL;
    int64_t wanted = object_integer(scan->config, STREAM_MAX_BYTES);
    if (storage && storage->stream_most > 0 && wanted > storage->stream_most)
        rule_report(scan, object_pos(scan->config, STREAM_MAX_BYTES),
                    "%s asks for %lld bytes, and the account allows a stream %lld", rule_label(scan),
                    (long long)wanted, (long long)storage->stream_most);
}

/*
 * Without tiers every replica counts against the account. A tier has its replicas counted in already. Without max_bytes
 * nothing is reserved.
 */
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

/* By how much an open stream of the tier changes what is reserved of that storage. */
static int64_t grows_by(const struct rule_scan *scan, const struct rules_object *stream,
                        const struct account_storage *storage)
{
    if (!rules_is_open(stream) || rules_tier(scan->world, stream->config) != scan->tier ||
        storage_of(stream->config, scan->tier) != storage)
        return 0;
    return reserves(scan, stream->config) - reserves(scan, stream->live);
}

/* Streams that shrink are counted first, because an apply changes them first too. */
static void check_reserved(const struct rule_scan *scan, const struct account_storage *storage)
{
    int64_t reserved = storage->reserved;
    for (int grows = 0; storage->most >= 0 && grows < 2; grows++)
        for (size_t i = 0; i < scan->world->streams.count; i++) {
            struct rule_scan here = rule_scan_of(scan, &scan->world->streams.items[i]->self);
            int64_t more = grows_by(scan, here.object, storage);
            int64_t left = storage->most - reserved;
            if ((more > 0) != grows || more == 0)
                continue;
            if (more > left)
                rule_report(&here, object_pos(here.config, STREAM_MAX_BYTES),
                            "%s asks for %lld bytes more, and %lld of the account's %lld are left",
                            rule_label(&here), (long long)more, (long long)(left > 0 ? left : 0),
                            (long long)storage->most);
            else
                reserved += more;
        }
}

static void check_file(const struct rule_scan *scan)
{
    check_reserved(scan, &scan->tier->file);
}

static void check_memory(const struct rule_scan *scan)
{
    check_reserved(scan, &scan->tier->memory);
}

/* ---- consumers ---- */

/*
 * A max_ack_pending that is left out becomes the account's limit if that is lower than the default, so only one that was
 * written can be too large.
 */
static void check_pending(const struct rule_scan *scan)
{
    const struct account_tier *tier = rules_tier(scan->world, scan->stream);
    const struct value *wanted = object_value(scan->config, CONSUMER_MAX_ACK_PENDING);
    if (tier && tier->pending_most > 0 && wanted->given && wanted->type == VALUE_INT &&
        wanted->integer > tier->pending_most)
        rule_report(scan, object_pos(scan->config, CONSUMER_MAX_ACK_PENDING),
                    "'%s' of %s is %lld, and the account allows %lld",
                    table_field_by_id(&consumer_table, CONSUMER_MAX_ACK_PENDING)->name, rule_label(scan),
                    (long long)wanted->integer, (long long)tier->pending_most);
}

/* ---- a server alone ---- */

/* Only for new streams. For an update, the row `num_replicas` itself says what each version answers. */
static void check_server_alone(const struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    bool consumer = scan->config->table == &consumer_table;
    unsigned id = consumer ? CONSUMER_NUM_REPLICAS : STREAM_NUM_REPLICAS;
    int64_t wanted = object_integer(scan->config, id);
    if (facts && !facts->clustered && scan->world->version != VERSION_UNKNOWN && wanted > 1 &&
        !scan->object->live)
        rule_report(scan, object_pos(scan->config, id),
                    "%s wants %lld replicas, and the server is not clustered", rule_label(scan),
                    (long long)wanted);
}

/* ---- the rules ---- */

static const struct rule account_rows[] = {
    ROW(.code = &code_replicas, .each = EACH_STREAM | EACH_CONSUMER, .where = WHERE_REPLICATES,
        .err_code = 10074, .says = "replicas > 1 not supported in non-clustered mode",
        .doc = "A server that is in no cluster keeps one replica.", .check = check_server_alone),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .where = WHERE_BOUNDED, .err_code = 10120,
        .says = "no JetStream default or applicable tiered limit present",
        .doc = "An account whose limits are by number of replicas takes only streams with those numbers.",
        .check = check_tier),
    ROW(.code = &code_account_limit, .each = EACH_TIER, .where = WHERE_BOUNDED, .err_code = 10027,
        .says = "maximum number of streams reached", .doc = "An account has no more streams than it may.",
        .check = check_stream_count),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .where = WHERE_BOUNDED, .err_code = 10026,
        .says = "maximum consumers limit reached",
        .doc = "A stream asks for no more consumers than the account allows each stream.",
        .check = check_max_consumers),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .where = WHERE_BOUNDED, .err_code = 10113,
        .says = "account requires a stream config to have max bytes set",
        .doc = "Where the account wants it, every stream has max_bytes.", .check = check_max_bytes_needed),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .where = WHERE_BOUNDED, .err_code = 10122,
        .says = "stream max bytes exceeds account limit max stream bytes",
        .doc = "A stream's max_bytes is at most what the account allows one stream.",
        .check = check_stream_bytes),
    ROW(.code = &code_account_limit, .each = EACH_TIER, .where = WHERE_BOUNDED, .err_code = 10047,
        .says = "insufficient storage resources available",
        .doc = "The max_bytes of all streams on disk fit into the account's storage.", .check = check_file),
    ROW(.code = &code_account_limit, .each = EACH_TIER, .where = WHERE_BOUNDED, .err_code = 10028,
        .says = "insufficient memory resources available",
        .doc = "The max_bytes of all streams in memory fit into the account's memory.",
        .check = check_memory),
    ROW(.code = &code_account_limit, .each = EACH_PAIR, .where = WHERE_BOUNDED, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …",
        .doc = "A consumer's max_ack_pending is at most the account's.", .check = check_pending),
};
const struct rule_list account_rules = RULE_LIST(account_rows);
