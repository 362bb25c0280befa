/* Unit tests of plan/prune.h: what is the project's and not in the manifest, and what becomes of it. */
#include "plan/prune.h"

#include <string.h>

#include "unit/planning.h"
#include "unit/suites.h"

#define OURS "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"p\"}"
#define THEIRS "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"q\"}"
#define NEARLY "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"p2\",\"project\":\"p\"}"
#define PROTECTED                                                                                            \
    "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"p\",\"natsform.prevent_destroy\":\"true\"}"
#define NAMELESS "\"metadata\":{\"natsform.prevent_destroy\":\"true\",\"natsform.project\":\"p\"}"
#define COPIED                                                                                               \
    "\"metadata\":{\"natsform.object\":\"X > y\",\"natsform.prevent_destroy\":\"true\",\"natsform.project\":\"p\"}"
#define OURS_AND_MORE                                                                                        \
    "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"p\",\"natsform.later\":\"x\",\"team\":\"t\"}"

struct prune_case {
    const char *manifest;
    const char *streams[4][3]; /* name, configuration and state of live streams */
    const char *consumers[4][3];
    bool prune;
    bool destroy;
    uint32_t version;
    size_t undefined; /* mentioned, and left alone */
    const char *plan;
    const char *told;
};

static const struct prune_case cases[] = {
    /* whose it is decides the mark, letter by letter */
    {"project: p",
     {{"A", OURS, ""}, {"B", THEIRS, ""}, {"C", NEARLY, ""}, {"D", "", ""}},
     .prune = true,
     .plan = "0 delete stream A\n",
     .told = ""},
    {"project: p",
     {{"S", THEIRS, ""}},
     {{"S", "a", OURS}, {"S", "b", THEIRS}, {"S", "c", NEARLY}, {"S", "d", ""}},
     .prune = true,
     .plan = "0 delete consumer S > a\n",
     .told = ""},
    /* an earlier natsform's mark, and a copy's */
    {"project: p",
     {{"A", NAMELESS, ""}, {"B", COPIED, ""}, {"S", OURS, ""}},
     {{"A", "a", NAMELESS}, {"B", "b", COPIED}, {"S", "s", COPIED}},
     .prune = true,
     .plan = "0 delete stream S\n",
     .told = "old-mark: stream A is not deleted: its mark does not say which object it is of\n"
             "  hint: put it back into the manifest and apply, or delete it by hand\n"
             "copied-mark: stream B is not deleted: its mark is of X > y, and so it is nobody's\n"
             "  hint: it is a copy; 'removed' takes the mark off\n"
             "old-mark: consumer A > a is not deleted: its mark does not say which object it is of\n"
             "  hint: put it back into the manifest and apply, or delete it by hand\n"
             "copied-mark: consumer B > b is not deleted: its mark is of X > y, and so it is nobody's\n"
             "  hint: it is a copy; 'removed' takes the mark off\n"},
    {"project: p", {{"A", NAMELESS, ""}, {"B", COPIED, ""}}, .plan = "", .told = ""},
    /* without prune it is mentioned */
    {"project: p",
     {{"A", OURS, ""}, {"B", THEIRS, ""}, {"C", OURS, ""}},
     .undefined = 2,
     .plan = "",
     .told = ""},
    {"streams: {}", {{"A", OURS, ""}}, .plan = "", .told = ""},
    /* a server's own objects, whatever somebody wrote into their metadata */
    {"project: p",
     {{"$MQTT_msgs", OURS, ""}, {"S", "", ""}},
     {{"S", "JS_MIRROR_a", OURS},
      {"S", "JS_SRC_b", OURS},
      {"S", "c", OURS ",\"direct\":true"},
      {"S", "d", OURS ",\"sourcing\":true"}},
     .prune = true,
     .plan = "",
     .told = ""},
    /* a stream takes its consumers along, but for another project's and protected ones */
    {"project: p",
     {{"A", OURS, ""}},
     {{"A", "a", OURS}, {"A", "b", ""}},
     .prune = true,
     .plan = "0 delete stream A\n",
     .told = ""},
    {"project: p",
     {{"A", OURS, ""}},
     {{"A", "z", THEIRS}, {"A", "b", NEARLY}},
     .prune = true,
     .plan = "0 refused stream A\n",
     .told =
         "foreign: stream A cannot be deleted: its consumer 'b' belongs to project 'p2'\n"
         "  hint: that project has to delete it first, or list the stream below 'removed', so that it stays and is nobody's\n"},
    {"project: p",
     {{"A", OURS, ""}, {"B", PROTECTED, ""}},
     {{"A", "z", PROTECTED}, {"A", "b", PROTECTED}, {"B", "c", OURS}},
     .prune = true,
     .plan = "0 refused stream A\n0 refused stream B\n",
     .told =
         "protected: stream A cannot be deleted: its consumer 'b' was protected by 'prevent_destroy'\n"
         "  hint: put both back without the protection and apply, or list the stream below 'removed', so that it stays and is nobody's\n"
         "protected: stream B is not in the manifest, and was protected by 'prevent_destroy' when it last was\n"
         "  hint: put it back without the protection and apply, or list it below 'removed', so that it stays and is nobody's\n"},
    /* messages */
    {"project: p",
     {{"A", OURS, "\"messages\":3,\"bytes\":300"}},
     .prune = true,
     .plan = "0 refused stream A\n    loses 3 messages and 300 bytes: the stream is deleted\n",
     .told = "data-loss: stream A would lose 3 messages: the stream is deleted\n"
             "  hint: '--allow-data-loss A' allows it\n"},
    {"project: p",
     {{"I", "\"retention\":\"interest\"", "\"messages\":3,\"bytes\":300"},
      {"L", "", "\"messages\":3,\"bytes\":300"},
      {"W", "\"retention\":\"workqueue\"", "\"messages\":3,\"bytes\":300"}},
     {{"I", "c", OURS}, {"L", "c", OURS}, {"W", "c", OURS}},
     .prune = true,
     .plan =
         "0 refused consumer I > c\n    loses up to 3 messages and 300 bytes: only this consumer may want them\n"
         "0 delete consumer L > c\n0 delete consumer W > c\n",
     .told = "data-loss: consumer I > c would lose up to 3 messages: only this consumer may want them\n"
             "  hint: '--allow-data-loss I' allows it\n"},
    /* with destroy: all of the project */
    {"project: p\nstreams: {A: {}}",
     {{"A", OURS, ""}, {"B", OURS, ""}},
     .prune = true,
     .destroy = true,
     .plan = "0 delete stream A\n0 delete stream B\n",
     .told = ""},
    {"project: p\nremoved: {streams: [B]}",
     {{"B", OURS, ""}},
     .prune = true,
     .destroy = true,
     .plan = "",
     .told = ""},
    /* let go: with all of natsform's marks, and not pruned */
    {"project: p\nremoved: {streams: [A, B, C, D]}",
     {{"A", OURS_AND_MORE, ""}, {"B", THEIRS, ""}, {"C", "", ""}},
     .prune = true,
     .plan =
         "0 forget stream A\n"
         "    metadata: {natsform.later: x, natsform.object: A, natsform.project: p, team: t} -> {team: t}\n",
     .told = ""},
    {"project: p\nremoved: {streams: [A]}", /* its consumers too */
     {{"A", OURS, ""}},
     {{"A", "a", OURS}, {"A", "b", ""}},
     .plan = "0 forget stream A\n    metadata: {natsform.object: A, natsform.project: p} -> {}\n"
             "1 forget consumer A > a\n    metadata: {natsform.object: A > a, natsform.project: p} -> {}\n",
     .told = ""},
    {"project: p\nstreams: {A: {external: true, consumers: {a: {ack_policy: explicit}}}}\nremoved: {streams: [A]}",
     {{"A", OURS, ""}},
     {{"A", "a", OURS}, {"A", "b", OURS}}, /* goes on as somebody else's: the rest is as the manifest says */
     .undefined = 1,
     .plan = "0 forget stream A\n    metadata: {natsform.object: A, natsform.project: p} -> {}\n",
     .told = ""},
    {"project: p\nremoved: {consumers: [{stream: A, name: c}]}", /* that server updates nothing of such a consumer */
     {{"A", THEIRS, ""}},
     {{"A", "c", OURS ",\"deliver_policy\":\"by_start_time\",\"opt_start_time\":\"2026-01-01T00:00:00Z\""}},
     .version = VERSION(2, 10, 5),
     .plan =
         "0 refused consumer A > c\n    metadata: {natsform.object: A > c, natsform.project: p} -> {} refused\n",
     .told = "2:23 immutable: the mark of the project cannot be taken off consumer A > c\n"
             "  note: nats-server 2.10.5 answers error 10012: start time can not be updated\n"},
    /* without marks */
    {"project: p",
     {{"A", "", ""}},
     .prune = true,
     .version = VERSION(2, 9, 25),
     .plan = "",
     .told = "prune: cannot prune on nats-server 2.9.25: it keeps no metadata, and so no mark of a project\n"
             "  hint: delete by hand what is not wanted any more, or upgrade the server to 2.10 or later\n"},
};

