/*
 * Export on each server version: an account that others made comes out as manifests for which a plan is empty, and from which a fresh
 * server gets an account whose export is the same, byte for byte.
 */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "kind/kinds.h"
#include "support/run.h"
#include "support/samples.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { STREAMS = 200, CONSUMERS = 500, BUCKETS = 20 };

/* ---- an account made raw ---- */

/* Fields that go together in any choice, with what they must not stand beside. */
static const struct extra {
    const char *member;
    const char *not_with; /* words of the shape; "" when there are none */
} extras[] = {
    {"description: 'Line one\\nline two: \"quoted\", #no comment'", ""},
    {"description: '${HOME} costs $$5 {{x}} \xc3\xbc \xf0\x9f\x98\x80'", ""},
    {"description: 'no'", ""},
    {"max_msgs: 9007199254740993", ""},
    {"max_bytes: 1073741824", ""},
    {"max_bytes: 1000001", ""},
    {"max_age: 86400" SECONDS, ""},
    {"max_age: 100000001, duplicate_window: 100000000", "mirror"},
    {"max_age: 9223372036854775807", ""},
    {"max_age: 60" SECONDS, ""},
    {"max_msgs_per_subject: 7", ""},
    {"max_msg_size: 1048576", ""},
    {"discard: new, max_msgs: 1000", "counter"},
    {"no_ack: true", ""},
    {"duplicate_window: 60" SECONDS, "mirror"},
    {"compression: s2", ""},
    {"first_seq: 9007199254740993", "mirror"},
    {"allow_direct: true", ""},
    {"deny_delete: true", ""},
    {"deny_purge: true", "rollup ttl"},
    {"allow_rollup_hdrs: true", "purge"},
    {"max_consumers: 12", ""},
    {"consumer_limits: {max_ack_pending: 2500, inactive_threshold: 7200" SECONDS "}", "mirror"},
    {"consumer_limits: {max_ack_pending: 1000}", "mirror"},
    {"metadata: {team: 'no', 'a key': '007', empty: '', '<<': x}", ""},
    {"metadata: {note: \"two\\nlines\"}", ""},
    {"republish: {dest: copy.>}", "subjects"},
    {"placement: {tags: []}", ""},
    {"max_consumers: 0, max_msgs: 0, max_bytes: -1", ""},
};

static const struct shape {
    const char *config;
    const char *words; /* for extras that do not go with it */
} shapes[] = {
    {"storage: memory", ""},
    {"storage: file", ""},
    {"retention: workqueue", "counter"},
    {"retention: interest, storage: memory", ""},
    {"mirror: {name: ORIGIN}", "mirror subjects"},
    {"mirror: {name: ORIGIN, filter_subject: origin.a}, allow_direct: true", "mirror subjects"},
    {"sources: [{name: ORIGIN, filter_subject: origin.a}, {name: OTHER, opt_start_seq: 5}]", "subjects"},
    {"sources: [{name: FAR, external: {api: $JS.far.API, deliver: to.far}}]", "subjects"},
    {"subject_transform: {src: 'no.*', dest: 'yes.{{wildcard(1)}}'}", ""},
    {"allow_msg_ttl: true, subject_delete_marker_ttl: 3600" SECONDS ", allow_rollup_hdrs: true", "purge ttl"},
};

enum {
    EXTRAS = sizeof(extras) / sizeof(extras[0]),
    SHAPES = sizeof(shapes) / sizeof(shapes[0]),
};

static const char *const consumer_shapes[] = {
    "ack_policy: explicit",
    "",
    "ack_policy: all, ack_wait: 90" SECONDS,
    "ack_policy: explicit, max_deliver: 5, backoff: [1" SECONDS ", 2500000000]",
    "deliver_policy: new, ack_policy: none, max_ack_pending: 77",
    "deliver_policy: by_start_sequence, opt_start_seq: 18446744073709551615",
    "deliver_policy: by_start_time, opt_start_time: '2024-01-01T00:00:00.123456789+01:00'",
    "deliver_subject: push.x, deliver_group: 'on', flow_control: true, idle_heartbeat: 5" SECONDS,
    "ack_policy: explicit, max_waiting: 100, max_batch: 10, max_expires: 1500000000, max_bytes: 1536",
    "ack_policy: explicit, sample_freq: '100', headers_only: true, description: \"'it''s'\"",
    "ack_policy: explicit, inactive_threshold: 3600" SECONDS ", mem_storage: true, num_replicas: 1",
    "ack_policy: explicit, metadata: {owner: '~'}",
    "ack_policy: explicit, max_ack_pending: -1, replay_policy: original",
};

