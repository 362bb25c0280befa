/*
 * The inside of an S2 block; see s2.h. Snappy's elements: literals, and copies of what was unpacked before. S2 adds to them that an
 * offset of 0 means the last one again, and then a length of any size may follow.
 */
#include "archive/s2.h"

#include <stdbool.h>
#include <string.h>

enum { LITERAL, COPY_1, COPY_2, COPY_4 };

struct unpacking {
    const uint8_t *in;
    size_t left; /* of the input */
    uint8_t *out;
    size_t made;
    size_t length; /* that `out` will have */
    size_t offset; /* of the last copy; 0: there was none */
};

/* A little-endian number of so many bytes. False when the input ends before. */
static bool take_number(struct unpacking *at, size_t bytes, size_t *ret_number)
{
    size_t number = 0;
    if (bytes > at->left)
        return false;
    for (size_t i = 0; i < bytes; i++)
        number |= (size_t)at->in[i] << (8 * i);
    at->in += bytes;
    at->left -= bytes;
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

static bool unpack_literal(struct unpacking *at, size_t tag)
{
    size_t length = tag >> 2;
    if (length >= 60 && !take_number(at, length - 59, &length))
        return false;
    length++;
    if (length > at->left || length > at->length - at->made)
        return false;
    memcpy(at->out + at->made, at->in, length);
    at->in += length;
    at->left -= length;
    at->made += length;
    return true;
}

/* The length of a copy that repeats the last offset: short ones are in the tag, and longer ones in 1 to 3 bytes behind it. */
static bool take_repeat(struct unpacking *at, size_t *length)
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

static bool take_short_copy(struct unpacking *at, size_t tag, size_t *length)
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

static bool unpack_copy(struct unpacking *at, size_t tag)
{
    size_t length = 1 + (tag >> 2);
    bool taken = (tag & 3) == COPY_1 ? take_short_copy(at, tag, &length)
                                     : take_number(at, (tag & 3) == COPY_2 ? 2 : 4, &at->offset);
    if (!taken || !at->offset || at->offset > at->made || length > at->length - at->made)
        return false;
    uint8_t *to = at->out + at->made;
    const uint8_t *from = to - at->offset;
    at->made += length;
    if (at->offset >= length)
        memcpy(to, from, length);
    else /* it copies what it writes: a pattern that goes on */
        for (size_t i = 0; i < length; i++)
            to[i] = from[i];
    return true;
}

int s2_block_unpack(const uint8_t *block, size_t size, uint8_t *unpacked, size_t length)
{
    struct unpacking at = {.in = block, .left = size, .out = unpacked, .length = length};
    size_t tag;
    while (take_number(&at, 1, &tag))
        if (!((tag & 3) == LITERAL ? unpack_literal(&at, tag) : unpack_copy(&at, tag)))
            return -1;
    return at.made == length ? 0 : -1;
}
