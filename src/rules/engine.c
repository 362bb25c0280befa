/*
 * The engine that asks the rules: plan/planner.c has it look at an account, devenv/environment_check.c at servers. A file with rules is in
 * the list below; the rest of it is how each kind of thing is come by that a row may look at, and how a finding is reported.
 */
#include <stdarg.h>
#include <string.h>

#include "base/number.h"
#include "base/row.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "rules/rules.h"
#include "rules/scan.h"

/*
 * ---- account ----
 * Reading account limits. Names of keys are those of the API's reply. A limit that the reply does
 * not have counts as unlimited: rules must not refuse what they do not know.
 */

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

/*
 * ---- world ----
 * The world of an account, which its rules look at.
 */

/* A stream's own object points to itself: rules about streams and about consumers find the stream in the same way. */
static struct rules_stream *add_stream(struct rules_world *world, const char *name)
{
    struct rules_stream *stream = ARENA_NEW(world->arena, struct rules_stream);
    stream->self.name = name;
    stream->self.stream = stream;
    VEC_PUSH(world->arena, &world->streams, stream);
    map_put(&world->by_name, name, stream);
    return stream;
}

struct rules_world *rules_world_new(struct arena *arena, const struct manifest *manifest, uint32_t version)
{
    struct rules_world *world = ARENA_NEW(arena, struct rules_world);
    world->arena = arena;
    world->version = version;
    map_init(&world->by_name, arena);
    for (size_t i = 0; i < manifest->streams.count; i++) {
        const struct resource *resource = manifest->streams.items[i];
        struct rules_stream *stream = add_stream(world, resource->name);
        stream->self.resource = resource;
        /* Somebody else's stream: its configuration is known only when a server was asked. */
        stream->self.config = resource->external ? NULL : resource->config;
    }
    for (size_t i = 0; i < manifest->consumers.count; i++) {
        const struct resource *resource = manifest->consumers.items[i];
        struct rules_object *consumer = ARENA_NEW(arena, struct rules_object);
        consumer->name = resource->name;
        consumer->stream = map_get(&world->by_name, resource->stream->name);
        consumer->resource = resource;
        consumer->config = resource->config;
        VEC_PUSH(arena, &consumer->stream->consumers, consumer);
    }
    return world;
}

struct rules_stream *rules_find_stream(const struct rules_world *world, const char *name)
{
    return map_get(&world->by_name, name);
}

struct rules_stream *rules_add_stream(struct rules_world *world, const char *name, const struct object *live)
{
    struct rules_stream *stream = add_stream(world, name);
    stream->self.config = live;
    stream->self.live = live;
    /* It was accepted once, so no rule blames it. */
    stream->self.settled = true;
    return stream;
}

struct rules_object *rules_add_consumer(struct rules_world *world, struct rules_stream *stream,
                                        const char *name, const struct object *live)
{
    struct rules_object *consumer = ARENA_NEW(world->arena, struct rules_object);
    *consumer =
        (struct rules_object){.name = name, .stream = stream, .config = live, .live = live, .settled = true};
    VEC_PUSH(world->arena, &stream->consumers, consumer);
    return consumer;
}

/* A consumer with the filter of the origin. */
static const struct object *reader_of(struct arena *arena, const struct object *origin)
{
    const struct value_list *transforms = object_list(origin, ORIGIN_TRANSFORMS);
    struct object *consumer = object_new(arena, &consumer_table);
    *object_value(consumer, CONSUMER_FILTER_SUBJECT) = *object_value(origin, ORIGIN_FILTER_SUBJECT);
    if (!transforms->count)
        return consumer;
    struct value_list *filters = ARENA_NEW(arena, struct value_list);
    for (size_t i = 0; i < transforms->count; i++)
        value_list_add(arena, filters, *object_value(transforms->items[i].object, TRANSFORM_SRC));
    *object_value(consumer, CONSUMER_FILTER_SUBJECTS) = (struct value){.type = VALUE_LIST, .list = filters};
    return consumer;
}