enum { CONSUMER_SHAPES = sizeof(consumer_shapes) / sizeof(consumer_shapes[0]) };

static uint64_t seed;

static size_t pick(size_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % below;
}

static bool share_word(const char *a, const char *b)
{
    while (*a) {
        size_t length = strcspn(a, " ");
        if (length && strstr(b, arena_strndup(test_arena(), a, length)))
            return true;
        a += length + (a[length] == ' ');
    }
    return false;
}

static struct node *known(const struct table *table, const struct node *config, uint32_t version)
{
    struct node *map = config_read("");
    for (size_t i = 0; i < config->count; i++) {
        const struct field *field = table_field(table, config->members[i].key);
        ck_assert_ptr_nonnull(field);
        if (since_holds(field->since, version))
            node_put(test_arena(), map, field->name, config->members[i].value);
    }
    return map;
}

static struct node *varied_stream(size_t number, uint32_t version)
{
    const struct shape *shape = &shapes[number % SHAPES];
    struct node *config = config_read(shape->config);
    if (!strstr(shape->words, "subjects"))
        config = config_over(config,
                             config_read(arena_printf(test_arena(), "subjects: [s%zu.>, 'T%zu.*', '$X.%zu']",
                                                      number, number, number)));
    const char *words = shape->words;
    for (size_t i = 0; i < 5; i++) {
        const struct extra *extra = &extras[pick(EXTRAS)];
        const struct node *more = config_read(extra->member);
        bool fits = !share_word(extra->not_with, words);
        for (size_t j = 0; j < more->count; j++)
            fits &= !node_get(config, more->members[j].key);
        if (!fits)
            continue;
        config = config_over(config, more);
        words =
            arena_printf(test_arena(), "%s%s%s", words, strstr(extra->member, "deny_purge") ? " purge" : "",
                         strstr(extra->member, "rollup") ? " rollup" : "");
        if (node_get(more, "max_age") && !node_get(config, "duplicate_window"))
            words =
                arena_printf(test_arena(), "%s mirror", words); /* no window after it that may be longer */
    }
    return known(&stream_table, config, version);
}

static void create_streams(const struct server_fixture *server)
{
    uint32_t version = version_number(server->version);
    must_create(server, "ORIGIN", NULL, "subjects: [origin.>], allow_direct: true");
    must_create(server, "OTHER", NULL, "subjects: [other.>]");
    for (size_t i = 0; i < STREAMS; i++) {
        const char *name = arena_printf(test_arena(), i % 7 ? "S%03zu" : "%03zu", i);
        struct node *config = varied_stream(i, version);
        struct raw_reply reply = raw_create(server, name, NULL, config);
        ck_assert_msg(!reply.err_code, "%s: %s", config_json(config), reply.description);
    }
}

/* On work queues each needs messages of its own, and an acknowledgement. */
static void create_consumers(const struct server_fixture *server)
{
    uint32_t version = version_number(server->version);
    size_t made = 0;
    for (size_t i = 0; made < CONSUMERS; i++) {
        size_t of = i % STREAMS;
        const char *stream = arena_printf(test_arena(), of % 7 ? "S%03zu" : "%03zu", of);
        const char *name = arena_printf(test_arena(), "c%zu", i);
        bool queue = strstr(shapes[of % SHAPES].config, "workqueue") != NULL;
        const struct node *config =
            config_read(queue ? "ack_policy: explicit" : consumer_shapes[pick(CONSUMER_SHAPES)]);
        const struct node *base = config_read(
            queue ? arena_printf(test_arena(), "durable_name: %s, filter_subject: s%zu.%zu", name, of, i)
                  : arena_printf(test_arena(), "durable_name: %s", name));
        struct raw_reply reply =
            raw_create(server, stream, name, known(&consumer_table, config_over(base, config), version));
        made += !reply.err_code;
        ck_assert_msg(i < 4 * CONSUMERS, "too few consumers can be made");
    }
}

/* As the official clients make them. */
static void create_buckets(const struct server_fixture *server)
{
    uint32_t version = version_number(server->version);
    for (size_t i = 0; i < BUCKETS; i++) {
        bool objects = i % 3 == 0;
        const char *bucket = arena_printf(test_arena(), "b%zu", i);
        const char *subjects =
            arena_printf(test_arena(), objects ? "subjects: [$O.%s.C.>, $O.%s.M.>]" : "subjects: [$KV.%s.>]",
                         bucket, bucket);
        const char *rest =
            objects ? "discard: new, allow_rollup_hdrs: true, allow_direct: true, max_age: 0"
                    : "max_msgs_per_subject: 5, discard: new, allow_rollup_hdrs: true, deny_delete: true, "
                      "allow_direct: true, max_age: 3600" SECONDS ", duplicate_window: 120" SECONDS;
        struct node *config =
            known(&stream_table, config_over(config_read(subjects), config_read(rest)), version);
        struct raw_reply reply = raw_create(
            server, arena_printf(test_arena(), objects ? "OBJ_%s" : "KV_%s", bucket), NULL, config);
        ck_assert_msg(!reply.err_code, "%s: %s", config_json(config), reply.description);
    }
}

