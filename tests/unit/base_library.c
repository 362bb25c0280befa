/* Unit tests of base/library.h. */
#include "base/library.h"

#include <string.h>

#include "unit/suites.h"

static const char *const git_names[] = {"git_libgit2_init", "git_libgit2_shutdown", "git_of_nobody"};

START_TEST(opens_once)
{
    void *addresses[2] = {NULL, NULL};
    const char *reason = NULL;
    const struct library library = {LIBRARY_FILE(LIBGIT2), git_names, 2, addresses};
    ck_assert_int_eq(library_open(&library, &reason), 0);
    ck_assert_ptr_nonnull(addresses[0]);
    ck_assert_ptr_nonnull(addresses[1]);
    const struct library renamed = {"libwhich-is-nowhere.so", git_names, 2, addresses};
    ck_assert_int_eq(library_open(&renamed, &reason), 0);
    ck_assert_ptr_null(reason);
}
END_TEST

START_TEST(lacks_a_function)
{
    void *addresses[3] = {NULL, NULL, NULL};
    const char *reason = NULL;
    const struct library library = {LIBRARY_FILE(LIBGIT2), git_names, 3, addresses};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(library_open(&library, &reason), -1);
        ck_assert_msg(strstr(reason, "git_of_nobody") != NULL, "%s", reason);
        ck_assert_ptr_null(addresses[0]);
    }
}
END_TEST

START_TEST(is_nowhere)
{
    void *addresses[2] = {NULL, NULL};
    const char *reason = NULL;
    const struct library library = {"libwhich-is-nowhere.so", git_names, 2, addresses};
    ck_assert_int_eq(library_open(&library, &reason), -1);
    ck_assert_msg(strstr(reason, "libwhich-is-nowhere.so") != NULL, "%s", reason);
}
END_TEST

Suite *base_library_suite(void)
{
    Suite *suite = suite_create("base/library");
    TCase *tests = tcase_create("library");
    tcase_add_test(tests, opens_once);
    tcase_add_test(tests, lacks_a_function);
    tcase_add_test(tests, is_nowhere);
    suite_add_tcase(suite, tests);
    return suite;
}
