/*
 * Streams, consumers and buckets with random settings, made by the nats CLI and by raw requests, in each spelling that servers take,
 * on every server version: a plan of what the CLI says of them, of the files that they were made from, and of an export is empty.
 *
 * OBJECTS says how many streams there are; consumers are three times as many. OBJECTS_SEED makes others.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "field/field.h"
#include "support/config.h"
#include "support/peer.h"
#include "support/random.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { STREAMS = 30, CONSUMERS_EACH = 3, KEY_VALUES = 12, OBJECT_STORES = 6, HOMES = 2, SEED = 20260131 };

/* ---- random settings ---- */

enum trait {
    DIRECT = 1 << 0,
    MEMORY = 1 << 1,
    RETAINS = 1 << 2, /* by interest or as a work queue */
    AGED = 1 << 3,
    BOUNDED = 1 << 4, /* per subject */
    DISCARDS_NEW = 1 << 5,
    COPIES = 1 << 6, /* a mirror */
    SOURCES = 1 << 7,
    ROLLS_UP = 1 << 8,
    NO_PURGE = 1 << 9,
    TRANSFORMS = 1 << 10,
    NAMED = 1 << 11, /* subjects */
    TTLS = 1 << 12,
    COUNTS = 1 << 13,
    PUSHES = 1 << 14,
    BEATS = 1 << 15,
    FILTERS = 1 << 16,
    STARTS = 1 << 17,
    ACKS = 1 << 18,
    DELIVERS = 1 << 19, /* a number of times */
    GROUPS = 1 << 20,
    PAUSES = 1 << 21,
    SAMPLES = 1 << 22,
    REPUBLISHES = 1 << 23,
};

/* May be taken where everything that it needs was taken before, and nothing that it cannot be with. '#' is the object's number. */
struct setting {
    const char *text; /* members of JSON, or arguments */
    uint32_t since;
    unsigned needs, without, gives;
    bool always;
};

#define V_2_10 VERSION(2, 10, 0)
#define V_2_11 VERSION(2, 11, 0)
#define V_2_12 VERSION(2, 12, 0)
#define V_2_14 VERSION(2, 14, 0)

