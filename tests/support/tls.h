/*
 * TLS: a certificate authority of a test's own, by the openssl command.
 */
#ifndef SUPPORT_TLS_H
#define SUPPORT_TLS_H

struct tls_files {
    const char *ca;   /* certificate of the authority */
    const char *cert; /* of 127.0.0.1 and localhost, for servers and clients */
    const char *key;
    const char *other_cert; /* the same authority's for elsewhere.example */
    const char *other_key;
    const char *stranger_ca; /* of another authority */
    const char *
        chain; /* for clients: signed by an authority in between, whose certificate is in it, as is the authority's own */
    const char *chain_key;
};

/* Below `directory`. Fails the test when there is no openssl. */
struct tls_files tls_make(const char *directory);

#endif
