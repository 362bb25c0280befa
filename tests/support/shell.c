/* Running lines of a shell; see shell.h. */
#include "support/shell.h"

#include <check.h>

#include "support/run.h"
#include "support/scratch.h"

static const char neutral[] =
    "set -eu\n"
    "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
    "export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_AUTHOR_DATE='2026-01-02T03:04:05Z'\n"
    "export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'\n"
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
    "export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main\n"
    "export GIT_CONFIG_KEY_1=protocol.file.allow GIT_CONFIG_VALUE_1=always\n";

void run_shell(const char *directory, const char *script)
{
    const char *own = test_directory();
    const char *path =
        write_file(own, "script", arena_printf(test_arena(), "%scd '%s'\n%s\n", neutral, directory, script));
    struct run run = run_natsform(
        &(struct run_options){.program = "/bin/sh", .arguments = (const char *const[]){path, NULL}});
    ck_assert_msg(run.exit_code == 0, "this failed%s in %s:\n%s\n%s%s",
                  run.timed_out ? " (took too long)" : "", directory, script, run.out, run.err);
}
