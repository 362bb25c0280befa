/* A minimal HTTP client; see probe.h. It speaks HTTP/1.0, where the end of the connection is the end of the reply. */
#include "devenv/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "syntax/json.h"

#ifndef MSG_NOSIGNAL /* macOS lacks this part of POSIX; there, nats.c ignores SIGPIPE */
#    define MSG_NOSIGNAL 0
#endif

/* A reply beyond this is cut off, not refused. */
enum { REPLY_MOST = 16 * 1024 * 1024, CONNECT_MS = 2000 };

struct target {
    char host[256];
    char port[8];
    const char *base; /* the path, without a slash at its end */
    size_t base_length;
};

/* Splits URLs such as "http://127.0.0.1:8222/base" and "nats://[::1]:4222". */
static bool take_apart(const char *url, struct target *ret_target)
{
    const char *host = strstr(url, "://");
    if (!host)
        return false;
    host += 3;
    const char *bracket = *host == '[' ? strchr(host, ']') : NULL;
    const char *end = bracket ? bracket : host + strcspn(host, ":/");
    host += bracket != NULL;
    const char *colon = end + (bracket != NULL);
    size_t length = (size_t)(end - host);
    size_t digits = *colon == ':' ? strspn(colon + 1, "0123456789") : 0;
    if (!length || length >= sizeof(ret_target->host) || !digits || digits >= sizeof(ret_target->port))
        return false;
    memcpy(ret_target->host, host, length);
    ret_target->host[length] = '\0';
    memcpy(ret_target->port, colon + 1, digits);
    ret_target->port[digits] = '\0';
    ret_target->base = colon + 1 + digits;
    ret_target->base_length = strlen(ret_target->base);
    while (ret_target->base_length && ret_target->base[ret_target->base_length - 1] == '/')
        ret_target->base_length--;
    return true;
}

static bool await(int fd, short events, int64_t deadline)
{
    struct pollfd wait = {.fd = fd, .events = events};
    int64_t left = deadline - clock_ms();
    /* Interrupted by a signal counts as not ready; callers ask again. */
    return left > 0 && poll(&wait, 1, (int)left) > 0;
}

/* A connected socket that does not block; -1 if connecting takes too long or is refused. */
static int open_connection(const struct target *target, int64_t deadline)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *found = NULL;
    int error = 0;
    socklen_t length = sizeof(error);
    if (getaddrinfo(target->host, target->port, &hints, &found))
        return -1;
    int fd = socket(found->ai_family, found->ai_socktype, 0);
    /* Not blocking from the start: a stopped process with a full queue would hold connect() for minutes. */
    bool fine = fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
                (connect(fd, found->ai_addr, found->ai_addrlen) == 0 ||
                 (errno == EINPROGRESS && await(fd, POLLOUT, deadline) &&
                  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && !error));
    freeaddrinfo(found);
    if (!fine && fd >= 0)
        close(fd);
    return fine ? fd : -1;
}

/* Reads until the connection ends, or at least `least` bytes are there. */
static bool read_reply(int fd, size_t least, int64_t deadline, struct strbuf *out)
{
    char chunk[8192];
    while (out->length < least) {
        if (!await(fd, POLLIN, deadline))
            return false;
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (got > 0)
            strbuf_add(out, chunk, (size_t)got);
    }
    return true;
}

static int open_url(const char *url, struct target *ret_target, int64_t deadline)
{
    return take_apart(url, ret_target) ? open_connection(ret_target, deadline) : -1;
}

/* The status in "HTTP/1.0 200 OK\r\n". */
static int status_of(const char *reply)
{
    const char *at = strchr(reply, ' ');
    uint64_t status = 0;
    if (strncmp(reply, "HTTP/", strlen("HTTP/")) != 0 || !at++)
        return 0;
    return number_scan_u64(&at, &status) && status < 1000 ? (int)status : 0;
}

int probe_get(struct arena *arena, const char *url, const char *path, int64_t most_ms, const char **ret_body)
{
    struct target target;
    struct strbuf request SCOPED(strbuf_release) = {0};
    struct strbuf reply SCOPED(strbuf_release) = {0};
    int64_t deadline = clock_ms() + most_ms;
    if (strncmp(url, "http://", strlen("http://")) != 0)
        return 0;
    int fd SCOPED(close_fd) = open_url(url, &target, deadline);
    if (fd < 0)
        return 0;
    strbuf_addf(&request, "GET %.*s%s HTTP/1.0\r\nHost: localhost\r\n\r\n", (int)target.base_length,
                target.base, path);
    if (send(fd, request.text, request.length, MSG_NOSIGNAL) != (ssize_t)request.length ||
        !read_reply(fd, REPLY_MOST, deadline, &reply))
        return 0;
    const char *body = strstr(strbuf_text(&reply), "\r\n\r\n");
    *ret_body = arena_strdup(arena, body ? body + strlen("\r\n\r\n") : "");
    return status_of(strbuf_text(&reply));
}

const struct node *probe_json(struct arena *arena, const char *url, const char *path, int64_t most_ms)
{
    struct diags faults SCOPED(diags_release) = {0};
    const char *body = NULL;
    if (probe_get(arena, url, path, most_ms, &body) != 200)
        return NULL;
    return json_read(arena, body, strlen(body), NULL, &faults);
}

bool probe_greets(const char *url, int64_t most_ms)
{
    static const char greeting[] = "INFO ";
    struct target target;
    struct strbuf reply SCOPED(strbuf_release) = {0};
    int64_t deadline = clock_ms() + most_ms;
    int fd SCOPED(close_fd) = open_url(url, &target, deadline);
    return fd >= 0 && read_reply(fd, sizeof(greeting) - 1, deadline, &reply) &&
           strncmp(strbuf_text(&reply), greeting, sizeof(greeting) - 1) == 0;
}

/*
 * Who waits for the other side to speak is an HTTP server, or one that begins with TLS. Client ports of NATS greet at
 * once.
 */
bool probe_is_silent(const char *host, int port, int64_t wait_ms)
{
    struct target target = {0};
    snprintf(target.host, sizeof(target.host), "%s", host);
    snprintf(target.port, sizeof(target.port), "%d", port);
    int fd SCOPED(close_fd) = open_connection(&target, clock_ms() + CONNECT_MS);
    return fd >= 0 && !await(fd, POLLIN, clock_ms() + wait_ms);
}
