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

/*
 * The same of a file, by a thread of its own. It reads the file itself, which who reads it too has made the system keep at hand: one sum takes about as
 * long as everything else that is done with an archive.
 *
 *     struct file_digest *digest = file_digest_begin(path);
 *     … read it …
 *     digits = file_digest_end(digest, arena, &why);
 *     file_digest_free(digest);
 */
struct file_digest;

/* The path stays until file_digest_free(). */
struct file_digest *file_digest_begin(const char *path);
/* Waits for it. NULL: the file could not be read, with the reason in the arena. */
const char *file_digest_end(struct file_digest *digest, struct arena *arena, const char **ret_why);
/* Ends it, wherever it is. NULL is fine. */
void file_digest_free(struct file_digest *digest);

#endif
