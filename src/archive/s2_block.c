/*
 * The inside of an S2 block; see s2.h. Snappy's elements: literals, and copies of what was unpacked before. S2 adds to them that an
 * offset of 0 means the last one again, and then a length of any size may follow.
 */
#include "archive/s2.h"

#include <stdbool.h>
#include <string.h>

#include "archive/crc32c.h"

enum { LITERAL, COPY_1, COPY_2, COPY_4 };

/*
 * Most elements are a few bytes. Away from the ends of both blocks, more is moved than such a one has, which the next one writes over: that is one
 * or two instructions, where a length that is not known takes a call.
 */
enum { STEP = 16, SHORT = 4 * STEP, ROOMY_IN = SHORT, ROOMY_OUT = 2 * SHORT };

/* An element takes a few nanoseconds. Left to themselves, compilers make calls, for which all of `at` goes to memory and back. */
#define INLINE static inline __attribute__((always_inline))

struct unpacking {
    const uint8_t *in, *in_end;
    uint8_t *start, *out, *out_end;
    size_t offset; /* of the last copy; 0: there was none */
    bool is_roomy; /* the ends are so far away, from where the element begins */
};

INLINE size_t left_of(const struct unpacking *at)
{
    return (size_t)(at->in_end - at->in);
}

INLINE size_t room_of(const struct unpacking *at)
{
    return (size_t)(at->out_end - at->out);
}

/* A little-endian number of so many bytes, 1 to 4. False when the input ends before. */
INLINE bool take_number(struct unpacking *at, size_t bytes, size_t *ret_number)
{
    size_t number = 0;
    if (at->is_roomy)
        number = crc32c_number(at->in) & UINT32_MAX >> (32 - 8 * bytes);
    else if (bytes > left_of(at))
        return false;
    else
        for (size_t i = 0; i < bytes; i++)
            number |= (size_t)at->in[i] << (8 * i);
    at->in += bytes;
    *ret_number = number;
    return true;
}

int s2_block_length(const uint8_t *block, size_t size, size_t *ret_length, size_t *ret_start)
{
    uint64_t length = 0;
    for (size_t i = 0; i < size && i < 5; i++) {
        length |= (uint64_t)(block[i] & 0x7f) << (7 * i);
        if (block[i] & 0x80)
            continue;
        if (length > UINT32_MAX)
            return -1;
        *ret_length = (size_t)length;
        *ret_start = i + 1;
        return 0;
    }
    return -1;
}

INLINE bool unpack_literal(struct unpacking *at, size_t tag)
{
    size_t length = tag >> 2;
    if (at->is_roomy && length < 2 * STEP) {
        memcpy(at->out, at->in, 2 * STEP);
        at->in += length + 1;
        at->out += length + 1;
        return true;
    }
    if (length >= 60 && !take_number(at, length - 59, &length))
        return false;
    length++;
    if (length > left_of(at) || length > room_of(at))
        return false;
    memcpy(at->out, at->in, length);
    at->in += length;
    at->out += length;
    return true;
}

/* The length of a copy that repeats the last offset: short ones are in the tag, and longer ones in 1 to 3 bytes behind it. */
INLINE bool take_repeat(struct unpacking *at, size_t *length)
{
    static const size_t bases[] = {4, 1 << 8, 1 << 16};
    size_t more;
    if (*length < 5)
        return true;
    size_t bytes = *length - 4;
    if (!take_number(at, bytes, &more))
        return false;
    *length = more + bases[bytes - 1];
    return true;
}

INLINE bool take_short_copy(struct unpacking *at, size_t tag, size_t *length)
{
    size_t low;
    if (!take_number(at, 1, &low))
        return false;
    size_t offset = (tag & 0xe0) << 3 | low;
    *length = tag >> 2 & 7;
    if (offset)
        at->offset = offset;
    else if (!take_repeat(at, length))
        return false;
    *length += 4;
    return true;
}

INLINE void copy_short(uint8_t *to, const uint8_t *from, size_t length)
{
    memcpy(to, from, STEP);
    memcpy(to + STEP, from + STEP, STEP);
    if (length <= 2 * STEP)
        return;
    memcpy(to + 2 * STEP, from + 2 * STEP, STEP);
    memcpy(to + 3 * STEP, from + 3 * STEP, STEP);
}

/* It copies what it writes: a pattern that goes on. Its double, which is the same pattern, stands there as soon as it was written once. */
static void go_on(uint8_t *to, size_t offset, size_t length)
{
    const uint8_t *from = to - offset;
    for (size_t piece; length; to += piece, length -= piece) {
        piece = (size_t)(to - from) < length ? (size_t)(to - from) : length;
        memcpy(to, from, piece);
    }
}

INLINE bool unpack_copy(struct unpacking *at, size_t tag)
{
    size_t length = 1 + (tag >> 2);
    bool taken = (tag & 3) == COPY_1 ? take_short_copy(at, tag, &length)
                                     : take_number(at, (tag & 3) == COPY_2 ? 2 : 4, &at->offset);
    if (!taken || !at->offset || at->offset > (size_t)(at->out - at->start) || length > room_of(at))
        return false;
    if (at->is_roomy && at->offset >= STEP && length <= SHORT)
        copy_short(at->out, at->out - at->offset, length);
    else
        go_on(at->out, at->offset, length);
    at->out += length;
    return true;
}

int s2_block_unpack(const uint8_t *block, size_t size, uint8_t *unpacked, size_t length)
{
    struct unpacking at = {.in = block,
                           .in_end = block + size,
                           .start = unpacked,
                           .out = unpacked,
                           .out_end = unpacked + length};
    while (at.in < at.in_end) {
        size_t tag = *at.in;
        at.is_roomy = left_of(&at) >= ROOMY_IN && room_of(&at) >= ROOMY_OUT;
        at.in++;
        if (!((tag & 3) == LITERAL ? unpack_literal(&at, tag) : unpack_copy(&at, tag)))
            return -1;
    }
    return at.out == at.out_end ? 0 : -1;
}