static const struct setting stream_settings[] = {
    {"\"mirror\":{\"name\":\"HOME0\",\"opt_start_seq\":5}", .gives = COPIES | DIRECT | NAMED},
    {"\"mirror\":{\"name\":\"HOME1\",\"filter_subject\":\"home1.a.>\"}", .without = COPIES,
     .gives = COPIES | NAMED},
    {"\"sources\":[{\"name\":\"HOME0\",\"filter_subject\":\"home0.x\"},{\"name\":\"HOME1\",\"opt_start_time\":\"2024-02-29T12:00:00Z\"}]",
     .without = COPIES, .gives = SOURCES},
    {"\"sources\":[{\"name\":\"HOME0\",\"subject_transforms\":[{\"src\":\"home0.*\",\"dest\":\"from#.{{wildcard(1)}}\"}]}]",
     .since = V_2_10, .without = COPIES | SOURCES, .gives = SOURCES},
    {"\"subjects\":[\"s#.>\"]", .without = NAMED, .gives = NAMED},
    {"\"subjects\":[\"s#.b.*\",\"s#.a\",\"t#\"]", .without = NAMED, .gives = NAMED, .always = true},
    {"\"storage\":\"memory\"", .gives = MEMORY},
    {"\"storage\":\"file\"", .without = MEMORY},
    {"\"retention\":\"interest\"", .without = COPIES, .gives = RETAINS},
    {"\"retention\":\"workqueue\"", .without = RETAINS | COPIES, .gives = RETAINS},
    {"\"max_age\":3600000000000", .gives = AGED},
    {"\"max_age\":129600000000123", .without = AGED, .gives = AGED},
    {"\"duplicate_window\":60000000000", .without = COPIES},
    {.text = "\"max_bytes\":9007199254740993"},
    {.text = "\"max_msgs\":100000"},
    {.text = "\"max_msg_size\":65536"},
    {.text = "\"max_consumers\":12"},
    {"\"max_msgs_per_subject\":5", .gives = BOUNDED},
    {"\"discard\":\"new\"", .without = COPIES, .gives = DISCARDS_NEW},
    {"\"discard_new_per_subject\":true", .needs = DISCARDS_NEW | BOUNDED},
    {.text = "\"no_ack\":true"},
    {.text = "\"description\":\"number #: it's \\\"quoted\\\", and $HOME\""},
    {.text = "\"num_replicas\":1"},
    {.text = "\"deny_delete\":true"},
    {"\"deny_purge\":true", .gives = NO_PURGE},
    {"\"allow_rollup_hdrs\":true", .without = NO_PURGE | COPIES, .gives = ROLLS_UP},
    {.text = "\"allow_direct\":true"},
    {"\"mirror_direct\":true", .needs = DIRECT}, /* as its origin is */
    {"\"republish\":{\"src\":\"s#.>\",\"dest\":\"again.s#.>\",\"headers_only\":true}",
     .without = COPIES | SOURCES, .gives = REPUBLISHES},
    {"\"compression\":\"s2\"", .since = V_2_10, .without = MEMORY},
    {"\"metadata\":{\"owner\":\"team-#\",\"empty\":\"\"}", .since = V_2_10},
    {"\"first_seq\":1000", .since = V_2_10, .without = COPIES},
    {"\"consumer_limits\":{\"inactive_threshold\":7200000000000,\"max_ack_pending\":500}", .since = V_2_10},
    {"\"subject_transform\":{\"src\":\"s#.>\",\"dest\":\"moved#.>\"}", .since = V_2_10,
     .without = COPIES | REPUBLISHES, .gives = TRANSFORMS},
    {"\"allow_msg_ttl\":true", .since = V_2_11, .gives = TTLS},
    {"\"subject_delete_marker_ttl\":60000000000", .since = V_2_11, .needs = TTLS | AGED | ROLLS_UP,
     .without = COPIES},
    {"\"allow_msg_counter\":true", .since = V_2_12,
     .without = COPIES | SOURCES | DISCARDS_NEW | TTLS | RETAINS, .gives = COUNTS},
    {"\"allow_atomic\":true", .since = V_2_12, .without = COPIES | COUNTS},
    {"\"allow_msg_schedules\":true", .since = V_2_12,
     .without = COPIES | SOURCES | COUNTS | DISCARDS_NEW | NO_PURGE},
    {"\"persist_mode\":\"default\"", .since = V_2_12, .without = MEMORY},
    {"\"allow_batched\":true", .since = V_2_14, .without = COPIES | COUNTS},
};

