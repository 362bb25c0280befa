/*
 * Cleaning up for sure; see guardian.h. Between fork and exec only what is safe in a process that had threads:
 * tests use nats.c, so no memory is allocated there and a shell does the rest.
 */
#include "support/guardian.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS_MOST = 1024, TRIES = 2000 };

/*
 * Whatever is open here but the pipe would keep others waiting: a terminal's reader, or another guardian. Standard error stays, for
 * the log of a server whose test has failed.
 */
static void close_all_but(int kept)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 2; fd++)
        dup2(null, fd);
    for (int fd = 3; fd < DESCRIPTORS_MOST; fd++)
        if (fd != kept)
            close(fd);
}

static void kill_and_wait(pid_t pid)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    if (pid <= 0 || kill(pid, SIGKILL) != 0)
        return;
    /* Not our child: its disappearance is all there is to see. As a zombie it no longer writes files. */
    for (int i = 0; i < TRIES && kill(pid, 0) == 0; i++)
        nanosleep(&pause, NULL);
}

enum { DISMISSED = -1 }; /* in place of a pid: the test did not fail */

static const char removal[] = "rm -rf -- \"$1\"";
static const char removal_of_failed[] =
    "if [ -s \"$1/log\" ]; then tail -n 60 \"$1/log\" | sed \"s|^|    of $1/log: |\" >&2; fi; rm -rf -- \"$1\"";
/*
 * A pid file may be old: only what is a nats-server is killed. An interrupted run of all tests may be removing the files already,
 * so servers are also known by the folder in their command line, where the system shows it.
 */
static const char removal_up[] =
    "for turn in 1 2; do for file in $(find \"$1\" -path '*/.natsform/*/pid' 2>/dev/null); do\n"
    "read -r pid born <\"$file\" && grep -aqs nats-server \"/proc/$pid/cmdline\" && kill -9 \"$pid\"\n"
    "done; done\n"
    "for of in $(grep -alF \"$1/\" /proc/[0-9]*/cmdline 2>/dev/null); do\n"
    "pid=${of#/proc/}; pid=${pid%/cmdline}; grep -aqs nats-server \"$of\" && kill -9 \"$pid\"\n"
    "done; rm -rf -- \"$1\"; rm -rf -- \"$1\"";

static void guard(int fd, const char *directory, const char *script)
{
    pid_t pid = 0, next = 0;
    close_all_but(fd);
    ssize_t got = 0;
    while ((got = read(fd, &next, sizeof(next))) != 0)
        if (got == (ssize_t)sizeof(next) && next == DISMISSED)
            script = script == removal_of_failed ? removal : script;
        else if (got == (ssize_t)sizeof(next))
            pid = next;
        else if (got < 0 && errno != EINTR)
            break;
    kill_and_wait(pid);
    execlp("sh", "sh", "-c", script, "sh", directory, (char *)NULL);
    _exit(1);
}

static struct guardian start(const char *directory, const char *script)
{
    int ends[2];
    ck_assert_msg(pipe(ends) == 0, "no pipe");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t pid = fork();
    /* Check kills the group of a test that has ended. Both sides leave it: either may be the first to run. */
    if (pid >= 0)
        setpgid(pid, 0);
    if (pid == 0)
        guard(ends[0], directory, script);
    /* Not before: an assertion in the child, even one that holds, would write into Check's own messages. */
    ck_assert_msg(pid > 0, "no guardian process");
    close(ends[0]);
    return (struct guardian){.pipe = ends[1], .pid = pid};
}

struct guardian guardian_start(const char *directory)
{
    return start(directory, removal_of_failed);
}

struct guardian guardian_start_up(const char *directory)
{
    return start(directory, removal_up);
}

void guardian_watch(const struct guardian *guardian, pid_t pid)
{
    ck_assert_msg(write(guardian->pipe, &pid, sizeof(pid)) == (ssize_t)sizeof(pid), "the guardian is gone");
}

void guardian_dismiss(struct guardian *guardian)
{
    guardian_watch(guardian, DISMISSED);
    close(guardian->pipe);
    while (waitpid(guardian->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
