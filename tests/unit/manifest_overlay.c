/* Unit tests of manifest/manifest.h. */
#include "manifest/manifest.h"

#include "unit/suites.h"
#include "unit/world.h"

enum { SIDE_BY_SIDE = -1 };

struct overlay_case {
    int rule; /* enum overlay_rule, or SIDE_BY_SIDE */
    const char *below;
    const char *above;
    const char *result;
    const char *told;
};

static const struct overlay_case cases[] = {
    /* files laid over each other: maps merge, sets gain, the rest is replaced, null resets */
    {OVERLAY_FILES, "{}", "{}", "{}", ""},
    {OVERLAY_FILES, "project: a", "project: b", "{\"project\":\"b\"}", ""},
    {OVERLAY_FILES, "{project: a, streams: {A: {max_age: 1d, max_msgs: 5}}}",
     "streams: {A: {max_age: 7d}, B: {}}",
     "{\"project\":\"a\",\"streams\":{\"A\":{\"max_age\":\"7d\",\"max_msgs\":5},\"B\":{}}}", ""},
    {OVERLAY_FILES, "streams: {A: {subjects: [a, b]}}", "streams: {A: {subjects: [c, a]}}",
     "{\"streams\":{\"A\":{\"subjects\":[\"a\",\"b\",\"c\"]}}}", ""},
    {OVERLAY_FILES, "streams: {A: {consumers: {c: {backoff: [1s, 2s]}}}}",
     "streams: {A: {consumers: {c: {backoff: [5s]}}}}",
     "{\"streams\":{\"A\":{\"consumers\":{\"c\":{\"backoff\":[\"5s\"]}}}}}",
     ""}, /* in order, so it is no set */
    {OVERLAY_FILES, "streams: {A: {max_age: 1d, max_msgs: 5}}", "streams: {A: {max_age: null}}",
     "{\"streams\":{\"A\":{\"max_age\":null,\"max_msgs\":5}}}", ""},
    {OVERLAY_FILES, "streams: {A: {max_age: null}}", "streams: {A: {max_age: 1d}}",
     "{\"streams\":{\"A\":{\"max_age\":\"1d\"}}}", ""},
    {OVERLAY_FILES, "streams: {A: {metadata: {a: x, b: y}}}", "streams: {A: {metadata: {b: null, c: z}}}",
     "{\"streams\":{\"A\":{\"metadata\":{\"a\":\"x\",\"b\":null,\"c\":\"z\"}}}}", ""},
    {OVERLAY_FILES, "streams: {A: {placement: {cluster: e, tags: [x]}}}",
     "streams: {A: {placement: {tags: [y]}}}",
     "{\"streams\":{\"A\":{\"placement\":{\"cluster\":\"e\",\"tags\":[\"x\",\"y\"]}}}}", ""},
    {OVERLAY_FILES, "streams: {A: {sources: [{name: A, opt_start_seq: 5}, {name: B}]}}",
     "streams: {A: {sources: [{name: C}, {name: A, opt_start_seq: 9}]}}",
     "{\"streams\":{\"A\":{\"sources\":[{\"name\":\"A\",\"opt_start_seq\":9},{\"name\":\"B\"},{\"name\":\"C\"}]}}}",
     ""},
    {OVERLAY_FILES, "streams: {A: {sources: [{name: A, filter_subject: a}]}}",
     "streams: {A: {sources: [{name: A, filter_subject: b}]}}", /* another filter is another source */
     "{\"streams\":{\"A\":{\"sources\":[{\"name\":\"A\",\"filter_subject\":\"a\"},{\"name\":\"A\",\"filter_subject\":\"b\"}]}}}",
     ""},
    {OVERLAY_FILES,
     "streams: {A: {sources: [{name: A, subject_transforms: [{src: a}], external: {api: x}}]}}",
     "streams: {A: {sources: [{external: {api: x}, subject_transforms: [{src: a}], name: A}]}}",
     "{\"streams\":{\"A\":{\"sources\":[{\"external\":{\"api\":\"x\"},\"subject_transforms\":[{\"src\":\"a\"}],\"name\":\"A\"}]}}}",
     ""},
    {OVERLAY_FILES, "streams: {A: {subjects: a}}", "streams: {A: {subjects: [b]}}",
     "{\"streams\":{\"A\":{\"subjects\":[\"b\"]}}}", ""}, /* wrong types are for the decoder to say */
    {OVERLAY_FILES, "streams: [A]", "streams: {A: {}}", "{\"streams\":{\"A\":{}}}", ""},
    {OVERLAY_FILES, "colour: {a: 1, b: 2}", "colour: {b: 3}", "{\"colour\":{\"a\":1,\"b\":3}}", ""},
    {OVERLAY_FILES, "{a: 1, b: 2}", "{b: 3, c: 4}", "{\"a\":1,\"b\":3,\"c\":4}", ""}, /* in order */
    {OVERLAY_FILES, "streams: {subjects: {subjects: [a]}}", "streams: {subjects: {subjects: [b]}}",
     "{\"streams\":{\"subjects\":{\"subjects\":[\"a\",\"b\"]}}}", ""}, /* names are not rows */

    /* trees have no rows: maps merge at every depth, lists are replaced */
    {OVERLAY_FILES, "servers: {dev: {jetstream: {max_mem: 1g}, tags: [a]}}",
     "servers: {dev: {jetstream: {max_file: 2g, max_mem: null}, tags: [b]}, other: }",
     "{\"servers\":{\"dev\":{\"jetstream\":{\"max_mem\":null,\"max_file\":\"2g\"},\"tags\":[\"b\"]},\"other\":null}}",
     ""},
    {SIDE_BY_SIDE, "servers: {a: {port: 4222}}", "servers: {b: {port: 4223}}",
     "{\"servers\":{\"a\":{\"port\":4222},\"b\":{\"port\":4223}}}", ""},
    {SIDE_BY_SIDE, "servers: {a: {port: 4222}}", "servers: {a: {debug: true}}",
     "{\"servers\":{\"a\":{\"port\":4222}}}",
     "above.yaml:1:11+1 defined-twice: 'a' is defined twice\n  note 1:11: first defined here\n"},

    /* defaults under an object: what it says is its own */
    {OVERLAY_DEFAULTS, "streams: {A: {subjects: [a], max_age: 1d, metadata: {a: x}}}",
     "streams: {A: {subjects: [b], metadata: {b: y}}}",
     "{\"streams\":{\"A\":{\"subjects\":[\"b\"],\"max_age\":\"1d\",\"metadata\":{\"a\":\"x\",\"b\":\"y\"}}}}",
     ""},
    {OVERLAY_DEFAULTS, "max_age: 1d", "max_age: null", "{\"max_age\":null}", ""},

    /* files side by side: anything said twice is an error that shows both places */
    {SIDE_BY_SIDE, "streams: {A: {}}", "streams: {B: {}}", "{\"streams\":{\"A\":{},\"B\":{}}}", ""},
    {SIDE_BY_SIDE, "{project: a}", "{streams: {B: {}}}", "{\"project\":\"a\",\"streams\":{\"B\":{}}}", ""},
    {SIDE_BY_SIDE, "streams: {A: {max_age: 1d}}", "streams: {A: {max_age: 7d}}",
     "{\"streams\":{\"A\":{\"max_age\":\"1d\"}}}",
     "above.yaml:1:11+1 defined-twice: 'A' is defined twice\n  note 1:11: first defined here\n"},
    {SIDE_BY_SIDE, "project: a", "project: a", "{\"project\":\"a\"}",
     "above.yaml:1:1+7 defined-twice: 'project' is defined twice\n  note 1:1: first defined here\n"},
    {SIDE_BY_SIDE, "defaults: {stream: {max_age: 1d}}", "defaults: {consumer: {max_deliver: 5}}",
     "{\"defaults\":{\"stream\":{\"max_age\":\"1d\"}}}",
     "above.yaml:1:1+8 defined-twice: 'defaults' is defined twice\n  note 1:1: first defined here\n"},
    {SIDE_BY_SIDE, "streams:", "streams: {A: {}}", "{\"streams\":{\"A\":{}}}", ""},
    {SIDE_BY_SIDE, "streams: {A: {}}", "streams:", "{\"streams\":{\"A\":{}}}",
     ""}, /* nothing is no second definition */
    {SIDE_BY_SIDE, "streams: [A]", "streams: {A: {}}", "{\"streams\":[\"A\"]}",
     ""}, /* wrong types come through */
    {SIDE_BY_SIDE, "streams: {A: {}}", "streams: [A]", "{\"streams\":[\"A\"]}", ""},
    {SIDE_BY_SIDE, "streams: {A: }", "streams: {A: {max_age: 1d}}",
     "{\"streams\":{\"A\":null}}", /* but an object is */
     "above.yaml:1:11+1 defined-twice: 'A' is defined twice\n  note 1:11: first defined here\n"},
    {SIDE_BY_SIDE, "project: a", "project:", "{\"project\":\"a\"}", ""},
    {SIDE_BY_SIDE, "{streams: {A: {}, B: {}}}", "{streams: {B: {}, A: {}}}",
     "{\"streams\":{\"A\":{},\"B\":{}}}",
     "above.yaml:1:12+1 defined-twice: 'B' is defined twice\n  note 1:19: first defined here\n"
     "above.yaml:1:19+1 defined-twice: 'A' is defined twice\n  note 1:12: first defined here\n"},
};