static const struct setting consumer_settings[] = {
    {"\"durable_name\":\"c#\"", .always = true},
    {.text = "\"name\":\"c#\""},
    {.text = "\"description\":\"consumer #\""},
    {"\"deliver_subject\":\"push.#\"", .gives = PUSHES},
    {"\"deliver_group\":\"workers\"", .needs = PUSHES},
    {"\"idle_heartbeat\":5000000000", .needs = PUSHES, .gives = BEATS},
    {"\"flow_control\":true", .needs = BEATS},
    {"\"rate_limit_bps\":1048576", .needs = PUSHES},
    {"\"filter_subject\":\"home%.x\"", .gives = FILTERS},
    {"\"filter_subjects\":[\"home%.y\",\"home%.x\"]", .since = V_2_10, .without = FILTERS, .gives = FILTERS},
    {"\"filter_subjects\":[\"home%.z.>\"]", .since = V_2_10, .without = FILTERS, .gives = FILTERS},
    {"\"deliver_policy\":\"last_per_subject\"", .needs = FILTERS, .gives = STARTS},
    {"\"deliver_policy\":\"new\"", .without = STARTS, .gives = STARTS},
    {"\"deliver_policy\":\"last\"", .without = STARTS, .gives = STARTS},
    {"\"deliver_policy\":\"by_start_sequence\",\"opt_start_seq\":42", .without = STARTS, .gives = STARTS},
    {"\"deliver_policy\":\"by_start_time\",\"opt_start_time\":\"2024-02-29T12:00:00.5+01:00\"",
     .without = STARTS, .gives = STARTS},
    {"\"deliver_policy\":\"all\"", .without = STARTS},
    {"\"ack_policy\":\"none\"", .gives = ACKS},
    {"\"ack_policy\":\"all\",\"ack_wait\":45000000000", .without = ACKS, .gives = ACKS},
    {"\"ack_policy\":\"explicit\",\"max_deliver\":6", .without = ACKS, .gives = ACKS | DELIVERS},
    {"\"ack_policy\":\"explicit\",\"max_ack_pending\":77", .without = ACKS, .gives = ACKS, .always = true},
    {"\"backoff\":[1000000000,5000000000,60000000000]", .needs = DELIVERS},
    {.text = "\"replay_policy\":\"original\""},
    {"\"sample_freq\":\"30%\"", .gives = SAMPLES},
    {"\"sample_freq\":\"100\"", .without = SAMPLES, .gives = SAMPLES},
    {"\"sample_freq\":\"0%\"", .without = SAMPLES},
    {"\"max_waiting\":100", .without = PUSHES},
    {"\"max_batch\":50", .without = PUSHES},
    {"\"max_expires\":30000000000", .without = PUSHES},
    {"\"max_bytes\":1048576", .without = PUSHES},
    {.text = "\"headers_only\":true"},
    {.text = "\"inactive_threshold\":3600000000000"},
    {.text = "\"num_replicas\":1"},
    {.text = "\"mem_storage\":true"},
    {"\"metadata\":{\"owner\":\"team-#\"}", .since = V_2_10},
    {"\"pause_until\":\"2099-01-01T00:00:00Z\"", .since = V_2_11, .gives = PAUSES},
    {"\"pause_until\":\"2020-01-01T00:00:00Z\"", .since = V_2_11, .without = PAUSES},
    {"\"priority_policy\":\"overflow\",\"priority_groups\":[\"g\"]", .since = V_2_11, .without = PUSHES,
     .gives = GROUPS},
    {"\"priority_policy\":\"pinned_client\",\"priority_groups\":[\"g\"],\"priority_timeout\":30000000000",
     .since = V_2_11, .without = PUSHES | GROUPS, .gives = GROUPS},
    {"\"priority_policy\":\"prioritized\",\"priority_groups\":[\"g\"]", .since = V_2_12,
     .without = PUSHES | GROUPS, .gives = GROUPS},
};

static const struct setting key_value_settings[] = {
    {"--mirror=kv0", .gives = COPIES},
    {"--source=kv0", .since = V_2_10, .without = COPIES, .gives = SOURCES},
    {.text = "--description=bucket-#"},
    {"--history=7", .without = COPIES},
    {"--ttl=90m", .gives = AGED},
    {"--storage=memory", .gives = MEMORY},
    {.text = "--max-value-size=64KB"},
    {.text = "--max-bucket-size=32MB"},
    {"--compress", .since = V_2_10, .without = MEMORY},
    {"--metadata=owner:team-#", .since = V_2_10},
    {"--marker-ttl=2m", .since = V_2_11, .without = COPIES},
    {"--republish-source=$KV.kv#.> --republish-destination=changes.kv#.>", .without = COPIES | SOURCES},
};

static const struct setting object_store_settings[] = {
    {.text = "--description=store-#"},
    {.text = "--ttl=12h"},
    {"--storage=memory", .gives = MEMORY},
    {.text = "--max-bucket-size=1GB"},
    {"--metadata=owner:team-#", .since = V_2_10},
    {"--compress", .since = V_2_10, .without = MEMORY},
};

