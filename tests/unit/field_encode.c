/* Unit tests of field/encode.h and field/encode.h: what goes to a server, and what is shown to people. */
#include "field/encode.h"

#include <string.h>

#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

#define V2_15 VERSION(2, 15, 1)

/* ---- create ---- */

struct create_case {
    const struct table *table;
    const char *yaml;
    const char *body;
};

static const struct create_case creates[] = {
    /* what was given, and nothing that the server fills in */
    {&stream_table, "{}", "{\"name\":\"N\"}"},
    {&stream_table, "{max_age: 7d, subjects: [a.>], storage: memory}",
     "{\"name\":\"N\",\"subjects\":[\"a.>\"],\"max_age\":604800000000000,\"storage\":\"memory\"}"},
    {&stream_table, "max_bytes: 9007199254740993", "{\"name\":\"N\",\"max_bytes\":9007199254740993}"},
    {&stream_table, "first_seq: 18446744073709551615", "{\"name\":\"N\",\"first_seq\":18446744073709551615}"},
    {&stream_table, "{description: '', metadata: {a: 'b \"c\" < d'}}",
     "{\"name\":\"N\",\"metadata\":{\"a\":\"b \\\"c\\\" < d\"}}"}, /* an empty enum would be error 10025, so no empty text is sent */
    {&stream_table, "{lifecycle: {prevent_destroy: true}, external: false, consumers: {c: {}}}",
     "{\"name\":\"N\"}"},
    {&stream_table, "sources: [{name: A}, {name: B, filter_subject: b}]",
     "{\"name\":\"N\",\"sources\":[{\"name\":\"A\"},{\"name\":\"B\",\"filter_subject\":\"b\"}]}"},
    {&stream_table, "{sealed: true, max_age: 1d}",
     "{\"name\":\"N\"}"}, /* sealed comes by an update right after */
    {&consumer_table, "{}",
     "{\"name\":\"N\",\"durable_name\":\"N\"}"}, /* durable is natsform's default, not the server's */
    {&consumer_table, "durable_name: ''",
     "{\"name\":\"N\",\"inactive_threshold\":5000000000}"}, /* said, as updates need it */
    {&consumer_table, "{ack_policy: explicit, backoff: [1s, 5s]}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"ack_policy\":\"explicit\",\"backoff\":[1000000000,5000000000]}"},
    {&consumer_table, "{deliver_policy: by_start_time, opt_start_time: 2026-01-31T13:00:00.50+01:00}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"deliver_policy\":\"by_start_time\","
     "\"opt_start_time\":\"2026-01-31T13:00:00.50+01:00\"}"}, /* as it was written: 2.9 compares the text */
    {&consumer_table, "filter_subjects: [a]",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subject\":\"a\"}"},
    {&consumer_table, "max_deliver: unlimited", "{\"name\":\"N\",\"durable_name\":\"N\",\"max_deliver\":-1}"},
};

START_TEST(create_bodies)
{
    const struct object *wanted = world_wanted(creates[_i].table, "N", creates[_i].yaml, V2_15);
    ck_assert_uint_eq(world.diags.errors, 0);
    ck_assert_str_eq(world_text(object_encode_create(&world.arena, wanted)), creates[_i].body);
}
END_TEST

/* ---- update ---- */

struct update_case {
    const struct table *table;
    const char *yaml;
    const char *live;
    const char *keep; /* name of a field that stays as it is; NULL: none */
    const char *body;
};

#define WINDOW "\"name\":\"N\",\"duplicate_window\":120000000000"
#define PLAIN WINDOW ",\"subjects\":[\"N\"]"

