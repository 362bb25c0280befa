/*
 * Unit tests of the warnings and notes of rules/: for each, a manifest that has it, which says so and nothing else, and one like it that
 * has none. tests/live/lint.c applies the former to real servers, which take them.
 */
#include <string.h>

#include "base/codes.h"
#include "base/strbuf.h"
#include "plan/planner.h"
#include "rules/rules.h"
#include "support/lint_cases.h"
#include "unit/planning.h"
#include "unit/suites.h"
#include "unit/world.h"

static void check(const char *text, uint32_t version)
{
    struct manifest *manifest = world_load(text);
    ck_assert_str_eq(world_told(), "");
    ck_assert_ptr_nonnull(manifest);
    planner_check(&world.arena, manifest, &(struct target){.version = version, .clustered = true},
                  &world.diags);
}

START_TEST(fires)
{
    const struct lint_case *at = &lint_cases[_i];
    check(at->fires, at->version);
    ck_assert_str_eq(world_told(), at->said);
}
END_TEST

START_TEST(is_ignored)
{
    const struct lint_case *at = &lint_cases[_i];
    const char *lint = arena_printf(&world.arena, "lint: {ignore: [%s]}", at->code);
    check(arena_printf(&world.arena, "%s\ndefaults: {stream: {%s}, consumer: {%s}, key_value: {%s}}\n",
                       at->fires, lint, lint, lint),
          at->version);
    ck_assert_str_eq(world_told(), "");
}
END_TEST

START_TEST(does_not_fire)
{
    const struct lint_case *at = &lint_cases[_i];
    check(at->quiet, at->version);
    ck_assert_str_eq(world_told(), "");
}
END_TEST

/* Too many to be a case of the table: an unlimited max_consumers is 1000 from 2.15 on. */
static const struct {
    size_t count;
    const char *most;
    uint32_t version;
    const char *said;
} crowds[] = {
    {1001, "unlimited", VERSION(2, 15, 0),
     "1:30+9 bent: stream A has 1001 consumers, and servers take an unlimited 'max_consumers' for 1000, unless they are "
     "configured otherwise\n"
     "  hint: write 'max_consumers: 1001', or more\n"},
    {1001, "unlimited", VERSION(2, 14, 0), ""},
    {1001, "1001", VERSION(2, 15, 0), ""},
    {1000, "unlimited", VERSION(2, 15, 0), ""},
};

START_TEST(crowded)
{
    struct strbuf text = {0};
    strbuf_addf(&text, "streams: {A: {max_consumers: %s, consumers: {", crowds[_i].most);
    for (size_t i = 0; i < crowds[_i].count; i++)
        strbuf_addf(&text, "%sc%zu: {ack_policy: explicit}", i ? ", " : "", i);
    strbuf_adds(&text, "}}}");
    check(strbuf_text(&text), crowds[_i].version);
    ck_assert_str_eq(world_told(), crowds[_i].said);
    strbuf_release(&text);
}
END_TEST

/* ---- with a server ---- */

struct live_case {
    const char *code;
    uint32_t version;
    bool clustered;
    const char *manifest;
    const char *had; /* members of the stream's configuration; NULL: it is new */
    const char *had_consumer;
    const char *said;
};

static const struct live_case live_cases[] = {
    {"shared-queue", VERSION(2, 10, 27), false,
     "streams: {A: {subjects: [a.*], retention: workqueue, consumers: {b: {ack_policy: explicit, filter_subject: a.b}, "
     "c: {ack_policy: explicit}}}}",
     "\"subjects\":[\"a.*\"],\"retention\":\"workqueue\"", "\"filter_subject\":\"a.c\"",
     "1:114+1 shared-queue: consumer A > c takes all messages of the work queue, beside its other consumers: both "
     "deliver what neither has acknowledged\n"},
    {"missing-origin", 0, false, "streams: {A: {mirror: {name: B}}}", NULL, NULL,
     "1:30+1 missing-origin: stream A copies from stream B, which is neither here nor on the server\n"
     "  hint: it gets its messages once there is such a stream\n"},
    {"missing-origin", 0, false, "streams: {A: {lint: {ignore: [missing-origin]}, sources: [{name: B}]}}",
     NULL, NULL, ""},
    {"missing-origin", 0, false, "streams: {A: {sources: [{name: B}]}, B: {subjects: [b]}}", NULL, NULL, ""},
    {"change-without-effect", 0, false,
     "streams: {A: {lint: {ignore: [missing-origin]}, sources: [{name: B, opt_start_seq: 5}]}}",
     "\"subjects\":[],\"sources\":[{\"name\":\"B\"}]", NULL,
     "1:84+1 change-without-effect: 'opt_start_seq' of a source of stream A only counts when the source is new: "
     "it goes on where it is\n"},
    {"change-without-effect", 0, false,
     "streams: {A: {lint: {ignore: [missing-origin]}, sources: [{name: B, opt_start_seq: 5, filter_subject: b}]}}",
     "\"subjects\":[],\"sources\":[{\"name\":\"B\"}]", NULL, ""},
    {"needs-cluster", 0, false, "streams: {A: {placement: {tags: [ssd]}}}", NULL, NULL,
     "1:26 needs-cluster: 'placement' of stream A says where in a cluster, and the server is in none: it does "
     "nothing\n"},
    {"needs-cluster", 0, true, "streams: {A: {placement: {tags: [ssd]}}}", NULL, NULL, ""},
    {"needs-cluster", VERSION(2, 10, 27), false, "streams: {A: {num_replicas: 3}}", "", NULL,
     "1:29+1 needs-cluster: 'num_replicas' of stream A asks for copies, and the server is in none: it does "
     "nothing\n"},
    {"needs-cluster", VERSION(2, 10, 27), true, "streams: {A: {num_replicas: 3}}", "", NULL, ""},
    {"needs-cluster", 0, false, "streams: {A: {max_age: 1d}}", "", NULL, ""},
    {"change-without-effect", 0, false, "streams: {A: {first_seq: 200}}", "\"first_seq\":100", NULL,
     "1:26+3 change-without-effect: 'first_seq' of stream A only counts when it is made: the sequences go on as they "
     "are\n"},
    {"change-without-effect", 0, false, "streams: {A: {first_seq: 200}}", NULL, NULL, ""},
    {"change-without-effect", 0, false, "streams: {A: {first_seq: 100, max_age: 1d}}", "\"first_seq\":100",
     NULL, ""},
    {"change-without-effect", VERSION(2, 10, 27), false,
     "streams: {A: {consumers: {c: {ack_policy: explicit, mem_storage: true}}}}", "", "",
     "1:66+4 change-without-effect: 'mem_storage' of consumer A > c only counts when it is made: its state stays "
     "where it is\n"},
    {"change-without-effect", VERSION(2, 10, 27), false,
     "streams: {A: {consumers: {c: {ack_policy: explicit, mem_storage: true}}}}", "", NULL, ""},
};

