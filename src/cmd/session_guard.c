/*
 * The process that outlives a run that was killed; see session_guard.h.
 *
 * What it has to know comes as records over a socket: the length, then as many bytes of texts that end with a NUL each: the rows of
 * the settings in order, each after SET or UNSET, the deadline of requests, and the stream. A record of no bytes takes the last
 * one back. The end of the socket is the end of the run, however that came.
 */
#include "cmd/session_guard.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"

#ifndef MSG_NOSIGNAL /* where a closed socket's signal is switched off by an option */
#    define MSG_NOSIGNAL 0
#endif

enum {
    SET = '+',
    UNSET = '-',
    DESCRIPTORS_MOST = 65536,
    TRIES = 3, /* at a server that may be busy with what killed the run */
    BETWEEN_MS = 1000,
};

/* ---- the run's side ---- */

static void send_record(const struct session *session, const struct strbuf *record)
{
    struct strbuf bytes __attribute__((cleanup(strbuf_release))) = {0};
    uint32_t length = (uint32_t)record->length;
    strbuf_add(&bytes, (const char *)&length, sizeof(length));
    strbuf_add(&bytes, strbuf_text(record), record->length);
    const char *at = strbuf_text(&bytes);
    size_t left = bytes.length;
    ssize_t sent = 0;
    while (left > 0 && (sent = send(session->guard_socket, at, left, MSG_NOSIGNAL)) > 0) {
        at += sent;
        left -= (size_t)sent;
    }
}

void session_guard_lock(void *context, const char *stream)
{
    struct session *session = context;
    struct strbuf record __attribute__((cleanup(strbuf_release))) = {0};
    if (session->guard <= 0)
        return;
    for (size_t i = 0; stream && i < setting_row_count; i++) {
        const char *value = setting_get(&session->settings, &setting_rows[i]);
        strbuf_addc(&record, value ? SET : UNSET);
        strbuf_adds(&record, value ? value : "");
        strbuf_addc(&record, '\0');
    }
    if (stream) {
        strbuf_addf(&record, "%lld", (long long)session->settings.timeout_ms);
        strbuf_addc(&record, '\0');
        strbuf_adds(&record, stream);
        strbuf_addc(&record, '\0');
    }
    send_record(session, &record);
}

void session_guard_end(struct session *session)
{
    if (session->guard <= 0)
        return;
    close(session->guard_socket);
    waitpid(session->guard, NULL, 0);
    session->guard = 0;
}

/* ---- the guard's side ---- */

/* Nothing that the run was given may be kept open beyond its end: pipes, terminals, files that others have locked. */
static void let_go_of_all_but(int kept)
{
    struct rlimit limit = {.rlim_cur = DESCRIPTORS_MOST};
    int nothing = open("/dev/null", O_RDWR);
    getrlimit(RLIMIT_NOFILE, &limit);
    int most = limit.rlim_cur < DESCRIPTORS_MOST ? (int)limit.rlim_cur : DESCRIPTORS_MOST;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(nothing, fd);
    for (int fd = STDERR_FILENO + 1; fd < most; fd++)
        if (fd != kept)
            close(fd);
    setsid(); /* the terminal's signals are for the run */
}

static bool receive(int fd, void *bytes, size_t length)
{
    return length == 0 || recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

/* The last record, or NULL when it was taken back. */
static const char *read_until_end(struct arena *arena, int fd)
{
    char *record = NULL;
    uint32_t length = 0;
    while (receive(fd, &length, sizeof(length))) {
        char *bytes = arena_alloc(arena, (size_t)length + 1);
        if (!receive(fd, bytes, length))
            break; /* the run died while it wrote: what came before still counts */
        record = length ? bytes : NULL;
    }
    return record;
}

static const char *next_text(const char **at)
{
    const char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

static void bury(struct session *session, const char *record)
{
    struct connection_settings settings = {.lookup = session_lookup, .lookup_context = session};
    const char *at = record;
    for (size_t i = 0; i < setting_row_count; i++) {
        const char *value = next_text(&at);
        if (*value == SET)
            setting_set(&settings, &setting_rows[i], value + 1);
    }
    number_parse_i64(next_text(&at), &settings.timeout_ms);
    for (int i = 0; i < TRIES && !session->server; i++) {
        if (i > 0)
            clock_pause(BETWEEN_MS);
        server_connect(&settings, &session->server, &session->diags);
    }
    if (session->server)
        lock_bury(session->server, next_text(&at));
}

static _Noreturn void guard(struct session *session, int fd)
{
    let_go_of_all_but(fd);
    const char *record = read_until_end(&session->arena, fd);
    if (record)
        bury(session, record);
    _exit(0);
}

void session_guard(struct session *session)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        return;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC); /* servers that the run starts outlive it */
    session->guard = fork();
    if (session->guard == 0) {
        close(ends[0]);
        guard(session, ends[1]);
    }
    close(ends[1]);
    session->guard_socket = ends[0];
    if (session->guard < 0)
        close(ends[0]);
}
