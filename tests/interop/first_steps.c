/*
 * The first steps of a new user, as docs/first-steps.md shows them: typed on a terminal of 60 and of 100 columns, and compared with
 * what is in tests/golden and on the page, line by line. If a change of what is printed is wanted, write these anew, and read the
 * difference:
 *
 *     GOLDEN=renew tests/run build/dev interop_first_steps && git diff tests/golden docs
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/session.h"
#include "support/suite.h"

static const unsigned short widths[] = {60, 100};
enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

/* In this order; an empty line would take what is in brackets. */
static const char *const answers[] = {"shop\n", "orders.>\n", "n\n", "n\n", NULL};

static const char *in_tests(const char *path)
{
    return arena_printf(test_arena(), "%s/%s", getenv("NATSFORM_TESTS"), path);
}

static void check_golden(const char *name, const char *text)
{
    const char *renew = getenv("GOLDEN");
    if (renew && strcmp(renew, "renew") == 0)
        write_file(in_tests("golden"), name, text);
    ck_assert_text(text, read_file(in_tests(arena_printf(test_arena(), "golden/%s", name))));
}

START_TEST(first_steps)
{
    const char *name = arena_printf(test_arena(), "first-steps-%u.txt", widths[_i]);
    const struct session session = {.page = "docs/first-steps.md", .columns = widths[_i], .answers = answers};
    const char *text = session_play(&session);
    check_golden(name, text);
    if (widths[_i] == 100)
        session_check_page(&session, text);
    else
        ck_assert_contains(read_file(in_tests("../docs/first-steps.md")),
                           arena_printf(test_arena(), "(../tests/golden/%s)", name));
}
END_TEST

/* However wide the terminal is, no line of natsform's is wider. */
START_TEST(no_line_is_wider)
{
    const char *name = arena_printf(test_arena(), "golden/first-steps-%u.txt", widths[_i]);
    for (const char *line = read_file(in_tests(name)); *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        bool of_the_cli = strstr(line, " subj: ") && strstr(line, " subj: ") < line + length;
        ck_assert_msg(length <= widths[_i] || of_the_cli, "%.*s", (int)length, line);
    }
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = first_steps, .times = WIDTHS},
        {.test = no_line_is_wider, .times = WIDTHS},
    };
    return suite_run("interop_first_steps", tests, sizeof(tests) / sizeof(tests[0]));
}
