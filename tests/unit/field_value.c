/* Unit tests of field/value.h: equality in meaning, and access. */
#include "field/value.h"

#include <string.h>

#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

struct equal_case {
    const struct table *table;
    const char *field;
    const char *a; /* of the field alone, as a manifest spells it; NULL: absent */
    const char *b;
    bool equal;
};

static const struct equal_case values[] = {
    /* numbers: left out is the zero value */
    {&stream_table, "max_msgs", NULL, NULL, true},
    {&stream_table, "max_msgs", NULL, "0", true},
    {&stream_table, "max_msgs", NULL, "unlimited", true},
    {&stream_table, "max_msgs", "0", "-1", true},
    {&stream_table, "max_msgs", NULL, "1", false},
    {&stream_table, "max_msgs", "-1", "1", false},
    {&stream_table, "max_msgs", "9007199254740993", "9007199254740992", false},
    {&stream_table, "max_age", NULL, "0", true},
    {&stream_table, "max_age", "60s", "1m", true},
    {&stream_table, "max_age", "60s", "61s", false},
    {&stream_table, "max_bytes", "1KiB", "1024", true},
    {&stream_table, "first_seq", NULL, "0", true},
    {&stream_table, "first_seq", "18446744073709551615", "18446744073709551614", false},
    {&consumer_table, "num_replicas", NULL, "0", true},

    /* booleans and texts */
    {&stream_table, "no_ack", NULL, "false", true},
    {&stream_table, "no_ack", NULL, "true", false},
    {&stream_table, "description", NULL, "''", true},
    {&stream_table, "description", "a", "A", false},
    {&stream_table, "storage", NULL, "file", false}, /* defaults are filled in before */
    {&stream_table, "discard", "new", "NEW", true},
    {&consumer_table, "sample_freq", "50", "50%", true},
    {&consumer_table, "sample_freq", "050%", "50", true},
    {&consumer_table, "sample_freq", "50%", "60", false},
    {&consumer_table, "sample_freq", "0%", "0", true},
    {&consumer_table, "sample_freq", NULL, "0", true},
    {&consumer_table, "sample_freq", "''", "0%", true},
    {&consumer_table, "sample_freq", NULL, "1%", false},

    /* times */
    {&consumer_table, "opt_start_time", "2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", true},
    {&consumer_table, "opt_start_time", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000000Z", true},
    {&consumer_table, "opt_start_time", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000001Z", false},
    {&consumer_table, "opt_start_time", NULL, "2026-01-31T12:00:00Z", false},

    /* sets and lists */
    {&stream_table, "subjects", NULL, "[]", true},
    {&stream_table, "subjects", "[a, b, c]", "[c, a, b]", true},
    {&stream_table, "subjects", "[a, b]", "[a, c]", false},
    {&stream_table, "subjects", "[a, b]", "[a]", false},
    {&stream_table, "subjects", "[a, a, b]", "[a, b, b]", true}, /* as sets they are */
    {&stream_table, "subjects", "[a, a]", "[a, b]", false},
    {&stream_table, "subjects", "[a, b]", "[a, a]", false},
    {&stream_table, "subjects", "[a]", "[A]", false},
    {&consumer_table, "backoff", "[1s, 2s]", "[2s, 1s]", false},
    {&consumer_table, "backoff", "[1s, 2s]", "[1000ms, 2s]", true},

    /* maps */
    {&stream_table, "metadata", NULL, "{}", true},
    {&stream_table, "metadata", "{a: b, c: d}", "{c: d, a: b}", true},
    {&stream_table, "metadata", "{a: b}", "{a: c}", false},
    {&stream_table, "metadata", "{a: b}", "{c: b}", false},
    {&stream_table, "metadata", "{a: b}", "{a: b, c: d}", false},
    {&stream_table, "metadata", "{a: ''}", "{}", false},

    /* objects, and sets of them */
    {&stream_table, "placement", NULL, "{}", true},
    {&stream_table, "placement", NULL, "{cluster: '', tags: []}", true},
    {&stream_table, "placement", "{cluster: a}", "{cluster: a, tags: []}", true},
    {&stream_table, "placement", "{tags: [a, B]}", "{tags: [b, A]}", true},
    {&stream_table, "placement", "{cluster: a}", "{cluster: b}", false},
    {&stream_table, "mirror", NULL, "{name: A}", false},
    {&stream_table, "mirror", "{name: A}", "{name: A, external: {api: a}}", false},
    {&stream_table, "mirror", "{name: A, external: {api: a}}", "{name: A, external: {api: a, deliver: ''}}",
     true},
    {&stream_table, "sources", "[{name: A}, {name: B}]", "[{name: B}, {name: A}]", true},
    {&stream_table, "sources", "[{name: A}, {name: B}]", "[{name: A}, {name: C}]", false},
    {&stream_table, "sources", "[{name: A, filter_subject: a}]", "[{name: A}]", false},
    {&stream_table, "sources", "[{name: A, subject_transforms: [{src: a}, {src: b}]}]",
     "[{name: A, subject_transforms: [{src: b}, {src: a}]}]", false},
};

static const struct value *value_of(const struct equal_case *at, const char *text)
{
    const char *yaml = text ? arena_printf(&world.arena, "%s: %s", at->field, text) : "{}";
    const struct object *object = world_object(at->table, NULL, yaml);
    return object_value_of(object, table_field(at->table, at->field));
}

START_TEST(equal)
{
    const struct equal_case *at = &values[_i];
    const struct field *field = table_field(at->table, at->field);
    const struct value *a = value_of(at, at->a);
    const struct value *b = value_of(at, at->b);
    ck_assert_str_eq(world_told(), "");
    ck_assert_msg(value_equal(field, a, b) == at->equal, "%s: %s and %s", at->field, at->a, at->b);
    ck_assert_msg(value_equal(field, b, a) == at->equal, "%s: %s and %s", at->field, at->b, at->a);
    ck_assert(value_equal(field, a, a));
    ck_assert(value_equal(field, b, b));
}
END_TEST

/* A server's value of a type that the row does not expect never equals one that it does. */
START_TEST(types_differ)
{
    const struct field *field = table_field_by_id(&stream_table, STREAM_MAX_AGE);
    struct value number = {.type = VALUE_INT, .integer = 5};
    struct value text = {.type = VALUE_TEXT, .text = "5"};
    struct value nothing = {0};
    ck_assert(!value_equal(field, &number, &text));
    ck_assert(!value_equal(field, &text, &number));
    ck_assert(!value_equal(field, &text, &nothing));
    ck_assert(!value_equal(field, &nothing, &text));
}
END_TEST

/* What only natsform or only the server sets takes no part. */
START_TEST(own_and_internal_rows)
{
    const struct object *a =
        world_object(&stream_table, "N", "{lifecycle: {prevent_destroy: true}, external: true}");
    const struct object *b = world_object(&stream_table, "N", "{consumers: {c: {}}}");
    ck_assert(object_equal(a, b));
    ck_assert(!object_equal(a, world_object(&stream_table, "N", "{no_ack: true}")));
}
END_TEST

struct on_case {
    const char *yaml;
    unsigned id;
    const char *choice;
    bool on;
};

static const struct on_case flags[] = {
    {"{}", STREAM_MAX_MSGS, NULL, false},
    {"max_msgs: 0", STREAM_MAX_MSGS, NULL, false},
    {"max_msgs: -1", STREAM_MAX_MSGS, NULL, false},
    {"max_msgs: 1", STREAM_MAX_MSGS, NULL, true},
    {"first_seq: 0", STREAM_FIRST_SEQ, NULL, false},
    {"first_seq: 1", STREAM_FIRST_SEQ, NULL, true},
    {"sealed: false", STREAM_SEALED, NULL, false},
    {"sealed: true", STREAM_SEALED, NULL, true},
    {"subjects: []", STREAM_SUBJECTS, NULL, false},
    {"subjects: [a]", STREAM_SUBJECTS, NULL, true},
    {"placement: {}", STREAM_PLACEMENT, NULL, false},
    {"placement: {cluster: a}", STREAM_PLACEMENT, NULL, true},
    {"mirror: {name: A}", STREAM_MIRROR, NULL, true},
    {"metadata: {}", STREAM_METADATA, NULL, false},
    {"persist_mode: default", STREAM_PERSIST_MODE, NULL, false}, /* says nothing */
    {"persist_mode: async", STREAM_PERSIST_MODE, NULL, true},
    {"{}", STREAM_RETENTION, "limits", true}, /* by default */
    {"{}", STREAM_RETENTION, "interest", false},
    {"retention: interest", STREAM_RETENTION, "interest", true},
    {"retention: interest", STREAM_RETENTION, "limits", false},
};

START_TEST(has)
{
    const struct on_case *at = &flags[_i];
    ck_assert(object_has(world_object(&stream_table, "N", at->yaml), at->id, at->choice) == at->on);
}
END_TEST

START_TEST(access)
{
    const struct object *object =
        world_object(&stream_table, "N", "{max_msgs: 5, sealed: true, subjects: [a]}");
    ck_assert_int_eq(object_integer(object, STREAM_MAX_MSGS), 5);
    ck_assert_int_eq(object_integer(object, STREAM_MAX_AGE), 0);
    ck_assert(object_flag(object, STREAM_SEALED));
    ck_assert(!object_flag(object, STREAM_DENY_PURGE));
    ck_assert_str_eq(object_text(object, STREAM_NAME), "N");
    ck_assert_ptr_null(object_text(object, STREAM_STORAGE));
    ck_assert_uint_eq(object_list(object, STREAM_SUBJECTS)->count, 1);
    ck_assert_uint_eq(object_list(object, STREAM_SOURCES)->count, 0);
    ck_assert_ptr_null(object_object(object, STREAM_MIRROR));
    ck_assert_int_eq(object_integer(object, STREAM_SUBJECTS), 0); /* of another type */
}
END_TEST

START_TEST(maps)
{
    struct value value = {0};
    ck_assert_ptr_null(value_map_get(&value, "a"));
    static const char *const keys[] = {"m", "a", "z", "b", "m"};
    for (size_t i = 0; i < 5; i++)
        value_map_put_text(&world.arena, &value, keys[i], i == 4 ? "again" : keys[i]);
    ck_assert_uint_eq(value.map->count, 4);
    for (size_t i = 1; i < value.map->count; i++)
        ck_assert_str_lt(value.map->pairs[i - 1].key, value.map->pairs[i].key);
    ck_assert_str_eq(value_map_get(&value, "m")->text, "again");
    ck_assert_str_eq(value_map_get(&value, "z")->text, "z");
    ck_assert_ptr_null(value_map_get(&value, "c"));
}
END_TEST

/* Putting a pair into a copy of a value leaves the original's map as it was: the planner lends marks so. */
START_TEST(maps_are_copied)
{
    struct value value = {0};
    value_map_put_text(&world.arena, &value, "a", "1");
    struct value copy = value;
    value_map_put_text(&world.arena, &copy, "a", "2");
    value_map_put_text(&world.arena, &copy, "b", "3");
    ck_assert_uint_eq(value.map->count, 1);
    ck_assert_str_eq(value_map_get(&value, "a")->text, "1");
    ck_assert_str_eq(value_map_get(&copy, "a")->text, "2");
}
END_TEST

Suite *field_value_suite(void)
{
    Suite *suite = suite_create("field/value");
    TCase *tests = tcase_create("value");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, equal, 0, COUNT_OF(values));
    tcase_add_test(tests, types_differ);
    tcase_add_test(tests, own_and_internal_rows);
    tcase_add_loop_test(tests, has, 0, COUNT_OF(flags));
    tcase_add_test(tests, access);
    tcase_add_test(tests, maps);
    tcase_add_test(tests, maps_are_copied);
    suite_add_tcase(suite, tests);
    return suite;
}
