/*
 * Unit tests of field/check.h: what was written in a manifest, and what a server of some version makes of it, are the
 * same after normalisation. The echoes are those that servers were seen to give.
 */
#include "field/check.h"

#include <string.h>

#include "kind/kinds.h"
#include "syntax/json.h"
#include "unit/suites.h"
#include "unit/world.h"

#define V2_9 VERSION(2, 9, 10)
#define V2_10 VERSION(2, 10, 27)
#define V2_13 VERSION(2, 13, 0)
#define V2_15 VERSION(2, 15, 1)

/* What 2.15.1 answers for a stream and a consumer of which nothing but the name, and an ack_policy, was said. */
static const char plain_stream[] =
    "{\"name\":\"N\",\"subjects\":[\"N\"],\"retention\":\"limits\",\"max_consumers\":-1,\"max_msgs\":-1,"
    "\"max_bytes\":-1,\"max_age\":0,\"max_msgs_per_subject\":-1,\"max_msg_size\":-1,\"discard\":\"old\","
    "\"storage\":\"file\",\"num_replicas\":1,\"duplicate_window\":120000000000,\"compression\":\"none\","
    "\"allow_direct\":false,\"mirror_direct\":false,\"sealed\":false,\"deny_delete\":false,\"deny_purge\":false,"
    "\"allow_rollup_hdrs\":false,\"consumer_limits\":{},\"allow_msg_ttl\":false,"
    "\"metadata\":{\"_nats.level\":\"5\",\"_nats.req.level\":\"0\",\"_nats.ver\":\"2.15.1\"}}";
static const char plain_consumer[] =
    "{\"name\":\"N\",\"durable_name\":\"N\",\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\","
    "\"ack_wait\":30000000000,\"max_deliver\":-1,\"replay_policy\":\"instant\",\"max_waiting\":512,"
    "\"max_ack_pending\":1000,\"num_replicas\":0,"
    "\"metadata\":{\"_nats.level\":\"5\",\"_nats.req.level\":\"0\",\"_nats.ver\":\"2.15.1\"}}";

struct echo_case {
    uint32_t version;
    const char *yaml;
    const char *echo;    /* what differs from the plain echo; null is not there */
    const char *differs; /* names of fields, each with a blank behind it */
};