START_TEST(with_a_server)
{
    const struct live_case *at = &live_cases[_i];
    const char *live[3] = {0};
    size_t count = 0;
    if (at->had)
        live[count++] = planning_stream("A", at->had, "");
    if (at->had_consumer)
        live[count++] = planning_consumer("A", "c", at->had_consumer);
    planning_plan(&(struct planning){.manifest = at->manifest,
                                     .live = live,
                                     .version = at->version,
                                     .clustered = at->clustered,
                                     .asks = true});
    ck_assert_str_eq(world_told(), at->said);
}
END_TEST

static const struct {
    const char *manifest;
    const char *said;
} failing_origins[] = {
    {"streams: {A: {sources: [{name: B}], lint: {ignore: [missing-origin]}}}",
     "1:32+1 origin-fails: stream A gets nothing from stream B: stream not found\n"
     "  note: the server says so, with error 10059\n"},
    {"streams: {A: {sources: [{name: B}], lint: {ignore: [origin-fails, missing-origin]}}}", ""},
    {"streams: {A: {sources: [{name: B}]}, B: {subjects: [b]}}", ""}, /* it is about to be made */
};

START_TEST(origins_fail)
{
    const char *live[] = {
        planning_copy("A", "\"subjects\":[],\"sources\":[{\"name\":\"B\"}]", "",
                      ",\"sources\":[{\"name\":\"B\",\"lag\":0,\"error\":"
                      "{\"code\":404,\"err_code\":10059,\"description\":\"stream not found\"}}]"),
        NULL};
    planning_plan(&(struct planning){.manifest = failing_origins[_i].manifest, .live = live, .asks = true});
    ck_assert_str_eq(world_told(), failing_origins[_i].said);
}
END_TEST

/* Every code that can be ignored is a warning or a note, has cases, and one that is said by a rule is said by it alone. */
START_TEST(nothing_is_missing)
{
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code)) {
        /* Said by the planner, which has tests of its own for them. */
        static const char *const planners[] = {"implied", "origin-anew", "origin-fails", "perhaps-limited",
                                               "sealed-empty"};
        bool found = false;
        for (size_t i = 0; i < COUNT_OF(planners); i++)
            found |= strcmp(planners[i], code->name) == 0;
        for (size_t i = 0; i < lint_case_count; i++)
            found |= strcmp(lint_cases[i].code, code->name) == 0;
        for (size_t i = 0; i < COUNT_OF(live_cases); i++)
            found |= strcmp(live_cases[i].code, code->name) == 0;
        ck_assert_msg(found == code->lint, "%s", code->name);
        ck_assert_msg(!code->lint || code->severity != SEVERITY_ERROR, "%s", code->name);
    }
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++)
        if (!(rule->each & OF_SERVERS))
            ck_assert_msg((rule->code->severity == SEVERITY_ERROR) != rule->code->lint, "%s",
                          rule->code->name);
}
END_TEST

Suite *rules_lint_suite(void)
{
    Suite *suite = suite_create("rules/lint");
    TCase *tests = tcase_create("lint");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, fires, 0, (int)lint_case_count);
    tcase_add_loop_test(tests, is_ignored, 0, (int)lint_case_count);
    tcase_add_loop_test(tests, does_not_fire, 0, (int)lint_case_count);
    tcase_add_loop_test(tests, crowded, 0, COUNT_OF(crowds));
    tcase_add_loop_test(tests, with_a_server, 0, COUNT_OF(live_cases));
    tcase_add_loop_test(tests, origins_fail, 0, COUNT_OF(failing_origins));
    tcase_add_test(tests, nothing_is_missing);
    suite_add_tcase(suite, tests);
    return suite;
}