static const struct update_case updates[] = {
    /* the whole live configuration, with what differs in it */
    {&stream_table, "max_age: 1d", "{" PLAIN ",\"max_age\":0,\"num_replicas\":1,\"storage\":\"file\"}", NULL,
     "{" PLAIN ",\"max_age\":86400000000000,\"num_replicas\":1,\"storage\":\"file\"}"},
    /* left out of the manifest, so the server's default */
    {&stream_table, "{}",
     "{" PLAIN ",\"max_age\":86400000000000,\"description\":\"old\",\"allow_direct\":true}", NULL,
     "{" PLAIN "}"},
    {&stream_table, "{}", "{" PLAIN ",\"max_age\":86400000000000,\"description\":\"old\"}", "description",
     "{" PLAIN ",\"description\":\"old\"}"},
    {&stream_table, "num_replicas: 3", "{" PLAIN ",\"num_replicas\":1}", "num_replicas",
     "{" PLAIN ",\"num_replicas\":1}"},

    /* equal values keep the live spelling and order */
    {&stream_table, "{subjects: [a, b], max_msgs: unlimited, discard: NEW}",
     "{" WINDOW ",\"subjects\":[\"b\",\"a\"],\"max_msgs\":0,\"discard\":\"new\",\"max_bytes\":-5}", NULL,
     "{" WINDOW ",\"subjects\":[\"b\",\"a\"],\"max_msgs\":0,\"discard\":\"new\",\"max_bytes\":-5}"},
    {&consumer_table,
     "{deliver_policy: by_start_time, opt_start_time: 2026-01-31T13:00:00+01:00, ack_wait: 1m, ack_policy: all}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"deliver_policy\":\"by_start_time\",\"opt_start_time\":\"2026-01-31T12:00:00Z\","
     "\"ack_policy\":\"all\",\"ack_wait\":30000000000,\"max_ack_pending\":1000,\"max_waiting\":512}",
     NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"deliver_policy\":\"by_start_time\",\"opt_start_time\":\"2026-01-31T12:00:00Z\","
     "\"ack_policy\":\"all\",\"ack_wait\":60000000000,\"max_ack_pending\":1000,\"max_waiting\":512}"},
    {&stream_table, "{max_age: 1d, max_bytes: 9007199254740993, first_seq: 18446744073709551615}",
     "{" PLAIN ",\"max_bytes\":9007199254740993,\"first_seq\":18446744073709551615}", NULL,
     "{" PLAIN
     ",\"max_bytes\":9007199254740993,\"first_seq\":18446744073709551615,\"max_age\":86400000000000}"},

    /* what no row knows survives: at the top, in an object, in items of a list */
    {&stream_table, "max_age: 1d", "{" PLAIN ",\"shiny\":{\"a\":[1,9007199254740993]},\"new_flag\":true}",
     NULL, "{" PLAIN ",\"shiny\":{\"a\":[1,9007199254740993]},\"new_flag\":true,\"max_age\":86400000000000}"},
    {&stream_table, "placement: {cluster: west}",
     "{" PLAIN ",\"placement\":{\"cluster\":\"east\",\"rack\":\"r1\"}}", NULL,
     "{" PLAIN ",\"placement\":{\"cluster\":\"west\",\"rack\":\"r1\"}}"},
    {&stream_table, "placement: {cluster: east}",
     "{" PLAIN ",\"max_age\":5000000000,\"placement\":{\"rack\":\"r1\",\"cluster\":\"east\"}}", NULL,
     "{" PLAIN ",\"placement\":{\"rack\":\"r1\",\"cluster\":\"east\"}}"},
    {&stream_table, "sources: [{name: B, filter_subject: b.>}, {name: C}, {name: A, opt_start_seq: 7}]",
     "{\"name\":\"N\",\"sources\":[{\"name\":\"A\",\"speed\":9},{\"name\":\"B\",\"filter_subject\":\"b.\\u003e\",\"speed\":5},"
     "{\"name\":\"D\",\"speed\":1}]}",
     NULL,
     "{\"name\":\"N\",\"sources\":[{\"name\":\"B\",\"filter_subject\":\"b.>\",\"speed\":5},{\"name\":\"C\"},"
     "{\"name\":\"A\",\"opt_start_seq\":7,\"speed\":9}]}"},
    {&stream_table, "mirror: {name: A, external: {api: $JS.x.API}, opt_start_seq: 5}", /* deep down as well */
     "{\"name\":\"N\",\"mirror\":{\"name\":\"A\",\"external\":{\"api\":\"$JS.x.API\",\"deliver\":\"\",\"hops\":2}}}",
     NULL,
     "{\"name\":\"N\",\"mirror\":{\"name\":\"A\",\"opt_start_seq\":5,\"external\":{\"api\":\"$JS.x.API\",\"hops\":2}}}"},
    {&stream_table, "mirror: {name: A}",
     "{\"name\":\"N\",\"mirror\":{\"name\":\"A\",\"speed\":5},\"max_age\":5}", NULL,
     "{\"name\":\"N\",\"mirror\":{\"name\":\"A\",\"speed\":5}}"},

    /* metadata: the server's own never goes back, and the user's own as it should be */
    {&stream_table, "{max_age: 1d, metadata: {a: b}}",
     "{" PLAIN ",\"metadata\":{\"_nats.ver\":\"2.15.1\",\"_nats.req.level\":\"0\",\"a\":\"b\"}}", NULL,
     "{" PLAIN ",\"metadata\":{\"a\":\"b\"},\"max_age\":86400000000000}"},
    {&stream_table, "metadata: {a: c, d: e}",
     "{" PLAIN ",\"metadata\":{\"_nats.ver\":\"2.15.1\",\"a\":\"b\",\"x\":\"y\"}}", NULL,
     "{" PLAIN ",\"metadata\":{\"a\":\"c\",\"d\":\"e\"}}"},
    {&stream_table, "{}", "{" PLAIN ",\"metadata\":{\"_nats.ver\":\"2.15.1\",\"a\":\"b\"}}", "metadata",
     "{" PLAIN ",\"metadata\":{\"a\":\"b\"}}"},

    /* nulls are not sent, the server's own fields are kept */
    {&stream_table, "max_age: 1d", "{" PLAIN ",\"sources\":null,\"placement\":null,\"template_owner\":\"t\"}",
     NULL, "{" PLAIN ",\"template_owner\":\"t\",\"max_age\":86400000000000}"},
    {&consumer_table, "{ack_policy: none, description: new}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"ack_policy\":\"none\",\"direct\":true,\"max_waiting\":512}",
     NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"ack_policy\":\"none\",\"direct\":true,\"max_waiting\":512,\"description\":\"new\"}"},
    /* 2.9 leaves the name out; it is said, and durable_name is never dropped */
    {&consumer_table, "{ack_policy: none, description: new}",
     "{\"durable_name\":\"N\",\"ack_policy\":\"none\",\"max_waiting\":512}", NULL,
     "{\"durable_name\":\"N\",\"ack_policy\":\"none\",\"max_waiting\":512,\"name\":\"N\",\"description\":\"new\"}"},
    /* from one filter to many and back: never both */
    {&consumer_table, "filter_subjects: [a, b]",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subject\":\"a\",\"max_waiting\":512}", NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"max_waiting\":512,\"filter_subjects\":[\"a\",\"b\"]}"},
    {&consumer_table, "filter_subject: a",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\",\"b\"],\"max_waiting\":512}", NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"max_waiting\":512,\"filter_subject\":\"a\"}"},
    {&consumer_table, "{filter_subject: a, description: d}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\"],\"max_waiting\":512}", NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\"],\"max_waiting\":512,\"description\":\"d\"}"},
    {&consumer_table, "filter_subject: b", /* the live spelling must not stay beside the new one */
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\"],\"max_waiting\":512}", NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"max_waiting\":512,\"filter_subject\":\"b\"}"},
    {&consumer_table, "{}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\"],\"max_waiting\":512}", NULL,
     "{\"name\":\"N\",\"durable_name\":\"N\",\"max_waiting\":512}"},
    {&consumer_table, "{}",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\"],\"max_waiting\":512}",
     "filter_subject",
     "{\"name\":\"N\",\"durable_name\":\"N\",\"filter_subjects\":[\"a\"],\"max_waiting\":512}"},
};

