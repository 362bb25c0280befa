/* Unit tests of plan/drift.h: what differs in another way than before, what differs no more, and what is no difference. */
#include "plan/drift.h"

#include <string.h>

#include "plan/step.h"
#include "support/scratch.h"
#include "unit/planning.h"
#include "unit/suites.h"

#define DAY "86400000000000"
#define WEEK "604800000000000"

static const char manifest[] =
    "streams: {A: {subjects: [a], max_age: 14d, consumers: {c: {ack_policy: explicit}}}}";

#define STREAM(age, messages)                                                                                \
    planning_stream("A", "\"subjects\":[\"a\"],\"max_age\":" age, "\"messages\":" messages)

static const char *told_of(const struct drifts *drifts)
{
    const char *text = "";
    for (size_t i = 0; i < drifts->list.count; i++) {
        const struct drift *drift = &drifts->list.items[i];
        text = arena_printf(test_arena(), "%s%s: %s, was %s\n", text, drift->address,
                            drift->now ? action_name(drift->now->action) : "in sync",
                            drift->begun ? action_name(drift->begun->action) : "in sync");
    }
    return text;
}

static const char *drift_between(const char *const *before, const char *const *now)
{
    struct drifts drifts;
    struct plan *earlier =
        before ? planning_plan(&(struct planning){.manifest = manifest, .live = before}) : NULL;
    struct plan *later = planning_plan(&(struct planning){.manifest = manifest, .live = now});
    drift_compare(test_arena(), earlier, later, &drifts);
    return told_of(&drifts);
}

START_TEST(each_way)
{
    const char *consumer = planning_consumer("A", "c", "");
    const char *const *nothing = (const char *const[]){NULL};
    const char *const *day = LIVE(STREAM(DAY, "7"), consumer), *const *more =
                                                                   LIVE(STREAM(DAY, "9000"), consumer);
    const char *const *week = LIVE(STREAM(WEEK, "7"), consumer);
    const char *const *alone = LIVE(STREAM(DAY, "7"));
    ck_assert_str_eq(drift_between(day, day), "");
    /* messages come and go all the time */
    ck_assert_str_eq(drift_between(day, more), "");
    ck_assert_str_eq(drift_between(day, week), "stream.A: update, was update\n");
    ck_assert_str_eq(drift_between(day, alone), "consumer.A.c: create, was in sync\n");
    ck_assert_str_eq(drift_between(alone, day), "consumer.A.c: in sync, was create\n");
    ck_assert_str_eq(drift_between(alone, nothing), "stream.A: create, was update\n");
    ck_assert_str_eq(drift_between(NULL, day), "stream.A: update, was in sync\n");
}
END_TEST

Suite *plan_drift_suite(void)
{
    Suite *suite = suite_create("plan_drift");
    TCase *tests = tcase_create("drift");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_test(tests, each_way);
    suite_add_tcase(suite, tests);
    return suite;
}
