/*
 * Running the program under test; see run.h. Output goes to files, so that no pipe can fill up while the other
 * one is read; what a terminal shows is copied into a file while waiting.
 */
#include "support/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#ifdef __APPLE__
#    include <util.h>
#else
#    include <pty.h>
#endif

#include "base/vec.h"
#include "support/patience.h"
#include "support/scratch.h"

extern char **environ;

struct words {
    VEC(char *) list;
};

static void add(struct words *words, const char *text)
{
    VEC_PUSH(test_arena(), &words->list, text ? arena_strdup(test_arena(), text) : NULL);
}

static struct words arguments_of(const char *program, const struct run_options *options)
{
    struct words words = {0};
    add(&words, program);
    for (const char *const *argument = options->arguments; argument && *argument; argument++)
        add(&words, *argument);
    add(&words, NULL);
    return words;
}

/* Is a variable, given as "NAME=value", set or unset by the options? */
static bool is_overridden(const struct run_options *options, const char *variable)
{
    size_t name = strcspn(variable, "=");
    for (const char *const *entry = options->env; entry && *entry; entry++)
        if (strcspn(*entry, "=") == name && strncmp(*entry, variable, name) == 0)
            return true;
    return false;
}

static struct words environment_of(const struct run_options *options)
{
    struct words words = {0};
    for (char **variable = environ; *variable; variable++)
        if (!is_overridden(options, *variable))
            add(&words, *variable);
    for (const char *const *entry = options->env; entry && *entry; entry++)
        if (strchr(*entry, '='))
            add(&words, *entry);
    add(&words, NULL);
    return words;
}

static void redirect(const char *path, int flags, int target)
{
    int fd = open(path, flags, 0600);
    if (fd < 0 || dup2(fd, target) < 0)
        _exit(126);
    close(fd);
}

/* A process with the options' directory and environment, of which `redirect_all` arranges the streams. */
static pid_t spawn(const struct run_options *options, void (*redirect_all)(const void *context),
                   const void *context)
{
    const char *program = options->program ? options->program : getenv("NATSFORM");
    ck_assert_msg(program && program[0], "NATSFORM does not name the program under test");
    struct words arguments = arguments_of(program, options);
    struct words environment = environment_of(options);
    pid_t pid = fork();
    ck_assert_msg(pid >= 0, "no process");
    if (pid == 0) {
        redirect_all(context);
        if (options->directory && chdir(options->directory) != 0)
            _exit(126);
        execve(program, arguments.list.items, environment.list.items);
        _exit(127);
    }
    return pid;
}

struct files {
    const char *in;
    const char *out;
    const char *err;
};

static void to_files(const void *context)
{
    const struct files *files = context;
    redirect(files->in, O_RDONLY, 0);
    redirect(files->out, O_WRONLY, 1);
    redirect(files->err, O_WRONLY, 2);
}

/* ---- terminals ---- */

struct terminal {
    int master;
    int slave;
};

static void type_on(int master, const char *text)
{
    if (text)
        ck_assert_int_eq(write(master, text, strlen(text)), (ssize_t)strlen(text));
}

/* Neither echo, unless that is wanted, nor carriage returns, so that the screen is what the program wrote and nothing else. */
static struct terminal terminal_open(const char *typed, const struct run_options *options)
{
    struct terminal terminal;
    struct termios modes;
    struct winsize size = {.ws_row = 24, .ws_col = options->columns};
    ck_assert_msg(openpty(&terminal.master, &terminal.slave, NULL, NULL, NULL) == 0, "no terminal: %s",
                  strerror(errno));
    if (options->columns)
        ioctl(terminal.slave, TIOCSWINSZ, &size);
    tcgetattr(terminal.slave, &modes);
    if (!options->echoes)
        modes.c_lflag &= ~(tcflag_t)ECHO;
    modes.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(terminal.slave, TCSANOW, &modes);
    fcntl(terminal.master, F_SETFD, FD_CLOEXEC);
    fcntl(terminal.master, F_SETFL, O_NONBLOCK);
    type_on(terminal.master, typed);
    return terminal;
}

static void to_terminal(const void *context)
{
    const struct terminal *terminal = context;
    setsid();
    ioctl(terminal->slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(terminal->slave, fd);
    close(terminal->slave);
}

/* Appends what was written to the terminal since. */
static void copy_screen(int master, const char *path, pid_t pid, const struct run_options *options)
{
    char chunk[4096 + 1];
    ssize_t got = 0;
    if (master < 0)
        return;
    int fd = open(path, O_WRONLY | O_APPEND);
    while ((got = read(master, chunk, sizeof(chunk) - 1)) > 0) {
        chunk[got] = '\0';
        ck_assert_int_eq(write(fd, chunk, (size_t)got), got);
        if (options->watch)
            options->watch(options->context, pid, chunk);
        if (options->types)
            type_on(master, options->types(options->context, pid, chunk));
    }
    close(fd);
}

/* Waits for its end, or ends it. Copies from `master` meanwhile, unless that is -1. */
static int wait_for(pid_t pid, const struct run_options *options, int master, const char *screen,
                    struct run *run, struct rusage *usage)
{
    struct patience patience = {0};
    int status = 0;
    pid_t got = 0;
    while ((got = wait4(pid, &status, WNOHANG, usage)) == 0) {
        copy_screen(master, screen, pid, options);
        if (!patience_lasts(&patience)) {
            run->timed_out = true;
            kill(pid, SIGKILL);
        }
    }
    copy_screen(master, screen, pid, options);
    ck_assert_msg(got == pid, "lost the process: %s", strerror(errno));
    return status;
}

struct run run_natsform(const struct run_options *options)
{
    struct run run = {.exit_code = -1};
    struct rusage usage = {0};
    const char *directory = test_directory();
    const char *input = options->input ? options->input : "";
    struct files files = {.out = write_file(directory, "out", ""), .err = write_file(directory, "err", "")};
    struct terminal terminal = {.master = -1};
    pid_t pid = 0;
    if (options->terminal) {
        terminal = terminal_open(input, options);
        pid = spawn(options, to_terminal, &terminal);
    } else {
        files.in = write_file(directory, "in", input);
        pid = spawn(options, to_files, &files);
    }
    int status = wait_for(pid, options, terminal.master, files.out, &run, &usage);
    if (options->terminal) {
        close(terminal.master);
        close(terminal.slave);
    }
    if (WIFEXITED(status))
        run.exit_code = WEXITSTATUS(status);
    else
        run.signal = WTERMSIG(status);
#ifdef __APPLE__
    run.peak_kb = usage.ru_maxrss / 1024; /* bytes there */
#else
    run.peak_kb = usage.ru_maxrss;
#endif
    run.out = read_file(files.out);
    run.err = read_file(files.err);
    return run;
}

/*
 * To standard error, which is not buffered: a test is a forked process, whose end may write no buffer. Each line is marked, so
 * that what another program counts is not taken for this one's closing line.
 */
bool show_whole(const char *file, int line, const char *title, const char *text)
{
    fprintf(stderr, "%s:%d: %s:\n", file, line, title);
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        fprintf(stderr, "    | %.*s\n", (int)length, text);
    }
    return false;
}
