/* A natsform that watches; see watched.h. */
#include "support/watched.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"

struct watched watched_start(const char *manifest, const char *url, const char *const *more)
{
    struct watched watched = {.folder = test_directory()};
    const char *program = getenv("NATSFORM");
    const char *given[16] = {"natsform", "watch", "-f", write_file(watched.folder, "m.yaml", manifest),
                             "-s",       url};
    char *words[16] = {NULL};
    for (size_t i = 0; more && more[i]; i++)
        given[6 + i] = more[i];
    for (size_t i = 0; given[i]; i++)
        words[i] = arena_strdup(test_arena(), given[i]);
    watched.out = write_file(watched.folder, "out", "");
    watched.guardian = guardian_start(make_directory(watched.folder, "guarded"));
    watched.pid = fork();
    if (watched.pid == 0) {
        if (freopen(watched.out, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
            execv(program ? program : "", words);
        _exit(127);
    }
    ck_assert_msg(watched.pid > 0, "no process");
    guardian_watch(&watched.guardian, watched.pid);
    return watched;
}

static bool has_said(struct watched *watched, const char *words)
{
    const char *out = read_file(watched->out);
    const char *found = strlen(out) >= watched->heard ? strstr(out + watched->heard, words) : NULL;
    if (found)
        watched->heard = (size_t)(found - out) + strlen(words);
    return found != NULL;
}

void watched_expect(struct watched *watched, const char *words)
{
    struct patience patience = {0};
    while (!has_said(watched, words))
        ck_assert_msg(patience_lasts(&patience) || SHOW_WHOLE("its output", read_file(watched->out)),
                      "it did not say: %s", words);
}

struct rusage watched_end(struct watched *watched)
{
    int status = 0;
    struct rusage used;
    kill(watched->pid, SIGTERM);
    ck_assert_int_eq(wait4(watched->pid, &status, 0, &used), watched->pid);
    guardian_watch(&watched->guardian, 0);
    guardian_dismiss(&watched->guardian);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d:\n%.3000s", status,
                  read_file(watched->out));
    return used;
}