static const struct echo_case streams[] = {
    {V2_15, "{}", "{}", ""},
    {V2_10, "{}", "{\"allow_msg_ttl\":null,\"metadata\":null}", ""},
    {V2_9, "{}", "{\"compression\":null,\"consumer_limits\":null,\"allow_msg_ttl\":null,\"metadata\":null}",
     ""},

    /* subjects */
    {V2_15, "subjects: []", "{}", ""},
    {V2_15, "subjects: [a.>, b]", "{\"subjects\":[\"b\",\"a.\\u003e\"]}", ""},
    {V2_15, "subjects: [a.>]", "{\"subjects\":[\"a.>\",\"b\"]}", "subjects "},
    {V2_15, "subjects: [a, b]", "{\"subjects\":[\"b\"]}", "subjects "},

    /* limits: 0, -1 and nothing are one */
    {V2_15, "{max_msgs: 0, max_bytes: 0, max_consumers: 0, max_msg_size: 0, max_msgs_per_subject: 0}", "{}",
     ""},
    {V2_15, "{max_msgs: -1, max_bytes: unlimited, max_consumers: unlimited, max_msg_size: -1}", "{}", ""},
    {V2_10, "max_msgs: unlimited", "{\"max_msgs\":-5,\"max_bytes\":0}", ""}, /* as it was sent by somebody */
    {V2_15, "max_msgs: 5", "{}", "max_msgs "},
    {V2_15, "{}", "{\"max_msgs\":5}", "max_msgs "},
    {V2_15, "max_bytes: 9007199254740993", "{\"max_bytes\":9007199254740992}", "max_bytes "},
    {V2_15, "max_bytes: 9007199254740993", "{\"max_bytes\":9007199254740993}", ""},
    {V2_15, "first_seq: 0", "{}", ""},
    {V2_15, "first_seq: 18446744073709551615", "{\"first_seq\":18446744073709551615}", ""},
    {V2_15, "first_seq: 18446744073709551615", "{\"first_seq\":18446744073709551614}", "first_seq "},

    /* defaults said aloud */
    {V2_15,
     "{storage: file, retention: limits, discard: OLD, compression: none, num_replicas: 0, no_ack: false}",
     "{}", ""},
    {V2_15, "{description: '', persist_mode: default, max_age: 0s}", "{}", ""},
    {V2_15, "discard: NEW", "{\"discard\":\"new\"}", ""},
    {V2_15, "persist_mode: async", "{}", "persist_mode "},

    /* the duplicate window */
    {V2_15, "max_age: 1m", "{\"max_age\":60000000000,\"duplicate_window\":60000000000}", ""},
    {V2_15, "max_age: 1h", "{\"max_age\":3600000000000}", ""},
    {V2_15, "duplicate_window: 0", "{}", ""},
    {V2_15, "duplicate_window: 2m", "{}", ""},
    {V2_15, "duplicate_window: 1m", "{}", "duplicate_window "},
    {V2_15, "mirror: {name: A}", "{\"mirror\":{\"name\":\"A\"},\"subjects\":null,\"duplicate_window\":null}",
     ""},
    {V2_9, "mirror: {name: A}", "{\"mirror\":{\"name\":\"A\"},\"subjects\":null,\"duplicate_window\":null}",
     ""},
    {V2_15, "sources: [{name: A}]",
     "{\"sources\":[{\"name\":\"A\"}],\"subjects\":null,\"duplicate_window\":null}", ""},
    {V2_13, "sources: [{name: A}]", "{\"sources\":[{\"name\":\"A\"}],\"subjects\":null}", ""},
    {V2_15, "{sources: [{name: A}], duplicate_window: 5m}",
     "{\"sources\":[{\"name\":\"A\"}],\"subjects\":null,\"duplicate_window\":300000000000}", ""},

    /* objects of which nothing is set */
    {V2_15, "{placement: {}, consumer_limits: {}, metadata: {}}", "{}", ""},
    {V2_10, "{}", "{\"placement\":{}}", ""},
    {V2_15, "placement: {tags: []}", "{\"placement\":{\"cluster\":\"\"}}", ""},
    {V2_15, "{}", "{\"placement\":{\"cluster\":\"east\"}}", "placement "},
    {V2_15, "{}", "{\"placement\":{\"shiny\":1}}",
     "placement "}, /* of a newer server, and it means something */

    /* parts, their own defaults, and sets of them */
    {V2_15, "placement: {cluster: east, tags: [SSD, az:1]}",
     "{\"placement\":{\"cluster\":\"east\",\"tags\":[\"az:1\",\"ssd\"]}}", ""},
    {V2_15, "republish: {dest: copy.>}", "{\"republish\":{\"src\":\">\",\"dest\":\"copy.>\"}}", ""},
    {V2_15, "republish: {src: '', dest: copy.>, headers_only: false}",
     "{\"republish\":{\"src\":\">\",\"dest\":\"copy.>\"}}", ""},
    {V2_15, "mirror: {name: A, external: {api: $JS.eu.API}}",
     "{\"mirror\":{\"name\":\"A\",\"external\":{\"api\":\"$JS.eu.API\",\"deliver\":\"\"}},\"subjects\":null,\"duplicate_window\":null}",
     ""},
    {V2_15, "sources: [{name: A, filter_subject: a}, {name: B}]",
     "{\"sources\":[{\"name\":\"B\"},{\"name\":\"A\",\"filter_subject\":\"a\"}],\"subjects\":null,\"duplicate_window\":null}",
     ""},
    {V2_15, "sources: [{name: A}]",
     "{\"sources\":[{\"name\":\"A\",\"opt_start_seq\":5}],\"subjects\":null,\"duplicate_window\":null}",
     "sources "},
    {V2_15, "sources: [{name: A, subject_transforms: [{src: a, dest: b}, {src: c, dest: d}]}]",
     "{\"sources\":[{\"name\":\"A\",\"subject_transforms\":[{\"src\":\"c\",\"dest\":\"d\"},{\"src\":\"a\",\"dest\":\"b\"}]}],"
     "\"subjects\":null,\"duplicate_window\":null}",
     "sources "}, /* their order counts */
    {V2_15, "mirror: {name: A, opt_start_time: 2026-01-31T12:00:00+01:00}",
     "{\"mirror\":{\"name\":\"A\",\"opt_start_time\":\"2026-01-31T11:00:00Z\"},\"subjects\":null,\"duplicate_window\":null}",
     ""},
    {V2_15, "consumer_limits: {max_ack_pending: 5}", "{\"consumer_limits\":{\"max_ack_pending\":5}}", ""},

    /* what one field sets in others */
    {V2_15, "subject_delete_marker_ttl: 1m",
     "{\"subject_delete_marker_ttl\":60000000000,\"allow_msg_ttl\":true,\"allow_rollup_hdrs\":true}", ""},
    {V2_15, "allow_msg_schedules: true", "{\"allow_msg_schedules\":true,\"allow_rollup_hdrs\":true}", ""},
    {V2_15, "{sealed: true, max_age: 1d}",
     "{\"sealed\":true,\"discard\":\"new\",\"deny_delete\":true,\"deny_purge\":true}", ""},

    /* metadata */
    {V2_15, "metadata: {team: a}", "{\"metadata\":{\"team\":\"a\",\"_nats.ver\":\"2.15.1\"}}", ""},
    {V2_15, "metadata: {team: a}", "{\"metadata\":{\"team\":\"b\",\"_nats.ver\":\"2.15.1\"}}", "metadata "},
    {V2_15, "metadata: {team: a}", "{}", "metadata "},
    {V2_15, "{}", "{\"metadata\":{\"team\":\"a\"}}", "metadata "},
};

