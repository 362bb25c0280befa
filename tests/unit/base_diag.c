/* Unit tests of base/diag.h and base/codes.h. */
#include "base/diag.h"

#include <ctype.h>
#include <string.h>

#include "base/exit.h"
#include "field/check.h"
#include "server/connection.h"
#include "unit/suites.h"

static struct diags diags;
static const struct source source = {"x.yaml", "", 0};

static void setup(void)
{
    diags_init(&diags);
}

static void teardown(void)
{
    diags_release(&diags);
}

static struct srcpos at(uint32_t line, uint32_t column)
{
    return (struct srcpos){.source = &source, .line = line, .column = column, .width = 1};
}

/* What is not written where it counts is a note to each diagnostic, and to a copy of it once. */
START_TEST(unwritten)
{
    struct srcpos pos = at(1, 1);
    struct diags copies;
    pos.unwritten = "'x' is left out, and somebody makes it 5";
    diag_add(&diags, &code_range, pos, "too much");
    diag_error(&diags, &code_range, pos, "far too much");
    diags_init(&copies);
    diags_append(&copies, &diags);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(copies.list.items[i]->related.count, 1);
        ck_assert_str_eq(copies.list.items[i]->related.items[0].message, pos.unwritten);
    }
    diags_release(&copies);
}
END_TEST

START_TEST(codes_are_complete)
{
    size_t count = 0;
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code), count++) {
        ck_assert_msg(code->doc != NULL, "%s", code->name);
        ck_assert_msg(diag_code_by_name(code->name) == code, "%s", code->name);
        for (const char *byte = code->name; *byte; byte++)
            ck_assert_msg(islower((unsigned char)*byte) || *byte == '-', "%s", code->name);
        ck_assert_msg(isupper((unsigned char)code->doc[0]) || strncmp(code->doc, "lifecycle", 9) == 0 ||
                          strncmp(code->doc, "connection", 10) == 0,
                      "%s", code->name);
        ck_assert_msg(code->doc[strlen(code->doc) - 1] == '.', "%s", code->name);
        ck_assert_msg((code->severity == SEVERITY_ERROR) == (code->exit_code != EXIT_DONE), "%s", code->name);
    }
    ck_assert_uint_gt(count, 100); /* the linker has left none out */
}
END_TEST

/* A new code comes with what `explain` and docs/codes.md say of it. */
START_TEST(codes_are_explained)
{
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code)) {
        ck_assert_msg(code->why && code->example && code->remedy, "%s is not explained", code->name);
        ck_assert_msg(strchr(".?", code->why[strlen(code->why) - 1]) != NULL, "%s", code->name);
        ck_assert_msg(code->remedy[strlen(code->remedy) - 1] == '.', "%s", code->name);
        ck_assert_msg(code->example[0], "%s", code->name);
    }
}
END_TEST

START_TEST(unknown_code)
{
    ck_assert_ptr_null(diag_code_by_name("frobnicated"));
    ck_assert_ptr_null(diag_code_by_name(""));
}
END_TEST

START_TEST(adds_and_counts)
{
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_DONE);
    ck_assert_int_eq(diag_error(&diags, &code_range, at(1, 2), "'%s' is %d", "max_age", -1), -1);
    struct diag *diag = diag_add(&diags, &code_implied, at(3, 4), "a warning");
    diag_hint(&diags, diag, "try %s", "this");
    diag_note(&diags, diag, at(5, 6), "set %s", "here");
    ck_assert_uint_eq(diags.errors, 1);
    ck_assert_uint_eq(diags.warnings, 1);
    ck_assert_str_eq(diags.list.items[0]->message, "'max_age' is -1");
    ck_assert_ptr_null(diags.list.items[0]->hint);
    ck_assert_str_eq(diag->hint, "try this");
    ck_assert_uint_eq(diag->related.count, 1);
    ck_assert_str_eq(diag->related.items[0].message, "set here");
    ck_assert_uint_eq(diag->related.items[0].pos.line, 5);
    ck_assert(diags_have(&diags, &code_range));
    ck_assert(!diags_have(&diags, &code_usage));
}
END_TEST

START_TEST(sorts_by_position_then_order)
{
    static const char expected[] = "abcdef";
    diag_add(&diags, &code_range, at(2, 2), "d");
    diag_add(&diags, &code_range, at(9, 1), "f");
    diag_add(&diags, &code_range, at(2, 2), "e");
    diag_add(&diags, &code_range, at(2, 1), "c");
    diag_add(&diags, &code_range, (struct srcpos){0}, "a");
    diag_add(&diags, &code_range, at(0, 0), "b");
    for (int round = 0; round < 2; round++) {
        diags_sort(&diags);
        for (size_t i = 0; i < diags.list.count; i++)
            ck_assert_int_eq(diags.list.items[i]->message[0], expected[i]);
    }
}
END_TEST

START_TEST(first_error_decides_the_exit_code)
{
    diag_add(&diags, &code_implied, at(1, 1), "a warning");
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_DONE);
    diag_add(&diags, &code_unreachable, at(9, 1), "first");
    diag_add(&diags, &code_range, at(2, 1), "second");
    diags_sort(&diags);
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_UNREACHABLE);
}
END_TEST

START_TEST(past_the_most_only_counters_grow)
{
    for (int i = 0; i < DIAGS_MOST; i++)
        diag_add(&diags, &code_implied, at(1, 1), "warning %d", i);
    size_t memory = diags.arena.total;
    for (int i = 0; i < 100000; i++) {
        struct diag *diag = diag_add(&diags, &code_range, at(1, 1), "error %d", i);
        diag_hint(&diags, diag, "hint %d", i);
        diag_note(&diags, diag, at(1, 1), "note %d", i);
    }
    ck_assert_uint_eq(diags.list.count, DIAGS_MOST);
    ck_assert_uint_eq(diags.warnings, DIAGS_MOST);
    ck_assert_uint_eq(diags.errors, 100000);
    ck_assert_uint_le(diags.arena.total, memory + 1024 * 1024);
    /* No error is in the list, but the run has failed. */
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_MANIFEST);
}
END_TEST

Suite *base_diag_suite(void)
{
    Suite *suite = suite_create("base/diag");
    TCase *tests = tcase_create("diag");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, codes_are_complete);
    tcase_add_test(tests, unwritten);
    tcase_add_test(tests, codes_are_explained);
    tcase_add_test(tests, unknown_code);
    tcase_add_test(tests, adds_and_counts);
    tcase_add_test(tests, sorts_by_position_then_order);
    tcase_add_test(tests, first_error_decides_the_exit_code);
    tcase_add_test(tests, past_the_most_only_counters_grow);
    suite_add_tcase(suite, tests);
    return suite;
}
