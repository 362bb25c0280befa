/* Unit tests of plan/risk.h: how many messages a change destroys, on which server. */
#include "plan/risk.h"

#include "unit/planning.h"
#include "unit/suites.h"

struct risk_case {
    const char *manifest; /* of stream A */
    const char *config;   /* of the live one */
    const char *state;
    uint32_t version;
    const char *loss; /* "" when there is none */
};

/* Behind the state, as replies have it. */
#define CLOCK(time) "},\"ts\":\"" time "\",\"more\":{"

/* The plan is made at 2026-01-31T12:00:00Z. */
static const struct risk_case streams[] = {
    /* by number */
    {"max_msgs: 100", "", "\"messages\":150,\"bytes\":1500", 0, "50"},
    {"max_msgs: 100", "", "\"messages\":100", 0, ""},
    {"max_msgs: 100", "\"max_msgs\":120", "\"messages\":101", 0, "1"},
    {"max_msgs: 100", "", "\"messages\":0", 0, ""},
    {"max_msgs: unlimited", "\"max_msgs\":5", "\"messages\":5", 0, ""},
    {"max_msgs: 200", "\"max_msgs\":100", "\"messages\":100", 0, ""},
    {"max_msgs: 9223372036854775807", "", "\"messages\":18446744073709551615", 0, "9223372036854775808"},
    {"{max_msgs: 100, discard: new}", "\"discard\":\"new\"", "\"messages\":150", 0,
     ""}, /* refuses new ones instead */
    {"{max_msgs: 100, discard: new}", "\"discard\":\"new\"", "\"messages\":150", VERSION(2, 10, 27), ""},
    {"{max_msgs: 100, discard: new}", "\"discard\":\"new\"", "\"messages\":150", VERSION(2, 9, 10), "50"},

    /* by size: how many messages that is, nobody knows */
    {"max_bytes: 1000", "", "\"messages\":150,\"bytes\":1500", 0, "up to 150 and 500 bytes"},
    {"max_bytes: 1000", "", "\"messages\":150,\"bytes\":1000", 0, ""},
    {"max_bytes: unlimited", "\"max_bytes\":100", "\"messages\":1,\"bytes\":100", 0, ""},

    /* by age, of the oldest */
    {"max_age: 1d", "", "\"messages\":5,\"first_ts\":\"2026-01-30T11:59:59Z\"", 0, "up to 5"},
    {"max_age: 1d", "", "\"messages\":5,\"first_ts\":\"2026-01-30T12:30:00Z\"", 0,
     "up to 5"}, /* within the hour */
    {"max_age: 1d", "", "\"messages\":5,\"first_ts\":\"2026-01-30T13:01:00Z\"", 0, ""},
    {"max_age: 1d", "", "\"messages\":5,\"first_ts\":\"2026-01-30T12:00:00Z\"", 0,
     "up to 5"}, /* any moment now */
    {"max_age: 1d", "", "\"messages\":0,\"first_ts\":\"0001-01-01T00:00:00Z\"", 0, ""},
    {"max_age: 1d", "", "\"messages\":5", 0, "up to 5"}, /* not known, so the most it can be */
    {"max_age: 0", "\"max_age\":5000000000,\"duplicate_window\":5000000000",
     "\"messages\":5,\"first_ts\":\"2025-01-01T00:00:00Z\"", 0, ""},
    {"max_age: 7d", "\"max_age\":86400000000000", "\"messages\":5,\"first_ts\":\"2026-01-31T00:00:00Z\"", 0,
     ""},
    {"max_age: 400d", "", "\"messages\":5,\"first_ts\":\"1990-01-31T00:00:00Z\"", 0, "up to 5"},

    /* by the server's clock, where it tells it */
    {"max_age: 1d", "", "\"messages\":5,\"first_ts\":\"2026-01-30T20:00:00Z\"" CLOCK("2026-02-01T12:00:00Z"),
     0, "up to 5"},
    {"max_age: 1d", "",
     "\"messages\":5,\"first_ts\":\"2026-01-30T11:00:00Z\"" CLOCK("2026-01-30T13:30:00+02:00"), 0, ""},

    /* by number for each subject */
    {"max_msgs_per_subject: 1", "", "\"messages\":100,\"num_subjects\":10", 0, "up to 90"},
    {"max_msgs_per_subject: 10", "", "\"messages\":100,\"num_subjects\":95", 0,
     ""}, /* no subject can have as many */
    {"max_msgs_per_subject: 10", "", "\"messages\":100,\"num_subjects\":90", 0, "up to 1"},
    {"max_msgs_per_subject: 5", "\"max_msgs_per_subject\":3", "\"messages\":100,\"num_subjects\":1", 0, ""},
    {"max_msgs_per_subject: 100", "", "\"messages\":100,\"num_subjects\":1", 0, ""},
    {"max_msgs_per_subject: 1", "", "\"messages\":100", 0, "up to 99"},

    /* what nobody wants any more */
    {"retention: interest", "", "\"messages\":5,\"consumer_count\":0", 0, "up to 5"},
    {"retention: interest", "", "\"messages\":5,\"consumer_count\":2", 0, "up to 5"},
    {"retention: interest", "", "\"messages\":0", 0, ""},
    {"retention: limits", "\"retention\":\"interest\"", "\"messages\":5", 0, ""},

    /* limits that were there all along, and begin to count */
    {"max_msgs: 10", "\"max_msgs\":10,\"discard\":\"new\"", "\"messages\":20", 0, "10"},
    {"max_bytes: 1000", "\"max_bytes\":1000,\"discard\":\"new\"", "\"messages\":20,\"bytes\":1200", 0,
     "up to 20 and 200 bytes"},
    {"max_msgs: 30", "\"max_msgs\":10,\"discard\":\"new\"", "\"messages\":20", 0, ""},
    {"{max_msgs: 10, lifecycle: {ignore: [max_msgs]}}", "\"max_msgs\":15,\"discard\":\"new\"",
     "\"messages\":20", 0, "5"},
    {"{max_msgs: 10, description: x, lifecycle: {ignore: [discard]}}", "\"max_msgs\":10,\"discard\":\"new\"",
     "\"messages\":20", 0, ""},

    /* several add up */
    {"{max_msgs: 50, max_msgs_per_subject: 1}", "", "\"messages\":100,\"num_subjects\":91", 0, "up to 59"},
    {"{max_msgs: 90, max_bytes: 1000, max_msgs_per_subject: 5}", "",
     "\"messages\":100,\"bytes\":2000,\"num_subjects\":50", 0, "up to 100 and 2000 bytes"},
    {"{max_msgs: 10, description: x}", "", "\"messages\":100", 0, "90"},

    /* nothing that touches messages */
    {"{description: x, subjects: [x], max_msg_size: 5, max_consumers: 5}", "",
     "\"messages\":100,\"bytes\":100", 0, ""},
};