/* What says nothing, where nothing else was said. */
static const struct setting stream_nothings[] = {
    {.text = "\"max_msgs\":-1"},
    {.text = "\"max_msgs\":0"},
    {.text = "\"max_bytes\":-1"},
    {.text = "\"max_bytes\":0"},
    {.text = "\"max_age\":0"},
    {.text = "\"max_consumers\":-1"},
    {.text = "\"max_consumers\":0"},
    {.text = "\"max_msg_size\":-1"},
    {.text = "\"max_msg_size\":0"},
    {.text = "\"max_msgs_per_subject\":-1"},
    {.text = "\"max_msgs_per_subject\":0"},
    {.text = "\"discard\":\"old\""},
    {.text = "\"retention\":\"limits\""},
    {.text = "\"storage\":\"file\""},
    {.text = "\"num_replicas\":0"},
    {.text = "\"num_replicas\":null"},
    {.text = "\"duplicate_window\":0"},
    {.text = "\"description\":\"\""},
    {.text = "\"sources\":null"},
    {.text = "\"sources\":[]"},
    {.text = "\"mirror\":null"},
    {.text = "\"placement\":null"},
    {.text = "\"no_ack\":false"},
    {.text = "\"sealed\":false"},
    {.text = "\"deny_delete\":false"},
    {.text = "\"deny_purge\":null"},
    {.text = "\"allow_rollup_hdrs\":false"},
    {.text = "\"allow_direct\":false"},
    {.text = "\"mirror_direct\":false"},
    {.text = "\"discard_new_per_subject\":false"},
    {.text = "\"republish\":null"},
    {"\"compression\":\"none\"", .since = V_2_10},
    {"\"metadata\":{}", .since = V_2_10},
    {"\"metadata\":null", .since = V_2_10},
    {"\"first_seq\":0", .since = V_2_10},
    {"\"subject_transform\":null", .since = V_2_10},
    {"\"consumer_limits\":{}", .since = V_2_10},
    {"\"allow_msg_ttl\":false", .since = V_2_11},
    {"\"subject_delete_marker_ttl\":0", .since = V_2_11},
    {"\"persist_mode\":\"\"", .since = V_2_12},
};

static const struct setting consumer_nothings[] = {
    {.text = "\"description\":\"\""},
    {.text = "\"deliver_policy\":\"all\""},
    {.text = "\"opt_start_seq\":0"},
    {.text = "\"opt_start_time\":null"},
    {.text = "\"ack_wait\":0"},
    {.text = "\"max_deliver\":-1"},
    {.text = "\"max_deliver\":0"},
    {.text = "\"backoff\":[]"},
    {.text = "\"backoff\":null"},
    {.text = "\"filter_subject\":\"\""},
    {.text = "\"filter_subject\":null"},
    {.text = "\"replay_policy\":\"instant\""},
    {.text = "\"sample_freq\":\"\""},
    {.text = "\"rate_limit_bps\":0"},
    {.text = "\"max_waiting\":0"},
    {.text = "\"max_ack_pending\":0"},
    {.text = "\"flow_control\":false"},
    {.text = "\"idle_heartbeat\":0"},
    {.text = "\"headers_only\":false"},
    {.text = "\"max_batch\":0"},
    {.text = "\"max_expires\":0"},
    {.text = "\"max_bytes\":0"},
    {.text = "\"deliver_subject\":\"\""},
    {.text = "\"deliver_group\":\"\""},
    {.text = "\"inactive_threshold\":0"},
    {.text = "\"num_replicas\":0"},
    {.text = "\"mem_storage\":false"},
    {"\"filter_subjects\":null", .since = V_2_10},
    {"\"filter_subjects\":[]", .since = V_2_10},
    {"\"metadata\":{}", .since = V_2_10},
    {"\"pause_until\":null", .since = V_2_11},
    {"\"priority_groups\":null", .since = V_2_11},
    {"\"priority_policy\":\"none\"", .since = V_2_11},
    {"\"priority_timeout\":0", .since = V_2_11},
};

#define SETTINGS(rows) (rows), sizeof(rows) / sizeof((rows)[0])

static void add_text(struct strbuf *out, const char *text, int number)
{
    for (; *text; text++)
        if (*text == '#')
            strbuf_addf(out, "%d", number);
        else if (*text == '%' && text[1] == '.')
            strbuf_addf(out, "%d", number % HOMES);
        else
            strbuf_addc(out, *text);
}

/* Some of the settings, each behind `separator` but the first. */
static const char *pick(uint64_t *random, uint32_t version, int number, const char *separator,
                        const struct setting *settings, size_t count)
{
    struct strbuf out = {0};
    unsigned traits = 0;
    for (size_t i = 0; i < count; i++) {
        const struct setting *at = &settings[i];
        bool wanted = at->always || random_next(random) % 3 == 0;
        if (!wanted || !version_has(version, at->since) || (traits & at->needs) != at->needs ||
            (traits & (at->without | at->gives)))
            continue;
        strbuf_adds(&out, out.length ? separator : "");
        add_text(&out, at->text, number);
        traits |= at->gives;
    }
    const char *text = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return text;
}

