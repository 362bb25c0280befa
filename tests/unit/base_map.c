/* Unit tests of base/map.h. */
#include "base/map.h"

#include <string.h>

#include "unit/suites.h"

static struct arena arena;
static struct map map;

static void setup(void)
{
    arena_init(&arena);
    map_init(&map, &arena);
}

static void teardown(void)
{
    arena_release(&arena);
}

START_TEST(empty_has_nothing)
{
    ck_assert_ptr_null(map_get(&map, ""));
    ck_assert_ptr_null(map_get(&map, "a"));
    ck_assert_uint_eq(map.count, 0);
}
END_TEST

START_TEST(put_replaces_and_returns_what_was_there)
{
    int one = 1;
    int two = 2;
    char key[] = "key"; /* another pointer than the literal: keys compare by their text */
    ck_assert_ptr_null(map_put(&map, "key", &one));
    ck_assert_ptr_eq(map_put(&map, key, &two), &one);
    ck_assert_ptr_eq(map_get(&map, "key"), &two);
    ck_assert_ptr_null(map_put(&map, "", &one));
    ck_assert_ptr_eq(map_get(&map, ""), &one);
    ck_assert_uint_eq(map.count, 2);
}
END_TEST

START_TEST(many_keys_in_order_of_insertion)
{
    enum { MANY = 20000 };
    size_t wrong = 0;
    for (size_t i = 0; i < MANY; i++)
        wrong += map_put(&map, arena_printf(&arena, "key-%zu", i * 7919 % MANY), &map) != NULL;
    ck_assert_uint_eq(map.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const char *key = arena_printf(&arena, "key-%zu", i * 7919 % MANY);
        wrong += strcmp(map.entries[i].key, key) != 0 || map_get(&map, key) != &map;
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_ptr_null(map_get(&map, "key-20000"));
}
END_TEST

START_TEST(keys_of_one_hash_are_apart)
{
    /* Both have the FNV-1a hash 0x5e4daa9d; a map that compares hashes only would mix them up. */
    int one = 1;
    map_put(&map, "costarring", &one);
    ck_assert_ptr_null(map_get(&map, "liquid"));
    ck_assert_ptr_null(map_put(&map, "liquid", &map));
    ck_assert_uint_eq(map.entries[0].hash, map.entries[1].hash);
    ck_assert_ptr_eq(map_get(&map, "costarring"), &one);
    ck_assert_ptr_eq(map_get(&map, "liquid"), &map);
}
END_TEST

Suite *base_map_suite(void)
{
    Suite *suite = suite_create("base/map");
    TCase *tests = tcase_create("map");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, empty_has_nothing);
    tcase_add_test(tests, put_replaces_and_returns_what_was_there);
    tcase_add_test(tests, many_keys_in_order_of_insertion);
    tcase_add_test(tests, keys_of_one_hash_are_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
