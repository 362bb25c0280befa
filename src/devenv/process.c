/*
 * Starting and ending processes; see process.h. natsform may have threads (those of nats.c, in `up --watch`), so between
 * fork and exec only functions that are safe in signal handlers may be called. All that can be prepared is prepared
 * before, and nothing is allocated there.
 */
#include "devenv/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#    include <libproc.h>
#else
#    include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/number.h"
#include "base/read.h"
#include "base/scope.h"

enum { PAUSE_MS = 2, NUMBER_MOST = 24, PROGRAM_MOST = 4096 };

/* Writes the digits of a number, without stdio, because it is called between fork and exec. Returns how many digits. */
static size_t digits_of(uint64_t number, char *digits)
{
    char reversed[NUMBER_MOST];
    size_t length = 0;
    do
        reversed[length++] = (char)('0' + number % 10);
    while (number /= 10);
    for (size_t i = 0; i < length; i++)
        digits[i] = reversed[length - 1 - i];
    digits[length] = '\0';
    return length;
}

/* ---- what a process is ---- */

struct seen {
    uint64_t born; /* 0: it is a zombie */
    bool stopped;
};

#ifdef __APPLE__

static bool look(int64_t pid, struct seen *ret_seen)
{
    struct proc_bsdinfo info;
    if (proc_pidinfo((int)pid, PROC_PIDTBSDINFO, 0, &info, sizeof(info)) != (int)sizeof(info))
        return false;
    if (info.pbi_status != SZOMB)
        ret_seen->born = info.pbi_start_tvsec * 1000000 + info.pbi_start_tvusec;
    ret_seen->stopped = info.pbi_status == SSTOP;
    return true;
}

const char *process_program(struct arena *arena, int64_t pid)
{
    char path[PROC_PIDPATHINFO_MAXSIZE];
    return proc_pidpath((int)pid, path, sizeof(path)) > 0 ? arena_strdup(arena, path) : NULL;
}

const char *process_folder(struct arena *arena, int64_t pid)
{
    struct proc_vnodepathinfo info;
    if (proc_pidinfo((int)pid, PROC_PIDVNODEPATHINFO, 0, &info, sizeof(info)) != (int)sizeof(info))
        return NULL;
    return info.pvi_cdir.vip_path[0] ? arena_strdup(arena, info.pvi_cdir.vip_path) : NULL;
}

const char *process_command(struct arena *arena, int64_t pid)
{
    const char *program = process_program(arena, pid);
    return program ? program : "";
}

bool process_option(struct arena *arena, int64_t pid, const char *const *spellings, const char **ret_value)
{
    (void)arena;
    (void)pid;
    (void)spellings;
    (void)ret_value;
    return false;
}

bool process_is_contained(struct arena *arena, int64_t pid)
{
    (void)arena;
    (void)pid;
    return false;
}

#else

/* Makes "/proc/PID/FILE", without stdio. */
static void proc_path(char *path, int64_t pid, const char *file)
{
    size_t length = sizeof("/proc/") - 1;
    memcpy(path, "/proc/", length);
    length += digits_of((uint64_t)pid, path + length);
    path[length++] = '/';
    memcpy(path + length, file, strlen(file) + 1);
}

/*
 * A number in /proc/PID/stat. The line's second field is the program's name in parentheses. It may contain blanks and
 * parentheses, so fields are counted from its end at `name`.
 */
