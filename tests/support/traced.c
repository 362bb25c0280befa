/* natsform, call by call; see traced.h. */
#include "support/traced.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/scratch.h"

enum call_kind {
    ON_NAMES,  /* its arguments are names */
    ON_FILE,   /* the first is a descriptor */
    ON_LENGTH, /* and the third a length */
    MAKES,     /* opens a file; told if it may make it */
};

static const struct {
    long number;
    enum call_kind kind;
    const char *name;
} calls[] = {
    {SYS_read, ON_LENGTH, "read"},        {SYS_write, ON_LENGTH, "write"},
    {SYS_writev, ON_FILE, "write"},       {SYS_pwrite64, ON_LENGTH, "write"},
    {SYS_sendto, ON_LENGTH, "send"},      {SYS_sendmsg, ON_FILE, "send"},
    {SYS_recvfrom, ON_LENGTH, "receive"}, {SYS_recvmsg, ON_FILE, "receive"},
    {SYS_connect, ON_FILE, "connect"},    {SYS_fsync, ON_FILE, "sync"},
    {SYS_fdatasync, ON_FILE, "sync"},     {SYS_ftruncate, ON_FILE, "truncate"},
    {SYS_fchmod, ON_FILE, "chmod"},       {SYS_flock, ON_FILE, "lock"},
    {SYS_openat, MAKES, "open"},          {SYS_mkdirat, ON_NAMES, "mkdir"},
    {SYS_linkat, ON_NAMES, "link"},       {SYS_renameat2, ON_NAMES, "rename"},
    {SYS_unlinkat, ON_NAMES, "unlink"},   {SYS_fchmodat, ON_NAMES, "chmod"},
/* Older machines have these as well. */
#ifdef SYS_renameat
    {SYS_renameat, ON_NAMES, "rename"},
#endif
#ifdef SYS_rename
    {SYS_rename, ON_NAMES, "rename"},     {SYS_link, ON_NAMES, "link"},
    {SYS_unlink, ON_NAMES, "unlink"},     {SYS_rmdir, ON_NAMES, "unlink"},
    {SYS_mkdir, ON_NAMES, "mkdir"},       {SYS_chmod, ON_NAMES, "chmod"},
#endif
};

struct tracing {
    pid_t pid; /* of the process; its threads have others */
    traced_hook *hook;
    void *context;
    struct traced ended;
};

/* ---- the process ---- */

/* A leak checker cannot do its work under another tracer. */
static void prepare_sanitizers(void)
{
    const char *options = getenv("ASAN_OPTIONS");
    setenv("ASAN_OPTIONS",
           arena_printf(test_arena(), "%s%sdetect_leaks=0", options ? options : "", options ? ":" : ""), 1);
}

static _Noreturn void become_natsform(const char *directory, char *const *words, int output)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    int null = open("/dev/null", O_RDONLY);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        signal(numbers[i], SIG_DFL);
    prepare_sanitizers();
    if (setpgid(0, 0) || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0 || chdir(directory) || ptrace(PTRACE_TRACEME, 0, NULL, NULL) ||
        raise(SIGSTOP))
        _exit(126);
    execv(words[0], words);
    _exit(127);
}

static pid_t start(const char *directory, const char *const *arguments, const char *said)
{
    char *words[16] = {arena_strdup(test_arena(), getenv("NATSFORM"))};
    int output = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    for (size_t i = 0; arguments[i]; i++)
        words[i + 1] = arena_strdup(test_arena(), arguments[i]);
    pid_t pid = fork();
    if (pid == 0)
        become_natsform(directory, words, output);
    int status = 0;
    ck_assert(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
    close(output);
    /* Whatever becomes of the test, it does not outlive that. */
    const uintptr_t options =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    ck_assert_msg(ptrace(PTRACE_SETOPTIONS, pid, NULL, options) == 0, "cannot trace: %s", strerror(errno));
    ck_assert_int_eq(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
    return pid;
}

/* ---- its calls ---- */

static const char *file_behind(const struct tracing *tracing, uint64_t descriptor)
{
    char target[4096] = "";
    const char *link = arena_printf(test_arena(), "/proc/%d/fd/%d", (int)tracing->pid, (int)descriptor);
    return readlink(link, target, sizeof(target) - 1) < 0 ? "" : arena_strdup(test_arena(), target);
}

/* True: it is to be killed. */
static bool tell(struct tracing *tracing, long number, const uint64_t arguments[6])
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].number != number)
            continue;
        enum call_kind kind = calls[i].kind;
        if (kind == MAKES && !(arguments[2] & O_CREAT))
            return false;
        const struct traced_call call = {
            .number = tracing->ended.calls++,
            .name = calls[i].name,
            .file = kind == ON_FILE || kind == ON_LENGTH ? file_behind(tracing, arguments[0]) : "",
            .length = kind == ON_LENGTH ? (size_t)arguments[2] : 0,
        };
        return tracing->hook && tracing->hook(tracing->context, &call);
    }
    return false;
}

/* A thread has stopped: before or behind a call, or because a signal came. */
static void go_on(struct tracing *tracing, pid_t thread, int status)
{
    struct __ptrace_syscall_info info = {0};
    int signal_number = WSTOPSIG(status);
    uintptr_t pass_on = 0;
    if (signal_number == (SIGTRAP | 0x80)) {
        bool entered = ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) > 0 &&
                       info.op == PTRACE_SYSCALL_INFO_ENTRY;
        if (entered && !tracing->ended.killed &&
            tell(tracing, (long)info.entry.nr, (const uint64_t *)info.entry.args)) {
            tracing->ended.killed = true;
            kill(tracing->pid, SIGKILL);
        }
    } else if (signal_number != SIGTRAP && signal_number != SIGSTOP) {
        pass_on = (uintptr_t)signal_number; /* the others are the tracer's own */
    }
    /* Of one that was killed it fails, which is no matter. */
    ptrace(PTRACE_SYSCALL, thread, NULL, pass_on);
}

struct traced traced_run(const char *directory, const char *const *arguments, traced_hook *hook,
                         void *context)
{
    const char *said = arena_printf(test_arena(), "%s/said", test_directory());
    struct tracing tracing = {.hook = hook, .context = context, .ended.exit_code = -1};
    pid_t thread;
    int status = 0;
    tracing.pid = start(directory, arguments, said);
    /* All of its threads are of its group, and nothing else of the test is. */
    while ((thread = waitpid(-tracing.pid, &status, __WALL)) > 0 || errno == EINTR) {
        if (thread <= 0)
            continue;
        if (WIFSTOPPED(status))
            go_on(&tracing, thread, status);
        else if (thread == tracing.pid && WIFEXITED(status))
            tracing.ended.exit_code = WEXITSTATUS(status);
    }
    tracing.ended.said = read_file(said);
    return tracing.ended;
}

static bool is_number(void *context, const struct traced_call *call)
{
    const size_t *number = context;
    return call->number == *number;
}

struct traced traced_kill(const char *directory, const char *const *arguments, size_t number)
{
    return traced_run(directory, arguments, is_number, &number);
}

void traced_kill_surely(const char *directory, const char *const *arguments, size_t number,
                        void (*again)(void *context), void *context)
{
    for (;; number--) {
        again(context);
        if (traced_kill(directory, arguments, number).killed)
            return;
        ck_assert_uint_gt(number, 0);
    }
}
