/*
 * Unit tests of plan/order.h and plan_order(): what waits for what. Steps of one rank run at once, so a rank says
 * all that there is to know about the order.
 */
#include "plan/order.h"

#include <string.h>

#include "unit/planning.h"
#include "unit/suites.h"

struct order_case {
    const char *manifest;
    const char *streams[5][2]; /* name and configuration of live streams */
    const char *consumers[3][3];
    bool destroy;
    bool prune;
    const char *ranks; /* "0 stream A, 1 stream B": in the order of names */
    const char *told;
};

#define SUBJECTS_NONE "\"subjects\":null,\"duplicate_window\":null,"

#define OURS "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"p\"}"
#define MIRROR_OF(name) SUBJECTS_NONE "\"mirror\":{\"name\":\"" name "\"}"

static const struct order_case cases[] = {
    /* streams before their consumers, all at once */
    {"streams: {A: {consumers: {c: {}, d: {}}}, B: {consumers: {e: {}}}}",
     .ranks = "0 stream A, 0 stream B, 1 consumer A > c, 1 consumer A > d, 1 consumer B > e", .told = ""},
    {"streams: {A: {consumers: {c: {}}}}",
     {{"A", ""}},
     .ranks = "0 consumer A > c",
     .told = ""}, /* it is there already */
    {"streams: {A: {max_age: 1d, consumers: {c: {ack_policy: explicit, max_deliver: 5}}}}",
     {{"A", ""}},
     {{"A", "c", ""}},
     .ranks = "0 stream A, 1 consumer A > c",
     .told = ""},

    /* origins before mirrors and sources, down the chain */
    {"streams: {A: {mirror: {name: B}}, B: {sources: [{name: D}, {name: C}]}, C: {}, D: {mirror: {name: C}}}",
     .ranks = "3 stream A, 2 stream B, 0 stream C, 1 stream D", .told = ""},
    {"streams: {A: {mirror: {name: B}}, B: {}}", {{"B", ""}}, .ranks = "0 stream A", .told = ""},
    {"streams: {A: {mirror: {name: NOWHERE}}}", .ranks = "0 stream A", .told = ""},
    {"streams: {A: {mirror: {name: B, external: {api: $JS.x.API}}}, B: {}}", /* another account's B */
     .ranks = "0 stream A, 0 stream B", .told = ""},
    {"streams: {A: {subjects: [a], sources: [{name: A, filter_subject: x}]}}", /* of itself */
     .ranks = "0 stream A", .told = ""},
    /* a server takes a mirror before its origin, so a circle of copies is no reason to stop */
    {"streams: {A: {sources: [{name: B, filter_subject: a}]}, B: {sources: [{name: A, filter_subject: b}]}}",
     .ranks = "0 stream A, 1 stream B", .told = ""},
    {"streams: {X: {mirror: {name: A}}, A: {sources: [{name: B}]}, B: {sources: [{name: C, filter_subject: x}]}, "
     "C: {sources: [{name: B, filter_subject: x}]}}",
     .ranks = "2 stream A, 1 stream B, 0 stream C, 3 stream X", .told = ""}, /* the rest keeps its order */

    /* the consumer that an origin is read through comes before the copy */
    {"streams: {A: {mirror: {name: B, consumer: {name: copier, deliver_subject: d}}},\n"
     "          B: {consumers: {copier: {ack_policy: flow_control, deliver_subject: d}, other: {}}}}",
     .ranks = "2 stream A, 0 stream B, 1 consumer B > copier, 1 consumer B > other", .told = ""},

    /* a subject is let go before it is taken */
    {"streams: {A: {subjects: [a, x.>]}, B: {subjects: [b]}}",
     {{"A", "\"subjects\":[\"a\"]"}, {"B", "\"subjects\":[\"b\",\"x.*\"]"}},
     .ranks = "1 stream A, 0 stream B",
     .told = ""},
    {"streams: {A: {subjects: [a]}, Z: {subjects: [x.y]}}", /* by a new stream too */
     {{"A", "\"subjects\":[\"a\",\"x.>\"]"}},
     .ranks = "0 stream A, 1 stream Z",
     .told = ""},
    {"streams: {A: {subjects: [c]}, B: {subjects: [a]}, C: {subjects: [b]}}", /* a, b and c move on by one, and cannot */
     {{"A", "\"subjects\":[\"a\"]"}, {"B", "\"subjects\":[\"b\"]"}, {"C", "\"subjects\":[\"c\"]"}},
     .ranks = "2 stream A, 0 stream B, 1 stream C",
     .told =
         "1:31+1 cycle: stream B needs a subject that stream A still holds and gives up only after stream B\n"
         "  hint: free the subject in one apply, and claim it in the next\n"},
    {"streams: {A: {subjects: [b]}, B: {subjects: [a]}}",
     {{"A", "\"subjects\":[\"a\"]"}, {"B", "\"subjects\":[\"b\"]"}},
     .ranks = "1 stream A, 0 stream B",
     .told =
         "1:31+1 cycle: stream B needs a subject that stream A still holds and gives up only after stream B\n"
         "  hint: free the subject in one apply, and claim it in the next\n"},
    {"streams: {A: {subjects: [a], sources: [{name: B}]}, B: {subjects: [x]}}", /* what it gives away it copies back */
     {{"A", "\"subjects\":[\"a\",\"x\"]"}},
     .ranks = "0 stream A, 1 stream B",
     .told = ""},
    {"streams: {B: {subjects: [a], sources: [{name: A}]}, A: {subjects: [x]}}",
     {{"B", "\"subjects\":[\"a\",\"x\"]"}},
     .ranks = "1 stream A, 0 stream B",
     .told = ""},
    {"streams: {A: {subjects: [a.b]}, B: {subjects: [b]}}", /* it keeps what it had in other words */
     {{"A", "\"subjects\":[\"a.*\"]"}, {"B", "\"subjects\":[\"b\",\"c\"]"}},
     .ranks = "0 stream A, 0 stream B",
     .told = ""},
    {"streams: {A: {subjects: [b], consumers: {c: {}}}, B: {subjects: [a]}}", /* and what hangs on it */
     {{"A", "\"subjects\":[\"a\",\"b\"]"}},
     .ranks = "0 stream A, 1 stream B, 1 consumer A > c",
     .told = ""},

    /* an interest stream gets what it captures after its consumers */
    {"streams: {A: {retention: interest, consumers: {c: {ack_policy: explicit}}}, B: {retention: interest}}",
     .ranks = "2 stream A, 0 stream B, 1 consumer A > c", .told = ""},
    {"streams: {A: {subjects: [a, b], retention: interest, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", "\"subjects\":[\"a\"],\"retention\":\"interest\""}},
     .ranks = "1 stream A, 0 consumer A > c",
     .told = ""}, /* it is there, and nothing else changes */
    {"streams: {A: {subjects: [a], max_age: 1d, retention: interest, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", "\"subjects\":[\"a\"],\"retention\":\"interest\""}},
     .ranks = "0 stream A, 1 consumer A > c",
     .told = ""}, /* it captures no more than before */
    {"streams: {A: {subjects: [a]}, Z: {subjects: [x.y], retention: interest, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", "\"subjects\":[\"a\",\"x.>\"]"}}, /* the subject is let go as late as possible */
     .ranks = "2 stream A, 3 stream Z, 1 consumer Z > c",
     .told = ""},
    {"streams: {A: {subjects: [a]}, B: {}, Z: {subjects: [x.y], sources: [{name: B}]}}",
     {{"A", "\"subjects\":[\"a\",\"x.>\"]"}},
     .ranks = "1 stream A, 0 stream B, 2 stream Z",
     .told = ""},

    /* consumers go below the stream's new limits before it has them; otherwise it goes first */
    {"streams: {A: {consumer_limits: {max_ack_pending: 50}, consumers: {c: {ack_policy: explicit, max_ack_pending: 10}}}}",
     {{"A", ""}},
     {{"A", "c", "\"max_ack_pending\":100"}},
     .ranks = "1 stream A, 0 consumer A > c",
     .told = ""},
    {"streams: {A: {consumer_limits: {max_ack_pending: 50}, consumers: {c: {ack_policy: explicit}}}}", /* by the limit itself */
     {{"A", ""}},
     {{"A", "c", "\"max_ack_pending\":1000"}},
     .ranks = "1 stream A, 0 consumer A > c",
     .told = ""},
    {"streams: {A: {consumer_limits: {inactive_threshold: 1h}, consumers: {c: {ack_policy: explicit, lint: {ignore: [durable-expires]}}}}}",
     {{"A", ""}},
     {{"A", "c", "\"inactive_threshold\":7200000000000"}},
     .ranks = "1 stream A, 0 consumer A > c",
     .told = ""},
    {"streams: {A: {consumer_limits: {max_ack_pending: 500}, consumers: {c: {ack_policy: explicit, max_ack_pending: 400}}}}",
     {{"A", "\"consumer_limits\":{\"max_ack_pending\":50}"}},
     {{"A", "c", "\"max_ack_pending\":50"}},
     .ranks = "0 stream A, 1 consumer A > c",
     .told = ""},
    {"streams: {A: {consumer_limits: {max_ack_pending: 50}, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", ""}},
     .ranks = "0 stream A, 1 consumer A > c",
     .told = ""}, /* a new one has nothing to lower */

    /* to be deleted: in reverse */
    {"streams: {A: {mirror: {name: B}}, B: {sources: [{name: C}]}, C: {}}",
     {{"A", MIRROR_OF("B")}, {"B", "\"sources\":[{\"name\":\"C\"}]"}, {"C", ""}},
     .destroy = true,
     .ranks = "0 stream A, 1 stream B, 2 stream C",
     .told = ""},

    /* pruned: the same, and last of all */
    {"project: p\nstreams: {NEW: {consumers: {c: {}}}}",
     {{"A", OURS "," MIRROR_OF("B")}, {"B", OURS}, {"D", OURS}},
     .prune = true,
     .ranks = "0 stream NEW, 1 consumer NEW > c, 2 stream A, 3 stream B, 2 stream D",
     .told = ""},
    /* but before what takes over its subjects, and its copies with it */
    {"project: p\nstreams: {NEW: {subjects: [s.>], consumers: {c: {}}}}",
     {{"A", OURS "," MIRROR_OF("B")}, {"B", OURS ",\"subjects\":[\"s.a\"]"}, {"D", OURS}},
     .prune = true,
     .ranks = "2 stream NEW, 3 consumer NEW > c, 0 stream A, 1 stream B, 4 stream D",
     .told = ""},
    /* a copy that stays, or is another's, is nothing to wait for */
    {"project: p\nstreams: {COPY: {mirror: {name: B}, max_age: 1d}}",
     {{"B", OURS}, {"COPY", OURS "," MIRROR_OF("B")}},
     .prune = true,
     .ranks = "0 stream COPY, 1 stream B",
     .told =
         "2:33+1 origin-deleted: stream B is deleted, and stream COPY, which copies from it, stays and gets nothing more\n"
         "  hint: take the mirror or source out of it, or delete it too\n"},
    /* a place in a work queue, and consumers beyond new limits */
    {"project: p\nstreams: {A: {retention: workqueue, consumers: {new: {ack_policy: explicit}}}}",
     {{"A", OURS ",\"retention\":\"workqueue\""}},
     {{"A", "old", OURS}},
     .prune = true,
     .ranks = "1 consumer A > new, 0 consumer A > old",
     .told = ""},
    {"project: p\nstreams: {A: {retention: interest, consumers: {new: {ack_policy: explicit}}}}",
     {{"A", OURS ",\"retention\":\"interest\""}},
     {{"A", "old", OURS}},
     .prune = true,
     .ranks = "0 consumer A > new, 1 consumer A > old", /* somebody wants the messages all the time */
     .told = ""},
    {"project: p\nstreams: {A: {max_consumers: 1, consumers: {new: {ack_policy: explicit}}}}",
     {{"A", OURS ",\"max_consumers\":1"}},
     {{"A", "old", OURS}},
     .prune = true,
     .ranks = "1 consumer A > new, 0 consumer A > old",
     .told = ""},
    {"project: p\nstreams: {A: {consumer_limits: {max_ack_pending: 50}, consumers: {new: {ack_policy: explicit}}}}",
     {{"A", OURS}},
     {{"A", "old", OURS}},
     .prune = true,
     .ranks = "1 stream A, 2 consumer A > new, 0 consumer A > old",
     .told = ""},
};

