/*
 * Watching, for `up --watch`; see up.h. Each turn is a process of its own, so nothing of one is left in the next. So is each look at
 * the servers.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "cmd/environment.h"
#include "cmd/up.h"
#include "devenv/watch.h"
#include "view/diagnostics.h"

enum { LIVES_MS = 1000 };

/* What a look at the servers found. */
enum lives {
    LIVES_ALL,
    LIVES_NOT_ALL, /* one has ended, and that was told */
    LIVES_DOWN,    /* nothing is up any more */
};

struct watching {
    struct session *session;
    bool up; /* when last looked at, something was */
    int64_t looked;
    enum lives lives;
};

/* Begins a line of what happened, with the time of day. */
static void stamp(const struct session *session)
{
    char text[32] = "";
    struct tm parts;
    time_t now = time(NULL);
    if (localtime_r(&now, &parts))
        strftime(text, sizeof(text), "%H:%M:%S ", &parts);
    style_print(&session->out, COLOUR_DIM, "%s", text);
}

static void tell(const struct session *session, const char *text)
{
    stamp(session);
    fprintf(session->out.file, "%s\n", text);
    fflush(session->out.file);
}

/* ---- processes ---- */

static pid_t begin(const struct session *session)
{
    /* Else what is buffered would be in both processes, and be printed twice. */
    fflush(session->out.file);
    fflush(session->err.file);
    return fork();
}

/* Waits for the end of the process. Signals are passed on to it: somebody may have sent them to this one only. Its exit code; -1: none. */
static int await_end(pid_t child)
{
    bool told = false;
    int status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0) {
        if (interrupt_came() && !told)
            told = kill(child, SIGTERM) == 0;
        clock_pause(5);
    }
    return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int finish(struct session *session, int result)
{
    fflush(session->out.file);
    view_diagnostics(&session->err, &session->diags);
    fflush(session->err.file);
    return session_exit_code(result, &session->diags);
}

/* ---- turns ---- */

/* Through the pipe it tells which files the manifest was read from. */
static int run_turn(struct session *session, int pipe)
{
    struct path_list reads = {0};
    session->reads = &reads;
    int result = finish(session, up_once(session));
    for (size_t i = 0; i < reads.list.count; i++)
        if (write(pipe, reads.list.items[i], strlen(reads.list.items[i]) + 1) < 0)
            break;
    return result;
}

static struct path_list read_paths(struct arena *arena, int pipe)
{
    struct path_list paths = {0};
    struct strbuf text SCOPED(strbuf_release) = {0};
    enum { LOOK_MS = 250 };
    struct pollfd input = {.fd = pipe, .events = POLLIN};
    char chunk[4096];
    ssize_t got = 1;
    /* This ends with the turn, as that holds the other end of the pipe. */
    while (got > 0 && !interrupt_came())
        if (poll(&input, 1, LOOK_MS) > 0 && (got = read(pipe, chunk, sizeof(chunk))) > 0)
            strbuf_add(&text, chunk, (size_t)got);
    for (size_t at = 0; at < text.length; at += strlen(text.text + at) + 1)
        VEC_PUSH(arena, &paths.list, arena_strdup(arena, text.text + at));
    return paths;
}

/* Runs one turn. *ret_paths is what to watch next. False if the turn could not be started. */
static bool take_turn(struct session *session, struct path_list *ret_paths)
{
    struct arena *arena = &session->arena;
    int ends[2];
    if (pipe(ends))
        return false;
    /* Servers live longer than the turn, and must not keep the pipe open. */
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t child = begin(session);
    if (child == 0) {
        close(ends[0]);
        _exit(run_turn(session, ends[1]));
    }
    close(ends[1]);
    *ret_paths = read_paths(arena, ends[0]);
    close(ends[0]);
    if (child > 0)
        await_end(child);
    /* A turn that fails early may not have told all its files. Those that were given are watched in any case. */
    for (size_t i = 0; i < session->files.count; i++)
        VEC_PUSH(arena, &ret_paths->list, session->files.items[i]);
    for (size_t i = 0; i < session->env_files.count; i++)
        VEC_PUSH(arena, &ret_paths->list, session->env_files.items[i]);
    return child > 0;
}

/* ---- servers ---- */

