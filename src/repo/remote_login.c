/* Logins by https; see remote_login.h. */
#include "repo/remote_login.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *variable(const struct fetch_job *job, const char *name)
{
    const char *value = job->environment(job->context, name);
    return value && *value ? value : NULL;
}

/* ---- tokens ---- */

/* The host of "https://host:port/…", or the text if it is only a name. */
static const char *host_of(struct arena *arena, const char *text)
{
    const char *at = strstr(text, "://");
    at = at ? at + strlen("://") : text;
    return arena_strndup(arena, at, strcspn(at, "/:"));
}

static void find_token(struct remote_login *login)
{
    static const struct {
        const char *name, *user;
        const char
            *place; /* the variable that says for which host it is; NULL: for the one that was asked for */
        const char *usual_place; /* when it is not set */
    } tokens[] = {
        {"NATSFORM_GIT_TOKEN", "x-access-token", NULL, NULL},
        {"GITHUB_TOKEN", "x-access-token", "GITHUB_SERVER_URL", "github.com"},
        {"GH_TOKEN", "x-access-token", "GITHUB_SERVER_URL", "github.com"},
        {"CI_JOB_TOKEN", "gitlab-ci-token", "CI_SERVER_HOST", NULL},
    };
    const struct fetch_job *job = login->job;
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]) && !login->token; i++) {
        const char *place = tokens[i].place ? variable(job, tokens[i].place) : job->url.host;
        place = place ? place : tokens[i].usual_place;
        const char *token = variable(job, tokens[i].name);
        if (!token || !place || !job->url.host || strcasecmp(host_of(job->arena, place), job->url.host) != 0)
            continue;
        const char *user = tokens[i].place ? NULL : variable(job, "NATSFORM_GIT_USER");
        login->token = token;
        login->token_name = tokens[i].name;
        login->token_user = user ? user : tokens[i].user;
    }
}

struct remote_login remote_login(const struct fetch_job *job)
{
    struct remote_login login = {.job = job};
    find_token(&login);
    return login;
}

/* ---- giving them ---- */

int remote_login_next(struct remote_login *login, unsigned kinds, git_credential **ret_credential)
{
    struct arena *arena = login->job->arena;
    if (!(kinds & GIT_CREDENTIAL_USERPASS_PLAINTEXT))
        return GIT_PASSTHROUGH;
    if (!login->token || login->token_given) {
        bool own = login->job->url.password != NULL;
        login->fault = login->token
                           ? arena_printf(arena, "the token in %s is not taken there", login->token_name)
                       : own ? "the login in the URL is not taken there"
                             : "a login is wanted there, and there is none";
        login->remedy = remote_login_hint(login);
        return GIT_EAUTH;
    }
    login->token_given = true;
    return git()->credential_userpass_plaintext_new(ret_credential, login->token_user, login->token);
}

const char *remote_login_hint(const struct remote_login *login)
{
    return login->token || login->job->url.password
               ? "see whether it may read this repository, and has not expired"
               : "a token comes from NATSFORM_GIT_TOKEN, or in a pipeline from GITHUB_TOKEN or CI_JOB_TOKEN";
}

/* ---- who the other side is ---- */

static const char *date_of(struct arena *arena, const ASN1_TIME *time)
{
    struct tm parts = {0};
    char text[32] = "an unknown day";
    if (ASN1_TIME_to_tm(time, &parts))
        strftime(text, sizeof(text), "%Y-%m-%d", &parts);
    return arena_strdup(arena, text);
}

static const char *certificate_fault(struct arena *arena, X509 *certificate, const char *host)
{
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        return arena_printf(arena, "the certificate of '%s' expired on %s", host,
                            date_of(arena, X509_get0_notAfter(certificate)));
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return arena_printf(arena, "the certificate of '%s' is not valid before %s", host,
                            date_of(arena, X509_get0_notBefore(certificate)));
    if (X509_check_host(certificate, host, 0, 0, NULL) != 1 && X509_check_ip_asc(certificate, host, 0) != 1)
        return arena_printf(arena, "the certificate that '%s' has is for another host", host);
    return arena_printf(arena, "the certificate of '%s' is from no authority that is known here", host);
}

static void refuse_certificate(struct remote_login *login, const git_cert_x509 *certificate, const char *host)
{
    struct arena *arena = login->job->arena;
    const unsigned char *bytes = certificate->data;
    X509 *read = bytes ? d2i_X509(NULL, &bytes, (long)certificate->len) : NULL;
    login->fault = read ? certificate_fault(arena, read, host)
                        : arena_printf(arena, "the certificate of '%s' cannot be verified", host);
    login->remedy = "GIT_SSL_CAINFO names a file with the authorities to trust, if it is one of your own";
    X509_free(read);
}

void remote_login_refuse(struct remote_login *login, const git_cert *certificate, const char *host)
{
    if (certificate && certificate->cert_type == GIT_CERT_X509)
        refuse_certificate(login, (const git_cert_x509 *)(const void *)certificate, host);
    else
        login->fault = arena_printf(login->job->arena, "nothing proves that it is '%s'", host);
}
