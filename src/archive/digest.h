/*
 * Digest: the sum of all of a file's bytes, as natsform.json has it of the files beside it. It finds what a disk, a line or a copy has changed: 128 bits
 * of XXH3, as `xxh128sum` prints them. A SHA-256, which files of format 1 have, takes as long as everything else that is done with an archive, and protects no
 * better: who changes an archive can change natsform.json too.
 *
 *     struct digest *digest SCOPED(digest_free) = digest_begin(DIGEST_XXH128);
 *     digest_add(digest, bytes, size);
 *     digits = digest_end(arena, digest);
 */
#ifndef ARCHIVE_DIGEST_H
#define ARCHIVE_DIGEST_H

#include <stddef.h>

#include "base/arena.h"
#include "syntax/node.h"

enum digest_kind { DIGEST_XXH128, DIGEST_SHA256 };

struct digest;

/* NULL: there is no memory for it, or OpenSSL has no SHA-256. */
struct digest *digest_begin(enum digest_kind kind);
void digest_add(struct digest *digest, const void *bytes, size_t size);
/* Its hexadecimal digits; "" if it failed. */
const char *digest_end(struct arena *arena, struct digest *digest);
void digest_free(struct digest *const *digest);

/* The same of a whole text. */
const char *digest_of(struct arena *arena, enum digest_kind kind, const char *text, size_t length);

/* Its key in natsform.json. */
const char *digest_key(enum digest_kind kind);
/* Which one natsform.json has of a file, of which `told` is what it says; the usual one where it has none. */
enum digest_kind digest_kind_told(const struct node *told);
/* That one; "" where it has none. */
const char *digest_told(const struct node *told);

#endif
