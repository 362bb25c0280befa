/* What is read out of $JS.API.INFO. */
#include "rules/rules.h"

#include "unit/suites.h"
#include "unit/world.h"

START_TEST(without_tiers)
{
    struct account account = account_read(
        &world.arena,
        world_json(
            "{\"streams\":2,\"reserved_storage\":500,\"reserved_memory\":18446744073709551615,\"limits\":{"
            "\"max_memory\":-1,\"max_storage\":1000,\"max_streams\":3,\"max_consumers\":-1,"
            "\"max_ack_pending\":100,\"storage_max_stream_bytes\":400,\"max_bytes_required\":true}}"));
    const struct account_tier *tier = account_tier(&account, 3);
    ck_assert_ptr_nonnull(tier);
    ck_assert(!account_is_tiered(&account));
    ck_assert_ptr_eq(tier, account_tier(&account, 1));
    ck_assert_int_eq(tier->streams, 2);
    ck_assert_int_eq(tier->streams_most, 3);
    ck_assert_int_eq(tier->consumers_most, -1);
    ck_assert_int_eq(tier->pending_most, 100);
    ck_assert(tier->needs_max_bytes);
    ck_assert_int_eq(tier->file.most, 1000);
    ck_assert_int_eq(tier->file.stream_most, 400);
    ck_assert_int_eq(tier->file.reserved, 500);
    ck_assert_int_eq(tier->memory.most, -1);
    ck_assert_int_eq(tier->memory.reserved, 0); /* a wrapped number */
}
END_TEST

START_TEST(with_tiers)
{
    struct account account = account_read(
        &world.arena, world_json("{\"tiers\":{\"R1\":{\"streams\":1,\"limits\":{\"max_streams\":5}},"
                                 "\"R3\":{\"streams\":7,\"limits\":{\"max_streams\":9}}}}"));
    ck_assert(account_is_tiered(&account));
    ck_assert_int_eq(account_tier(&account, 1)->streams_most, 5);
    ck_assert_int_eq(account_tier(&account, 3)->streams, 7);
    ck_assert_ptr_null(account_tier(&account, 5));
}
END_TEST

START_TEST(of_nothing)
{
    struct account account = account_read(&world.arena, NULL);
    ck_assert_uint_eq(account.tiers.count, 0);
    ck_assert_ptr_null(account_tier(&account, 1));
    ck_assert(!account_is_tiered(&account));
}
END_TEST

Suite *rules_account_suite(void)
{
    Suite *suite = suite_create("rules/account");
    TCase *tests = tcase_create("account");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_test(tests, without_tiers);
    tcase_add_test(tests, with_tiers);
    tcase_add_test(tests, of_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