static void add_copier(struct rules_world *world, const struct rules_stream *copier,
                       const struct object *origin)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    struct rules_stream *queue = name ? rules_find_stream(world, name) : NULL;
    if (queue && (queue->self.live || queue->self.settled) && queue->self.config &&
        !object_has(origin, ORIGIN_EXTERNAL, NULL) &&
        object_has(queue->self.config, STREAM_RETENTION, CHOICE_WORKQUEUE))
        rules_add_consumer(world, queue, copier->self.name, reader_of(world->arena, origin))->copier = copier;
}

static bool is_equal(const struct object *a, const struct object *b, unsigned id)
{
    return value_equal(table_field_by_id(a->table, id), object_value(a, id), object_value(b, id));
}

/* Is it there now, and will be? What comes and goes meanwhile is not foretold. */
static bool lasts(const struct object *origin, const struct object *wanted)
{
    const struct value_list *sources = object_list(wanted, STREAM_SOURCES);
    const struct object *mirror = object_object(wanted, STREAM_MIRROR);
    bool found = false;
    for (size_t i = 0; i < sources->count + (mirror != NULL) && !found; i++) {
        const struct object *other = i < sources->count ? sources->items[i].object : mirror;
        found = is_equal(origin, other, ORIGIN_NAME) && is_equal(origin, other, ORIGIN_FILTER_SUBJECT) &&
                is_equal(origin, other, ORIGIN_TRANSFORMS);
    }
    return found;
}

void rules_add_copiers(struct rules_world *world)
{
    bool counts = !version_has(world->version, VERSION(2, 14, 0));
    for (size_t i = 0; counts && i < world->streams.count; i++) {
        const struct rules_stream *stream = world->streams.items[i];
        const struct object *wanted = stream->self.config;
        const struct object *live = stream->self.settled ? wanted : wanted ? stream->self.live : NULL;
        const struct value_list *sources = live ? object_list(live, STREAM_SOURCES) : NULL;
        const struct object *mirror = live ? object_object(live, STREAM_MIRROR) : NULL;
        if (mirror && lasts(mirror, wanted))
            add_copier(world, stream, mirror);
        for (size_t j = 0; sources && j < sources->count; j++)
            if (lasts(sources->items[j].object, wanted))
                add_copier(world, stream, sources->items[j].object);
    }
}

bool rules_is_open(const struct rules_object *object)
{
    return object->resource && object->config && !object->settled;
}

const struct rules_object *rules_find_copied(const struct rules_world *world, const struct object *origin)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    const struct rules_stream *stream = name ? rules_find_stream(world, name) : NULL;
    /* 2.9 looks for a stream of that name here even if the origin is external. */
    bool external =
        object_has(origin, ORIGIN_EXTERNAL, NULL) && version_has(world->version, VERSION(2, 10, 0));
    return stream && stream->self.config && !external ? &stream->self : NULL;
}

const struct account_tier *rules_tier(const struct rules_world *world, const struct object *stream)
{
    return world->facts ? account_tier(&world->facts->account, object_integer(stream, STREAM_NUM_REPLICAS))
                        : NULL;
}

int64_t rules_limit(const struct object *stream, unsigned id)
{
    const struct object *limits = object_object(stream, STREAM_CONSUMER_LIMITS);
    return limits ? object_integer(limits, id) : 0;
}

bool rules_stores(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            return true;
    return false;
}

