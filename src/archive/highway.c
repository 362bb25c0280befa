/*
 * HighwayHash; see highway.h. As its authors describe it in "Fast keyed hash/pseudo-random function using SIMD multiply and permute"
 * (arXiv:1612.06257), without SIMD: four lanes of 64 bits, and a packet of 32 bytes a round.
 */
#include "archive/highway.h"

#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#    include <immintrin.h>
#endif

enum { PACKET = HIGHWAY_KEY_BYTES, FINAL_ROUNDS = 4 };

/* Little-endian. Spelt out, compilers make one load of it. */
static uint64_t number_of(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

static uint64_t swap_halves(uint64_t number)
{
    return number >> 32 | number << 32;
}

void highway_begin(struct highway *hash, const uint8_t key[HIGHWAY_KEY_BYTES])
{
    /* Digits of pi. */
    static const uint64_t first[HIGHWAY_LANES] = {0xdbe6d5d5fe4cce2f, 0xa4093822299f31d0, 0x13198a2e03707344,
                                                  0x243f6a8885a308d3};
    static const uint64_t second[HIGHWAY_LANES] = {0x3bd39e10cb0ef593, 0xc0acf169b5f18a8c, 0xbe5466cf34e90c6c,
                                                   0x452821e638d01377};
    *hash = (struct highway){0};
    for (size_t i = 0; i < HIGHWAY_LANES; i++) {
        uint64_t part = number_of(key + 8 * i);
        hash->mul0[i] = first[i];
        hash->mul1[i] = second[i];
        hash->v0[i] = first[i] ^ part;
        hash->v1[i] = second[i] ^ swap_halves(part);
    }
}

/* Byte `from` of a lane, as byte `to` of what it becomes. */
#define MOVED(lane, from, to) ((lane) >> (8 * (from)) & 0xff) << (8 * (to))

/* Mixes the bytes of two lanes, so that the weak ends of products meet the strong middles: what is added to the lower one. */
static uint64_t zipped_low(uint64_t low, uint64_t high)
{
    return MOVED(low, 3, 0) | MOVED(high, 4, 1) | MOVED(low, 2, 2) | MOVED(low, 5, 3) | MOVED(high, 6, 4) |
           MOVED(low, 1, 5) | MOVED(high, 7, 6) | MOVED(low, 0, 7);
}

/* And to the higher one. */
static uint64_t zipped_high(uint64_t low, uint64_t high)
{
    return MOVED(high, 3, 0) | MOVED(low, 4, 1) | MOVED(high, 2, 2) | MOVED(high, 5, 3) | MOVED(high, 1, 4) |
           MOVED(low, 6, 5) | MOVED(high, 0, 6) | MOVED(low, 7, 7);
}

static void add_zipped(uint64_t to[HIGHWAY_LANES], const uint64_t from[HIGHWAY_LANES])
{
    for (int i = 0; i < HIGHWAY_LANES; i += 2) {
        to[i] += zipped_low(from[i], from[i + 1]);
        to[i + 1] += zipped_high(from[i], from[i + 1]);
    }
}

static void add_lanes(struct highway *hash, const uint64_t lanes[HIGHWAY_LANES])
{
    for (int i = 0; i < HIGHWAY_LANES; i++) {
        hash->v1[i] += lanes[i] + hash->mul0[i];
        hash->mul0[i] ^= (hash->v1[i] & UINT32_MAX) * (hash->v0[i] >> 32);
        hash->v0[i] += hash->mul1[i];
        hash->mul1[i] ^= (hash->v0[i] & UINT32_MAX) * (hash->v1[i] >> 32);
    }
    add_zipped(hash->v0, hash->v1);
    add_zipped(hash->v1, hash->v0);
}

static void add_packet(struct highway *hash, const uint8_t *packet)
{
    uint64_t lanes[HIGHWAY_LANES];
    for (size_t i = 0; i < HIGHWAY_LANES; i++)
        lanes[i] = number_of(packet + 8 * i);
    add_lanes(hash, lanes);
}

/*
 * The same for many packets, on processors with 32 bytes in a register: a sixth of the time. Both ways meet in every sum, since a packet that
 * came in parts is added alone.
 */
#if defined(__x86_64__)
static bool has_wide_registers(void)
{
    return __builtin_cpu_supports("avx2");
}

__attribute__((target("avx2"))) static void add_wide(struct highway *hash, const uint8_t *packets,
                                                     size_t count)
{
    /* The bytes of two lanes, as zipped_low() and zipped_high() have them. */
    const __m256i zip = _mm256_setr_epi8(3, 12, 2, 5, 14, 1, 15, 0, 11, 4, 10, 13, 9, 6, 8, 7, 3, 12, 2, 5,
                                         14, 1, 15, 0, 11, 4, 10, 13, 9, 6, 8, 7);
    __m256i v0 = _mm256_loadu_si256((const __m256i *)hash->v0);
    __m256i v1 = _mm256_loadu_si256((const __m256i *)hash->v1);
    __m256i mul0 = _mm256_loadu_si256((const __m256i *)hash->mul0);
    __m256i mul1 = _mm256_loadu_si256((const __m256i *)hash->mul1);
    for (size_t i = 0; i < count; i++) {
        __m256i lanes = _mm256_loadu_si256((const __m256i *)(packets + i * PACKET));
        v1 = _mm256_add_epi64(v1, _mm256_add_epi64(lanes, mul0));
        mul0 = _mm256_xor_si256(mul0, _mm256_mul_epu32(v1, _mm256_srli_epi64(v0, 32)));
        v0 = _mm256_add_epi64(v0, mul1);
        mul1 = _mm256_xor_si256(mul1, _mm256_mul_epu32(v0, _mm256_srli_epi64(v1, 32)));
        v0 = _mm256_add_epi64(v0, _mm256_shuffle_epi8(v1, zip));
        v1 = _mm256_add_epi64(v1, _mm256_shuffle_epi8(v0, zip));
    }
    _mm256_storeu_si256((__m256i *)hash->v0, v0);
    _mm256_storeu_si256((__m256i *)hash->v1, v1);
    _mm256_storeu_si256((__m256i *)hash->mul0, mul0);
    _mm256_storeu_si256((__m256i *)hash->mul1, mul1);
}
#else
static bool has_wide_registers(void)
{
    return false;
}

static void add_wide(struct highway *hash, const uint8_t *packets, size_t count)
{
    (void)hash;
    (void)packets;
    (void)count;
}
#endif

static void add_packets(struct highway *hash, const uint8_t *packets, size_t count)
{
    if (has_wide_registers()) {
        add_wide(hash, packets, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_packet(hash, packets + i * PACKET);
}

void highway_add(struct highway *hash, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    if (hash->held && hash->held + size >= PACKET) {
        size_t take = PACKET - hash->held;
        memcpy(hash->packet + hash->held, from, take);
        add_packet(hash, hash->packet);
        hash->held = 0;
        from += take;
        size -= take;
    }
    size_t whole = hash->held ? 0 : size / PACKET;
    add_packets(hash, from, whole);
    from += whole * PACKET;
    size -= whole * PACKET;
    if (size)
        memcpy(hash->packet + hash->held, from, size);
    hash->held += size;
}

/* The last bytes, fewer than a packet: they are spread over one by their number, which goes into the lanes, too. */
static void add_rest(struct highway *hash)
{
    uint8_t packet[PACKET] = {0};
    size_t held = hash->held;
    size_t words = held & ~(size_t)3;
    size_t rest = held & 3;
    for (int i = 0; i < HIGHWAY_LANES; i++) {
        hash->v0[i] += ((uint64_t)held << 32) + held;
        uint32_t low = (uint32_t)hash->v1[i];
        uint32_t high = (uint32_t)(hash->v1[i] >> 32);
        low = low << held | low >> (32 - held);
        high = high << held | high >> (32 - held);
        hash->v1[i] = (uint64_t)high << 32 | low;
    }
    memcpy(packet, hash->packet, words);
    if (held & 16) {
        memcpy(packet + 28, hash->packet + held - 4, 4);
    } else if (rest) {
        packet[16] = hash->packet[words];
        packet[17] = hash->packet[words + (rest >> 1)];
        packet[18] = hash->packet[held - 1];
    }
    add_packet(hash, packet);
}

uint64_t highway_end(struct highway *hash)
{
    if (hash->held)
        add_rest(hash);
    for (int i = 0; i < FINAL_ROUNDS; i++) {
        const uint64_t lanes[HIGHWAY_LANES] = {swap_halves(hash->v0[2]), swap_halves(hash->v0[3]),
                                               swap_halves(hash->v0[0]), swap_halves(hash->v0[1])};
        add_lanes(hash, lanes);
    }
    return hash->v0[0] + hash->v1[0] + hash->mul0[0] + hash->mul1[0];
}
