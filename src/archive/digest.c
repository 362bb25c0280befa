/* SHA-256; see digest.h. */
#include "archive/digest.h"

#include <stdio.h>

EVP_MD_CTX *digest_begin(void)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1)
        return digest;
    EVP_MD_CTX_free(digest);
    return NULL;
}

const char *digest_end(struct arena *arena, EVP_MD_CTX *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_DigestFinal_ex(digest, bytes, &size) != 1)
        return "";
    char *text = arena_alloc(arena, 2 * (size_t)size + 1);
    *text = '\0';
    for (unsigned i = 0; i < size; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", (unsigned)bytes[i]);
    return text;
}

const char *digest_of(struct arena *arena, const char *text, size_t length)
{
    EVP_MD_CTX *digest = digest_begin();
    if (!digest || EVP_DigestUpdate(digest, text, length) != 1) {
        EVP_MD_CTX_free(digest);
        return "";
    }
    const char *digits = digest_end(arena, digest);
    EVP_MD_CTX_free(digest);
    return digits;
}