/* Some of the ways to say nothing, of members that are not there yet. */
static const char *pad(uint64_t *random, uint32_t version, const char *settings,
                       const struct setting *nothings, size_t count)
{
    struct strbuf out = {0};
    strbuf_adds(&out, settings);
    for (size_t i = 0; i < count; i++) {
        const char *key =
            arena_strndup(test_arena(), nothings[i].text, strcspn(nothings[i].text, ":") + strlen(":"));
        if (random_once_in(random, 4) && version_has(version, nothings[i].since) &&
            !strstr(strbuf_text(&out), key))
            strbuf_addf(&out, ",%s", nothings[i].text);
    }
    return strbuf_move(&out, test_arena());
}

/* ---- making them ---- */

struct words {
    VEC(const char *) list;
};

static void add(struct words *words, const char *word)
{
    VEC_PUSH(test_arena(), &words->list, word);
}

/* What there is, and files about it for -f. */
struct world {
    const struct server_fixture *server;
    const struct peer *peer;
    uint32_t version;
    uint64_t random;
    const char *folder;
    struct words infos;
    struct words configs;      /* of streams */
    struct words homes[HOMES]; /* of consumers, by their stream */
    size_t streams, consumers, buckets;
};

static const char *nats(const struct world *world, const struct words *words)
{
    struct words all = {0};
    add(&all, "-s");
    add(&all, world->server->url);
    for (size_t i = 0; i < words->list.count; i++)
        add(&all, words->list.items[i]);
    add(&all, NULL);
    return peer_must_nats(world->peer, all.list.items);
}

#define NATS_IN(world, ...) must_nats((world)->peer, "-s", (world)->server->url, __VA_ARGS__)

static const char *numbered(const char *prefix, int number)
{
    return arena_printf(test_arena(), "%s%d", prefix, number);
}

static const char *json_file(const struct world *world, const char *name, const char *text)
{
    return write_file(world->folder, arena_printf(test_arena(), "%s.json", name), text);
}

static void keep_info(struct world *world, const char *stream)
{
    add(&world->infos, json_file(world, arena_printf(test_arena(), "info-%s", stream),
                                 NATS_IN(world, "stream", "info", stream, "--json")));
}

/* One time in two by a raw request, which may say nothing in more ways. */
static void make_stream(struct world *world, const char *name, const char *settings)
{
    bool raw = random_once_in(&world->random, 2);
    if (raw)
        settings = pad(&world->random, world->version, settings, SETTINGS(stream_nothings));
    const char *text = arena_printf(test_arena(), "{\"name\":\"%s\",%s}", name, settings);
    const char *path = json_file(world, name, text);
    if (raw)
        raw_must(world->server, arena_printf(test_arena(), "STREAM.CREATE.%s", name), text);
    else
        NATS_IN(world, "stream", "add", name, "--config", path);
    add(&world->configs, path);
    keep_info(world, name);
    world->streams++;
}

/* By one of the subjects that servers take it on: clients of today, with the filter, of 2.8, and for what goes by itself. */
static void create_consumer(struct world *world, const char *stream, const char *name, const char *settings)
{
    bool filtered = strstr(settings, "\"filter_subject\":\"home") != NULL;
    const char *filter =
        filtered ? strstr(settings, "\"filter_subject\":\"") + strlen("\"filter_subject\":\"") : "";
    const char *verbs[] = {
        arena_printf(test_arena(), "CONSUMER.CREATE.%s.%s", stream, name),
        arena_printf(test_arena(), "CONSUMER.DURABLE.CREATE.%s.%s", stream, name),
        arena_printf(test_arena(), "CONSUMER.CREATE.%s.%s.%.*s", stream, name, (int)strcspn(filter, "\""),
                     filter),
    };
    raw_must(world->server, verbs[random_below(&world->random, filtered ? 3 : 2)],
             arena_printf(test_arena(), "{\"stream_name\":\"%s\",\"config\":{%s}}", stream, settings));
}

static void make_consumer(struct world *world, int number)
{
    const char *name = numbered("c", number);
    const char *stream = numbered("HOME", number % HOMES);
    const char *settings = pick(&world->random, world->version, number, ",", SETTINGS(consumer_settings));
    bool raw = random_once_in(&world->random, 2);
    if (raw)
        settings = pad(&world->random, world->version, settings, SETTINGS(consumer_nothings));
    const char *path = json_file(world, name, arena_printf(test_arena(), "{%s}", settings));
    if (raw)
        create_consumer(world, stream, name, settings);
    else
        NATS_IN(world, "consumer", "add", stream, name, "--config", path);
    add(&world->homes[number % HOMES], path);
    add(&world->infos, json_file(world, arena_printf(test_arena(), "info-%s", name),
                                 NATS_IN(world, "consumer", "info", stream, name, "--json")));
    world->consumers++;
}

