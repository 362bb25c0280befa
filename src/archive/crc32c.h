/*
 * CRC-32C: the checksum of the frames of Snappy and S2.
 *
 *     struct crc32c sums;
 *     crc32c_init(&sums);
 *     uint32_t sum = crc32c_masked(&sums, bytes, size);
 */
#ifndef ARCHIVE_CRC32C_H
#define ARCHIVE_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRC32C_SPAN = 8 }; /* bytes at a time */

struct crc32c {
    bool has_instruction; /* of the processor */
    uint32_t lane_power;  /* what it multiplies its sums by */
    uint32_t table[CRC32C_SPAN][256];
};

/* A number as these formats have it: the lowest byte first. */
static inline uint32_t crc32c_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void crc32c_init(struct crc32c *sums);

/* As the frames have it: a checksum of data that holds checksums is weak, so it is rotated, with a constant on top. */
uint32_t crc32c_masked(const struct crc32c *sums, const uint8_t *bytes, size_t size);

#endif