static struct plan *planned(const struct order_case *at)
{
    const char **live = ARENA_ARRAY(&world.arena, const char *, 10);
    size_t count = 0;
    for (size_t i = 0; at->streams[i][0]; i++)
        live[count++] = planning_stream(at->streams[i][0], at->streams[i][1], "");
    for (size_t i = 0; at->consumers[i][0]; i++)
        live[count++] = planning_consumer(at->consumers[i][0], at->consumers[i][1], at->consumers[i][2]);
    return planning_plan(&(struct planning){
        .manifest = at->manifest, .live = live, .destroy = at->destroy, .prune = at->prune});
}

START_TEST(ranks)
{
    const struct plan *plan = planned(&cases[_i]);
    const char *text = "";
    size_t highest = 0;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        text = arena_printf(&world.arena, "%s%s%zu %s", text, *text ? ", " : "", step->rank, step->label);
        highest = step->rank + 1 > highest ? step->rank + 1 : highest;
    }
    ck_assert_str_eq(world_told(), cases[_i].told);
    ck_assert_str_eq(text, cases[_i].ranks);
    ck_assert_uint_eq(plan->ranks, highest);
}
END_TEST

/* Whatever waits has a higher rank than what it waits for, but where a soft need closes a circle. */
START_TEST(needs_come_first)
{
    const struct plan *plan = planned(&cases[_i]);
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        for (size_t j = 0; j < step->needs.count; j++) {
            const struct dependency *need = &step->needs.items[j];
            ck_assert_msg(need->on != step, "%s waits for itself", step->label);
            ck_assert_msg(!need->hard || world.diags.errors || need->on->rank < step->rank, "%s is before %s",
                          step->label, need->on->label);
        }
    }
}
END_TEST

/* A long chain of copies neither overflows anything nor takes long. */
START_TEST(long_chain)
{
    enum { LENGTH = 2000 };
    const char *text = "streams:\n  S0: {}\n";
    char *all = ARENA_ARRAY(&world.arena, char, LENGTH * 40);
    size_t at = strlen(text);
    memcpy(all, text, at);
    for (int i = 1; i < LENGTH; i++) {
        const char *line = arena_printf(&world.arena, "  S%d: {mirror: {name: S%d}}\n", i, i - 1);
        memcpy(all + at, line, strlen(line));
        at += strlen(line);
    }
    const struct plan *plan = planning_plan(&(struct planning){.manifest = all});
    ck_assert_uint_eq(plan->ranks, LENGTH);
    ck_assert_uint_eq(plan->steps.count, LENGTH);
}
END_TEST

Suite *plan_order_suite(void)
{
    Suite *suite = suite_create("plan/order");
    TCase *tests = tcase_create("order");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, ranks, 0, COUNT_OF(cases));
    tcase_add_loop_test(tests, needs_come_first, 0, COUNT_OF(cases));
    tcase_add_test(tests, long_chain);
    suite_add_tcase(suite, tests);
    return suite;
}