static struct plan *planned(const struct prune_case *at, bool twice)
{
    const char **live = ARENA_ARRAY(&world.arena, const char *, 20);
    size_t count = 0;
    for (int pass = 0; pass < (twice ? 2 : 1); pass++)
        for (size_t i = 0; i < 4 && at->streams[i][0]; i++)
            live[count++] = planning_stream(at->streams[i][0], at->streams[i][1], at->streams[i][2]);
    for (int pass = 0; pass < (twice ? 2 : 1); pass++)
        for (size_t i = 0; i < 4 && at->consumers[i][0]; i++)
            live[count++] = planning_consumer(at->consumers[i][0], at->consumers[i][1], at->consumers[i][2]);
    return planning_plan(&(struct planning){.manifest = at->manifest,
                                            .live = live,
                                            .version = at->version,
                                            .destroy = at->destroy,
                                            .prune = at->prune});
}

static const char *without_sync(const char *text)
{
    const char *end = strstr(text, "in sync: ");
    return end ? arena_strndup(&world.arena, text, (size_t)(end - text)) : text;
}

static void check(const struct prune_case *at, bool twice)
{
    const struct plan *plan = planned(at, twice);
    ck_assert_str_eq(world_told(), at->told);
    ck_assert_str_eq(without_sync(planning_text(plan)), at->plan);
    ck_assert_uint_eq(plan->undefined.count, at->undefined);
}

START_TEST(becomes)
{
    check(&cases[_i], false);
}
END_TEST

/* What stands in two pages of a list is one object. */
START_TEST(seen_twice)
{
    check(&cases[_i], true);
}
END_TEST

Suite *plan_prune_suite(void)
{
    Suite *suite = suite_create("plan/prune");
    TCase *tests = tcase_create("undefined");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, becomes, 0, COUNT_OF(cases));
    tcase_add_loop_test(tests, seen_twice, 0, COUNT_OF(cases));
    suite_add_tcase(suite, tests);
    return suite;
}
