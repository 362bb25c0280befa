/*
 * The log of a container; see docker_log.h. `docker logs` writes into a file without a name. So `natsform logs` reads the logs of
 * processes and of containers in the same way.
 */
#include "devenv/docker_log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

#include "base/temporary.h"

struct log_file {
    int out; /* where `docker logs` writes */
    int in;
};

/* Opens the file twice, because reading and writing each need their own place in it. */
static int make_file(struct arena *arena, const char *folder, struct log_file *ret_file)
{
    const char *path;
    int out = temporary_make(arena, TEMPORARY_FILE, folder, &path);
    if (out < 0)
        return -1;
    int in = open(path, O_RDONLY | O_CLOEXEC);
    unlink(path);
    if (in < 0) {
        close(out);
        return -1;
    }
    /* Standard output and standard error of `docker logs` share this file; each writes at its end. */
    fcntl(out, F_SETFL, O_APPEND);
    *ret_file = (struct log_file){.out = out, .in = in};
    return 0;
}

/* Runs in the child, between fork and exec: only functions that are safe in signal handlers may be called. */
static void become(char *const *words, int out, pid_t parent)
{
    int nothing = open("/dev/null", O_RDONLY);
#ifdef __linux__
    /* `natsform logs -F` mostly ends by a signal. Then this child has to end too, so the system is asked to kill it. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (getppid() == parent && dup2(nothing, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(out, STDERR_FILENO) >= 0)
        execvp(words[0], words);
    _exit(127);
}

int docker_log_open(struct arena *arena, const char *folder, const char *container, int64_t tail, bool follow)
{
    struct log_file file;
    int status = 0;
    char *words[] = {
        arena_strdup(arena, "docker"),
        arena_strdup(arena, "logs"),
        arena_strdup(arena, "--tail"),
        tail < 0 ? arena_strdup(arena, "all") : arena_printf(arena, "%lld", (long long)tail),
        arena_strdup(arena, follow ? "--follow" : "--follow=false"),
        arena_strdup(arena, container),
        NULL,
    };
    if (make_file(arena, folder, &file))
        return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0)
        become(words, file.out, parent);
    close(file.out);
    if (child > 0 && !follow)
        /* Without --follow the log is whole when the program ends. With it, nobody waits for the child. */
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            continue;
    if (child > 0 && status == 0)
        return file.in;
    close(file.in);
    return -1;
}
