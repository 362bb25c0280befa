/* Unit tests of field/decode.h. tests/reject/ has the manifests that are refused, with all their messages. */
#include "field/decode.h"

#include <string.h>

#include "field/subject.h"
#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

/* ---- manifests ---- */

struct decode_case {
    const struct table *table;
    const char *yaml;
    const char *wire; /* of what was read */
    const char *told;
};

static const struct decode_case manifests[] = {
    {&stream_table, "{}", "{\"name\":\"N\"}", ""},
    {&stream_table, "name: N", "{\"name\":\"N\"}", ""},
    {&stream_table, "max_age:\nstorage: ~\nsubjects: null\nplacement: Null", "{\"name\":\"N\"}",
     ""}, /* reset */

    /* texts: what YAML 1.1 takes for something else stays a string */
    {&stream_table, "description: no", "{\"name\":\"N\",\"description\":\"no\"}", ""},
    {&stream_table, "description: true", "{\"name\":\"N\",\"description\":\"true\"}", ""},
    {&stream_table, "description: 2026-01-31", "{\"name\":\"N\",\"description\":\"2026-01-31\"}", ""},
    {&stream_table, "description: 007", "{\"name\":\"N\",\"description\":\"007\"}", ""},
    {&stream_table, "description: ''", "{\"name\":\"N\",\"description\":\"\"}", ""},
    {&stream_table, "subjects: [on, 5, ORDERS.*]",
     "{\"name\":\"N\",\"subjects\":[\"on\",\"5\",\"ORDERS.*\"]}", ""},
    {&stream_table, "metadata: {b: 2, a: yes, c: null, d: ''}",
     "{\"name\":\"N\",\"metadata\":{\"a\":\"yes\",\"b\":\"2\",\"d\":\"\"}}", ""},
    {&consumer_table, "sample_freq: 50", "{\"name\":\"N\",\"sample_freq\":\"50\"}", ""},
    {&consumer_table, "sample_freq: 50%", "{\"name\":\"N\",\"sample_freq\":\"50%\"}", ""},
    {&consumer_table, "durable_name: ''", "{\"name\":\"N\",\"durable_name\":\"\"}", ""},
    {&consumer_table, "priority_groups: [a/b_c=d-9]", "{\"name\":\"N\",\"priority_groups\":[\"a/b_c=d-9\"]}",
     ""},

    /* numbers, exactly */
    {&stream_table, "max_msgs: 9007199254740993", "{\"name\":\"N\",\"max_msgs\":9007199254740993}", ""},
    {&stream_table, "max_msgs: 9223372036854775807", "{\"name\":\"N\",\"max_msgs\":9223372036854775807}", ""},
    {&stream_table, "first_seq: 18446744073709551615", "{\"name\":\"N\",\"first_seq\":18446744073709551615}",
     ""},
    {&stream_table, "max_msgs: unlimited", "{\"name\":\"N\",\"max_msgs\":-1}", ""},
    {&stream_table, "max_msgs: -1", "{\"name\":\"N\",\"max_msgs\":-1}", ""},
    {&stream_table, "max_msgs: 0", "{\"name\":\"N\",\"max_msgs\":0}", ""},
    {&stream_table, "max_msgs: 'unlimited'", "{\"name\":\"N\",\"max_msgs\":-1}", ""},
    {&stream_table, "num_replicas: 0", "{\"name\":\"N\",\"num_replicas\":0}", ""},
    {&stream_table, "num_replicas: 5", "{\"name\":\"N\",\"num_replicas\":5}", ""},
    {&stream_table, "num_replicas: 6", "{\"name\":\"N\"}",
     "1:15+1 range: 'num_replicas' must be 0 to 5, not '6'\n"},
    {&stream_table, "max_msgs: 9223372036854775808", "{\"name\":\"N\"}",
     "1:11+19 range: 'max_msgs' is too large: 9223372036854775807 is the most\n"},
    {&stream_table, "max_msgs: -9223372036854775809", "{\"name\":\"N\"}",
     "1:11+20 range: 'max_msgs' must be unlimited or at least 1, not '-9223372036854775809'\n"},
    {&stream_table, "first_seq: -1", "{\"name\":\"N\"}",
     "1:12+2 range: 'first_seq' must not be negative\n  note: 'first_seq' needs nats-server 2.10\n"},
    {&stream_table, "max_msgs: unlimitd", "{\"name\":\"N\"}",
     "1:11+8 wrong-type: 'max_msgs' must be an integer or 'unlimited', not 'unlimitd'\n"},
    {&stream_table, "num_replicas: unlimited", "{\"name\":\"N\"}",
     "1:15+9 wrong-type: 'num_replicas' must be an integer, not 'unlimited'\n"},

    /* units */
    {&stream_table, "max_bytes: 10GiB", "{\"name\":\"N\",\"max_bytes\":10737418240}", ""},
    {&stream_table, "max_bytes: 1048576", "{\"name\":\"N\",\"max_bytes\":1048576}", ""},
    {&stream_table, "max_bytes: unlimited", "{\"name\":\"N\",\"max_bytes\":-1}", ""},
    {&stream_table, "max_msg_size: 2147483647", "{\"name\":\"N\",\"max_msg_size\":2147483647}", ""},
    {&stream_table, "max_msg_size: 2GiB", "{\"name\":\"N\"}",
     "1:15+4 range: 'max_msg_size' must be unlimited or 1 to 2147483647 bytes, not '2GiB'\n"},
    {&stream_table, "max_age: 0", "{\"name\":\"N\",\"max_age\":0}", ""},
    {&stream_table, "max_age: 100ms", "{\"name\":\"N\",\"max_age\":100000000}", ""},
    {&stream_table, "max_age: 99ms", "{\"name\":\"N\"}",
     "1:10+4 range: 'max_age' must be 0 or at least 100ms, not '99ms'\n"},
    {&stream_table, "max_age: 400d", "{\"name\":\"N\",\"max_age\":34560000000000000}", ""},
    {&stream_table, "max_age: unlimited", "{\"name\":\"N\"}",
     "1:10+9 wrong-type: 'max_age' must be a duration such as 30s, 24h or 7d, not 'unlimited'\n"},
    {&consumer_table, "backoff: [1s, 10s, 1m]",
     "{\"name\":\"N\",\"backoff\":[1000000000,10000000000,60000000000]}", ""},
    {&consumer_table, "backoff: [1s, 5]", "{\"name\":\"N\",\"backoff\":[1000000000]}",
     "1:15+1 missing-unit: an item of 'backoff' needs a unit, '5' has none\n"
     "  hint: write '5s' for seconds, '5m' for minutes or '5h' for hours\n"},

    /* choices: exact, but where the server takes any case */
    {&stream_table, "storage: memory", "{\"name\":\"N\",\"storage\":\"memory\"}", ""},
    {&stream_table, "discard: NEW", "{\"name\":\"N\",\"discard\":\"new\"}", ""},
    {&stream_table, "storage: Memory", "{\"name\":\"N\"}",
     "1:10+6 choice: 'storage' must be one of file, memory, not 'Memory'\n"
     "  hint: did you mean 'memory'?\n"},

    /* booleans */
    {&stream_table, "no_ack: true", "{\"name\":\"N\",\"no_ack\":true}", ""},
    {&stream_table, "no_ack: FALSE", "{\"name\":\"N\",\"no_ack\":false}", ""},
    {&stream_table, "no_ack: yes", "{\"name\":\"N\"}",
     "1:9+3 wrong-type: 'no_ack' must be true or false, not 'yes'\n"
     "  hint: write 'true': in YAML 1.2, 'yes' is a string\n"},
    {&stream_table, "no_ack: \"false\"", "{\"name\":\"N\"}",
     "1:9+7 wrong-type: 'no_ack' must be true or false, not the string 'false'\n"
     "  hint: write it without quotes\n"},

    /* times keep their spelling */
    {&consumer_table, "opt_start_time: 2026-01-31T12:00:00+01:00",
     "{\"name\":\"N\",\"opt_start_time\":\"2026-01-31T12:00:00+01:00\"}", ""},
    {&consumer_table, "opt_start_time: 2026-02-29T12:00:00Z", "{\"name\":\"N\"}",
     "1:17+20 time: 'opt_start_time' must be a time such as 2026-01-31T12:00:00Z, not '2026-02-29T12:00:00Z'\n"},

    /* parts */
    {&stream_table, "mirror: {name: EU, external: {api: $JS.eu.API}}",
     "{\"name\":\"N\",\"mirror\":{\"name\":\"EU\",\"external\":{\"api\":\"$JS.eu.API\"}}}", ""},
    {&stream_table, "sources: [{name: A}, {name: B, filter_subject: b.>}]",
     "{\"name\":\"N\",\"sources\":[{\"name\":\"A\"},{\"name\":\"B\",\"filter_subject\":\"b.>\"}]}", ""},
    {&stream_table, "placement: {}", "{\"name\":\"N\",\"placement\":{}}", ""},
    {&stream_table, "mirror: {}", "{\"name\":\"N\",\"mirror\":{}}", "1:9 required: mirror has no 'name'\n"},
    {&stream_table, "mirror: {name: a.b}", "{\"name\":\"N\",\"mirror\":{}}",
     "1:16+3 name: 'name': the name 'a.b' has one of . * > / \\ in it\n"}, /* and not: has no name */
    {&stream_table, "sources: [5, {name: A}]", "{\"name\":\"N\",\"sources\":[{\"name\":\"A\"}]}",
     "1:11+1 wrong-type: an item of 'sources' must be a map, not '5'\n"},

    /* what may not be in a list */
    {&stream_table, "subjects: [a, null, '', b]", "{\"name\":\"N\",\"subjects\":[\"a\",\"b\"]}",
     "1:15+4 wrong-type: an item of 'subjects' is empty\n"
     "1:21+2 wrong-type: an item of 'subjects' is empty\n"},

    /* near misses */
    {&stream_table, "max_aeg: 1d", "{\"name\":\"N\"}",
     "1:1+7 unknown-key: unknown key 'max_aeg' in stream\n  hint: did you mean 'max_age'?\n"},
    {&stream_table, "replicas: 3", "{\"name\":\"N\"}",
     "1:1+8 unknown-key: unknown key 'replicas' in stream\n  hint: did you mean 'num_replicas'?\n"},
    {&stream_table, "retention_policy: limits", "{\"name\":\"N\"}",
     "1:1+16 unknown-key: unknown key 'retention_policy' in stream\n  hint: did you mean 'retention'?\n"},
    {&stream_table, "ack_policy: none", "{\"name\":\"N\"}",
     "1:1+10 unknown-key: unknown key 'ack_policy' in stream\n"
     "  hint: did you mean 'consumers.NAME.ack_policy'?\n"},
    {&stream_table, "cluster: east", "{\"name\":\"N\"}",
     "1:1+7 unknown-key: unknown key 'cluster' in stream\n  hint: did you mean 'placement.cluster'?\n"},
    {&stream_table, "deliver_subject: x",
     "{\"name\":\"N\"}", /* of a consumer; a source's consumer is two levels down */
     "1:1+15 unknown-key: unknown key 'deliver_subject' in stream\n"
     "  hint: did you mean 'consumers.NAME.deliver_subject'?\n"},
    {&stream_table, "filter_subject: x",
     "{\"name\":\"N\"}", /* of a mirror, a source or a consumer: who knows */
     "1:1+14 unknown-key: unknown key 'filter_subject' in stream\n"},
    {&stream_table, "colour: red", "{\"name\":\"N\"}", "1:1+6 unknown-key: unknown key 'colour' in stream\n"},
    {&stream_table, "placement: {preferred: n1}", "{\"name\":\"N\",\"placement\":{}}",
     "1:13+9 server-owned: 'preferred' is set by the server alone\n"},
    {&consumer_table, "name: other", "{\"name\":\"N\"}",
     "1:7+5 conflict: 'name' is 'other', but the consumer stands under the key 'N'\n"},
};