static void make_bucket(struct world *world, const char *kind, const char *name, const char *arguments)
{
    struct words words = {0};
    add(&words, kind);
    add(&words, "add");
    add(&words, name);
    for (const char *at = arguments; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        add(&words, arena_strndup(test_arena(), at, length));
        at += length;
    }
    nats(world, &words);
    keep_info(world, arena_printf(test_arena(), "%s_%s", strcmp(kind, "kv") == 0 ? "KV" : "OBJ", name));
    world->buckets++;
}

static uint64_t setting_of(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);
    uint64_t number = 0;
    return text && number_parse_u64(text, &number) && number ? number : fallback;
}

static void make_everything(struct world *world)
{
    make_stream(world, "HOME0", "\"subjects\":[\"home0.>\"],\"allow_direct\":true");
    make_stream(world, "HOME1", "\"subjects\":[\"home1.>\"],\"max_age\":86400000000000");
    int streams = (int)setting_of("OBJECTS", STREAMS);
    for (int i = 0; i < streams; i++)
        make_stream(world, numbered("S", i),
                    pick(&world->random, world->version, i, ",", SETTINGS(stream_settings)));
    for (int i = 0; i < CONSUMERS_EACH * streams; i++)
        make_consumer(world, i);
    for (int i = 0; i < KEY_VALUES; i++)
        make_bucket(world, "kv", numbered("kv", i),
                    i ? pick(&world->random, world->version, i, " ", SETTINGS(key_value_settings)) : "");
    for (int i = 0; i < OBJECT_STORES; i++)
        make_bucket(world, "object", numbered("store", i),
                    pick(&world->random, world->version, i, " ", SETTINGS(object_store_settings)));
}

/* ---- planning them ---- */

/* A plan of all the files finds so many objects, and nothing to do. */
static void must_plan_empty(const struct world *world, const struct words *files, const char *stream,
                            size_t objects)
{
    struct words words = {0};
    add(&words, "plan");
    add(&words, "--detailed-exitcode");
    add(&words, "-s");
    add(&words, world->server->url);
    if (stream) {
        add(&words, "--stream");
        add(&words, stream);
    }
    for (size_t i = 0; i < files->list.count; i++) {
        add(&words, "-f");
        add(&words, files->list.items[i]);
    }
    add(&words, NULL);
    struct run run = peer_run_natsform(world->peer, words.list.items);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "Plan: %zu in sync, ", objects));
}

START_TEST(what_others_make_is_in_sync)
{
    struct server_fixture *server = fixture_start(
        version_at(_i), "jetstream: {max_file: 1000000000000000000, max_mem: 1000000000000000000}");
    struct world world = {.server = server,
                          .peer = peer_new(),
                          .version = version_number(server->version),
                          .random = setting_of("OBJECTS_SEED", SEED),
                          .folder = test_directory()};
    make_everything(&world);
    size_t all = world.streams + world.consumers + world.buckets;
    ck_assert_uint_eq(all, HOMES + (1 + CONSUMERS_EACH) * setting_of("OBJECTS", STREAMS) + KEY_VALUES +
                               OBJECT_STORES);
    must_plan_empty(&world, &world.infos, NULL, all);
    must_plan_empty(&world, &world.configs, NULL, world.streams);
    for (int i = 0; i < HOMES; i++)
        must_plan_empty(&world, &world.homes[i], numbered("HOME", i), world.homes[i].list.count);

    struct run exported = NATSFORM(world.peer, "export", "-s", server->url);
    struct words files = {0};
    ck_assert_exit(exported, 0);
    ck_assert_lacks(exported.out, "0001-01-01");
    ck_assert_lacks(exported.out, "2020-01-01");
    add(&files, manifest(exported.out));
    must_plan_empty(&world, &files, NULL, all);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = what_others_make_is_in_sync, .each_version = true},
    };
    return suite_run("interop_objects", tests, sizeof(tests) / sizeof(tests[0]));
}
