/* Unit tests of syntax/node.h. */
#include "syntax/node.h"

#include <string.h>

#include "unit/render.h"
#include "unit/suites.h"

static struct arena arena;
static struct strbuf out;

static void setup(void)
{
    arena_init(&arena);
}

static void teardown(void)
{
    strbuf_release(&out);
    arena_release(&arena);
}

static struct node *number(int value)
{
    return node_scalar(&arena, arena_printf(&arena, "%d", value), false);
}

/* Whatever room an array was given, items can be added to it, taken out and added again. */
START_TEST(collections_grow)
{
    size_t reserved = (size_t)_i;
    struct node *list = node_list(&arena);
    struct node *map = node_map(&arena);
    node_reserve(&arena, list, reserved);
    node_reserve(&arena, map, reserved);
    for (size_t i = 0; i < reserved; i++) {
        list->items[list->count++] = number((int)i);
        map->members[map->count++] = (struct member){
            .key = arena_printf(&arena, "k%zu", i),
            .value = number((int)i),
        };
    }
    for (int i = (int)reserved; i < 40; i++) {
        node_append(&arena, list, number(i));
        node_put(&arena, map, arena_printf(&arena, "k%d", i), number(i));
        node_put(&arena, map, "gone", number(-1));
        node_remove(map, "gone");
    }
    ck_assert_uint_eq(list->count, 40);
    ck_assert_uint_eq(map->count, 40);
    for (int i = 0; i < 40; i++) {
        const char *text = arena_printf(&arena, "%d", i);
        ck_assert_str_eq(list->items[i]->text, text);
        ck_assert_str_eq(node_get(map, arena_printf(&arena, "k%d", i))->text, text);
    }
}
END_TEST

START_TEST(members)
{
    struct node *map = node_map(&arena);
    ck_assert_ptr_null(node_get(NULL, "a"));
    ck_assert_ptr_null(node_get(number(1), "a"));
    ck_assert_ptr_null(node_get(node_list(&arena), "a"));
    ck_assert_ptr_null(node_get(map, "a"));
    node_put(&arena, map, "a", number(1));
    node_put(&arena, map, "b", number(2));
    node_put(&arena, map, "c", number(3));
    node_put(&arena, map, "a", number(4));
    node_remove(map, "b");
    node_remove(map, "none");
    node_put(&arena, map, "d", number(5));
    render_node(&out, map);
    ck_assert_str_eq(strbuf_text(&out), "{a: 4, c: 3, d: 5}");
}
END_TEST

START_TEST(copies_share_no_node)
{
    struct node *map = node_map(&arena);
    struct node *list = node_list(&arena);
    node_append(&arena, list, number(1));
    node_append(&arena, list, node_scalar(&arena, "two", true));
    node_put(&arena, map, "list", list);
    node_put(&arena, map, "empty", node_map(&arena));
    map->pos.line = 7;
    list->items[0]->expanded = true;
    struct node *copy = node_copy(&arena, map);
    ck_assert_uint_eq(copy->pos.line, 7);
    ck_assert_ptr_ne(copy->members, map->members);
    ck_assert(node_get(copy, "list")->items[0]->expanded);
    ck_assert_ptr_ne(node_get(copy, "list")->items[0], list->items[0]);
    ck_assert_ptr_eq(node_get(copy, "list")->items[0]->text, list->items[0]->text);
    node_append(&arena, list, number(3));
    node_put(&arena, map, "empty", number(0));
    node_put(&arena, copy, "more", number(9));
    render_node(&out, copy);
    ck_assert_str_eq(strbuf_text(&out), "{list: [1, \"two\"], empty: {}, more: 9}");
}
END_TEST

struct describe_case {
    const char *text;
    bool quoted;
    const char *description;
};

