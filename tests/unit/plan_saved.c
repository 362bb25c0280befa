/* Unit tests of plan/saved.h: which server a saved plan is for. What else it holds to is in tests/scenarios/saved-plan*.test. */
#include "plan/saved.h"

#include <string.h>

#include "base/strbuf.h"
#include "syntax/json.h"
#include "unit/planning.h"
#include "unit/suites.h"
#include "view/plan_json.h"

#define ID "NCXGEKBKZ5FZWWDIZH3BPKQHQ5FLGZQO3F7VN3VOVXPPXJ2CEKXDTSBQ"
#define OTHER_ID "NDXGEKBKZ5FZWWDIZH3BPKQHQ5FLGZQO3F7VN3VOVXPPXJ2CEKXDTSBQ"

struct server_case {
    struct target was;
    struct target is;
    const char *told; /* "": it is the same */
};

#define TOLD(what, was, is)                                                                                  \
    "stale-plan: the plan was made for another server: its " what " was '" was "', and this one's is '" is   \
    "'\n"                                                                                                    \
    "  hint: check --server, --context and the environment, or make a new plan\n"

static const struct server_case cases[] = {
    {{.name = "a", .url = "nats://x:1"}, {.name = "a", .url = "nats://y:1"}, ""},
    {{.name = "a"}, {.name = "b"}, TOLD("name", "a", "b")},
    {{.name = ID}, {.name = "b"}, TOLD("name", ID, "b")},
    /* one without a name has another id each time it starts */
    {{.name = ID, .url = "nats://x:1"}, {.name = OTHER_ID, .url = "nats://x:1"}, ""},
    {{.name = ID, .url = "nats://x:1"},
     {.name = OTHER_ID, .url = "nats://y:1"},
     TOLD("url", "nats://x:1", "nats://y:1")},
    /* any server of the cluster */
    {{.name = "a", .url = "nats://x:1", .cluster = "c", .clustered = true},
     {.name = "b", .url = "nats://y:1", .cluster = "c", .clustered = true},
     ""},
    {{.name = "a", .cluster = "c", .clustered = true},
     {.name = "a", .cluster = "d", .clustered = true},
     TOLD("cluster", "c", "d")},
    {{.name = "a", .cluster = "c", .clustered = true}, {.name = "a"}, TOLD("cluster", "c", "")},
    {{.name = "a", .account = "A"}, {.name = "a", .account = "B"}, TOLD("account", "A", "B")},
    {{.name = "a", .domain = "hub"}, {.name = "a", .domain = "leaf"}, TOLD("domain", "hub", "leaf")},
    {{.name = "a", .version_text = "2.10.27"},
     {.name = "a", .version_text = "2.15.1"},
     TOLD("version", "2.10.27", "2.15.1")},
};

static struct plan *plan_for(const struct target *target)
{
    struct plan *plan = planning_plan(&(struct planning){.manifest = "streams: {A: {}}"});
    plan->target = *target;
    return plan;
}

/* As in a file. */
static struct source written(const struct plan *plan)
{
    static const struct saved_options options;
    struct strbuf text = {0};
    struct node *plans = node_list(&world.arena);
    node_append(&world.arena, plans, plan_json(&world.arena, plan));
    json_write(&text, saved_plan_node(&world.arena, &options, plans, false), true);
    struct source source = {"p.plan", arena_strdup(&world.arena, strbuf_text(&text)), text.length};
    strbuf_release(&text);
    return source;
}

START_TEST(servers)
{
    const struct server_case *at = &cases[_i];
    struct source source = written(plan_for(&at->was));
    struct saved_plan saved;
    ck_assert_int_eq(saved_plan_read(&world.arena, &source, &saved, &world.diags), 0);
    const struct plan *plan = plan_for(&at->is);
    const struct manifest *manifest = world_load("streams: {A: {}}");
    struct source now = written(plan);
    struct saved_plan again;
    ck_assert_int_eq(saved_plan_read(&world.arena, &now, &again, &world.diags), 0);
    int failed = saved_plan_compare(&world.arena, &saved, manifest, plan, again.plan, &world.diags);
    ck_assert_str_eq(world_told(), at->told);
    ck_assert_int_eq(failed, *at->told ? -1 : 0);
}
END_TEST

/* Cut anywhere, a saved plan is a damaged one, or not one at all. */
START_TEST(cut)
{
    struct source source = written(plan_for(&cases[0].was));
    struct saved_plan saved;
    for (size_t length = 0; length < source.length - 1; length++) {
        struct source part = {"p.plan", arena_strndup(&world.arena, source.text, length), length};
        struct diags diags = {0};
        ck_assert_int_eq(saved_plan_read(&world.arena, &part, &saved, &diags), -1);
        bool begins = length >= strlen("{\n  \"natsform_saved_plan\"");
        ck_assert(diags_have(&diags, begins ? &code_plan_file : &code_usage));
        diags_release(&diags);
    }
    ck_assert_int_eq(saved_plan_read(&world.arena, &source, &saved, &world.diags), 0);
}
END_TEST

Suite *plan_saved_suite(void)
{
    Suite *suite = suite_create("plan/saved");
    TCase *tests = tcase_create("saved");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, servers, 0, COUNT_OF(cases));
    tcase_add_test(tests, cut);
    suite_add_tcase(suite, tests);
    return suite;
}
