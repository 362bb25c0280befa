/*
 * CRC-32C, by the polynomial of Castagnoli, of eight bytes at a time; see crc32c.h.
 */
#include "archive/crc32c.h"

void crc32c_init(struct crc32c *sums)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x82f63b78 : sum >> 1;
        sums->table[0][byte] = sum;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int i = 1; i < CRC32C_SPAN; i++)
            sums->table[i][byte] =
                sums->table[i - 1][byte] >> 8 ^ sums->table[0][sums->table[i - 1][byte] & 0xff];
}

uint32_t crc32c_masked(const struct crc32c *sums, const uint8_t *bytes, size_t size)
{
    const uint32_t(*table)[256] = sums->table;
    uint32_t sum = ~(uint32_t)0;
    for (; size >= CRC32C_SPAN; bytes += CRC32C_SPAN, size -= CRC32C_SPAN) {
        uint32_t low = sum ^ crc32c_number(bytes);
        sum = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^
              table[4][low >> 24] ^ table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^
              table[0][bytes[7]];
    }
    for (; size; bytes++, size--)
        sum = sum >> 8 ^ table[0][(sum ^ *bytes) & 0xff];
    sum = ~sum;
    return (sum >> 15 | sum << 17) + 0xa282ead8;
}
