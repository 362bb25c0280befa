/* Running a program for its output; see program.h. binary.c asks nats-server this way, and docker.c the engine. */
#include "devenv/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"

enum {
    OUTPUT_MOST = 1024 * 1024,
    /* How often to look whether the program has ended: a child of its own may keep the output open. */
    LOOK_MS = 20,
    NOT_STARTED = 127,
};

struct child {
    pid_t pid;
    int output;
    int64_t deadline;
    bool ended;
    int status;
    struct strbuf text;
};

/* Both ends are closed on exec, in programs that other threads start too. */
static int make_pipe(int ends[2])
{
    if (pipe(ends))
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

/*
 * Runs between fork and exec, where only functions that are safe in signal handlers may be called. Writes errno to
 * `complaint` if exec fails.
 */
static void become(const char *const *argv, const char *folder, const int streams[3], int complaint)
{
    int input = streams[0] >= 0 ? streams[0] : open("/dev/null", O_RDONLY);
    if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(streams[1], STDOUT_FILENO) >= 0 &&
        dup2(streams[2], STDERR_FILENO) >= 0 && (!folder || chdir(folder) == 0))
        execvp(argv[0], (char *const *)(uintptr_t)argv);
    int error = errno;
    ssize_t said = write(complaint, &error, sizeof(error));
    _exit(said > 0 ? NOT_STARTED : NOT_STARTED - 1);
}

/* Returns 0 when the program runs, or an errno. `complaint` closes by itself when exec succeeds. */
static int start(const char *const *argv, const char *folder, struct child *child)
{
    int output[2] = {-1, -1};
    int complaint[2] = {-1, -1};
    int error = 0;
    if (make_pipe(output) || make_pipe(complaint))
        error = errno;
    if (!error && (child->pid = fork()) < 0)
        error = errno;
    if (!error && child->pid == 0)
        become(argv, folder, (const int[]){-1, output[1], output[1]}, complaint[1]);
    for (int i = 0; i < 2; i++)
        if ((i ? complaint : output)[1] >= 0)
            close((i ? complaint : output)[1]);
    if (!error && read(complaint[0], &error, sizeof(error)) > 0)
        waitpid(child->pid, NULL, 0);
    if (complaint[0] >= 0)
        close(complaint[0]);
    if (error && output[0] >= 0)
        close(output[0]);
    child->output = output[0];
    return error;
}

static void look(struct child *child)
{
    if (!child->ended && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
        child->ended = true;
}

/* Returns false at the end of the output. Beyond the limit, output is read and dropped, so that the program does not block. */
static bool read_some(struct child *child)
{
    char bytes[4096];
    ssize_t length = read(child->output, bytes, sizeof(bytes));
    if (length < 0)
        return errno == EINTR || errno == EAGAIN;
    if (child->text.length + (size_t)length <= OUTPUT_MOST)
        strbuf_add(&child->text, bytes, (size_t)length);
    return length > 0;
}

static void collect(struct child *child)
{
    bool open = true;
    while ((open || !child->ended) && clock_ms() < child->deadline) {
        struct pollfd output = {.fd = open ? child->output : -1, .events = POLLIN};
        bool had_ended = child->ended;
        /* Polled in short steps: the end of the program is not told by its output. */
        bool more = poll(&output, 1, LOOK_MS) > 0;
        if (more)
            open = read_some(child);
        look(child);
        /* It ended before, so it has written all that it will, and another process keeps its output open. */
        if (had_ended && !more)
            open = false;
    }
    look(child);
    if (!child->ended) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, &child->status, 0);
    }
}

int program_run(struct arena *arena, const char *const *argv, const char *folder, int deadline_ms,
                struct program_result *ret_result, const char **ret_error)
{
    struct child child = {.deadline = clock_ms() + deadline_ms};
    int error = start(argv, folder, &child);
    if (error) {
        *ret_error = arena_printf(arena, "%s: %s", argv[0], strerror(error));
        return -1;
    }
    collect(&child);
    close(child.output);
    struct program_result result = {
        .output = arena_strndup(arena, strbuf_text(&child.text), child.text.length),
        .length = child.text.length,
        .status = WIFEXITED(child.status) ? WEXITSTATUS(child.status) : 128 + WTERMSIG(child.status),
    };
    strbuf_release(&child.text);
    if (!child.ended) {
        *ret_error = arena_printf(arena, "%s: did not end within %d s", argv[0], (deadline_ms + 999) / 1000);
        return -1;
    }
    *ret_result = result;
    return 0;
}

/* ---- talking with one ---- */

/* Returns 0 or an errno. `pipes` are those of its three streams, `complaint` closes by itself when exec succeeds. */
static int start_talk(const char *const *argv, int pipes[3][2], const int complaint[2], pid_t *ret_pid)
{
    int error = 0;
    pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        become(argv, NULL, (const int[]){pipes[0][0], pipes[1][1], pipes[2][1]}, complaint[1]);
    }
    close(complaint[1]);
    if (read(complaint[0], &error, sizeof(error)) > 0)
        waitpid(pid, NULL, 0);
    close(complaint[0]);
    *ret_pid = pid;
    return error;
}

static void close_both(const int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

int program_begin(const char *const *argv, struct program_talk *ret_talk)
{
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int complaint[2] = {-1, -1};
    pid_t pid = -1;
    int error = make_pipe(complaint) ? errno : 0;
    for (int i = 0; i < 3 && !error; i++)
        error = make_pipe(pipes[i]) ? errno : 0;
    if (!error)
        error = start_talk(argv, pipes, complaint, &pid);
    else
        close_both(complaint);
    if (error) {
        for (int i = 0; i < 3; i++)
            close_both(pipes[i]);
        return error;
    }
    close(pipes[0][0]);
    close(pipes[1][1]);
    close(pipes[2][1]);
    *ret_talk =
        (struct program_talk){.pid = pid, .input = pipes[0][1], .output = pipes[1][0], .errors = pipes[2][0]};
    return 0;
}

void program_end(struct program_talk *talk)
{
    close(talk->input);
    close(talk->output);
    close(talk->errors);
    if (waitpid(talk->pid, NULL, WNOHANG) == 0) {
        kill(talk->pid, SIGKILL);
        waitpid(talk->pid, NULL, 0);
    }
    *talk = (struct program_talk){.pid = -1, .input = -1, .output = -1, .errors = -1};
}