/*
 * ---- account rules ----
 * Rules about the limits of an account. They need a server and find nothing without one. Limits of the
 * server itself are not shown to accounts, so they cannot be predicted.
 */

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
    ROW(.code = &code_replicas, .each = EACH_STREAM | EACH_CONSUMER, .err_code = 10074,
        .says = "replicas > 1 not supported in non-clustered mode",
        .doc = "A server that is in no cluster keeps one replica.", .check = check_server_alone),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .err_code = 10120,
        .says = "no JetStream default or applicable tiered limit present",
        .doc = "An account whose limits are by number of replicas takes only streams with those numbers.",
        .check = check_tier),
    ROW(.code = &code_account_limit, .each = EACH_TIER, .err_code = 10027,
        .says = "maximum number of streams reached", .doc = "An account has no more streams than it may.",
        .check = check_stream_count),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .err_code = 10026,
        .says = "maximum consumers limit reached",
        .doc = "A stream asks for no more consumers than the account allows each stream.",
        .check = check_max_consumers),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .err_code = 10113,
        .says = "account requires a stream config to have max bytes set",
        .doc = "Where the account wants it, every stream has max_bytes.", .check = check_max_bytes_needed),
    ROW(.code = &code_account_limit, .each = EACH_LIMITED, .err_code = 10122,
        .says = "stream max bytes exceeds account limit max stream bytes",
        .doc = "A stream's max_bytes is at most what the account allows one stream.",
        .check = check_stream_bytes),
    ROW(.code = &code_account_limit, .each = EACH_TIER, .err_code = 10047,
        .says = "insufficient storage resources available",
        .doc = "The max_bytes of all streams on disk fit into the account's storage.", .check = check_file),
    ROW(.code = &code_account_limit, .each = EACH_TIER, .err_code = 10028,
        .says = "insufficient memory resources available",
        .doc = "The max_bytes of all streams in memory fit into the account's memory.",
        .check = check_memory),
    ROW(.code = &code_account_limit, .each = EACH_PAIR, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …",
        .doc = "A consumer's max_ack_pending is at most the account's.", .check = check_pending),
};
static const struct rule_list account_rules = RULE_LIST(account_rows);

/*
 * ---- metadata ----
 * A rule about metadata. Servers from 2.11 on add keys of their own to it, and check the limit only after that. So
 * an object that just fits is refused.
 */

enum { METADATA_MOST = 128 * 1024, SERVERS_OWN = 16 }; /* "_nats.req.level" and its value */

static size_t bytes_of(const struct value *metadata)
{
    size_t bytes = 0;
    for (size_t i = 0; metadata->type == VALUE_MAP && i < metadata->map->count; i++)
        bytes += strlen(metadata->map->pairs[i].key) + strlen(metadata->map->pairs[i].value->text);
    return bytes;
}

static void check_size(const struct rule_scan *scan)
{
    bool consumer = scan->config->table == &consumer_table;
    unsigned id = consumer ? CONSUMER_METADATA : STREAM_METADATA;
    size_t bytes = bytes_of(object_value(scan->config, id));
    /* The server adds its keys before it looks at the size. */
    if (bytes + SERVERS_OWN > METADATA_MOST)
        rule_report(scan, object_pos(scan->config, id),
                    "'%s' of %s has %zu bytes of keys and values, %d are the most",
                    table_field_by_id(scan->config->table, id)->name, rule_label(scan), bytes,
                    METADATA_MOST - SERVERS_OWN);
}

/* ---- the rules ---- */

static const struct rule metadata_rows[] = {
    ROW(.code = &code_range, .each = EACH_STREAM | EACH_CONSUMER, .err_code = 10052,
        .says = "stream metadata exceeds maximum size of 131072 bytes", .since = VERSION(2, 11, 0),
        .doc = "Metadata leaves room for what the server itself notes of the object.", .check = check_size),
};
static const struct rule_list metadata_rules = RULE_LIST(metadata_rows);

/* ---- engine ---- */

/* In the order in which they are asked: first what no server takes. */
static const struct rule_list *const lists[] = {
    &subject_rules,         &origin_rules,         &cycle_rules,          &consumer_rules,
    &account_rules,         &metadata_rules,       &lint_rules,           &lint_subject_rules,
    &server_listener_rules, &server_cluster_rules, &server_account_rules, &server_login_rules,
    &server_stream_rules,
};

