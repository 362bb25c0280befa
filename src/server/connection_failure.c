/*
 * Why a connection failed; see connection_failure.h. nats.c tells by its status and, for TLS and errors of the
 * server, by its text. "No server" may be anything below TCP, so the greeting is asked for once more to learn
 * the reason.
 */
#include "server/connection_failure.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "field/value.h"
#include "server/library.h"
#include "syntax/json.h"

/*
 * ---- server hello ----
 * Reading a server's greeting. It tells the version where $SYS.REQ.USER.INFO does not, and
 * why a connection fails where nats.c only says that it did. It comes in clear even when TLS follows, except
 * from a server with handshake_first, which is silent.
 */

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

/* ---- connection failure ---- */

DIAG_CODE(code_credentials, .name = "credentials", CODE_ERROR(EXIT_UNREACHABLE),
          .doc = "The server refused the credentials, or they cannot be read.",
          .why = "The server would not let you in.", .example = "natsform plan --creds old.creds",
          .remedy = "Renew or name the right credentials; the message says which were used.");

DIAG_CODE(code_unreachable, .name = "unreachable", CODE_ERROR(EXIT_UNREACHABLE),
          .doc = "No server answers at the address.", .why = "Nothing can be read or written.",
          .example = "natsform plan -s nats://127.0.0.1:1",
          .remedy = "Start the server, or name its address.");

DIAG_CODE(code_timeout, .name = "timeout", CODE_ERROR(EXIT_UNREACHABLE),
          .doc = "The server did not answer a request before its deadline.",
          .why = "The server may be busy, or without a leader.", .example = "natsform plan --timeout 1ms",
          .remedy = "Try again, or wait longer: --timeout 30s.");

enum kind {
    FAILED_TO_REACH, /* in the order of how much they tell */
    FAILED_BY_DEADLINE,
    FAILED_OTHERWISE,
    FAILED_TLS,
    FAILED_CREDENTIALS,
};

struct report {
    struct arena *arena;
    const struct connection_settings *settings;
    const struct connect_failure *failure;
    const char *urls; /* all that were tried, in quotes */
    struct diags *diags;
};

/* In any case: servers and TLS libraries spell such words in both ways. */
static bool contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

static enum kind kind_of(const struct connect_failure *failure)
{
    switch (failure->status) {
    case NATS_CONNECTION_AUTH_FAILED:
        return FAILED_CREDENTIALS;
    case NATS_SSL_ERROR:
    case NATS_SECURE_CONNECTION_WANTED:
    case NATS_SECURE_CONNECTION_REQUIRED:
        return FAILED_TLS;
    case NATS_TIMEOUT:
        return FAILED_BY_DEADLINE;
    case NATS_NO_SERVER:
        return FAILED_TO_REACH;
    default:
        /* nats.c knows only two of the server's errors about who we are: see server/client.go and auth.go. */
        if (contains(failure->text, "authentication") || contains(failure->text, "authorization"))
            return FAILED_CREDENTIALS;
        return FAILED_OTHERWISE;
    }
}

/* Of several URLs that failed the one that tells most, such as refused credentials before "nobody there". */
static const struct connect_failure *worst_of(const struct connect_failure *failures, size_t count)
{
    const struct connect_failure *worst = failures;
    for (size_t i = 1; i < count; i++)
        if (kind_of(&failures[i]) > kind_of(worst))
            worst = &failures[i];
    return worst;
}

static void report_credentials(const struct report *report)
{
    const struct connect_failure *failure = report->failure;
    struct diag *diag = NULL;
    if (failure->who)
        diag = diag_add(report->diags, &code_credentials, (struct srcpos){0}, "server %s refuses %s: %s",
                        failure->url->where, failure->who, failure->text);
    else
        diag = diag_add(report->diags, &code_credentials, (struct srcpos){0},
                        "server %s wants credentials, and none are given", failure->url->where);
    diag_hint(report->diags, diag,
              failure->who ? "check the credentials, and that they are for this server"
                           : "give --creds, --nkey, --user with a password, or a nats context that has them");
}

static const char *tls_hint(const char *text)
{
    if (contains(text, "hostname mismatch") || contains(text, "IP address mismatch"))
        return "the URL must have a host that the server's certificate names";
    if (contains(text, "self") || contains(text, "issuer") || contains(text, "unable to verify"))
        return "name the CA that signed the server's certificate, as --tlsca or 'ca'";
    if (contains(text, "certificate required") || contains(text, "bad certificate"))
        return "the server wants a client certificate that it trusts: --tlscert and --tlskey";
    return "check the certificates of both sides";
}

/* "20:unable to get local issuer certificate:depth=0:cert=/CN=server:issuer=/CN=ca", or just a reason. */
static const char *tls_reason(const struct report *report, const char *text)
{
    const char *start = text + strspn(text, "0123456789");
    const char *depth = strstr(text, ":depth=");
    const char *cert = strstr(text, ":cert=");
    const char *issuer = strstr(text, ":issuer=");
    if (*start != ':' || !depth || !cert || !issuer || issuer < cert)
        return text;
    cert += strlen(":cert=");
    return arena_printf(report->arena, "%.*s (certificate '%.*s' of issuer '%s')", (int)(depth - start - 1),
                        start + 1, (int)(issuer - cert), cert, issuer + strlen(":issuer="));
}

