/* Digest: SHA-256, as natsform.json has it of the files beside it. */
#ifndef ARCHIVE_DIGEST_H
#define ARCHIVE_DIGEST_H

#include <openssl/evp.h>
#include <stddef.h>

#include "base/arena.h"

/* One that bytes are added to, by EVP_DigestUpdate(). NULL: OpenSSL has none. */
EVP_MD_CTX *digest_begin(void);
/* Its hexadecimal digits; "" if it failed. The digest is still to be freed. */
const char *digest_end(struct arena *arena, EVP_MD_CTX *digest);

/* The same of a whole text. */
const char *digest_of(struct arena *arena, const char *text, size_t length);

#endif