const struct rule *rule_at(size_t index)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (index < lists[i]->count)
            return &lists[i]->rows[index];
        index -= lists[i]->count;
    }
    return NULL;
}

/* ---- what a row looks at ---- */

static void ask_about_origin(struct rule_scan *scan, const struct object *origin)
{
    scan->origin = origin;
    scan->copied = rules_find_copied(scan->world, origin);
    scan->rule->check(scan);
}

static void ask_about_parts(struct rule_scan *scan, unsigned each)
{
    const struct object *mirror = each & EACH_MIRROR ? object_object(scan->config, STREAM_MIRROR) : NULL;
    const struct value_list *subjects = object_list(scan->config, STREAM_SUBJECTS);
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    for (size_t i = 0; each & EACH_SUBJECT && i < subjects->count; i++) {
        scan->subject = &subjects->items[i];
        scan->rule->check(scan);
    }
    if (mirror)
        ask_about_origin(scan, mirror);
    for (size_t i = 0; each & EACH_SOURCE && i < sources->count; i++)
        ask_about_origin(scan, sources->items[i].object);
}

static void ask_about_stream(struct rule_scan *scan, unsigned each)
{
    const struct rules_facts *facts = scan->world->facts;
    bool limited = each & EACH_LIMITED && facts && facts->account.tiers.count > 0;
    if (limited)
        scan->tier = rules_tier(scan->world, scan->config);
    if (each & EACH_STREAM || limited)
        scan->rule->check(scan);
    if (each & (EACH_SUBJECT | EACH_MIRROR | EACH_SOURCE))
        ask_about_parts(scan, each);
}

/* Can the rule report anything about it? */
static bool is_asked_about(const struct rule_scan *scan, const struct rules_object *object)
{
    return rules_is_open(object) || (scan->rule->lasting && object->resource && object->config);
}

static void ask_about_objects(const struct rule_scan *scan, const struct rules_stream *stream, unsigned each)
{
    bool consumers = each & EACH_CONSUMER || (each & EACH_PAIR && stream->self.config);
    if (is_asked_about(scan, &stream->self)) {
        struct rule_scan here = rule_scan_of(scan, &stream->self);
        ask_about_stream(&here, each);
    }
    for (size_t i = 0; consumers && i < stream->consumers.count; i++) {
        if (!is_asked_about(scan, stream->consumers.items[i]))
            continue;
        struct rule_scan here = rule_scan_of(scan, stream->consumers.items[i]);
        here.rule->check(&here);
    }
}

static void ask_about_account(struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    unsigned each = scan->rule->each;
    if (each & EACH_ACCOUNT)
        scan->rule->check(scan);
    for (size_t i = 0; each & EACH_TIER && facts && i < facts->account.tiers.count; i++) {
        scan->tier = &facts->account.tiers.items[i];
        scan->rule->check(scan);
    }
    each &= ~(unsigned)(EACH_ACCOUNT | EACH_TIER);
    for (size_t i = 0; each && i < scan->world->streams.count; i++)
        ask_about_objects(scan, scan->world->streams.items[i], each);
}

static void ask_about_servers(struct rule_scan *scan)
{
    if (scan->rule->each & ALL_SERVERS)
        scan->rule->check(scan);
    for (size_t i = 0; scan->rule->each & EACH_SERVER && i < scan->servers->count; i++) {
        scan->node = &scan->servers->nodes[i];
        /* The nodes of a server have the same options, so a finding would be told once for each. */
        if (scan->node->first)
            scan->rule->check(scan);
    }
}

/* ---- all of them ---- */

/* A version that is not known counts as the newest. */
static bool holds(const struct rule *rule, uint32_t version)
{
    return version_has(version, rule->since) &&
           (!rule->until || (version != VERSION_UNKNOWN && version < rule->until));
}