static void report_tls(const struct report *report)
{
    static const char prefix[] = "SSL handshake error: ";
    const struct connect_failure *failure = report->failure;
    const char *text = failure->text;
    if (failure->status != NATS_SSL_ERROR) {
        struct diag *diag =
            diag_add(report->diags, &code_unreachable, (struct srcpos){0},
                     "server %s does not offer TLS, which the settings ask for", failure->url->where);
        if (report->settings->lends_for_tls && !report->settings->ca && !report->settings->cert)
            diag_hint(report->diags, diag,
                      "the login of %s is for TLS, and not sent in clear unless --context names that context",
                      report->settings->lender);
        else
            diag_hint(report->diags, diag, "a URL with tls://, a CA or a client certificate asks for TLS");
        return;
    }
    if (strncmp(text, prefix, strlen(prefix)) == 0)
        text += strlen(prefix);
    struct diag *diag =
        diag_add(report->diags, &code_unreachable, (struct srcpos){0}, "TLS with server %s fails: %s",
                 failure->url->where, tls_reason(report, text));
    diag_hint(report->diags, diag, "%s", tls_hint(text));
}

static void report_deadline(const struct report *report)
{
    int64_t nanos = settings_timeout(report->settings) * 1000000;
    struct diag *diag =
        diag_add(report->diags, &code_timeout, (struct srcpos){0}, "server %s does not answer within %s",
                 report->urls, duration_format(report->arena, nanos));
    diag_hint(report->diags, diag, "is it the port for NATS clients? --timeout allows for more time");
}

static void report_unreachable(const struct report *report, const char *reason)
{
    struct diag *diag = diag_add(report->diags, &code_unreachable, (struct srcpos){0},
                                 "no NATS server answers at %s: %s", report->urls, reason);
    diag_hint(report->diags, diag,
              report->settings->url_from
                  ? "is the server running?"
                  : "start one with 'nats-server --jetstream', or name another one with --server");
}

static void report_reach(const struct report *report)
{
    const char *reason = "it does now";
    const struct server_url *url = report->failure->url;
    server_hello(report->arena, url->host, url->port, settings_timeout(report->settings), &reason);
    if (strncmp(reason, "no answer", strlen("no answer")) == 0)
        report_deadline(report);
    else
        report_unreachable(report, reason);
}

/*
 * With TLS 1.3 a client has finished its handshake before the server looks at the client's certificate, and
 * learns by a closed connection that it was not welcome. The greeting says whether one is wanted.
 */
static bool report_certificate(const struct report *report, const struct node *hello)
{
    const struct connect_failure *failure = report->failure;
    const struct node *verify = node_get(hello, "tls_verify");
    bool wanted = false;
    struct diag *diag = NULL;
    if (!verify || !node_is_bool(verify, &wanted) || !wanted)
        return false;
    if (report->settings->cert)
        diag = diag_add(report->diags, &code_credentials, (struct srcpos){0},
                        "server %s does not trust the client certificate", failure->url->where);
    else
        diag = diag_add(report->diags, &code_credentials, (struct srcpos){0},
                        "server %s wants a client certificate, and none is given", failure->url->where);
    diag_hint(report->diags, diag, "give --tlscert and --tlskey, signed by a CA that the server trusts");
    return true;
}

static void report_otherwise(const struct report *report)
{
    const struct connect_failure *failure = report->failure;
    const struct server_url *url = failure->url;
    const char *reason = NULL;
    const struct node *hello =
        server_hello(report->arena, url->host, url->port, settings_timeout(report->settings), &reason);
    bool was_closed = contains(failure->text, "Expected 'PONG', got ''") ||
                      failure->status == NATS_CONNECTION_CLOSED || failure->status == NATS_IO_ERROR;
    if (!hello)
        report_unreachable(report, reason);
    else if (!was_closed || !report_certificate(report, hello))
        diag_error(report->diags, &code_unreachable, (struct srcpos){0},
                   "server %s does not let us connect: %s", url->where,
                   was_closed ? "it closes the connection" : failure->text);
}

/* "'nats://a:4222' or 'nats://b:4222' (NATS_URL)"; all are named by the same. */
static const char *all_urls(struct arena *arena, const struct connect_failure *failures, size_t count)
{
    const char *text = failures[count - 1].url->where;
    for (size_t i = count - 1; i > 0; i--)
        text =
            arena_printf(arena, "'%s'%s%s", failures[i - 1].url->text, i + 1 == count ? " or " : ", ", text);
    return text;
}

void failure_note_lender(const char *lender, struct diags *diags)
{
    if (lender && diags->list.count)
        diag_note(diags, diags->list.items[diags->list.count - 1], (struct srcpos){0},
                  "what is not said otherwise is from %s, which is selected; --no-context leaves it out",
                  lender);
}

int failure_report(struct arena *arena, const struct connection_settings *settings,
                   const struct connect_failure *failures, size_t count, struct diags *diags)
{
    const struct report report = {
        .arena = arena,
        .settings = settings,
        .failure = worst_of(failures, count),
        .urls = all_urls(arena, failures, count),
        .diags = diags,
    };
    switch (kind_of(report.failure)) {
    case FAILED_CREDENTIALS:
        report_credentials(&report);
        failure_note_lender(settings->lender, diags);
        break;
    case FAILED_TLS:
        report_tls(&report);
        failure_note_lender(settings->lender, diags);
        break;
    case FAILED_BY_DEADLINE:
        report_deadline(&report);
        break;
    case FAILED_TO_REACH:
        report_reach(&report);
        break;
    case FAILED_OTHERWISE:
        report_otherwise(&report);
        break;
    }
    return -1;
}
