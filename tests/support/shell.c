/* Running lines of a shell; see shell.h. */
#include "support/shell.h"

#include <check.h>
#include <stdlib.h>
#include <sys/wait.h>

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
    int status = system(arena_printf(test_arena(), "/bin/sh %s >%s/said 2>&1", path, own));
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "this failed in %s:\n%s\n%s", directory,
                  script, read_file(arena_printf(test_arena(), "%s/said", own)));
}