/* The first node that does not run; NULL: all do. */
static const struct upnode *find_ended(const struct up *up)
{
    for (size_t i = 0; i < up->state.nodes.count; i++)
        if (!up->runner->alive(up->runner, up->state.nodes.items[i]))
            return up->state.nodes.items[i];
    return NULL;
}

/* A `down` elsewhere ends the servers one by one: whether one has ended by itself is known when nobody else is at work. */
static enum lives look_locked(struct session *session)
{
    struct up up;
    if (environment_open(session, true, &up))
        return LIVES_ALL; /* not known: the next look tells */
    const struct upnode *ended = find_ended(&up);
    up_close(&up);
    if (!up.state.nodes.count)
        return LIVES_DOWN;
    if (!ended)
        return LIVES_ALL;
    stamp(session);
    fputs("server '", session->out.file);
    style_safe(&session->out, ended->name);
    fputs("' has ended; it is started again\n", session->out.file);
    fflush(session->out.file);
    return LIVES_NOT_ALL;
}

static enum lives look(struct session *session)
{
    struct up up;
    if (environment_open(session, false, &up))
        return LIVES_ALL;
    return up.state.nodes.count && !find_ended(&up) ? LIVES_ALL : look_locked(session);
}

static enum lives look_apart(struct session *session)
{
    pid_t child = begin(session);
    if (child == 0)
        _exit((int)look(session));
    int found = child > 0 ? await_end(child) : -1;
    return found == LIVES_NOT_ALL || found == LIVES_DOWN ? (enum lives)found : LIVES_ALL;
}

/* For watch_wait(): true ends the wait. */
static bool must_end(void *context)
{
    struct watching *watching = context;
    if (interrupt_came())
        return true;
    if (!watching->up || clock_ms() - watching->looked < LIVES_MS)
        return false;
    watching->lives = look_apart(watching->session);
    watching->looked = clock_ms();
    if (watching->lives == LIVES_DOWN && !interrupt_came()) {
        tell(watching->session, "the servers were taken down; a change of the manifest boots them again");
        watching->up = false;
    }
    return interrupt_came() || watching->lives == LIVES_NOT_ALL;
}

/* ---- the whole ---- */

static void tell_changed(const struct session *session, const char *path)
{
    stamp(session);
    style_safe(&session->out, path);
    fputs(" changed\n", session->out.file);
    fflush(session->out.file);
}

static int take_down(struct session *session)
{
    struct up up;
    if (environment_open(session, true, &up))
        return -1;
    /* The signal that ended the watching is no reason to stop halfway. */
    up.interrupted = NULL;
    int failed = up_down(&up, false, &session->diags);
    up_close(&up);
    return failed ? -1 : EXIT_DONE;
}

/* Waits for the next turn. If a file (NULL: none) changed during the last one, or a server ended, it follows at once. */
static void await_next(struct watching *watching, struct watch *watch, const char *changed)
{
    struct session *session = watching->session;
    watching->lives = changed ? LIVES_ALL : look_apart(session);
    if (!changed && watching->lives != LIVES_NOT_ALL) {
        stamp(session);
        fprintf(session->out.file, "watching%s\n",
                session->again            ? ""
                : session->options.remove ? " for changes; Ctrl-C ends it and takes the servers down"
                                          : " for changes; Ctrl-C ends it, 'natsform down' ends the servers");
        fflush(session->out.file);
        watching->up = watching->lives == LIVES_ALL;
        watching->looked = clock_ms();
        changed = watch_wait(watch, must_end, watching) ? watch_changed_path(watch) : NULL;
    }
    if (changed)
        tell_changed(session, changed);
}

int up_watch(struct session *session)
{
    struct watching watching = {.session = session};
    struct watch *watch = watch_new(&session->arena, session->files.items, session->files.count);
    bool goes_on = true;
    interrupt_defer();
    while (goes_on && !interrupt_came()) {
        struct path_list paths = {0};
        goes_on = take_turn(session, &paths);
        const char *changed = watch_changed(watch) ? watch_changed_path(watch) : NULL;
        watch_release(watch);
        watch = watch_new(&session->arena, paths.list.items, paths.list.count);
        if (goes_on && !interrupt_came())
            await_next(&watching, watch, changed);
        session->again = true;
    }
    watch_release(watch);
    return session->options.remove ? take_down(session) : EXIT_DONE;
}