static const struct echo_case consumers[] = {
    {V2_15, "ack_policy: explicit", "{}", ""},
    {V2_10, "ack_policy: explicit", "{\"metadata\":null}", ""},
    {V2_9, "ack_policy: explicit", "{\"metadata\":null,\"name\":null}", ""},

    /* what an acknowledgement policy brings with it */
    {V2_15, "{}", "{\"ack_policy\":\"none\",\"ack_wait\":null,\"max_ack_pending\":null}", ""},
    {V2_15, "{}", "{\"ack_policy\":\"none\",\"max_ack_pending\":null}", "ack_wait "},
    {V2_15, "ack_policy: all", "{\"ack_policy\":\"all\"}", ""},
    {V2_15, "{ack_policy: explicit, ack_wait: 0, max_deliver: 0, max_ack_pending: 0, max_waiting: 512}", "{}",
     ""},
    {V2_15, "{ack_policy: explicit, ack_wait: 1m}", "{\"ack_wait\":60000000000}", ""},
    {V2_15, "{ack_policy: explicit, max_ack_pending: unlimited}", "{\"max_ack_pending\":-1}", ""},
    {V2_15, "{ack_policy: explicit, max_ack_pending: unlimited}", "{}", "max_ack_pending "},
    {V2_15, "{ack_policy: flow_control, deliver_subject: d}",
     "{\"ack_policy\":\"flow_control\",\"deliver_subject\":\"d\",\"ack_wait\":null,\"flow_control\":true,"
     "\"idle_heartbeat\":1000000000,\"max_waiting\":null}",
     ""},

    /* backoff takes the place of ack_wait */
    {V2_15, "{ack_policy: explicit, backoff: [5s, 10s]}",
     "{\"backoff\":[5000000000,10000000000],\"ack_wait\":5000000000}", ""},
    {V2_15, "{ack_policy: explicit, backoff: [5s, 10s], ack_wait: 1m}",
     "{\"backoff\":[5000000000,10000000000],\"ack_wait\":5000000000}", ""},
    {V2_15, "{ack_policy: explicit, backoff: [5s, 10s]}",
     "{\"backoff\":[10000000000,5000000000],\"ack_wait\":10000000000}", "ack_wait backoff "}, /* in order */

    /* push, pull, and consumers that go away */
    {V2_15, "{ack_policy: explicit, deliver_subject: d}", "{\"deliver_subject\":\"d\",\"max_waiting\":null}",
     ""},
    {V2_15, "{ack_policy: explicit, durable_name: ''}",
     "{\"durable_name\":null,\"inactive_threshold\":5000000000}", ""},
    {V2_15, "{ack_policy: explicit, durable_name: N}", "{}", ""},
    {V2_15, "ack_policy: explicit", "{\"durable_name\":null,\"inactive_threshold\":5000000000}",
     "durable_name inactive_threshold "},
    {V2_15, "{ack_policy: explicit, max_waiting: 100}", "{\"max_waiting\":100}", ""},

    /* one filter in two spellings */
    {V2_15, "{ack_policy: explicit, filter_subjects: [a]}", "{\"filter_subject\":\"a\"}", ""},
    {V2_15, "{ack_policy: explicit, filter_subject: a}", "{\"filter_subjects\":[\"a\"]}", ""},
    {V2_15, "{ack_policy: explicit, filter_subjects: [a, b]}", "{\"filter_subjects\":[\"b\",\"a\"]}", ""},
    {V2_15, "{ack_policy: explicit, filter_subjects: []}", "{\"filter_subject\":\"\"}", ""},
    {V2_15, "{ack_policy: explicit, filter_subjects: [a, b]}", "{\"filter_subject\":\"a\"}",
     "filter_subject filter_subjects "},

    /* times, priorities, the rest */
    {V2_15,
     "{ack_policy: explicit, deliver_policy: by_start_time, opt_start_time: 2026-01-31T13:00:00.500+01:00}",
     "{\"deliver_policy\":\"by_start_time\",\"opt_start_time\":\"2026-01-31T12:00:00.5Z\"}", ""},
    {V2_15, "{ack_policy: explicit, priority_policy: none, priority_groups: []}", "{}", ""},
    {V2_15, "{ack_policy: explicit, priority_policy: pinned_client, priority_groups: [a]}",
     "{\"priority_policy\":\"pinned_client\",\"priority_groups\":[\"a\"],\"priority_timeout\":120000000000}",
     ""},
    {V2_15, "{ack_policy: explicit, priority_policy: overflow, priority_groups: [a]}",
     "{\"priority_policy\":\"overflow\",\"priority_groups\":[\"a\"]}", ""},
    {V2_15, "{ack_policy: explicit, num_replicas: 0, mem_storage: false, sample_freq: '', max_batch: 0}",
     "{}", ""},
    {V2_15, "{ack_policy: explicit}", "{\"pause_until\":\"2026-01-31T12:00:00Z\"}", "pause_until "},
    {V2_15, "{ack_policy: explicit}", "{\"pause_until\":\"0001-01-01T00:00:00Z\"}", ""},
    {V2_15, "{ack_policy: explicit, pause_until: '0001-01-01T00:00:00Z'}", "{}", ""},
    {V2_10, "{ack_policy: explicit, sample_freq: 50}", "{\"sample_freq\":\"50%\"}", ""},
    {V2_10, "{ack_policy: explicit}", "{\"sample_freq\":\"0%\"}", ""},
    {V2_10, "{ack_policy: explicit, sample_freq: 0%}", "{}", ""},
    {V2_10, "{ack_policy: explicit, sample_freq: 5}", "{\"sample_freq\":\"+5\"}", ""},
    {V2_10, "{ack_policy: explicit, sample_freq: 5}", "{\"sample_freq\":\"often\"}", "sample_freq "},
};