START_TEST(reads_manifests)
{
    const struct decode_case *at = &manifests[_i];
    struct object *object = world_object(at->table, "N", at->yaml);
    ck_assert_str_eq(world_told(), at->told);
    ck_assert_str_eq(world_wire(object), at->wire);
}
END_TEST

/* Values know where they stand, and that somebody wrote them. */
START_TEST(positions)
{
    const struct object *object = world_object(&stream_table, "N", "max_msgs: 5\nsubjects:\n- a\n- b.>\n");
    const struct value *value = object_value(object, STREAM_MAX_MSGS);
    ck_assert(value->given);
    ck_assert_uint_eq(value->node->pos.line, 1);
    ck_assert_uint_eq(value->node->pos.column, 11);
    ck_assert_uint_eq(object_list(object, STREAM_SUBJECTS)->items[1].node->pos.line, 4);
    ck_assert(!object_value(object, STREAM_MAX_AGE)->given);
    ck_assert_uint_eq(object_pos(object, STREAM_MAX_AGE).line, 1); /* the object's */
    ck_assert(!object_value(object, STREAM_NAME)->given);
}
END_TEST

/* What was refused is told from what was left out, so that it does not miss anywhere else. */
START_TEST(refused_values)
{
    const struct object *object =
        world_object(&stream_table, "N", "max_msgs: x\nsubjects: [a, a..b]\nmetadata: {a: []}\n");
    ck_assert(object_value(object, STREAM_MAX_MSGS)->refused);
    ck_assert_int_eq(object_value(object, STREAM_MAX_MSGS)->type, VALUE_ABSENT);
    ck_assert(object_value(object, STREAM_SUBJECTS)->refused);
    ck_assert(object_value(object, STREAM_METADATA)->refused);
    ck_assert(!object_value(object, STREAM_MAX_AGE)->refused);
    ck_assert_uint_eq(world.diags.errors, 3);
}
END_TEST

