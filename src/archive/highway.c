/*
 * HighwayHash; see highway.h. As its authors describe it in "Fast keyed hash/pseudo-random function using SIMD multiply and permute"
 * (arXiv:1612.06257), without SIMD: four lanes of 64 bits, and a packet of 32 bytes a round.
 */
#include "archive/highway.h"

#include <string.h>

enum { PACKET = HIGHWAY_KEY_BYTES, FINAL_ROUNDS = 4 };

static uint64_t number_of(const uint8_t *bytes)
{
    uint64_t number = 0;
    for (int i = 7; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
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
static uint64_t moved(uint64_t lane, int from, int to)
{
    return (lane >> (8 * from) & 0xff) << (8 * to);
}

/* Mixes the bytes of two lanes, so that the weak ends of products meet the strong middles, and adds that. */
static void zipper_merge(uint64_t low, uint64_t high, uint64_t *add_low, uint64_t *add_high)
{
    *add_low += moved(low, 3, 0) | moved(high, 4, 1) | moved(low, 2, 2) | moved(low, 5, 3) |
                moved(high, 6, 4) | moved(low, 1, 5) | moved(high, 7, 6) | moved(low, 0, 7);
    *add_high += moved(high, 3, 0) | moved(low, 4, 1) | moved(high, 2, 2) | moved(high, 5, 3) |
                 moved(high, 1, 4) | moved(low, 6, 5) | moved(high, 0, 6) | moved(low, 7, 7);
}

static void add_lanes(struct highway *hash, const uint64_t lanes[HIGHWAY_LANES])
{
    for (int i = 0; i < HIGHWAY_LANES; i++) {
        hash->v1[i] += lanes[i] + hash->mul0[i];
        hash->mul0[i] ^= (hash->v1[i] & UINT32_MAX) * (hash->v0[i] >> 32);
        hash->v0[i] += hash->mul1[i];
        hash->mul1[i] ^= (hash->v0[i] & UINT32_MAX) * (hash->v1[i] >> 32);
    }
    for (int i = 0; i < HIGHWAY_LANES; i += 2)
        zipper_merge(hash->v1[i], hash->v1[i + 1], &hash->v0[i], &hash->v0[i + 1]);
    for (int i = 0; i < HIGHWAY_LANES; i += 2)
        zipper_merge(hash->v0[i], hash->v0[i + 1], &hash->v1[i], &hash->v1[i + 1]);
}

static void add_packet(struct highway *hash, const uint8_t *packet)
{
    uint64_t lanes[HIGHWAY_LANES];
    for (size_t i = 0; i < HIGHWAY_LANES; i++)
        lanes[i] = number_of(packet + 8 * i);
    add_lanes(hash, lanes);
}

void highway_add(struct highway *hash, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (hash->held + size >= PACKET) {
        size_t take = PACKET - hash->held;
        if (hash->held)
            memcpy(hash->packet + hash->held, from, take);
        add_packet(hash, hash->held ? hash->packet : from);
        hash->held = 0;
        from += take;
        size -= take;
    }
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
