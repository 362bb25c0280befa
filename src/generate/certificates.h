/*
 * Certificates: TLS for development. Each environment has its own certificate authority, and one certificate that all
 * its servers share, in a folder:
 *
 *     ca.pem, ca-key.pem            for ten years; what clients are told to trust
 *     server.pem, server-key.pem    signed by it, for localhost and the given names, for servers and clients alike
 *
 * Certificates that are there and still good stay as they are, whoever made them. So users have to trust an authority
 * only once.
 */
#ifndef GENERATE_CERTIFICATES_H
#define GENERATE_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"

enum {
    CERTIFICATE_DAYS = 825, /* Apple's systems accept no longer ones */
    AUTHORITY_DAYS = 3650,
    CERTIFICATE_RENEW_DAYS = 30, /* so long before its end a certificate is renewed */
};

struct certificates {
    const char *ca, *cert, *key; /* paths, for configurations and clients */
    bool new_authority;          /* it was made just now, so clients have to trust it first */
    bool new_certificate;
};

struct certificate_request {
    const char *folder;       /* made when it is not there */
    const char *const *names; /* host names or addresses; what can be neither is passed over */
    size_t name_count;
    time_t now;
};

/*
 * Sees to it that the folder has certificates that are good at `now` for localhost, 127.0.0.1, ::1 and each of the
 * names. Keys can be read by their owner only. Each file is whole or not there, and a run that was cut off is put right
 * by the next. Paths live in the arena. Returns -1 with a diagnostic (code_file) when a file cannot be written, and
 * *ret_certificates untouched.
 */
int certificates_make(struct arena *arena, const struct certificate_request *request,
                      struct certificates *ret_certificates, struct diags *diags);

/* How to make one kind of client trust the authority. */
struct trust_step {
    const char *who;
    const char *how; /* a command for sh; for Firefox, the way through its settings */
};

/* The steps for all clients, with the path of the certificate quoted for sh. In the arena. */
const struct trust_step *certificates_trust(struct arena *arena, const char *ca, size_t *ret_count);

#endif
