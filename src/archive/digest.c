/* Digests; see digest.h. */
#include "archive/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/scope.h"

/* One of the two is there. */
struct digest {
    XXH3_state_t *xxh128;
    EVP_MD_CTX *sha256;
};

void digest_free(struct digest *const *digest)
{
    if (!*digest)
        return;
    XXH3_freeState((*digest)->xxh128);
    EVP_MD_CTX_free((*digest)->sha256);
    free(*digest);
}

struct digest *digest_begin(enum digest_kind kind)
{
    struct digest *digest = base_alloc(sizeof(*digest));
    *digest = (struct digest){0};
    bool begun = false;
    if (kind == DIGEST_XXH128) {
        digest->xxh128 = XXH3_createState();
        begun = digest->xxh128 && XXH3_128bits_reset(digest->xxh128) == XXH_OK;
    } else {
        digest->sha256 = EVP_MD_CTX_new();
        begun = digest->sha256 && EVP_DigestInit_ex(digest->sha256, EVP_sha256(), NULL) == 1;
    }
    if (begun)
        return digest;
    digest_free(&digest);
    return NULL;
}

void digest_add(struct digest *digest, const void *bytes, size_t size)
{
    if (digest->xxh128)
        XXH3_128bits_update(digest->xxh128, bytes, size);
    else
        EVP_DigestUpdate(digest->sha256, bytes, size);
}

const char *digest_end(struct arena *arena, struct digest *digest)
{
    XXH128_canonical_t sum;
    unsigned char sha256[EVP_MAX_MD_SIZE];
    const unsigned char *bytes = digest->xxh128 ? sum.digest : sha256;
    unsigned size = sizeof(sum.digest);
    if (digest->xxh128)
        XXH128_canonicalFromHash(&sum, XXH3_128bits_digest(digest->xxh128));
    else if (EVP_DigestFinal_ex(digest->sha256, sha256, &size) != 1)
        return "";
    char *text = arena_alloc(arena, 2 * (size_t)size + 1);
    *text = '\0';
    for (unsigned i = 0; i < size; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", (unsigned)bytes[i]);
    return text;
}

const char *digest_of(struct arena *arena, enum digest_kind kind, const char *text, size_t length)
{
    struct digest *digest SCOPED(digest_free) = digest_begin(kind);
    if (!digest)
        return "";
    digest_add(digest, text, length);
    return digest_end(arena, digest);
}

/* ---- natsform.json ---- */

const char *digest_key(enum digest_kind kind)
{
    return kind == DIGEST_XXH128 ? "xxh128" : "sha256";
}

enum digest_kind digest_kind_told(const struct node *told)
{
    return node_get(told, digest_key(DIGEST_SHA256)) ? DIGEST_SHA256 : DIGEST_XXH128;
}

const char *digest_told(const struct node *told)
{
    return node_get_text(told, digest_key(digest_kind_told(told)));
}