START_TEST(update_bodies)
{
    const struct update_case *at = &updates[_i];
    const struct object *wanted = world_wanted(at->table, "N", at->yaml, V2_15);
    const struct object *live = world_live_object(at->table, "N", at->live);
    bool *keep = at->keep ? ARENA_ARRAY(&world.arena, bool, at->table->count) : NULL;
    if (keep)
        keep[table_field(at->table, at->keep) - at->table->fields] = true;
    ck_assert_uint_eq(world.diags.errors, 0);
    ck_assert_str_eq(world_text(object_encode_update(&world.arena, wanted, live, keep)), at->body);
}
END_TEST

/* ---- for people ---- */

struct people_case {
    const struct table *table;
    const char *live;
    const char *manifest;
};

static const struct people_case people[] = {
    {&stream_table,
     "{\"name\":\"N\",\"subjects\":[\"a\"],\"max_age\":604800000000000,\"storage\":\"file\",\"num_replicas\":1,\"max_msgs\":-1}",
     "{\"subjects\":[\"a\"],\"max_age\":\"7d\"}"},
    {&stream_table,
     "{\"name\":\"N\",\"max_bytes\":1073741824,\"max_msgs\":9007199254740993,\"no_ack\":true,\"allow_direct\":false}",
     "{\"max_msgs\":9007199254740993,\"max_bytes\":\"1GiB\",\"no_ack\":true}"},
    {&stream_table,
     "{\"name\":\"N\",\"metadata\":{\"_nats.ver\":\"x\",\"a\":\"b\"},\"storage\":\"memory\",\"placement\":{}}",
     "{\"storage\":\"memory\",\"metadata\":{\"a\":\"b\"}}"},
    {&consumer_table,
     "{\"name\":\"N\",\"ack_policy\":\"explicit\",\"backoff\":[1000000000,90000000000],\"max_deliver\":-1,\"direct\":true}",
     "{\"ack_policy\":\"explicit\",\"backoff\":[\"1s\",\"1m30s\"]}"},
};