START_TEST(not_a_map)
{
    struct node *list = world_yaml("[a]");
    const struct object *object =
        object_decode(&world.arena, &stream_table, "N", list, FORM_MANIFEST, &world.diags);
    ck_assert_str_eq(world_wire(object), "{\"name\":\"N\"}");
    ck_assert_str_eq(world_told(), "");
}
END_TEST

START_TEST(names)
{
    char longest[257];
    memset(longest, 'n', 256);
    longest[256] = '\0';
    ck_assert_str_eq(name_fault(longest), "is longer than 255 bytes");
    longest[255] = '\0';
    ck_assert_ptr_null(name_fault(longest));
    ck_assert_ptr_null(name_fault("ORDERS-eu_2:x$"));
    ck_assert_str_eq(name_fault(""), "is empty");
    for (const char *byte = " \t\r\n\f"; *byte; byte++)
        ck_assert_str_eq(name_fault((char[]){'a', *byte, '\0'}), "has white space in it");
    for (const char *byte = ".*>/\\"; *byte; byte++)
        ck_assert_str_eq(name_fault((char[]){'a', *byte, '\0'}), "has one of . * > / \\ in it");
}
END_TEST

/* ---- what servers send ---- */

struct wire_case {
    const struct table *table;
    const char *json;
    const char *wire;
    size_t unknown;
};

