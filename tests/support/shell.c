/* Running lines of a shell; see shell.h. */
#define _GNU_SOURCE /* unshare() */
#include "support/shell.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/run.h"
#include "support/scratch.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char neutral[] =
    "set -eu\n"
    "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
    "export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_AUTHOR_DATE='2026-01-02T03:04:05Z'\n"
    "export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'\n"
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
    "export GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main\n"
    "export GIT_CONFIG_KEY_1=protocol.file.allow GIT_CONFIG_VALUE_1=always\n"
    "export GIT_CONFIG_KEY_2=maintenance.auto GIT_CONFIG_VALUE_2=false\n";

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

/* Which needs a program and a folder that it may read. */
const char *shell_natsform_of_a_user(const char *folder)
{
    if (geteuid())
        return "\"$NATSFORM\"";
    run_shell(folder, "mkdir bin && cp -L \"$NATSFORM\" bin && chmod 755 . bin bin/natsform");
    return format("HOME=/nowhere setpriv --reuid 65534 --regid 65534 --clear-groups '%s/bin/natsform'",
                  folder);
}

void shell_begin_mounts(void)
{
    bool is_root = geteuid() == 0;
    const char *ids = format("0 %u 1", (unsigned)geteuid());
    ck_assert_msg(unshare(is_root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) == 0, "no mounts: %s",
                  strerror(errno));
    int fd = is_root ? -1 : open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
    ck_assert(is_root || (fd >= 0 && write(fd, ids, strlen(ids)) > 0 && close(fd) == 0));
    ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}
