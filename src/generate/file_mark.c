/*
 * Seals of written files; see file_mark.h. `generate` replaces a file only if its digest still fits: then natsform
 * wrote it, and nobody has edited it since.
 */
#include "generate/file_mark.h"

#include <openssl/evp.h>
#include <string.h>

#define SEAL_WORDS "Written by 'natsform generate', which replaces it unless it was edited. sha256:"

enum {
    DIGEST_BYTES = 32,
    DIGEST_DIGITS = 2 * DIGEST_BYTES,
    SEAL_LINES_MOST = 3, /* it is searched on so many lines from the top */
};

const struct seal_style seal_hash = {.head = "", .open = "# ", .close = ""};
const struct seal_style seal_xml = {
    .head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", .open = "<!-- ", .close = " -->"};

/*
 * The digest of two parts, one after the other, as text. If OpenSSL has no memory for it, it is all zeros. A later run
 * takes the file for edited then, and leaves it alone.
 */
static void digest_of(const char *head, size_t head_length, const char *text, size_t length,
                      char ret_digits[DIGEST_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1) {
        EVP_DigestUpdate(context, head, head_length);
        EVP_DigestUpdate(context, text, length);
        EVP_DigestFinal_ex(context, bytes, NULL);
    }
    EVP_MD_CTX_free(context);
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        ret_digits[2 * i] = digits[bytes[i] >> 4];
        ret_digits[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_digits[DIGEST_DIGITS] = '\0';
}

const char *seal_add(struct arena *arena, const struct seal_style *style, const char *text)
{
    char digest[DIGEST_DIGITS + 1];
    digest_of(style->head, strlen(style->head), text, strlen(text), digest);
    return arena_printf(arena, "%s%s%s%s%s\n%s", style->head, style->open, SEAL_WORDS, digest, style->close,
                        text);
}

/* The digest in a seal's line; NULL if the line is no seal. */
static const char *digest_in(const char *line, size_t length)
{
    static const struct seal_style *const styles[] = {&seal_hash, &seal_xml};
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
        size_t open = strlen(styles[i]->open);
        size_t words = strlen(SEAL_WORDS);
        size_t close = strlen(styles[i]->close);
        if (length == open + words + DIGEST_DIGITS + close && memcmp(line, styles[i]->open, open) == 0 &&
            memcmp(line + open, SEAL_WORDS, words) == 0 &&
            memcmp(line + length - close, styles[i]->close, close) == 0)
            return line + open + words;
    }
    return NULL;
}

enum file_place seal_check(const char *text, size_t length)
{
    const char *end = text + length;
    const char *line = text;
    for (int i = 0; i < SEAL_LINES_MOST && line < end; i++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        /* natsform's lines all end, so a last line without an end is not one of its seals. */
        if (!stop)
            return PLACE_FOREIGN;
        const char *digest = digest_in(line, (size_t)(stop - line));
        if (digest) {
            char now[DIGEST_DIGITS + 1];
            digest_of(text, (size_t)(line - text), stop + 1, (size_t)(end - stop - 1), now);
            return memcmp(digest, now, DIGEST_DIGITS) == 0 ? PLACE_OWN : PLACE_EDITED;
        }
        line = stop + 1;
    }
    return PLACE_FOREIGN;
}
