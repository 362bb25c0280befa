/* Unit tests of repo/files.c: telling revisions from paths, ranges, and paths within a tree. */
#include <check.h>
#include <string.h>

#include "repo/files.h"
#include "support/scratch.h"
#include "unit/suites.h"

static const struct {
    const char *text;
    const char *revision; /* NULL: it is a path */
} splits[] = {
    {"natsform.yaml", NULL},
    {"", NULL},
    {"-", NULL},
    {"HEAD:natsform.yaml", "HEAD"},
    {"HEAD:", "HEAD"},
    {"main~3:dir/a.yaml", "main~3"},
    {"feature/x:./a.yaml", "feature/x"},
    {"v1:a:b.yaml", "v1"},
    {"main@{12:00:00}:a.yaml", "main@{12:00:00}"},
    {"HEAD^{/fix: this}:a", "HEAD^{/fix: this}"},
    {"HEAD^{/open:a", NULL},
    {"}:a", "}"},
    {":a.yaml", NULL},
    {":/message", NULL},
    {"/abs:a", NULL},
    {"./main:a", NULL},
    {"../main:a", NULL},
    {".hidden:a", ".hidden"},
    {"C:\\natsform.yaml", NULL},
    {"c:/natsform.yaml", NULL},
    {"c:natsform.yaml", "c"},
};

START_TEST(splitting)
{
    size_t length = 99;
    bool split = revspec_split(splits[_i].text, &length);
    ck_assert_msg(split == (splits[_i].revision != NULL), "'%s'", splits[_i].text);
    if (split)
        ck_assert_str_eq(arena_strndup(test_arena(), splits[_i].text, length), splits[_i].revision);
    else
        ck_assert_uint_eq(length, 99);
}
END_TEST

static const struct {
    const char *text;
    bool valid;
    const char *before;
    const char *after; /* NULL: a single revision */
    bool from_base;
} ranges[] = {
    {"a..b", true, "a", "b", false},
    {"a...b", true, "a", "b", true},
    {"a..", true, "a", "HEAD", false},
    {"..b", true, "HEAD", "b", false},
    {"a...", true, "a", "HEAD", true},
    {"...b", true, "HEAD", "b", true},
    {"v1.2", true, "v1.2", NULL, false},
    {"v1.2..v1.3", true, "v1.2", "v1.3", false},
    {"HEAD^{/a..b}..c", true, "HEAD^{/a..b}", "c", false},
    {"..", false, NULL, NULL, false},
    {"...", false, NULL, NULL, false},
    {"a....b", false, NULL, NULL, false},
    {"", false, NULL, NULL, false},
};

START_TEST(reading_ranges)
{
    struct revspec_range range = {0};
    ck_assert_msg(revspec_range(test_arena(), ranges[_i].text, &range) == ranges[_i].valid, "'%s'",
                  ranges[_i].text);
    if (!ranges[_i].valid)
        return;
    ck_assert_str_eq(range.before, ranges[_i].before);
    ck_assert_pstr_eq(range.after, ranges[_i].after);
    ck_assert_int_eq(range.from_base, ranges[_i].from_base);
}
END_TEST

static const struct {
    const char *directory;
    const char *path;
    const char *expected; /* NULL: it leads out */
} paths[] = {
    {"", "a.yaml", "a.yaml"},
    {"deploy", "a.yaml", "a.yaml"},
    {"deploy", "./a.yaml", "deploy/a.yaml"},
    {"deploy/prod", "../a.yaml", "deploy/a.yaml"},
    {"deploy/prod", "../../a.yaml", "a.yaml"},
    {"deploy/prod", "../../../a.yaml", NULL},
    {"deploy", ".", "deploy"},
    {"deploy", "..", ""},
    {"", "..", NULL},
    {"", "a//b/./c/", "a/b/c"},
    {"", "a/../b", "b"},
    {"", "a/../../b", NULL},
    {"", "a/b/..", "a"},
    {"", "", ""},
    {"", "/", ""},
    {"deploy", "...", "..."},
    {"deploy", "./..a", "deploy/..a"},
};

START_TEST(finding_paths)
{
    ck_assert_pstr_eq(revspec_path(test_arena(), paths[_i].directory, paths[_i].path), paths[_i].expected);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *repo_revspec_suite(void)
{
    Suite *suite = suite_create("repo/revspec");
    TCase *tests = tcase_create("revspec");
    tcase_add_loop_test(tests, splitting, 0, ROWS(splits));
    tcase_add_loop_test(tests, reading_ranges, 0, ROWS(ranges));
    tcase_add_loop_test(tests, finding_paths, 0, ROWS(paths));
    suite_add_tcase(suite, tests);
    return suite;
}