static void place(struct node *node, const struct source *source)
{
    node->pos.source = source;
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        place(node->items[i], source);
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++) {
        node->members[i].key_pos.source = source;
        place(node->members[i].value, source);
    }
}

/* Of any number of maps, whatever is said again is reported with its first place, and lists keep their order. */
START_TEST(many_side_by_side)
{
    enum { MANY = 40 };
    struct node *maps[MANY];
    for (int i = 0; i < MANY; i++)
        maps[i] = world_yaml(arena_printf(&world.arena, "{removed: {streams: [R%d]}, streams: {S%d: {}}}", i,
                                          i == 7 || i == 30 ? 2 : i));
    const struct node *all = overlay_side_by_side(&world.arena, &manifest_table, maps, MANY, &world.diags);
    const struct node *removed = node_get(node_get(all, "removed"), "streams");
    const struct node *streams = node_get(all, "streams");
    ck_assert_uint_eq(removed->count, MANY);
    ck_assert_uint_eq(streams->count, MANY - 2);
    for (size_t i = 0; i < MANY; i++)
        ck_assert_str_eq(removed->items[i]->text, arena_printf(&world.arena, "R%zu", i));
    ck_assert_str_eq(streams->members[6].key, "S6");
    ck_assert_str_eq(streams->members[7].key, "S8");
    ck_assert_uint_eq(world.diags.errors, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_uint_eq(world.diags.list.items[i]->related.items[0].pos.column,
                          node_get(maps[2], "streams")->members[0].key_pos.column);
}
END_TEST

START_TEST(overlays)
{
    const struct overlay_case *at = &cases[_i];
    const struct source source = {.name = "above.yaml"};
    struct node *below = world_yaml(at->below);
    struct node *above = world_yaml(at->above);
    const char *before = world_text(below);
    const char *after = world_text(above);
    place(above, &source);
    struct node *sides[] = {below, above};
    struct node *result =
        at->rule == SIDE_BY_SIDE
            ? overlay_side_by_side(&world.arena, &manifest_table, sides, COUNT_OF(sides), &world.diags)
            : overlay_maps(&world.arena, &manifest_table, below, above, (enum overlay_rule)at->rule);
    ck_assert_str_eq(world_text(result), at->result);
    ck_assert_str_eq(world_told(), at->told);
    ck_assert_str_eq(world_text(below), before); /* both stay as they are */
    ck_assert_str_eq(world_text(above), after);
}
END_TEST

Suite *manifest_overlay_suite(void)
{
    Suite *suite = suite_create("manifest/overlay");
    TCase *tests = tcase_create("overlay");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_test(tests, many_side_by_side);
    tcase_add_loop_test(tests, overlays, 0, COUNT_OF(cases));
    suite_add_tcase(suite, tests);
    return suite;
}
