/* Unit tests of kind/bucket.h: the stream that a bucket is, and the bucket that a stream is, whichever client made it. */
#include "kind/bucket.h"

#include <string.h>

#include "field/check.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

#define V2_9 VERSION(2, 9, 10)
#define V2_10 VERSION(2, 10, 27)
#define V2_15 VERSION(2, 15, 1)

#define KV &key_value_kind
#define OBJ &object_store_kind

/* ---- rows ---- */

/* The same value of the same stream: what a bucket's row says of it is what the stream's row says. */
START_TEST(rows_agree_with_the_stream)
{
    const struct table *table = bucket_kinds[_i]->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->fields[i];
        const char *name = row->name;
        if (!row->stream_field) {
            ck_assert_msg(row->flags & (FIELD_OURS | FIELD_IDENTITY), "%s.%s sets nothing", table->noun,
                          name);
            continue;
        }
        const struct field *field = table_field_by_id(&stream_table, row->stream_field);
        bool translated = field->id == STREAM_COMPRESSION;
        ck_assert_msg(field != NULL, "%s", name);
        ck_assert_msg(translated || row->type == field->type, "%s: type", name);
        ck_assert_msg(row->shape == field->shape, "%s: shape", name);
        ck_assert_msg(row->choices == field->choices || translated, "%s: choices", name);
        ck_assert_msg(row->least >= field->least && row->most <= field->most, "%s: bounds", name);
        ck_assert_msg(row->since[0] >= field->since[0], "%s: since", name);
        ck_assert_msg(row->risk == field->risk, "%s: risk", name);
        ck_assert_msg(strcmp(row->name, field->name) != 0 || row->doc[0] != '\0', "%s: doc", name);
        ck_assert_ptr_eq(bucket_shown_field(bucket_kinds[_i], field), row);
    }
}
END_TEST

/* What the clients fix is no row: nobody can set it otherwise. */
START_TEST(settings_are_no_rows)
{
    const struct bucket_kind *kind = bucket_kinds[_i];
    for (size_t i = 0; i < kind->setting_count; i++) {
        const struct field *field = table_field_by_id(&stream_table, kind->settings[i].field);
        ck_assert_msg(bucket_shown_field(kind, field) == field, "'%s' of %s", field->name, kind->table->noun);
    }
}
END_TEST

/* ---- to the stream ---- */

#define KV_FIXED "\"discard\":\"new\",\"allow_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true"

