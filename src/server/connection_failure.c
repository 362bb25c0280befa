/*
 * Why a connection failed; see connection_failure.h. nats.c tells by its status and, for TLS and errors of the
 * server, by its text. "No server" may be anything below TCP, so the greeting is asked for once more to learn
 * the reason.
 */
#include "server/connection_failure.h"

#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "field/units.h"
#include "server/connection_options.h"
#include "server/server_hello.h"

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
        break;
    case FAILED_TLS:
        report_tls(&report);
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
