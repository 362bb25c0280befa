/*
 * The file store of nats-server; see store.h. A message in a block is
 *
 *     4 bytes  its length, with the highest bit for headers
 *     8 bytes  its sequence, with one bit for an erased message and one for the mark of a deleted one
 *     8 bytes  its time
 *     2 bytes  the length of its subject
 *     …        subject, length of the headers (4 bytes, if it has some), headers, text
 *     8 bytes  the sum of all that but the lengths
 */
#include "archive/store.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "archive/highway.h"

enum {
    HEADER_BYTES = 22,
    SUM_BYTES = 8,
    HEADERS_LENGTH_BYTES = 4,
    RECORD_MOST = 32 * 1024 * 1024,
    STATE_MAGIC = 22,
};

#define HAS_HEADERS (UINT32_C(1) << 31)
#define IS_ERASED (UINT64_C(1) << 63)
#define IS_TOMBSTONE (UINT64_C(1) << 62)

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    while (size--)
        number = number << 8 | bytes[size];
    return number;
}

/* The key is the digest of a name. */
static void begin(struct highway *hash, const char *first, char between, const char *second)
{
    uint8_t key[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL)) {
        EVP_DigestUpdate(digest, first, strlen(first));
        if (second) {
            EVP_DigestUpdate(digest, &between, 1);
            EVP_DigestUpdate(digest, second, strlen(second));
        }
        EVP_DigestFinal_ex(digest, key, NULL);
    }
    EVP_MD_CTX_free(digest);
    highway_begin(hash, key);
}

void store_meta_sum(const struct store_name *name, const char *text, size_t length, char ret_sum[17])
{
    struct highway hash;
    begin(&hash, name->stream, '/', name->consumer);
    highway_add(&hash, text, length);
    uint64_t sum = highway_end(&hash);
    for (int i = 0; i < SUM_BYTES; i++)
        snprintf(ret_sum + 2 * (size_t)i, 3, "%02x", (unsigned)(sum >> (8 * i) & 0xff));
}

/* ---- positions ---- */

static bool take_number(const unsigned char **at, const unsigned char *end, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        unsigned char byte = *(*at)++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *ret_number = number;
        return true;
    }
    return false;
}

int store_position(const unsigned char *bytes, size_t size, struct backup_consumer *consumer)
{
    const unsigned char *at = bytes + 2;
    uint64_t skipped;
    /* The second byte is the version: 1 counts what was delivered from the floor on, and is not written any more. */
    if (size < 2 || bytes[0] != STATE_MAGIC || bytes[1] < 1 || bytes[1] > 2)
        return -1;
    if (!take_number(&at, bytes + size, &skipped) || !take_number(&at, bytes + size, &consumer->ack_floor) ||
        !take_number(&at, bytes + size, &skipped) || !take_number(&at, bytes + size, &consumer->delivered) ||
        !take_number(&at, bytes + size, &consumer->pending))
        return -1;
    if (bytes[1] == 1 && consumer->ack_floor > 1)
        consumer->delivered += consumer->ack_floor - 1;
    return 0;
}

/* ---- blocks ---- */

struct walk {
    struct scan *scan;
    const struct store_block *block;
    struct highway key; /* as it is before any bytes */
    uint64_t offset;    /* of the message in the block */
    const uint8_t *at;  /* what came of it, and was not taken yet */
    size_t left;
};

static int block_fault(const struct walk *walk, const char *what)
{
    return scan_fault(walk->scan, "'msgs/%" PRIu64 ".blk': the message at byte %" PRIu64 " %s",
                      walk->block->index, walk->offset, what);
}