static const struct describe_case describe_cases[] = {
    {"", false, "null"},           {"~", false, "null"},        {"null", false, "null"},
    {"NULL", false, "null"},       {"nULL", false, "a string"}, {"", true, "a string"},
    {"null", true, "a string"},    {"true", false, "true"},     {"True", false, "true"},
    {"FALSE", false, "false"},     {"false", true, "a string"}, {"yes", false, "a string"},
    {"no", false, "a string"},     {"on", false, "a string"},   {"1", false, "a number"},
    {"-1.5e3", false, "a number"}, {"1", true, "a string"},     {"1s", false, "a string"},
    {"0x1F", false, "a string"},   {"abc", false, "a string"},
};

START_TEST(describes_scalars)
{
    const struct describe_case *c = &describe_cases[_i];
    const struct node *node = node_scalar(&arena, c->text, c->quoted);
    bool value = false;
    ck_assert_str_eq(node_describe(node), c->description);
    ck_assert_int_eq(node_is_null(node), strcmp(c->description, "null") == 0);
    bool is_true = strcmp(c->description, "true") == 0;
    ck_assert_int_eq(node_is_bool(node, &value), is_true || strcmp(c->description, "false") == 0);
    ck_assert_int_eq(value, is_true);
}
END_TEST

START_TEST(describes_collections)
{
    bool value;
    ck_assert_str_eq(node_describe(node_list(&arena)), "a list");
    ck_assert_str_eq(node_describe(node_map(&arena)), "a map");
    ck_assert(!node_is_null(node_map(&arena)));
    ck_assert(!node_is_bool(node_list(&arena), &value));
}
END_TEST

static const char *const special[] = {
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "False",
    "yes",
    "Yes",
    "YES",
    "no",
    "on",
    "Off",
    "y",
    "N",
    "=",
    "<<",
    "0",
    "-1",
    "+1",
    "1_000",
    "0b101",
    "0o17",
    "017",
    "0x1F",
    "-0xff",
    "1.5",
    "1.",
    ".5",
    "-.5",
    "1e3",
    "1.5E-3",
    "1_0.5",
    "12:30",
    "190:20:30",
    "190:20:30.15",
    "1:5",
    ".inf",
    "-.INF",
    "+.Inf",
    ".nan",
    ".NaN",
    "2001-12-14",
    "2001-1-4",
    "2001-12-14T21:59:43Z",
    "2001-12-14 21:59:43",
};

START_TEST(special_texts)
{
    ck_assert_msg(node_text_is_special(special[_i]), "'%s'", special[_i]);
}
END_TEST

static const char *const ordinary[] = {
    "a",        "orders.>",   "1s",   "1h30m",       "7d",         "1GiB", "1.2.3", "127.0.0.1",
    "nope",     "yesterday",  "-",    "--",          "+",          ".",    "..",    "1e",
    "1e+",      "0xg",        "0b2x", "12:60",       "12:3x",      "12:",  ":30",   "2001-12",
    "2001-12-", "12-12-2001", "e3",   "2001-12-14x", "-.infinity", "nan",  "inf",   "nil",
    "None",     "==",         "<",    "_1",          "4222:4222",
};

START_TEST(ordinary_texts)
{
    ck_assert_msg(!node_text_is_special(ordinary[_i]), "'%s'", ordinary[_i]);
}
END_TEST

#define COUNT(cases) ((int)(sizeof(cases) / sizeof((cases)[0])))

Suite *syntax_node_suite(void)
{
    Suite *suite = suite_create("syntax/node");
    TCase *tests = tcase_create("node");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, collections_grow, 0, 18);
    tcase_add_test(tests, members);
    tcase_add_test(tests, copies_share_no_node);
    tcase_add_loop_test(tests, describes_scalars, 0, COUNT(describe_cases));
    tcase_add_test(tests, describes_collections);
    tcase_add_loop_test(tests, special_texts, 0, COUNT(special));
    tcase_add_loop_test(tests, ordinary_texts, 0, COUNT(ordinary));
    suite_add_tcase(suite, tests);
    return suite;
}