static const char *echoed(const char *plain, const char *changes)
{
    struct node *echo = world_json(plain);
    const struct node *over = world_json(changes);
    for (size_t i = 0; i < over->count; i++) {
        if (node_is_null(over->members[i].value))
            node_remove(echo, over->members[i].key);
        else
            node_put(&world.arena, echo, over->members[i].key, over->members[i].value);
    }
    return world_text(echo);
}

static const char *differences(const struct object *wanted, const struct object *live)
{
    const char *names = "";
    for (size_t i = 0; i < wanted->table->count; i++) {
        const struct field *field = &wanted->table->fields[i];
        if (!(field->flags & (FIELD_OURS | FIELD_IDENTITY | FIELD_INTERNAL)) &&
            !value_equal(field, &wanted->values[i], &live->values[i]))
            names = arena_printf(&world.arena, "%s%s ", names, field->name);
    }
    return names;
}

static void check_echo(const struct table *table, const struct echo_case *at, const char *plain)
{
    const struct object *wanted = world_wanted(table, "N", at->yaml, at->version);
    const struct object *live = world_live_object(table, "N", echoed(plain, at->echo));
    ck_assert_uint_eq(world.diags.errors, 0);
    ck_assert_str_eq(differences(wanted, live), at->differs);
    ck_assert_str_eq(differences(live, wanted), at->differs); /* both ways */
    ck_assert_str_eq(differences(wanted, wanted), "");
    ck_assert_str_eq(differences(live, live), "");
}

START_TEST(stream_echoes)
{
    check_echo(&stream_table, &streams[_i], plain_stream);
}
END_TEST

START_TEST(consumer_echoes)
{
    check_echo(&consumer_table, &consumers[_i], plain_consumer);
}
END_TEST

/* Normalising again changes nothing: what was filled in is not derived from itself. */
START_TEST(twice_is_once)
{
    const struct surroundings around = {.version = streams[_i].version};
    struct object *wanted = world_wanted(&stream_table, "N", streams[_i].yaml, streams[_i].version);
    const char *once = world_wire(wanted);
    object_normalise_wanted(&world.arena, wanted, &around);
    ck_assert_str_eq(world_wire(wanted), once);
    struct object *live = world_live_object(&stream_table, "N", echoed(plain_stream, streams[_i].echo));
    once = world_wire(live);
    object_normalise_live(&world.arena, live, (struct instant){0});
    ck_assert_str_eq(world_wire(live), once);
}
END_TEST

