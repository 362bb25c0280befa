/*
 * CRC-32C, by the polynomial of Castagnoli, of eight bytes at a time; see crc32c.h.
 */
#include "archive/crc32c.h"

#include <string.h>

static void make_table(uint32_t table[CRC32C_SPAN][256])
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x82f63b78 : sum >> 1;
        table[0][byte] = sum;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int i = 1; i < CRC32C_SPAN; i++)
            table[i][byte] = table[i - 1][byte] >> 8 ^ table[0][table[i - 1][byte] & 0xff];
}

static uint32_t sum_by_table(const struct crc32c *sums, uint32_t sum, const uint8_t *bytes, size_t size)
{
    const uint32_t(*table)[256] = sums->table;
    for (; size >= CRC32C_SPAN; bytes += CRC32C_SPAN, size -= CRC32C_SPAN) {
        uint32_t low = sum ^ crc32c_number(bytes);
        sum = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^
              table[4][low >> 24] ^ table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^
              table[0][bytes[7]];
    }
    for (; size; bytes++, size--)
        sum = sum >> 8 ^ table[0][(sum ^ *bytes) & 0xff];
    return sum;
}

/* Most processors have an instruction for it, which takes a sixth of the time. Short chunks have the table, so that both ways are in use everywhere. */
enum { BY_TABLE_MOST = 1024 };

#if defined(__x86_64__)
static bool has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) static uint32_t sum_by_instruction(uint32_t sum, const uint8_t *bytes,
                                                                     size_t size)
{
    uint64_t sums = sum;
    for (uint64_t span; size >= CRC32C_SPAN; bytes += CRC32C_SPAN, size -= CRC32C_SPAN) {
        memcpy(&span, bytes, CRC32C_SPAN);
        sums = __builtin_ia32_crc32di(sums, span);
    }
    for (sum = (uint32_t)sums; size; bytes++, size--)
        sum = __builtin_ia32_crc32qi(sum, *bytes);
    return sum;
}
#else
static bool has_instruction(void)
{
    return false;
}

static uint32_t sum_by_instruction(uint32_t sum, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return sum;
}
#endif

void crc32c_init(struct crc32c *sums)
{
    sums->has_instruction = has_instruction();
    make_table(sums->table);
}

uint32_t crc32c_masked(const struct crc32c *sums, const uint8_t *bytes, size_t size)
{
    uint32_t sum = ~(uint32_t)0;
    sum = sums->has_instruction && size > BY_TABLE_MOST ? sum_by_instruction(sum, bytes, size)
                                                        : sum_by_table(sums, sum, bytes, size);
    sum = ~sum;
    return (sum >> 15 | sum << 17) + 0xa282ead8;
}