START_TEST(shown_to_people)
{
    const struct object *live = world_live_object(people[_i].table, "N", people[_i].live);
    ck_assert_str_eq(world_text(object_encode_manifest(&world.arena, live)), people[_i].manifest);
}
END_TEST

/* ---- one line of words ---- */

struct text_case {
    const struct table *table;
    const char *field;
    const char *yaml;
    const char *text;
};

static const struct text_case texts[] = {
    {&stream_table, "max_age", "{}", "(none)"},
    {&stream_table, "max_age", "max_age: 36h", "1d12h"},
    {&stream_table, "max_age", "max_age: 0", "0"},
    {&stream_table, "max_bytes", "max_bytes: 10GiB", "10GiB"},
    {&stream_table, "max_bytes", "max_bytes: -1", "unlimited"},
    {&stream_table, "max_msgs", "max_msgs: 9007199254740993", "9007199254740993"},
    {&stream_table, "no_ack", "no_ack: true", "true"},
    {&stream_table, "storage", "storage: file", "file"},
    {&stream_table, "description", "description: two words", "two words"},
    {&stream_table, "description", "description: ''", "\"\""},
    {&stream_table, "subjects", "subjects: [a.>, 'no', '5']", "[a.>, \"no\", \"5\"]"},
    {&stream_table, "metadata", "metadata: {b: x, a: 'true'}", "{a: \"true\", b: x}"},
    {&stream_table, "placement", "placement: {cluster: east, tags: [ssd]}", "{cluster: east, tags: [ssd]}"},
    {&stream_table, "sources", "sources: [{name: A}, {name: B, opt_start_seq: 5}]",
     "[{name: A}, {name: B, opt_start_seq: 5}]"},
    {&consumer_table, "backoff", "backoff: [1s, 90s]", "[1s, 1m30s]"},
    {&consumer_table, "opt_start_time", "opt_start_time: 2026-01-31T13:00:00+01:00",
     "2026-01-31T13:00:00+01:00"},
};

START_TEST(in_words)
{
    const struct text_case *at = &texts[_i];
    const struct object *object = world_object(at->table, "N", at->yaml);
    const struct field *field = table_field(at->table, at->field);
    ck_assert_str_eq(value_text(&world.arena, field, object_value_of(object, field)), at->text);
}
END_TEST

START_TEST(secrets)
{
    const struct table *rows = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->object;
    const struct object *object = world_object(rows, NULL, "{password: hunter2, token: hunter2, user: me}");
    const struct field *password = table_field_by_id(rows, CONNECTION_PASSWORD);
    const struct field *token = table_field_by_id(rows, CONNECTION_TOKEN);
    ck_assert_str_eq(value_text(&world.arena, password, object_value_of(object, password)), "(secret)");
    ck_assert_str_eq(value_text(&world.arena, token, object_value_of(object, token)), "(secret)");
    const struct object *nothing = world_object(rows, NULL, "{}");
    ck_assert_str_eq(value_text(&world.arena, token, object_value_of(nothing, token)), "(none)");
}
END_TEST

Suite *field_encode_suite(void)
{
    Suite *suite = suite_create("field/encode");
    TCase *tests = tcase_create("encode");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, create_bodies, 0, COUNT_OF(creates));
    tcase_add_loop_test(tests, update_bodies, 0, COUNT_OF(updates));
    tcase_add_loop_test(tests, shown_to_people, 0, COUNT_OF(people));
    tcase_add_loop_test(tests, in_words, 0, COUNT_OF(texts));
    tcase_add_test(tests, secrets);
    suite_add_tcase(suite, tests);
    return suite;
}
