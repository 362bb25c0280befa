/* Unit tests of base/arena.h and base/vec.h. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/vec.h"
#include "unit/suites.h"

static struct arena arena;

static void setup(void)
{
    arena_init(&arena);
}

static void teardown(void)
{
    arena_release(&arena);
}

static bool all_are(const unsigned char *bytes, size_t size, unsigned char value)
{
    size_t at = 0;
    while (at < size && bytes[at] == value)
        at++;
    return at == size;
}

START_TEST(memory_is_zeroed_and_aligned)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 16 * 1024, 1024 * 1024, 3 * 1024 * 1024};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            unsigned char *memory = arena_alloc(&arena, sizes[i]);
            ck_assert_uint_eq((uintptr_t)memory % 16, 0);
            ck_assert(all_are(memory, sizes[i], 0));
            memset(memory, 0xA5, sizes[i]);
        }
        arena_reset(&arena); /* what it hands out again must be zeroed again */
    }
}
END_TEST

START_TEST(objects_do_not_overlap)
{
    unsigned char *objects[200];
    for (size_t i = 0; i < 200; i++)
        objects[i] = memset(arena_alloc(&arena, i * 7), (int)i, i * 7);
    for (size_t i = 0; i < 200; i++)
        ck_assert(all_are(objects[i], i * 7, (unsigned char)i));
}
END_TEST

START_TEST(reset_keeps_one_block)
{
    for (int i = 0; i < 100; i++)
        arena_alloc(&arena, 100 * 1000);
    size_t before = arena.total;
    arena_reset(&arena);
    ck_assert_uint_lt(arena.total, before / 2);
    size_t kept = arena.total;
    arena_alloc(&arena, 100 * 1000);
    ck_assert_uint_eq(arena.total, kept);
}
END_TEST

START_TEST(reset_and_release_of_nothing)
{
    arena_reset(&arena);
    arena_release(&arena);
    ck_assert_uint_eq(arena.total, 0);
}
END_TEST

START_TEST(texts_are_copied)
{
    char text[] = "orders";
    ck_assert_str_eq(arena_strdup(&arena, ""), "");
    char *whole = arena_strdup(&arena, text);
    char *part = arena_strndup(&arena, text, 3);
    memset(text, 'x', sizeof(text) - 1);
    ck_assert_str_eq(whole, "orders");
    ck_assert_str_eq(part, "ord");
    ck_assert_str_eq(arena_printf(&arena, "%s-%d", whole, 7), "orders-7");
    ck_assert_str_eq(arena_printf(&arena, "%s", ""), "");
    ck_assert_uint_eq(strlen(arena_printf(&arena, "%05000d", 1)), 5000);
}
END_TEST

START_TEST(vec_grows_and_keeps_order)
{
    VEC(size_t) numbers = {0};
    for (size_t i = 0; i < 1000; i++)
        VEC_PUSH(&arena, &numbers, i * i);
    ck_assert_uint_eq(numbers.count, 1000);
    for (size_t i = 0; i < numbers.count; i++)
        ck_assert_uint_eq(numbers.items[i], i * i);
}
END_TEST

Suite *base_arena_suite(void)
{
    Suite *suite = suite_create("base/arena");
    TCase *tests = tcase_create("arena");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, memory_is_zeroed_and_aligned);
    tcase_add_test(tests, objects_do_not_overlap);
    tcase_add_test(tests, reset_keeps_one_block);
    tcase_add_test(tests, reset_and_release_of_nothing);
    tcase_add_test(tests, texts_are_copied);
    tcase_add_test(tests, vec_grows_and_keeps_order);
    suite_add_tcase(suite, tests);
    return suite;
}
