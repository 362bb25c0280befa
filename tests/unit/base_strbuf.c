/* Unit tests of base/strbuf.h. */
#include "base/strbuf.h"

#include <string.h>

#include "unit/suites.h"

START_TEST(empty_is_a_text)
{
    struct strbuf buf = {0};
    ck_assert_str_eq(strbuf_text(&buf), "");
    strbuf_reset(&buf);
    strbuf_add(&buf, NULL, 0);
    ck_assert_str_eq(strbuf_text(&buf), "");
    strbuf_release(&buf);
    strbuf_release(&buf);
}
END_TEST

START_TEST(adds)
{
    struct strbuf buf = {0};
    strbuf_adds(&buf, "stream ");
    strbuf_add(&buf, "ORDERS and more", 6);
    strbuf_addc(&buf, ':');
    strbuf_pad(&buf, ' ', 2);
    strbuf_addf(&buf, "%d of %s", 7, "9");
    strbuf_addf(&buf, "%s", "");
    ck_assert_str_eq(strbuf_text(&buf), "stream ORDERS:  7 of 9");
    ck_assert_uint_eq(buf.length, strlen("stream ORDERS:  7 of 9"));
    strbuf_reset(&buf);
    ck_assert_str_eq(strbuf_text(&buf), "");
    strbuf_adds(&buf, "x");
    ck_assert_str_eq(strbuf_text(&buf), "x");
    strbuf_release(&buf);
}
END_TEST

START_TEST(grows)
{
    struct strbuf buf = {0};
    for (int i = 0; i < 10000; i++)
        strbuf_addf(&buf, "%04d", i);
    ck_assert_uint_eq(buf.length, 40000);
    ck_assert_uint_eq(strlen(strbuf_text(&buf)), 40000);
    ck_assert_int_eq(strncmp(strbuf_text(&buf) + 4 * 1234, "1234", 4), 0);
    strbuf_pad(&buf, 'x', 100000);
    ck_assert_uint_eq(strlen(strbuf_text(&buf)), 140000);
    strbuf_release(&buf);
}
END_TEST

Suite *base_strbuf_suite(void)
{
    Suite *suite = suite_create("base/strbuf");
    TCase *tests = tcase_create("strbuf");
    tcase_add_test(tests, empty_is_a_text);
    tcase_add_test(tests, adds);
    tcase_add_test(tests, grows);
    suite_add_tcase(suite, tests);
    return suite;
}