void rules_check(struct rules_world *world, struct diags *diags)
{
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        struct rule_scan scan = {.rule = rule, .diags = diags, .arena = world->arena, .world = world};
        bool later = rule->code->lint && diags->errors; /* first what no server takes */
        if (!(rule->each & OF_SERVERS) && holds(rule, world->version) && !later)
            ask_about_account(&scan);
    }
}

void servers_check(const struct server_world *world, struct diags *diags)
{
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        struct rule_scan scan = {.rule = rule, .diags = diags, .arena = world->arena, .servers = world};
        /* Notes are advice: `up` leaves them out, `validate` has them. */
        if (rule->each & OF_SERVERS && (world->advice || rule->code->severity != SEVERITY_NOTE))
            ask_about_servers(&scan);
    }
}

/* ---- findings ---- */

struct rule_scan rule_scan_of(const struct rule_scan *scan, const struct rules_object *object)
{
    struct rule_scan other = *scan;
    other.object = object;
    other.config = object->config;
    other.stream = object->stream->self.config;
    return other;
}

const char *rules_label(const struct rule_scan *scan, const struct rules_object *object)
{
    struct arena *arena = &scan->diags->arena;
    const struct resource *resource = object->resource;
    bool consumer = &object->stream->self != object;
    if (resource)
        return resource_label(arena, resource_kind(resource), consumer ? object->stream->self.name : NULL,
                              resource_shown_name(resource));
    if (object->copier)
        return arena_printf(arena, "%s, which copies from it,",
                            resource_label(arena, &stream_table, NULL, object->name));
    return resource_label(arena, consumer ? &consumer_table : &stream_table,
                          consumer ? object->stream->self.name : NULL, object->name);
}

const char *rule_label(const struct rule_scan *scan)
{
    return rules_label(scan, scan->object);
}

static void note_answer(const struct rule_scan *scan, struct diag *diag)
{
    const struct rule *rule = scan->rule;
    /* With the server's own words, which people search for. */
    if (rule->err_code)
        diag_note(scan->diags, diag, (struct srcpos){0}, "the server answers with error %d: %s",
                  rule->err_code, rule->says);
    else if (rule->says)
        diag_note(scan->diags, diag, (struct srcpos){0},
                  "'nats-server -t' takes it; the server ends with '%s'", rule->says);
}

struct diag *rule_report(const struct rule_scan *scan, struct srcpos pos, const char *format, ...)
{
    const struct rules_object *object = scan->object;
    const struct diag_code *code = scan->rule->code;
    va_list args;
    if (object && (!is_asked_about(scan, object) || lint_ignores(object->resource->lint_ignored, code)))
        return NULL;
    va_start(args, format);
    const char *message = arena_vprintf(&scan->diags->arena, format, args);
    va_end(args);
    if (!pos.source && (object || scan->node))
        pos = object ? object->resource->pos : scan->node->pos;
    struct diag *diag = diag_add(scan->diags, code, pos, "%s", message);
    /* So that the planner knows whose steps cannot be done. */
    if (object && code->severity == SEVERITY_ERROR)
        VEC_PUSH(scan->arena, &scan->world->refused, ((struct rules_refusal){object, diag}));
    if (object)
        diag->object = resource_address(&scan->diags->arena, resource_kind(object->resource),
                                        &object->stream->self == object ? NULL : object->stream->self.name,
                                        resource_shown_name(object->resource));
    note_answer(scan, diag);
    return diag;
}

void rule_note_other(const struct rule_scan *scan, struct diag *diag, const struct rules_object *other,
                     struct srcpos pos, const char *what)
{
    if (!diag)
        return;
    other = other->copier ? &other->copier->self : other;
    if (pos.unwritten)
        diag_note_unwritten(scan->diags, diag, pos);
    else if (other->resource)
        diag_note(scan->diags, diag, pos.source ? pos : other->resource->pos, "%s", what);
    else
        diag_note(scan->diags, diag, (struct srcpos){0}, "%s is on the server, and not in this manifest",
                  rules_label(scan, other));
}
