/* Unit tests of plan/step.h: the rules of an update, one by one. */
#include "plan/step.h"

#include "field/check.h"
#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

struct rule_case {
    enum update_policy policy;
    const struct table *table;
    const char *field;
    const char *before; /* as a manifest spells it; NULL: absent */
    const char *after;
    bool alone;     /* allowed on a server that is in no cluster */
    bool clustered; /* and in one */
};

static const struct rule_case rules[] = {
    {UPDATE_FREE, &stream_table, "max_age", "1d", "7d", true, true},
    {UPDATE_SEPARATE, &consumer_table, "pause_until", NULL, "2026-12-31T00:00:00Z", true, true},
    {UPDATE_NEVER, &stream_table, "storage", "file", "memory", false, false},
    {UPDATE_FREEZES, &consumer_table, "opt_start_time", "2026-01-31T12:00:00Z", "2026-02-01T12:00:00Z", false,
     false},
    {UPDATE_LATCH, &stream_table, "deny_purge", NULL, "true", true, true},
    {UPDATE_LATCH, &stream_table, "deny_purge", "false", "true", true, true},
    {UPDATE_LATCH, &stream_table, "deny_purge", "true", "false", false, false},
    {UPDATE_LATCH, &stream_table, "deny_purge", "true", NULL, false, false},
    {UPDATE_REMOVE, &stream_table, "mirror", "{name: A}", NULL, true, true},
    {UPDATE_REMOVE, &stream_table, "mirror", NULL, "{name: A}", false, false},
    {UPDATE_REMOVE, &stream_table, "mirror", "{name: A}", "{name: B}", false, false},
    {UPDATE_KEEP_CHOICE, &stream_table, "retention", "limits", "interest", true, true},
    {UPDATE_KEEP_CHOICE, &stream_table, "retention", NULL, "interest", true, true},
    {UPDATE_KEEP_CHOICE, &stream_table, "retention", "interest", NULL, true, true},
    {UPDATE_KEEP_CHOICE, &stream_table, "retention", "limits", "workqueue", false, false},
    {UPDATE_KEEP_CHOICE, &stream_table, "retention", "workqueue", "limits", false, false},
    {UPDATE_KEEP_CHOICE, &stream_table, "retention", "workqueue", NULL, false, false},
    {UPDATE_KEEP_PRESENCE, &consumer_table, "deliver_subject", "a", "b", true, true},
    {UPDATE_KEEP_PRESENCE, &consumer_table, "deliver_subject", NULL, "b", false, false},
    {UPDATE_KEEP_PRESENCE, &consumer_table, "deliver_subject", "a", NULL, false, false},
    {UPDATE_CLUSTERED, &stream_table, "num_replicas", "1", "3", false, true},
    {UPDATE_CLUSTERED, &stream_table, "num_replicas", "3", "1", true, true},
    {UPDATE_CLUSTERED, &consumer_table, "num_replicas", "3", NULL, true, true},
};

static const struct value *value_of(const struct table *table, const char *name, const char *text)
{
    const char *yaml = text ? arena_printf(&world.arena, "%s: %s", name, text) : "{}";
    return object_value_of(world_object(table, NULL, yaml), table_field(table, name));
}

START_TEST(allowed)
{
    const struct rule_case *at = &rules[_i];
    const struct update_rule rule = {.policy = at->policy, .choice = "workqueue"};
    const struct field *field = table_field(at->table, at->field);
    const struct value *before = value_of(at->table, at->field, at->before);
    const struct value *after = value_of(at->table, at->field, at->after);
    ck_assert(update_is_allowed(&rule, field, before, after, false) == at->alone);
    ck_assert(update_is_allowed(&rule, field, before, after, true) == at->clustered);
}
END_TEST

struct choice_case {
    const struct table *table;
    const char *field;
    const char *wanted;
    bool given;
    const char *live;
    bool servers;
};

static const struct choice_case choices[] = {
    /* the server may fill it in */
    {&consumer_table, "max_batch", NULL, false, "100", true},
    {&consumer_table, "max_batch", "50", true, "100", false},
    {&stream_table, "mirror_direct", NULL, false, "true", true},
    {&stream_table, "mirror_direct", "false", false, "true", false}, /* we know better: the origin is ours */
    /* the server may lower it */
    {&stream_table, "duplicate_window", "2m", false, "1m", true},
    {&stream_table, "duplicate_window", "2m", false, "3m", false},
    {&stream_table, "duplicate_window", "2m", false, NULL, false},
    {&stream_table, "duplicate_window", "2m", true, "1m", false},
    {&consumer_table, "max_ack_pending", "1000", false, "500", true},
    {&consumer_table, "max_ack_pending", "1000", false, "unlimited", false},
    /* nobody may */
    {&stream_table, "max_age", NULL, false, "1d", false},
    {&stream_table, "num_replicas", "3", false, "1", false},
};

START_TEST(servers_choice)
{
    const struct choice_case *at = &choices[_i];
    struct value wanted = *value_of(at->table, at->field, at->wanted);
    wanted.given = at->given;
    ck_assert(value_is_servers_choice(table_field(at->table, at->field), &wanted,
                                      value_of(at->table, at->field, at->live)) == at->servers);
}
END_TEST