/* ---- what depends on other objects ---- */

static const struct object *find_origin(void *context, const char *name)
{
    ck_assert_str_eq(name, "ORIGIN");
    return context;
}

struct direct_case {
    const char *origin; /* NULL: not known */
    const char *mirror;
    enum value_type type;
    bool value;
};

static const struct direct_case directs[] = {
    {"allow_direct: true", "mirror: {name: ORIGIN}", VALUE_BOOL, true},
    {"allow_direct: false", "mirror: {name: ORIGIN}", VALUE_BOOL, false},
    {"allow_direct: true", "{mirror: {name: ORIGIN}, mirror_direct: false}", VALUE_BOOL, false},
    {"allow_direct: true", "mirror: {name: ORIGIN, external: {api: $JS.x.API}}", VALUE_ABSENT, false},
    {"allow_direct: true", "{}", VALUE_ABSENT, false},
    {NULL, "mirror: {name: ORIGIN}", VALUE_ABSENT, false},
};

START_TEST(mirror_direct)
{
    const struct direct_case *at = &directs[_i];
    struct object *origin = at->origin ? world_object(&stream_table, "ORIGIN", at->origin) : NULL;
    const struct surroundings around = {.find_stream = find_origin, .context = origin};
    struct object *mirror = world_object(&stream_table, "N", at->mirror);
    object_normalise_wanted(&world.arena, mirror, &around);
    const struct value *value = object_value(mirror, STREAM_MIRROR_DIRECT);
    ck_assert_int_eq(value->type, at->type);
    ck_assert(value->type == VALUE_ABSENT || value->boolean == at->value);
}
END_TEST

struct limit_case {
    const char *stream;
    const char *consumer;
    int64_t max_ack_pending;
    int64_t inactive_threshold;
};

static const struct limit_case limits[] = {
    {"{}", "ack_policy: explicit", 1000, 0},
    {"{}", "ack_policy: none", 0, 0},
    {"consumer_limits: {max_ack_pending: 50}", "ack_policy: explicit", 50, 0},
    {"consumer_limits: {max_ack_pending: 5000}", "ack_policy: explicit", 5000, 0}, /* above the default too */
    {"consumer_limits: {max_ack_pending: 50}", "ack_policy: none", 50, 0},
    {"consumer_limits: {max_ack_pending: 50}", "{ack_policy: explicit, max_ack_pending: 10}", 10, 0},
    {"consumer_limits: {max_ack_pending: 50}", "{ack_policy: explicit, max_ack_pending: unlimited}", -1, 0},
    {"consumer_limits: {inactive_threshold: 1h}", "ack_policy: explicit", 1000,
     3600 * SECOND}, /* durable, and expires */
    {"consumer_limits: {inactive_threshold: 1h}", "{ack_policy: explicit, durable_name: ''}", 1000,
     3600 * SECOND},
    {"consumer_limits: {inactive_threshold: 1h}", "{ack_policy: explicit, inactive_threshold: 1m}", 1000,
     60 * SECOND},
    {"{}", "{ack_policy: explicit, durable_name: ''}", 1000, 5 * SECOND},
};

START_TEST(consumer_limits)
{
    const struct limit_case *at = &limits[_i];
    const struct surroundings around = {.stream = world_wanted(&stream_table, "S", at->stream, V2_15)};
    struct object *consumer = world_object(&consumer_table, "N", at->consumer);
    object_normalise_wanted(&world.arena, consumer, &around);
    ck_assert_int_eq(object_integer(consumer, CONSUMER_MAX_ACK_PENDING), at->max_ack_pending);
    ck_assert_int_eq(object_integer(consumer, CONSUMER_INACTIVE_THRESHOLD), at->inactive_threshold);
}
END_TEST

Suite *field_normalise_suite(void)
{
    Suite *suite = suite_create("field/normalise");
    TCase *tests = tcase_create("normal");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, stream_echoes, 0, COUNT_OF(streams));
    tcase_add_loop_test(tests, consumer_echoes, 0, COUNT_OF(consumers));
    tcase_add_loop_test(tests, twice_is_once, 0, COUNT_OF(streams));
    tcase_add_loop_test(tests, mirror_direct, 0, COUNT_OF(directs));
    tcase_add_loop_test(tests, consumer_limits, 0, COUNT_OF(limits));
    suite_add_tcase(suite, tests);
    return suite;
}