static const struct {
    const struct bucket_kind *kind;
    const char *yaml;
    const char *body; /* of the request that creates it */
} creates[] = {
    {KV, "{}", "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1," KV_FIXED "}"},
    {KV, "{history: 64, ttl: 1h, max_bytes: 1KiB, max_value_size: 5kb, storage: memory, num_replicas: 3}",
     "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_bytes\":1024,\"max_age\":3600000000000,"
     "\"max_msgs_per_subject\":64,\"max_msg_size\":5120,\"discard\":\"new\",\"storage\":\"memory\",\"num_replicas\":3,"
     "\"allow_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    {KV,
     "{description: d, compression: true, metadata: {a: b}, placement: {cluster: c}, republish: {src: a, dest: b}}",
     "{\"name\":\"KV_b\",\"description\":\"d\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1,"
     "\"discard\":\"new\",\"placement\":{\"cluster\":\"c\"},\"compression\":\"s2\","
     "\"republish\":{\"src\":\"a\",\"dest\":\"b\"},\"allow_direct\":true,\"deny_delete\":true,"
     "\"allow_rollup_hdrs\":true,\"metadata\":{\"a\":\"b\"}}"},
    {KV, "compression: false",
     "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1,\"discard\":\"new\","
     "\"compression\":\"none\",\"allow_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    {KV, "limit_marker_ttl: 1m",
     "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1," KV_FIXED
     ",\"allow_msg_ttl\":true,\"subject_delete_marker_ttl\":60000000000}"},
    {KV, "mirror: {name: a}",
     "{\"name\":\"KV_b\",\"max_msgs_per_subject\":1,\"discard\":\"new\",\"mirror\":{\"name\":\"KV_a\"},"
     "\"allow_direct\":true,\"mirror_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    {KV, "mirror: {name: KV_a, external: {api: $JS.hub.API}}",
     "{\"name\":\"KV_b\",\"max_msgs_per_subject\":1,\"discard\":\"new\",\"mirror\":{\"name\":\"KV_a\","
     "\"external\":{\"api\":\"$JS.hub.API\"}},"
     "\"allow_direct\":true,\"mirror_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    /* a source's keys move under this bucket's name, however the source is spelled */
    {KV, "sources: [{name: a}, {name: KV_c}]",
     "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1,\"discard\":\"new\",\"sources\":["
     "{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\",\"dest\":\"$KV.b.>\"}]},"
     "{\"name\":\"KV_c\",\"subject_transforms\":[{\"src\":\"$KV.c.>\",\"dest\":\"$KV.b.>\"}]}],"
     "\"allow_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    /* from elsewhere: only another name needs it; one's own transforms take any stream by its own name */
    {KV, "sources: [{name: b, external: {api: $JS.x.API}}, {name: a, external: {api: $JS.y.API}}]",
     "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1,\"discard\":\"new\",\"sources\":["
     "{\"name\":\"KV_b\",\"external\":{\"api\":\"$JS.x.API\"}},"
     "{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\",\"dest\":\"$KV.b.>\"}],"
     "\"external\":{\"api\":\"$JS.y.API\"}}],"
     "\"allow_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    {KV,
     "sources: [{name: PLAIN, subject_transforms: [{src: p.>, dest: $KV.b.>}]}, {name: c, subject_transforms: []}]",
     "{\"name\":\"KV_b\",\"subjects\":[\"$KV.b.>\"],\"max_msgs_per_subject\":1,\"discard\":\"new\",\"sources\":["
     "{\"name\":\"PLAIN\",\"subject_transforms\":[{\"src\":\"p.>\",\"dest\":\"$KV.b.>\"}]},"
     "{\"name\":\"KV_c\"}],"
     "\"allow_direct\":true,\"deny_delete\":true,\"allow_rollup_hdrs\":true}"},
    {OBJ, "{}",
     "{\"name\":\"OBJ_b\",\"subjects\":[\"$O.b.C.>\",\"$O.b.M.>\"],\"discard\":\"new\",\"allow_direct\":true,"
     "\"allow_rollup_hdrs\":true}"},
    {OBJ,
     "{ttl: 1d, max_bytes: 1GiB, storage: memory, compression: true, allow_batched: true, lifecycle: {prevent_destroy: true}}",
     "{\"name\":\"OBJ_b\",\"subjects\":[\"$O.b.C.>\",\"$O.b.M.>\"],\"max_bytes\":1073741824,"
     "\"max_age\":86400000000000,\"discard\":\"new\",\"storage\":\"memory\",\"compression\":\"s2\",\"allow_direct\":true,"
     "\"allow_rollup_hdrs\":true,\"allow_batched\":true}"},
    /* sealed comes by an update right after, and takes rollups along */
    {OBJ, "sealed: true",
     "{\"name\":\"OBJ_b\",\"subjects\":[\"$O.b.C.>\",\"$O.b.M.>\"],\"discard\":\"new\",\"allow_direct\":true}"},
};

static struct object *settled(const struct bucket_kind *kind, const char *yaml, uint32_t version)
{
    const struct surroundings around = {.version = version};
    struct object *bucket = world_object(kind->table, "b", yaml);
    struct object *stream = bucket_expand(&world.arena, kind, bucket);
    object_imply(&world.arena, stream, NULL);
    object_normalise_wanted(&world.arena, stream, &around);
    return stream;
}

START_TEST(create_bodies)
{
    struct object *stream = settled(creates[_i].kind, creates[_i].yaml, V2_15);
    ck_assert_str_eq(world_told(), "");
    ck_assert_str_eq(world_text(object_encode_create(&world.arena, stream)), creates[_i].body);
}
END_TEST

/* As a server would echo it, each of them is the bucket again. */
START_TEST(there_and_back)
{
    struct object *stream = settled(creates[_i].kind, creates[_i].yaml, V2_15);
    struct object *bucket = bucket_of_stream(&world.arena, stream, V2_15);
    ck_assert_msg(bucket != NULL, "%s", creates[_i].yaml);
    const char *yaml = world_text(object_encode_manifest(&world.arena, bucket));
    struct object *again = settled(creates[_i].kind, yaml, V2_15);
    ck_assert_str_eq(world_told(), "");
    ck_assert_msg(object_equal(stream, again), "%s\nbecomes\n%s", creates[_i].yaml, yaml);
}
END_TEST

/* ---- from the stream ---- */

/* What nats.go and nats.js make of a bucket without options, as 2.15.1 echoes it. */
#define ECHOED                                                                                               \
    "\"retention\":\"limits\",\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_msg_size\":-1,"    \
    "\"storage\":\"file\",\"num_replicas\":1,\"compression\":\"none\",\"metadata\":{\"_nats.level\":\"5\"}," \
    "\"consumer_limits\":{}"
#define GO(name, members)                                                                                    \
    "{\"name\":\"KV_" name "\",\"max_msgs_per_subject\":1,\"discard\":\"new\",\"allow_direct\":true,"        \
    "\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"duplicate_window\":120000000000," ECHOED members "}"
#define JS(name, members)                                                                                    \
    "{\"name\":\"KV_" name "\",\"max_msgs_per_subject\":1,\"discard\":\"new\",\"allow_direct\":true,"        \
    "\"allow_rollup_hdrs\":true,\"deny_delete\":false," ECHOED members "}"
#define OBJECTS(members)                                                                                     \
    "{\"name\":\"OBJ_b\",\"subjects\":[\"$O.b.C.>\",\"$O.b.M.>\"],\"max_msgs_per_subject\":-1,\"discard\":"  \
    "\"new\",\"allow_direct\":true,\"allow_rollup_hdrs\":true," ECHOED members "}"
#define SUBJECTS ",\"subjects\":[\"$KV.b.>\"]"
#define WINDOW ",\"duplicate_window\":120000000000"

static const struct {
    const char *live;
    uint32_t version;
    const char *bucket; /* as a manifest; NULL: it is none */
} streams[] = {
    {GO("b", SUBJECTS), V2_15, "{}"},
    {JS("b", SUBJECTS WINDOW), V2_15, "{}"},
    {JS("b", SUBJECTS WINDOW ",\"max_age\":3600000000000,\"description\":\"d\""), V2_15,
     "{\"description\":\"d\",\"ttl\":\"1h\"}"},
    {JS("b", SUBJECTS ",\"duplicate_window\":30000000000,\"max_age\":30000000000"), V2_15,
     "{\"ttl\":\"30s\"}"},
    {JS("b", SUBJECTS WINDOW ",\"allow_msg_ttl\":true,\"subject_delete_marker_ttl\":60000000000"), V2_15,
     "{\"limit_marker_ttl\":\"1m\"}"},
    {JS("b", SUBJECTS WINDOW ",\"allow_msg_ttl\":true"), V2_15, "{}"}, /* the marker was taken away */
    {GO("b", SUBJECTS ",\"allow_direct\":false,\"allow_msg_ttl\":true"), V2_15, "{}"}, /* nats.py */
    /* mirrors: nats.go sends a window, nats.js does not */
    {GO("b", ",\"mirror\":{\"name\":\"KV_a\"},\"mirror_direct\":true"), V2_15,
     "{\"mirror\":{\"name\":\"a\"}}"},
    {JS("b", ",\"mirror\":{\"name\":\"KV_a\"}"), V2_15, "{\"mirror\":{\"name\":\"a\"}}"},
    {JS("b", ",\"mirror\":{\"name\":\"KV_KV_a\"}"), V2_15, "{\"mirror\":{\"name\":\"KV_KV_a\"}}"},
    /* sources: the same, and from another account nats.js does not move the keys */
    {GO("b",
        SUBJECTS ",\"sources\":[{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\",\"dest\":"
                 "\"$KV.b.>\"}]}]"),
     V2_15, "{\"sources\":[{\"name\":\"a\"}]}"},
    {JS("b",
        SUBJECTS ",\"sources\":[{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\",\"dest\":"
                 "\"$KV.b.>\"}]}]"),
     V2_15, "{\"sources\":[{\"name\":\"a\"}]}"},
    {JS("b",
        SUBJECTS ",\"sources\":[{\"name\":\"KV_a\",\"external\":{\"api\":\"$JS.x.API\",\"deliver\":\"\"}}]"),
     V2_15,
     "{\"sources\":[{\"name\":\"a\",\"subject_transforms\":[],\"external\":{\"api\":\"$JS.x.API\",\"deliver\":\"\"}}]}"},
    {JS("b", SUBJECTS ",\"sources\":[{\"name\":\"KV_b\",\"external\":{\"api\":\"$JS.x.API\"}}]"), V2_15,
     "{\"sources\":[{\"name\":\"b\",\"external\":{\"api\":\"$JS.x.API\"}}]}"},
    {GO("b",
        SUBJECTS ",\"sources\":[{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.EU.>\",\"dest\":"
                 "\"$KV.b.>\"}]}]"),
     V2_15,
     "{\"sources\":[{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.EU.>\",\"dest\":\"$KV.b.>\"}]}]}"},
    /* of another stream, and of one that is called like a bucket */
    {GO("b", SUBJECTS
        ",\"sources\":[{\"name\":\"A\",\"subject_transforms\":[{\"src\":\"a\",\"dest\":\"$KV.b.a\"}]}]"),
     V2_15, "{\"sources\":[{\"name\":\"A\",\"subject_transforms\":[{\"src\":\"a\",\"dest\":\"$KV.b.a\"}]}]}"},
    {GO("b", SUBJECTS ",\"sources\":[{\"name\":\"a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\",\"dest\":"
                      "\"$KV.b.>\"}]}]"),
     V2_15,
     "{\"sources\":[{\"name\":\"a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\",\"dest\":\"$KV.b.>\"}]}]}"},
    {OBJECTS(WINDOW), V2_15, "{}"},
    {OBJECTS(WINDOW ",\"metadata\":{\"a\":\"b\"},\"max_age\":86400000000000"), V2_15,
     "{\"ttl\":\"1d\",\"metadata\":{\"a\":\"b\"}}"},
    {OBJECTS(WINDOW ",\"deny_delete\":true"), V2_15, "{}"},
    {"{\"name\":\"OBJ_b\",\"subjects\":[\"$O.b.M.>\",\"$O.b.C.>\"],\"discard\":\"new\",\"allow_direct\":true,"
     "\"sealed\":true,\"deny_delete\":true,\"deny_purge\":true," ECHOED "}",
     V2_15, "{\"sealed\":true}"},
    /* no buckets: names and subjects that no client finds, and settings that a bucket cannot have */
    {"{\"name\":\"ORDERS\",\"subjects\":[\"$KV.b.>\"]}", V2_15, NULL},
    {GO("b", ",\"subjects\":[\"other.>\"]"), V2_15, NULL},
    {GO("gr\xc3\xb6\xc3\x9f"
        "e",
        ",\"subjects\":[\"$KV.gr\xc3\xb6\xc3\x9f"
        "e.>\"]"),
     V2_15, NULL},
    {GO("", ",\"subjects\":[\"$KV..>\"]"), V2_15, NULL},
    {GO("b", SUBJECTS ",\"discard\":\"old\""), V2_15, NULL},
    {GO("b", SUBJECTS ",\"max_msgs\":5"), V2_15, NULL},
    {GO("b", SUBJECTS ",\"duplicate_window\":600000000000"), V2_15, NULL},
    {GO("b", SUBJECTS ",\"max_msgs_per_subject\":65"), V2_15, NULL},
    {GO("b", SUBJECTS ",\"max_msgs_per_subject\":-1"), V2_15, NULL},
    {GO("b", ",\"mirror\":{\"name\":\"PLAIN\"}"), V2_15, NULL},
    {GO("b", SUBJECTS ",\"sources\":[{\"name\":\"PLAIN\"}]"), V2_15, NULL},
    {OBJECTS(",\"subjects\":[\"$O.b.C.>\"]"), V2_15, NULL},
    /* before 2.10 the transforms were dropped, and a manifest cannot ask for such sources */
    {JS("b", SUBJECTS ",\"sources\":[{\"name\":\"KV_a\"}]"), V2_9, NULL},
    {JS("b", SUBJECTS WINDOW), V2_9, "{}"},
    {JS("b", SUBJECTS WINDOW ",\"sources\":[{\"name\":\"KV_a\",\"subject_transforms\":[{\"src\":\"$KV.a.>\","
                             "\"dest\":\"$KV.b.>\"}]}]"),
     V2_10, "{\"sources\":[{\"name\":\"a\"}]}"},
};

START_TEST(recognised)
{
    const struct node *node = world_json(streams[_i].live);
    struct object *live =
        object_decode(&world.arena, &stream_table, node_get(node, "name")->text, node, FORM_WIRE, NULL);
    object_normalise_live(&world.arena, live, (struct instant){0});
    const struct object *bucket = bucket_of_stream(&world.arena, live, streams[_i].version);
    const char *text = bucket ? world_text(object_encode_manifest(&world.arena, bucket)) : "no bucket";
    ck_assert_str_eq(text, streams[_i].bucket ? streams[_i].bucket : "no bucket");
}
END_TEST

/* ---- manifests ---- */

START_TEST(streams_of_buckets_are_sorted_among_the_others)
{
    static const char *const names[] = {"A", "KV_a", "KV_b", "L", "OBJ_c", "P"};
    struct manifest *manifest =
        world_load("streams: {P: {}, L: {}, A: {}}\nkey_values: {b: {}, a: }\nobject_stores: {c: {}}\n");
    ck_assert_str_eq(world_told(), "");
    ck_assert_uint_eq(manifest->streams.count, COUNT_OF(names));
    for (int i = 0; i < COUNT_OF(names); i++) {
        const struct resource *resource = manifest->streams.items[i];
        ck_assert_str_eq(resource->name, names[i]);
        ck_assert_ptr_eq(map_get(&manifest->streams_by_name, names[i]), resource);
        ck_assert_ptr_eq(resource->table, &stream_table);
        ck_assert_str_eq(resource_shown_name(resource),
                         strchr(names[i], '_') ? strchr(names[i], '_') + 1 : names[i]);
    }
}
END_TEST

START_TEST(ignored_with_what_follows)
{
    struct manifest *manifest = world_load("key_values: {b: {lifecycle: {ignore: [ttl, mirror, metadata]}}}");
    static const unsigned ignored[] = {STREAM_MAX_AGE, STREAM_DUPLICATE_WINDOW, STREAM_MIRROR,
                                       STREAM_SUBJECTS, STREAM_METADATA};
    size_t count = 0;
    ck_assert_str_eq(world_told(), "");
    for (size_t i = 0; i < stream_table.count; i++)
        count += manifest->streams.items[0]->ignored[i];
    for (int i = 0; i < COUNT_OF(ignored); i++)
        ck_assert(manifest->streams.items[0]
                      ->ignored[table_field_by_id(&stream_table, ignored[i]) - stream_table.fields]);
    ck_assert_uint_eq(count, COUNT_OF(ignored));
}
END_TEST

/* What nobody wrote has the bucket's place, for what the rules say about it. */
START_TEST(fixed_values_stand_where_the_bucket_does)
{
    struct manifest *manifest = world_load("key_values:\n  b: {history: 5, sources: [{name: a}]}\n");
    const struct object *stream = manifest->streams.items[0]->config;
    ck_assert_uint_eq(object_pos(stream, STREAM_SUBJECTS).line, 2);
    ck_assert_uint_eq(object_pos(stream, STREAM_SUBJECTS).column, 3);
    ck_assert_uint_eq(object_pos(stream, STREAM_DISCARD).column, 3);
    ck_assert_uint_eq(object_pos(stream, STREAM_MAX_MSGS_PER_SUBJECT).column, 16);
    for (size_t i = 0; i < stream_table.count; i++)
        ck_assert_msg(!stream->values[i].given || stream->values[i].node, "%s", stream_table.fields[i].name);
}
END_TEST

Suite *kind_bucket_suite(void)
{
    Suite *suite = suite_create("kind/bucket");
    TCase *tests = tcase_create("bucket");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, rows_agree_with_the_stream, 0, (int)bucket_kind_count);
    tcase_add_loop_test(tests, settings_are_no_rows, 0, (int)bucket_kind_count);
    tcase_add_loop_test(tests, create_bodies, 0, COUNT_OF(creates));
    tcase_add_loop_test(tests, there_and_back, 0, COUNT_OF(creates));
    tcase_add_loop_test(tests, recognised, 0, COUNT_OF(streams));
    tcase_add_test(tests, streams_of_buckets_are_sorted_among_the_others);
    tcase_add_test(tests, ignored_with_what_follows);
    tcase_add_test(tests, fixed_values_stand_where_the_bucket_does);
    suite_add_tcase(suite, tests);
    return suite;
}
