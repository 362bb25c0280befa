/*
 * HighwayHash, 64 bits of it: the keyed checksum of nats-server's files, which OpenSSL does not have.
 *
 *     struct highway hash;
 *     highway_begin(&hash, key);
 *     highway_add(&hash, bytes, size);
 *     uint64_t sum = highway_end(&hash);
 */
#ifndef ARCHIVE_HIGHWAY_H
#define ARCHIVE_HIGHWAY_H

#include <stddef.h>
#include <stdint.h>

enum { HIGHWAY_KEY_BYTES = 32, HIGHWAY_LANES = 4 };

struct highway {
    uint64_t v0[HIGHWAY_LANES], v1[HIGHWAY_LANES], mul0[HIGHWAY_LANES], mul1[HIGHWAY_LANES];
    uint8_t packet[HIGHWAY_KEY_BYTES]; /* the bytes that are not a whole packet yet */
    size_t held;
};

void highway_begin(struct highway *hash, const uint8_t key[HIGHWAY_KEY_BYTES]);
void highway_add(struct highway *hash, const void *bytes, size_t size);
uint64_t highway_end(struct highway *hash);

#endif