/* Up to so many of the bytes that come next, as they lie there. Returns how many; 0 at the end of the block, -1 with a fault. */
static ssize_t take(struct walk *walk, size_t most, const uint8_t **ret_bytes)
{
    while (!walk->left) {
        ssize_t got = walk->block->next(walk->block->context, &walk->at);
        if (got <= 0)
            return got;
        walk->left = (size_t)got;
    }
    size_t length = most < walk->left ? most : walk->left;
    *ret_bytes = walk->at;
    walk->at += length;
    walk->left -= length;
    return (ssize_t)length;
}

/* Returns how many bytes there were, fewer than `size` at the end of the block only; -1 with a fault. */
static ssize_t fill(struct walk *walk, uint8_t *bytes, size_t size)
{
    const uint8_t *piece;
    size_t have = 0;
    ssize_t got = 1;
    while (have < size && got) {
        got = take(walk, size - have, &piece);
        if (got < 0)
            return -1;
        if (got)
            memcpy(bytes + have, piece, (size_t)got);
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static int cut_off(const struct walk *walk)
{
    return block_fault(walk, "is cut off");
}

static int fill_whole(struct walk *walk, uint8_t *bytes, size_t size)
{
    ssize_t got = fill(walk, bytes, size);
    if (got < 0)
        return -1;
    return (size_t)got < size ? cut_off(walk) : 0;
}

static int hash_bytes(struct walk *walk, struct highway *hash, size_t size)
{
    const uint8_t *piece;
    while (size) {
        ssize_t got = take(walk, size, &piece);
        if (got <= 0)
            return got ? -1 : cut_off(walk);
        highway_add(hash, piece, (size_t)got);
        size -= (size_t)got;
    }
    return 0;
}

/* What stands behind a message's header, so many bytes: its sum has to be right. */
static int check_rest(struct walk *walk, const uint8_t *header, size_t size, bool has_headers)
{
    uint8_t skipped[HEADERS_LENGTH_BYTES];
    uint8_t sum[SUM_BYTES];
    size_t subject = (size_t)number_of(header + 20, 2);
    size_t lengths = has_headers ? sizeof(skipped) : 0;
    struct highway hash = walk->key;
    if (size < subject + lengths + SUM_BYTES)
        return block_fault(walk, "claims a length that it cannot have");
    highway_add(&hash, header + 4, 16);
    if (hash_bytes(walk, &hash, subject) || fill_whole(walk, skipped, lengths) ||
        hash_bytes(walk, &hash, size - subject - lengths - SUM_BYTES) || fill_whole(walk, sum, SUM_BYTES))
        return -1;
    if (highway_end(&hash) != number_of(sum, SUM_BYTES))
        return block_fault(walk, "is damaged: its checksum does not match");
    return 0;
}

/* Returns 1 when there was a message, 0 at the end, -1 with a fault. */
static int next_message(struct walk *walk, uint64_t *ret_sequence)
{
    uint8_t header[HEADER_BYTES];
    ssize_t got = fill(walk, header, sizeof(header));
    if (got <= 0)
        return (int)got;
    if (got < HEADER_BYTES)
        return cut_off(walk);
    uint32_t length = (uint32_t)number_of(header, 4);
    size_t size = length & ~HAS_HEADERS;
    if (size < HEADER_BYTES || size > RECORD_MOST)
        return block_fault(walk, "claims a length that it cannot have");
    if (check_rest(walk, header, size - HEADER_BYTES, length & HAS_HEADERS))
        return -1;
    walk->offset += size;
    *ret_sequence = number_of(header + 4, 8);
    return 1;
}

int store_block_check(struct scan *scan, const struct store_block *block, uint64_t *found)
{
    char index[24];
    struct walk walk = {.scan = scan, .block = block};
    uint64_t sequence = 0;
    int got;
    snprintf(index, sizeof(index), "%" PRIu64, block->index);
    begin(&walk.key, block->stream, '-', index);
    while ((got = next_message(&walk, &sequence)) > 0)
        if (!(sequence & (IS_ERASED | IS_TOMBSTONE)) && sequence >= block->first && sequence <= block->last)
            ++*found;
    return got;
}