static const struct wire_case replies[] = {
    {&stream_table, "{}", "{\"name\":\"N\"}", 0},
    {&stream_table, "{\"max_age\":604800000000000,\"max_msgs\":-1}",
     "{\"name\":\"N\",\"max_msgs\":-1,\"max_age\":604800000000000}", 0},
    {&stream_table, "{\"max_bytes\":9007199254740993}", "{\"name\":\"N\",\"max_bytes\":9007199254740993}", 0},
    {&stream_table, "{\"first_seq\":18446744073709551615}",
     "{\"name\":\"N\",\"first_seq\":18446744073709551615}", 0},
    {&stream_table, "{\"subjects\":[\"\\u003e\"]}", "{\"name\":\"N\",\"subjects\":[\">\"]}", 0},
    {&stream_table, "{\"max_msgs\":-5}", "{\"name\":\"N\",\"max_msgs\":-5}",
     0}, /* 2.10 keeps it; nothing is checked */
    {&stream_table, "{\"num_replicas\":77}", "{\"name\":\"N\",\"num_replicas\":77}", 0},
    {&stream_table, "{\"subjects\":null,\"sources\":[null],\"mirror\":null}",
     "{\"name\":\"N\",\"sources\":[]}", 0},
    /* a value of another type is kept as text, a choice of a newer server too */
    {&stream_table, "{\"max_age\":\"1h\",\"storage\":\"tape\",\"no_ack\":1}",
     "{\"name\":\"N\",\"max_age\":\"1h\",\"storage\":\"tape\",\"no_ack\":\"1\"}", 0},
    {&stream_table, "{\"max_msgs\":1.5}", "{\"name\":\"N\",\"max_msgs\":\"1.5\"}", 0},
    {&stream_table, "{\"subjects\":\"a\",\"mirror\":5,\"metadata\":[]}", "{\"name\":\"N\"}", 0},
    /* what no row knows is counted, and natsform's own keys are not the server's */
    {&stream_table, "{\"shiny\":true,\"newer\":{\"a\":1}}", "{\"name\":\"N\"}", 2},
    {&stream_table, "{\"consumers\":{\"c\":{}},\"external\":true,\"lifecycle\":{}}", "{\"name\":\"N\"}", 3},
    {&stream_table, "{\"metadata\":{\"_nats.ver\":\"2.15.1\",\"a\":\"b\"}}",
     "{\"name\":\"N\",\"metadata\":{\"_nats.ver\":\"2.15.1\",\"a\":\"b\"}}", 0},
    {&consumer_table, "{\"direct\":true,\"sourcing\":true}",
     "{\"name\":\"N\",\"direct\":true,\"sourcing\":true}", 0},
    {&consumer_table, "{\"opt_start_time\":\"2026-01-31T11:00:00Z\"}",
     "{\"name\":\"N\",\"opt_start_time\":\"2026-01-31T11:00:00Z\"}", 0},
};

START_TEST(reads_replies)
{
    const struct wire_case *at = &replies[_i];
    const struct object *object =
        object_decode(&world.arena, at->table, "N", world_json(at->json), FORM_WIRE, NULL);
    ck_assert_str_eq(world_wire(object), at->wire);
    ck_assert_uint_eq(object->unknown, at->unknown);
}
END_TEST

Suite *field_decode_suite(void)
{
    Suite *suite = suite_create("field/decode");
    TCase *tests = tcase_create("decode");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, reads_manifests, 0, COUNT_OF(manifests));
    tcase_add_loop_test(tests, reads_replies, 0, COUNT_OF(replies));
    tcase_add_test(tests, positions);
    tcase_add_test(tests, refused_values);
    tcase_add_test(tests, not_a_map);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return suite;
}