struct look_case {
    const struct table *table;
    const char *wanted;
    const char *live;
    bool in_sync; /* at a quick look */
    size_t changes;
};

/* What servers always say. A later value of the same key counts. */
#define LIVE_STREAM "{\"name\":\"A\",\"subjects\":[\"A\"],\"duplicate_window\":120000000000"
#define LIVE_CONSUMER "{\"name\":\"A\",\"durable_name\":\"A\",\"max_waiting\":512"

static const struct look_case looks[] = {
    {&stream_table, "{}", LIVE_STREAM "}", true, 0},
    {&stream_table, "{}", LIVE_STREAM ",\"max_age\":0,\"max_msgs\":-1,\"storage\":\"file\"}", true, 0},
    {&stream_table, "{}", LIVE_STREAM ",\"news\":[1,{}],\"max_age\":null}", true, 0},
    {&stream_table, "{max_age: 1d}", LIVE_STREAM ",\"max_age\":86400000000000}", true, 0},
    {&stream_table, "{max_age: 1d}", LIVE_STREAM ",\"max_age\":86400000000001}", false, 1},
    {&stream_table, "{max_age: 1d}", LIVE_STREAM "}", false, 1},
    {&stream_table, "{}", LIVE_STREAM ",\"max_age\":86400000000000}", false, 1},
    {&stream_table, "{storage: memory}", LIVE_STREAM "}", false, 1},
    {&stream_table, "{subjects: [a, b]}", LIVE_STREAM ",\"subjects\":[\"b\",\"a\"]}", true, 0},
    {&stream_table, "{subjects: [a, b]}", LIVE_STREAM ",\"subjects\":[\"a\"]}", false, 1},
    {&stream_table, "{metadata: {a: b}}", LIVE_STREAM ",\"metadata\":{\"a\":\"b\",\"_nats.level\":\"1\"}}",
     true, 0},
    {&stream_table, "{}", LIVE_STREAM ",\"metadata\":{\"natsform.project\":\"other\"}}", false, 1},
    {&stream_table, "{}", LIVE_STREAM ",\"duplicate_window\":60000000000}", true,
     0}, /* lowered by the server */
    {&stream_table, "{duplicate_window: 2m}", LIVE_STREAM ",\"duplicate_window\":60000000000}", false, 1},
    {&consumer_table, "{filter_subject: a}", LIVE_CONSUMER ",\"filter_subject\":\"a\"}", true, 0},
    {&consumer_table, "{}", LIVE_CONSUMER ",\"pause_until\":\"0001-01-01T00:00:00Z\"}", true, 0},
    {&consumer_table, "{}", LIVE_CONSUMER ",\"pause_until\":\"2026-01-31T11:59:59Z\"}", true, 0},
    {&consumer_table, "{}", LIVE_CONSUMER ",\"pause_until\":\"2026-01-31T12:00:01Z\"}", true,
     0}, /* somebody's pause */
    {&consumer_table, "{sample_freq: 50}", LIVE_CONSUMER ",\"sample_freq\":\"50%\"}", true, 0},
    {&consumer_table, "{}", LIVE_CONSUMER ",\"sample_freq\":\"0%\"}", true, 0},
    /* one thing in two spellings: not at a quick look */
    {&consumer_table, "{filter_subject: a}", LIVE_CONSUMER ",\"filter_subjects\":[\"a\"]}", false, 0},
    {&consumer_table, "{ack_policy: explicit, backoff: [1s], max_deliver: 3}",
     LIVE_CONSUMER
     ",\"ack_policy\":\"explicit\",\"max_ack_pending\":1000,\"backoff\":[1000000000],\"ack_wait\":30000000000,\"max_deliver\":3}",
     false, 0},
};

/* What is in sync at a quick look has no changes at a long one. */
START_TEST(quick_look)
{
    const struct look_case *at = &looks[_i];
    struct target target = {.version = VERSION(2, 15, 1)};
    instant_parse("2026-01-31T12:00:00Z", &target.now);
    struct step step = {.wanted = world_wanted(at->table, "A", at->wanted, target.version),
                        .live = world_live_object(at->table, "A", at->live)};
    object_normalise_live(&world.arena, step.live, target.now);
    size_t changes = compare_objects(&world.arena, &step, &target);
    ck_assert_msg(changes == at->changes, "%zu changes, the first of %s", changes,
                  changes ? step.changes.items[0].field->name : "nothing");
    const char *unknown = NULL;
    ck_assert(compare_is_in_sync(&world.arena, step.wanted, world_json(at->live), target.now, &unknown) ==
              at->in_sync);
}
END_TEST

Suite *plan_compare_suite(void)
{
    Suite *suite = suite_create("plan/compare");
    TCase *tests = tcase_create("compare");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, allowed, 0, COUNT_OF(rules));
    tcase_add_loop_test(tests, servers_choice, 0, COUNT_OF(choices));
    tcase_add_loop_test(tests, quick_look, 0, COUNT_OF(looks));
    suite_add_tcase(suite, tests);
    return suite;
}