static void create_samples(const struct server_fixture *server)
{
    uint32_t version = version_number(server->version);
    for (size_t i = 0; i < sample_count; i++) {
        struct node *config = sample_config(&samples[i], version);
        if (samples[i].consumer && !node_get(config, "durable_name"))
            config = config_over(
                config, config_read(arena_printf(test_arena(), "durable_name: %s", samples[i].consumer)));
        if (node_get(config, "sealed")) /* only an update seals */
            config = config_read("sealed: false");
        raw_create(server, samples[i].stream, samples[i].consumer, config);
        if (strcmp(samples[i].stream, "SEALED") == 0)
            raw_update(server, "SEALED", NULL, config_read("sealed: true"));
    }
}

/* ---- folders ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every file below the folder with its text, in one text. */
static const char *folder_text(const char *folder, size_t *ret_files)
{
    struct strbuf text = {0};
    const char *names[4 * STREAMS];
    size_t count = 0;
    static const char *const parts[] = {".", "streams", "key_values", "object_stores"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        DIR *directory = opendir(arena_printf(test_arena(), "%s/%s", folder, parts[i]));
        for (struct dirent *entry; directory && (entry = readdir(directory));)
            if (strchr(entry->d_name, '.') && entry->d_name[0] != '.')
                names[count++] = arena_printf(test_arena(), "%s/%s", parts[i], entry->d_name);
        if (directory)
            closedir(directory);
    }
    qsort(names, count, sizeof(names[0]), compare_texts);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "==> %s\n%s\n", names[i],
                    read_file(arena_printf(test_arena(), "%s/%s", folder, names[i])));
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    *ret_files = count;
    return copy;
}

static const char *must_export(const struct server_fixture *server, const char *name)
{
    const char *folder = arena_printf(test_arena(), "%s/%s", test_directory(), name);
    struct run run = RUN("export", "-s", server->url, "--out-dir", folder);
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "");
    return folder;
}

/* Says where two texts part. */
static void must_be_same(const char *a, const char *b)
{
    size_t at = 0;
    while (a[at] && a[at] == b[at])
        at++;
    size_t from = at > 200 ? at - 200 : 0;
    ck_assert_msg(a[at] == b[at], "they part here:\n%.400s\n--- and\n%.400s", a + from, b + from);
}

static void must_come_back(const struct server_fixture *server, const struct server_fixture *fresh)
{
    size_t files;
    const char *first = must_export(server, "first");
    const char *manifest = arena_printf(test_arena(), "%s/natsform.yaml", first);
    must_be_in_sync(server, manifest);
    ck_assert_exit(RUN("validate", "-f", manifest), 0);
    must_apply(fresh, manifest);
    must_be_in_sync(fresh, manifest);
    const char *second = must_export(fresh, "second");
    must_be_same(folder_text(first, &files), folder_text(second, &files));
    ck_assert_uint_gt(files, 2);
    struct run one = RUN("export", "-s", server->url);
    ck_assert_exit(one, 0);
    must_be_in_sync(server, write_file(test_directory(), "one.yaml", one.out));
    ck_assert_str_eq(RUN("export", "-s", fresh->url).out, one.out);
}

/* ---- tests ---- */

START_TEST(a_large_account_comes_back_the_same)
{
    const char *config = "jetstream: {max_file: 1000000000000, max_mem: 1000000000000}";
    struct server_fixture *server = fixture_start(version_at(_i), config);
    struct server_fixture *fresh = fixture_start(version_at(_i), config);
    seed = 1;
    create_streams(server);
    create_consumers(server);
    create_buckets(server);
    must_come_back(server, fresh);
    fixture_stop(server);
    fixture_stop(fresh);
}
END_TEST

START_TEST(every_field_comes_back_the_same)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct server_fixture *fresh = fixture_start(version_at(_i), NULL);
    create_samples(server);
    must_come_back(server, fresh);
    fixture_stop(server);
    fixture_stop(fresh);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = a_large_account_comes_back_the_same, .each_version = true},
        {.test = every_field_comes_back_the_same, .each_version = true},
    };
    return suite_run("export", tests, sizeof(tests) / sizeof(tests[0]));
}
