/*
 * CRC-32C, by the polynomial of Castagnoli, of eight bytes at a time; see crc32c.h.
 */
#include "archive/crc32c.h"

#include <string.h>

static const uint32_t polynomial = 0x82f63b78; /* bits in reverse order, as in all of these */

static void make_table(uint32_t table[CRC32C_SPAN][256])
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ polynomial : sum >> 1;
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

/* ---- what a sum becomes behind so many zeros ---- */

/* The product of two polynomials. */
static uint32_t times(uint32_t a, uint32_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = UINT32_C(1) << 31; bit; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = b & 1 ? b >> 1 ^ polynomial : b >> 1;
    }
    return product;
}

/* By what a sum is multiplied when so many bytes of zeros follow: x to the power of their bits. */
static uint32_t power_of(size_t bytes)
{
    uint32_t power = UINT32_C(1) << 31, square = UINT32_C(1) << 23; /* of 0 bits, and of 8 */
    for (; bytes; bytes >>= 1) {
        if (bytes & 1)
            power = times(power, square);
        square = times(square, square);
    }
    return power;
}

/* ---- the instruction ---- */

/* Most processors have an instruction for it, which takes a sixth of the time. Short chunks have the table, so that both ways are in use everywhere. */
enum { BY_TABLE_MOST = 1024 };

#if defined(__x86_64__)
static bool has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}

/*
 * An instruction waits for the one before, but not for those of other sums. So three lanes are summed side by side, which takes the time of one,
 * and put together: what was summed before a lane is as if so many zeros had followed.
 */
enum { LANES = 3, LANE_BYTES = 16 * 1024 };

static uint64_t number_at(const uint8_t *bytes)
{
    uint64_t number;
    memcpy(&number, bytes, sizeof(number));
    return number;
}

__attribute__((target("sse4.2"))) static uint32_t sum_lanes(uint32_t power, uint32_t sum,
                                                            const uint8_t *bytes)
{
    uint64_t first = sum, second = 0, third = 0;
    for (const uint8_t *end = bytes + LANE_BYTES; bytes < end; bytes += CRC32C_SPAN) {
        first = __builtin_ia32_crc32di(first, number_at(bytes));
        second = __builtin_ia32_crc32di(second, number_at(bytes + LANE_BYTES));
        third = __builtin_ia32_crc32di(third, number_at(bytes + 2 * LANE_BYTES));
    }
    sum = times(power, (uint32_t)first) ^ (uint32_t)second;
    return times(power, sum) ^ (uint32_t)third;
}

__attribute__((target("sse4.2"))) static uint32_t sum_by_instruction(uint32_t power, uint32_t sum,
                                                                     const uint8_t *bytes, size_t size)
{
    for (; size >= LANES * LANE_BYTES; bytes += LANES * LANE_BYTES, size -= LANES * LANE_BYTES)
        sum = sum_lanes(power, sum, bytes);
    uint64_t sums = sum;
    for (; size >= CRC32C_SPAN; bytes += CRC32C_SPAN, size -= CRC32C_SPAN)
        sums = __builtin_ia32_crc32di(sums, number_at(bytes));
    for (sum = (uint32_t)sums; size; bytes++, size--)
        sum = __builtin_ia32_crc32qi(sum, *bytes);
    return sum;
}
#else
static bool has_instruction(void)
{
    return false;
}

enum { LANE_BYTES = 0 };

static uint32_t sum_by_instruction(uint32_t power, uint32_t sum, const uint8_t *bytes, size_t size)
{
    (void)power;
    (void)bytes;
    (void)size;
    return sum;
}
#endif

void crc32c_init(struct crc32c *sums)
{
    sums->has_instruction = has_instruction();
    sums->lane_power = power_of(LANE_BYTES);
    make_table(sums->table);
}

uint32_t crc32c_masked(const struct crc32c *sums, const uint8_t *bytes, size_t size)
{
    uint32_t sum = ~(uint32_t)0;
    sum = sums->has_instruction && size > BY_TABLE_MOST
              ? sum_by_instruction(sums->lane_power, sum, bytes, size)
              : sum_by_table(sums, sum, bytes, size);
    sum = ~sum;
    return (sum >> 15 | sum << 17) + 0xa282ead8;
}
