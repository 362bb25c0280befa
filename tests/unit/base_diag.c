/* Unit tests of base/diag.h and base/codes.h. */
#include "base/code_texts.h"
#include "base/diag.h"

#include <ctype.h>
#include <string.h>

#include "base/exit.h"
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
    return (struct srcpos){&source, line, column, 1};
}

START_TEST(codes_are_complete)
{
    const struct diag_code_info *info = &diag_codes[_i];
    ck_assert_msg(info->name && info->doc, "code %d", _i);
    ck_assert_int_eq(diag_code_by_name(info->name), _i);
    for (const char *byte = info->name; *byte; byte++)
        ck_assert_msg(islower((unsigned char)*byte) || *byte == '-', "%s", info->name);
    ck_assert_msg(isupper((unsigned char)info->doc[0]) || strncmp(info->doc, "lifecycle", 9) == 0 ||
                      strncmp(info->doc, "connection", 10) == 0,
                  "%s", info->name);
    ck_assert_msg(info->doc[strlen(info->doc) - 1] == '.', "%s", info->name);
    ck_assert_msg((info->severity == SEVERITY_ERROR) == (info->exit_code != EXIT_DONE), "%s", info->name);
}
END_TEST

/* A new code comes with what `explain` and docs/codes.md say of it. */
START_TEST(codes_are_explained)
{
    const char *name = diag_codes[_i].name;
    const struct code_text *text = &code_texts[_i];
    ck_assert_msg(text->why && text->example && text->remedy, "%s has no text in code_texts.c", name);
    ck_assert_msg(text->why[strlen(text->why) - 1] == '.' || text->why[strlen(text->why) - 1] == '?', "%s",
                  name);
    ck_assert_msg(text->remedy[strlen(text->remedy) - 1] == '.', "%s", name);
    ck_assert_msg(text->example[0], "%s", name);
}
END_TEST

START_TEST(unknown_code)
{
    ck_assert_int_eq(diag_code_by_name("frobnicated"), DIAG_COUNT);
    ck_assert_int_eq(diag_code_by_name(""), DIAG_COUNT);
}
END_TEST

START_TEST(adds_and_counts)
{
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_DONE);
    ck_assert_int_eq(diag_error(&diags, DIAG_RANGE, at(1, 2), "'%s' is %d", "max_age", -1), -1);
    struct diag *diag = diag_add(&diags, DIAG_IMPLIED, at(3, 4), "a warning");
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
    ck_assert(diags_have(&diags, DIAG_RANGE));
    ck_assert(!diags_have(&diags, DIAG_CYCLE));
}
END_TEST

START_TEST(sorts_by_position_then_order)
{
    static const char expected[] = "abcdef";
    diag_add(&diags, DIAG_RANGE, at(2, 2), "d");
    diag_add(&diags, DIAG_RANGE, at(9, 1), "f");
    diag_add(&diags, DIAG_RANGE, at(2, 2), "e");
    diag_add(&diags, DIAG_RANGE, at(2, 1), "c");
    diag_add(&diags, DIAG_RANGE, (struct srcpos){0}, "a");
    diag_add(&diags, DIAG_RANGE, at(0, 0), "b");
    for (int round = 0; round < 2; round++) {
        diags_sort(&diags);
        for (size_t i = 0; i < diags.list.count; i++)
            ck_assert_int_eq(diags.list.items[i]->message[0], expected[i]);
    }
}
END_TEST

START_TEST(first_error_decides_the_exit_code)
{
    diag_add(&diags, DIAG_IMPLIED, at(1, 1), "a warning");
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_DONE);
    diag_add(&diags, DIAG_UNREACHABLE, at(9, 1), "first");
    diag_add(&diags, DIAG_RANGE, at(2, 1), "second");
    diags_sort(&diags);
    ck_assert_int_eq(diags_exit_code(&diags), EXIT_UNREACHABLE);
}
END_TEST

START_TEST(past_the_most_only_counters_grow)
{
    for (int i = 0; i < DIAGS_MOST; i++)
        diag_add(&diags, DIAG_IMPLIED, at(1, 1), "warning %d", i);
    size_t memory = diags.arena.total;
    for (int i = 0; i < 100000; i++) {
        struct diag *diag = diag_add(&diags, DIAG_RANGE, at(1, 1), "error %d", i);
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
    tcase_add_loop_test(tests, codes_are_complete, 0, DIAG_COUNT);
    tcase_add_loop_test(tests, codes_are_explained, 0, DIAG_COUNT);
    tcase_add_test(tests, unknown_code);
    tcase_add_test(tests, adds_and_counts);
    tcase_add_test(tests, sorts_by_position_then_order);
    tcase_add_test(tests, first_error_decides_the_exit_code);
    tcase_add_test(tests, past_the_most_only_counters_grow);
    suite_add_tcase(suite, tests);
    return suite;
}
