/*
 * Certificates: TLS for development: a certificate authority of one environment's own, and the certificate that all its servers
 * share, in a folder:
 *
 *     ca.pem, ca-key.pem            for ten years; what clients are told to trust
 *     server.pem, server-key.pem    signed by it, of localhost and the given names, for servers and clients alike
 *
 * What is there and still good stays as it is, so that an authority is trusted once. It makes no difference who made it.
 */
#ifndef GENERATE_CERTIFICATES_H
#define GENERATE_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"

enum {
    CERTIFICATE_DAYS = 825, /* the most that Apple's systems take */
    AUTHORITY_DAYS = 3650,
    CERTIFICATE_RENEW_DAYS = 30, /* before its end, a certificate is made anew */
};

struct certificates {
    const char *ca, *cert, *key; /* paths, for configurations and clients */
    bool new_authority;          /* made just now: clients that trusted an older one do no longer */
    bool new_certificate;
};

struct certificate_request {
    const char *folder;       /* made when it is not there */
    const char *const *names; /* host names or addresses; what can be neither is passed over */
    size_t name_count;
    time_t now;
};

/*
 * Sees to it that the folder has certificates that are good at `now` for localhost, 127.0.0.1, ::1 and each of the names. Keys can be
 * read by their owner only.
 * Each file is whole or not there, and a run that was cut off is put right by the next. Paths live in the arena. Returns -1 with a
 * diagnostic (code_file) when a file cannot be written, and *ret_certificates untouched.
 */
int certificates_make(struct arena *arena, const struct certificate_request *request,
                      struct certificates *ret_certificates, struct diags *diags);

/* How one kind of client is told to trust the authority. */
struct trust_step {
    const char *who;
    const char *how; /* a command of sh, or for Firefox the way through its settings */
};

/* The path is quoted for sh. In the arena. */
const struct trust_step *certificates_trust(struct arena *arena, const char *ca, size_t *ret_count);

#endif