static uint64_t stat_field(const char *name, int field)
{
    uint64_t number = 0;
    const char *at = name;
    for (int i = 2; i < field && at; i++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at && number_scan_u64(&at, &number) ? number : 0;
}

/*
 * Safe between fork and exec. A zombie counts as gone, unless it still has other threads: then its files and ports may
 * be open. False if the process cannot be seen.
 */
static bool look(int64_t pid, struct seen *ret_seen)
{
    enum { THREADS_FIELD = 20, BORN_FIELD = 22 };
    char path[64], line[1024];
    proc_path(path, pid, "stat");
    int fd SCOPED(close_fd) = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
    if (got <= 0)
        return false;
    line[got] = '\0';
    const char *name = strrchr(line, ')');
    if (!name || strlen(name) < 3)
        return false;
    bool ended = name[2] == 'Z' || name[2] == 'X';
    if (!ended || stat_field(name, THREADS_FIELD) > 1)
        ret_seen->born = stat_field(name, BORN_FIELD);
    ret_seen->stopped = name[2] == 'T' || name[2] == 't';
    return true;
}

/* What a file of it is a link to. If the target is gone, the system says so behind its path. */
static const char *proc_target(struct arena *arena, int64_t pid, const char *file, bool *ret_gone)
{
    static const char gone[] = " (deleted)";
    char path[64], target[4096];
    proc_path(path, pid, file);
    ssize_t length = readlink(path, target, sizeof(target) - 1);
    if (length <= 0)
        return NULL;
    target[length] = '\0';
    size_t tail = sizeof(gone) - 1;
    *ret_gone = (size_t)length > tail && strcmp(target + length - tail, gone) == 0;
    if (*ret_gone)
        target[(size_t)length - tail] = '\0';
    return arena_strdup(arena, target);
}

const char *process_program(struct arena *arena, int64_t pid)
{
    bool gone = false; /* the file was replaced since the start; the process is the same */
    return proc_target(arena, pid, "exe", &gone);
}

const char *process_folder(struct arena *arena, int64_t pid)
{
    bool gone = false;
    const char *folder = proc_target(arena, pid, "cwd", &gone);
    return gone ? NULL : folder;
}

/* Each argument with a NUL at its end; of 0 bytes when they cannot be known. */
static struct source read_arguments(struct arena *arena, int64_t pid)
{
    struct source text = {.text = ""};
    char path[64];
    proc_path(path, pid, "cmdline");
    file_read(arena, path, FILE_SMALL_MOST, &text, NULL);
    return text;
}

const char *process_command(struct arena *arena, int64_t pid)
{
    struct source text = read_arguments(arena, pid);
    if (!text.length)
        return "";
    char *command = arena_strndup(arena, text.text, text.length - 1);
    for (size_t i = 0; i + 1 < text.length; i++)
        if (command[i] == '\0')
            command[i] = ' ';
    return command;
}

/* The option's value, if the argument is this option: behind its '=', or in the next argument. */
static const char *option_value(const char *argument, const char *spelling, const char *next)
{
    size_t length = strlen(spelling);
    if (strncmp(argument, spelling, length) != 0)
        return NULL;
    return argument[length] == '=' ? argument + length + 1 : argument[length] ? NULL : next;
}

bool process_option(struct arena *arena, int64_t pid, const char *const *spellings, const char **ret_value)
{
    struct source text = read_arguments(arena, pid);
    const char *end = text.text + text.length;
    *ret_value = NULL;
    for (const char *at = text.text; at < end; at += strlen(at) + 1) {
        const char *next = at + strlen(at) + 1;
        for (size_t i = 0; spellings[i]; i++) {
            const char *value = option_value(at, spellings[i], next < end ? next : "");
            *ret_value = value ? value : *ret_value;
        }
    }
    return text.length > 0;
}

/* How many PID namespaces a process is in, from ours downwards: the line "NSpid: 4711 12 1" has its pid in each. 0: not known. */
static size_t namespaces_of(struct arena *arena, const char *pid)
{
    static const char key[] = "\nNSpid:";
    struct source text;
    size_t count = 0;
    if (file_read(arena, arena_printf(arena, "/proc/%s/status", pid), FILE_SMALL_MOST, &text, NULL))
        return 0;
    const char *line = strstr(text.text, key);
    for (line = line ? line + strlen(key) : ""; *line && *line != '\n'; count++) {
        line += strspn(line, " \t");
        line += strcspn(line, " \t\n");
    }
    return count;
}

bool process_is_contained(struct arena *arena, int64_t pid)
{
    return namespaces_of(arena, arena_printf(arena, "%lld", (long long)pid)) > namespaces_of(arena, "self");
}

#endif

/* Safe between fork and exec. */
uint64_t process_born(int64_t pid)
{
    struct seen seen = {0};
    return pid > 0 && look(pid, &seen) ? seen.born : 0;
}

/*
 * /proc may hide processes of others (hidepid), or there may be no descriptor left to read it. So only a pid that does
 * not exist is gone.
 */
static enum process_life judge_unseen(int64_t pid)
{
    return kill((pid_t)pid, 0) && errno == ESRCH ? PROCESS_GONE : PROCESS_UNKNOWN;
}

enum process_life process_look(struct arena *arena, const struct process *process)
{
    struct seen seen = {0};
    if (process->pid <= 0)
        return PROCESS_GONE;
    waitpid((pid_t)process->pid, NULL, WNOHANG); /* it may be our own child, which would stay a zombie */
    if (!look(process->pid, &seen))
        return judge_unseen(process->pid);
    /* Pids are used again. A process that was born at another time is another one. */
    if (!seen.born || (process->born && seen.born != process->born))
        return PROCESS_GONE;
    const char *program = process->program ? process_program(arena, process->pid) : NULL;
    if (program && strcmp(program, process->program) != 0)
        return PROCESS_GONE;
    return seen.stopped ? PROCESS_STOPPED : PROCESS_RUNS;
}

bool process_runs(struct arena *arena, const struct process *process)
{
    return process_look(arena, process) != PROCESS_GONE;
}

struct process process_read(struct arena *arena, const char *pid_file)
{
    struct process process = {0};
    struct source file;
    uint64_t pid = 0;
    if (file_read(arena, pid_file, FILE_SMALL_MOST, &file, NULL))
        return process;
    const char *text = file.text;
    /* A file that is not understood names no process: none is stopped because of it. */
    if (!number_scan_u64(&text, &pid) || *text++ != ' ' || !number_scan_u64(&text, &process.born))
        return (struct process){0};
    process.pid = (int64_t)pid;
    if (*text++ == ' ')
        process.program = arena_strndup(arena, text, strcspn(text, "\n"));
    return process;
}

/* ---- starting ---- */

/* Writes "PID BORN PROGRAM\n" to a temporary file and renames it, so the pid file is never half written. */
static int write_pid(const char *temporary, const char *path, const char *program)
{
    char text[2 * NUMBER_MOST + PROGRAM_MOST];
    size_t length = digits_of((uint64_t)getpid(), text);
    text[length++] = ' ';
    length += digits_of(process_born(getpid()), text + length);
    text[length++] = ' ';
    while (*program && length + 1 < sizeof(text))
        text[length++] = *program++;
    text[length++] = '\n';
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    bool written = write(fd, text, length) == (ssize_t)length;
    return close(fd) == 0 && written ? rename(temporary, path) : -1;
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        /* What the parent ignores or blocks would stay so in the server. */
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Standard input becomes empty, and output goes to the log. */
static int set_streams(const char *log)
{
    int null = open("/dev/null", O_RDWR);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    return null < 0 || out < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
                   dup2(out, STDERR_FILENO) < 0
               ? -1
               : 0;
}

/* The parent may have ended before that was asked for. */
static void end_with(pid_t parent)
{
#ifndef __APPLE__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(127);
}

/* Runs in the new process and does not return. If it fails, it tells the parent through the pipe where. */
static void become(const struct process_start *start, const char *temporary, int pipe, pid_t parent)
{
    union {
        const char *const *given;
        char *const *taken;
    } arguments = {.given = start->arguments}; /* exec wants them without const, but does not write there */
    unsigned char failed[2] = {0};
    reset_signals();
    if (start->ends_with_us)
        end_with(parent);
    /* A session of its own: Ctrl-C at the terminal, and its end, are not meant for the server. */
    setsid();
    /* The server inherits the lock of its store, which lives exactly as long as it does. It does not know of it. */
    if (start->lock >= 0 && fcntl(start->lock, F_SETFD, 0))
        failed[0] = 1;
    else if (chdir(start->folder))
        failed[0] = 2;
    else if (set_streams(start->log))
        failed[0] = 3;
    else if (write_pid(temporary, start->pid_file, start->arguments[0]))
        failed[0] = 4;
    else {
        execv(start->arguments[0], arguments.taken);
        unlink(start->pid_file);
        failed[0] = 0;
    }
    failed[1] = (unsigned char)errno;
    if (write(pipe, failed, sizeof(failed)) < 0)
        _exit(126);
    _exit(127);
}

static const char *what_failed(struct arena *arena, const struct process_start *start, int step)
{
    switch (step) {
    case 1:
        return "keep the lock of its store";
    case 2:
        return arena_printf(arena, "go to '%s'", start->folder);
    case 3:
        return arena_printf(arena, "write '%s'", start->log);
    case 4:
        return arena_printf(arena, "write '%s'", start->pid_file);
    default:
        return arena_printf(arena, "run '%s'", start->arguments[0]);
    }
}

int process_start(struct arena *arena, const struct process_start *start, struct process *ret_process,
                  const char **ret_what)
{
    int ends[2];
    unsigned char failed[2];
    const char *temporary = arena_printf(arena, "%s.new", start->pid_file);
    *ret_what = "start a process";
    if (pipe(ends))
        return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(start, temporary, ends[1], parent);
    int error = pid < 0 ? errno : 0;
    close(ends[1]);
    /* The pipe closes at exec, so the end of the file means that the program runs. Bytes in it say what failed. */
    ssize_t got = 0;
    while (!error && (got = read(ends[0], failed, sizeof(failed))) < 0 && errno == EINTR)
        continue;
    close(ends[0]);
    if (got == (ssize_t)sizeof(failed)) {
        waitpid(pid, NULL, 0);
        *ret_what = what_failed(arena, start, failed[0]);
        return failed[1];
    }
    if (!error)
        *ret_process =
            (struct process){.pid = pid, .born = process_born(pid), .program = start->arguments[0]};
    return error;
}

/* ---- ending ---- */

static size_t count_running(struct arena *arena, const struct process *processes, size_t count)
{
    size_t running = 0;
    for (size_t i = 0; i < count; i++)
        running += process_runs(arena, &processes[i]);
    return running;
}

/*
 * A stopped process gets no signal but SIGKILL. So it is continued after the signal was sent, which is the first thing
 * that it gets then.
 */
static void end_process(struct arena *arena, const struct process *process, int number)
{
    enum process_life life = process_look(arena, process);
    if (life != PROCESS_RUNS && life != PROCESS_STOPPED)
        return;
    kill((pid_t)process->pid, number);
    kill((pid_t)process->pid, SIGCONT);
}

size_t processes_stop(struct arena *arena, const struct process *processes, size_t count, int64_t patience_ms)
{
    /* SIGINT ends every version cleanly with exit code 0. After SIGTERM servers before 2.11 end with 1. */
    static const int signals[] = {SIGINT, SIGKILL};
    size_t running = count_running(arena, processes, count);
    for (size_t turn = 0; running && turn < sizeof(signals) / sizeof(signals[0]); turn++) {
        int64_t deadline = clock_ms() + patience_ms;
        for (size_t i = 0; i < count; i++)
            end_process(arena, &processes[i], signals[turn]);
        while ((running = count_running(arena, processes, count)) > 0 && clock_ms() < deadline)
            clock_pause(PAUSE_MS);
    }
    return running;
}