static const char *loss_text(const struct plan *plan)
{
    const struct loss *loss = &plan->steps.items[0]->loss;
    if (!loss->any)
        return "";
    ck_assert_ptr_nonnull(loss->why);
    const char *bytes =
        loss->bytes ? arena_printf(&world.arena, " and %llu bytes", (unsigned long long)loss->bytes) : "";
    return arena_printf(&world.arena, "%s%llu%s", loss->exact ? "" : "up to ",
                        (unsigned long long)loss->messages, bytes);
}

START_TEST(stream_changes)
{
    const struct risk_case *at = &streams[_i];
    const struct planning planning = {
        .manifest = arena_printf(&world.arena, "streams:\n  A:\n    %s\n", at->manifest),
        .live = LIVE(planning_stream("A", at->config, at->state)),
        .version = at->version,
        .allow_loss = LIVE("A"),
    };
    const struct plan *plan = planning_plan(&planning);
    ck_assert_str_eq(world_told(), "");
    ck_assert_uint_eq(plan->steps.count, 1);
    ck_assert_str_eq(loss_text(plan), at->loss);
}
END_TEST

struct filter_case {
    const char *stream; /* configuration */
    const char *state;
    const char *consumer; /* in the manifest */
    const char *live;
    const char *loss;
};

static const struct filter_case filters[] = {
    {"\"retention\":\"interest\"", "\"messages\":5,\"consumer_count\":1", "filter_subject: b",
     "\"filter_subject\":\"a\"", "up to 5"},
    {"\"retention\":\"interest\"", "\"messages\":5,\"consumer_count\":1", "filter_subjects: [a, b]",
     "\"filter_subject\":\"a\"", "up to 5"},
    {"\"retention\":\"interest\"", "\"messages\":0,\"consumer_count\":1", "filter_subject: b",
     "\"filter_subject\":\"a\"", ""},
    {"\"retention\":\"interest\"", "\"messages\":5,\"consumer_count\":1", "max_deliver: 5", "", ""},
    {"", "\"messages\":5,\"consumer_count\":1", "filter_subject: b", "\"filter_subject\":\"a\"", ""},
};

START_TEST(filter_changes)
{
    const struct filter_case *at = &filters[_i];
    bool interest = at->stream[0] != '\0';
    const char *stream =
        arena_printf(&world.arena, "\"subjects\":[\"a\",\"b\"]%s%s", interest ? "," : "", at->stream);
    const struct planning planning = {
        .manifest = arena_printf(
            &world.arena, "streams: {A: {subjects: [a, b], %sconsumers: {c: {ack_policy: explicit, %s}}}}",
            interest ? "retention: interest, " : "", at->consumer),
        .live = LIVE(planning_stream("A", stream, at->state), planning_consumer("A", "c", at->live)),
        .allow_loss = LIVE("A"), /* the messages are the stream's */
    };
    const struct plan *plan = planning_plan(&planning);
    ck_assert_str_eq(world_told(), "");
    ck_assert_uint_eq(plan->steps.count, 1);
    ck_assert_str_eq(loss_text(plan), at->loss);
}
END_TEST

/* Changes that cannot be taken back, or that deliver again, are marked; others are not. */
START_TEST(marks)
{
    static const struct {
        const char *manifest;
        bool irreversible;
    } changes[] = {
        {"streams: {A: {deny_delete: true}}", true},   {"streams: {A: {deny_purge: true}}", true},
        {"streams: {A: {allow_msg_ttl: true}}", true}, {"streams: {A: {allow_msg_schedules: true}}", true},
        {"streams: {A: {sealed: true}}", true},        {"streams: {A: {allow_direct: true}}", false},
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct planning planning = {
            .manifest = changes[i].manifest,
            .live = LIVE(planning_stream("A", "", "")),
        };
        const struct step *step = planning_plan(&planning)->steps.items[0];
        ck_assert_msg(step->irreversible == changes[i].irreversible, "%s", changes[i].manifest);
        ck_assert(!step->redelivers);
    }
}
END_TEST

Suite *plan_risk_suite(void)
{
    Suite *suite = suite_create("plan/risk");
    TCase *tests = tcase_create("risk");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, stream_changes, 0, COUNT_OF(streams));
    tcase_add_loop_test(tests, filter_changes, 0, COUNT_OF(filters));
    tcase_add_test(tests, marks);
    suite_add_tcase(suite, tests);
    return suite;
}
