/*
 * Reading a server's greeting; see server_hello.h. It tells the version where $SYS.REQ.USER.INFO does not, and
 * why a connection fails where nats.c only says that it did. It comes in clear even when TLS follows, except
 * from a server with handshake_first, which is silent.
 */
#include "server/server_hello.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "field/units.h"
#include "server/api_mailbox.h"
#include "syntax/json.h"

/* INFO of a large cluster lists all its addresses, and stays far below this. Who sends more is no NATS server. */
enum { LINE_MOST = 64 * 1024 };

struct hello {
    struct arena *arena;
    int64_t timeout_ms;
    int64_t deadline;
    const char *reason;
};

static void close_socket(const int *socket_fd)
{
    if (*socket_fd >= 0)
        close(*socket_fd);
}

static void free_addresses(struct addrinfo **addresses)
{
    if (*addresses)
        freeaddrinfo(*addresses);
}

/* "Connection refused" in the style of our messages. */
static const char *lower_case(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    copy[0] = (char)tolower((unsigned char)copy[0]);
    return copy;
}

/* Returns 0 once the socket is ready for `events`, or -1 with a reason. */
static int wait_for(struct hello *hello, int fd, short events)
{
    struct pollfd poller = {.fd = fd, .events = events};
    int64_t left = hello->deadline - clock_ms();
    int ready = 0;
    while (left > 0 && (ready = poll(&poller, 1, (int)left)) < 0 && errno == EINTR)
        left = hello->deadline - clock_ms();
    if (ready > 0)
        return 0;
    hello->reason = arena_printf(hello->arena, "no answer within %s",
                                 duration_format(hello->arena, hello->timeout_ms * 1000000));
    return -1;
}

static int connect_to(struct hello *hello, const struct addrinfo *address)
{
    int error = 0;
    socklen_t length = sizeof(error);
    int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        error = errno;
    else if (connect(fd, address->ai_addr, address->ai_addrlen) < 0)
        error = errno;
    if (error == EINPROGRESS) {
        if (wait_for(hello, fd, POLLOUT))
            goto out;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (!error)
        return fd;
    hello->reason = lower_case(hello->arena, strerror(error));
out:
    close_socket(&fd);
    return -1;
}

static int connect_any(struct hello *hello, const char *host, int port)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses __attribute__((cleanup(free_addresses))) = NULL;
    char service[16];
    int fd = -1;
    snprintf(service, sizeof(service), "%d", port);
    int fault = getaddrinfo(host, service, &hints, &addresses);
    if (fault) {
        hello->reason = lower_case(hello->arena, gai_strerror(fault));
        return -1;
    }
    /* "localhost" is two addresses, and a server may listen on one of them. */
    for (const struct addrinfo *address = addresses; address && fd < 0; address = address->ai_next)
        fd = connect_to(hello, address);
    return fd;
}

static int read_line(struct hello *hello, int fd, struct strbuf *line)
{
    char chunk[4096];
    while (!memchr(strbuf_text(line), '\n', line->length)) {
        if (line->length > LINE_MOST || wait_for(hello, fd, POLLIN))
            return -1;
        ssize_t got = recv(fd, chunk, sizeof(chunk), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0) {
            hello->reason = "it closed the connection";
            return -1;
        }
        strbuf_add(line, chunk, (size_t)got);
    }
    return 0;
}

static const struct node *parse(struct hello *hello, const struct strbuf *line)
{
    struct diags faults __attribute__((cleanup(diags_release))) = {0};
    const char *text = strbuf_text(line);
    const struct node *info = NULL;
    if (strncmp(text, "INFO ", 5) == 0)
        info = json_read(hello->arena, text + 5, strcspn(text + 5, "\r\n"), NULL, &faults);
    if (!info)
        hello->reason = "it is not a NATS server";
    return info;
}

const struct node *server_hello(struct arena *arena, const char *host, int port, int64_t timeout_ms,
                                const char **ret_reason)
{
    struct hello hello = {.arena = arena, .timeout_ms = timeout_ms, .deadline = clock_ms() + timeout_ms};
    struct strbuf line __attribute__((cleanup(strbuf_release))) = {0};
    const struct node *info = NULL;
    int fd __attribute__((cleanup(close_socket))) = connect_any(&hello, host, port);
    if (fd >= 0 && read_line(&hello, fd, &line) == 0)
        info = parse(&hello, &line);
    if (!info)
        *ret_reason = hello.reason ? hello.reason : "it is not a NATS server";
    return info;
}
