/*
 * Public nkeys; see connection_nkey.h.
 *
 * A seed is base32 of two bytes of prefix, 32 bytes of Ed25519 seed, and a CRC-16 (XMODEM, low byte first); a
 * public key is base32 of one byte of prefix, 32 bytes of key, and the same checksum.
 */
#include "server/connection_nkey.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    KEY_BYTES = 32,
    SEED_BYTES = 2 + KEY_BYTES + 2,
    PUBLIC_BYTES = 1 + KEY_BYTES + 2,
    SEED_LENGTH = 58,
    PREFIX_SEED = 18 << 3, /* 'S' */
    PREFIX_USER = 20 << 3, /* 'U' */
};

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static uint16_t checksum(const unsigned char *bytes, size_t length)
{
    uint16_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum ^= (uint16_t)(bytes[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            sum = (uint16_t)(sum & 0x8000 ? sum << 1 ^ 0x1021 : sum << 1);
    }
    return sum;
}

static bool decode(const char *text, unsigned char *out, size_t length)
{
    uint32_t bits = 0;
    int held = 0;
    size_t end = 0;
    for (; *text && end < length; text++) {
        const char *digit = strchr(base32, *text);
        if (!digit)
            return false;
        bits = bits << 5 | (uint32_t)(digit - base32);
        held += 5;
        if (held >= 8) {
            held -= 8;
            out[end++] = (unsigned char)(bits >> held & 0xff);
        }
    }
    return end == length;
}

/* `length` is a multiple of five bytes, so that no padding is left over. */
static void encode(const unsigned char *bytes, size_t length, char *out)
{
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 5; held -= 5)
            *out++ = base32[bits >> (held - 5) & 31];
    }
    *out = '\0';
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static bool derive(const unsigned char seed[KEY_BYTES], unsigned char ret_key[KEY_BYTES])
{
    size_t length = KEY_BYTES;
    EVP_PKEY *key __attribute__((cleanup(free_key))) =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, KEY_BYTES);
    return key && EVP_PKEY_get_raw_public_key(key, ret_key, &length) == 1 && length == KEY_BYTES;
}

bool nkey_public(const char *seed, char ret_key[NKEY_PUBLIC_LENGTH + 1])
{
    unsigned char raw[SEED_BYTES] = {0}, public[PUBLIC_BYTES] = {PREFIX_USER};
    bool fine = strlen(seed) == SEED_LENGTH && decode(seed, raw, sizeof(raw));
    uint16_t sum = checksum(raw, SEED_BYTES - 2);
    fine = fine && raw[SEED_BYTES - 2] == (sum & 0xff) && raw[SEED_BYTES - 1] == sum >> 8;
    /* The first five bits say seed, the next eight what of. */
    fine =
        fine && (raw[0] & 0xf8) == PREFIX_SEED && ((raw[0] & 7) << 5 | (raw[1] & 0xf8) >> 3) == PREFIX_USER;
    fine = fine && derive(raw + 2, public + 1);
    /* memset() would be left out by the compiler, since nobody reads the seed any more. */
    OPENSSL_cleanse(raw, sizeof(raw));
    if (!fine)
        return false;
    sum = checksum(public, PUBLIC_BYTES - 2);
    public[PUBLIC_BYTES - 2] = (unsigned char)(sum & 0xff);
    public[PUBLIC_BYTES - 1] = (unsigned char)(sum >> 8);
    encode(public, PUBLIC_BYTES, ret_key);
    return true;
}
