/*
 * A team that has both programs, as docs/nats-cli.md shows it: every command of the page is run, with the CLI and the servers, and what
 * the page shows is what came. If a change of what is printed is wanted, write the page anew, and read the difference:
 *
 *     GOLDEN=renew tests/run build/dev interop_nats_cli && git diff docs
 */
#include <check.h>

#include "support/session.h"
#include "support/suite.h"

static const struct session session = {
    .page = "docs/nats-cli.md",
    .columns = 130,
    .watched = "max_age: 1h -> 30d",
};

START_TEST(page_is_what_comes)
{
    session_check_page(&session, session_play(&session));
}
END_TEST

START_TEST(no_command_is_only_named)
{
    session_check_words(&session);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {{.test = page_is_what_comes}, {.test = no_command_is_only_named}};
    return suite_run("interop_nats_cli", tests, sizeof(tests) / sizeof(tests[0]));
}
