/*
 * The frames of S2 and Snappy; see s2.h. s2_block.c unpacks what is in them.
 */
#include "archive/s2.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "archive/crc32c.h"
#include "base/read.h"

enum {
    /* What cannot be packed gets a little longer: by a sixth at most in Snappy's way, by a few bytes in S2's. */
    PACKED_MOST = S2_BLOCK_MOST + S2_BLOCK_MOST / 6 + 32 + S2_SUM_BYTES,
};

struct room {
    uint8_t *bytes;
    size_t size;
};

struct s2_reader {
    struct scan *scan;
    struct s2_input input;
    struct room packed, unpacked;
    size_t at, end;      /* what of `unpacked` was not read yet */
    uint64_t offset;     /* of the next byte of the input */
    uint64_t chunk;      /* of the chunk that is being read */
    uint64_t next_chunk; /* of the one that comes, while its header is read */
    uint64_t uncovered;
    size_t block_most; /* 0: no stream has begun */
    struct crc32c sums;
};

/* ---- input ---- */

/* Returns how many bytes there were, fewer than `size` at the end only; -1 with a fault. */
static ssize_t fill(struct s2_reader *reader, uint8_t *bytes, size_t size)
{
    size_t have = 0;
    ssize_t got = 1;
    while (have < size && got) {
        got = reader->input.read(reader->input.context, bytes + have, size - have);
        if (got < 0)
            return scan_fault(reader->scan, "cannot be read at byte %" PRIu64 ": %s", reader->offset,
                              errno_text(reader->scan->arena, errno));
        have += (size_t)got;
        reader->offset += (uint64_t)got;
    }
    return (ssize_t)have;
}

static int ends_early(struct s2_reader *reader)
{
    return scan_fault(reader->scan, "ends at byte %" PRIu64 ", inside the chunk that begins at byte %" PRIu64,
                      reader->offset, reader->next_chunk);
}

static int fill_whole(struct s2_reader *reader, uint8_t *bytes, size_t size)
{
    ssize_t got = fill(reader, bytes, size);
    if (got < 0)
        return -1;
    return (size_t)got < size ? ends_early(reader) : 0;
}

/* Nobody asks for more than a block may have. */
static uint8_t *room_for(struct room *room, size_t size)
{
    size_t rounded = size < 64 * 1024 ? 64 * 1024 : size;
    if (rounded > room->size) {
        room->bytes = base_realloc(room->bytes, rounded);
        room->size = rounded;
    }
    return room->bytes;
}

/* ---- chunks ---- */

static int chunk_fault(struct s2_reader *reader, const char *what)
{
    return scan_fault(reader->scan, "the chunk at byte %" PRIu64 " %s", reader->next_chunk, what);
}

static int check(struct s2_reader *reader, uint32_t wanted, size_t length)
{
    if (crc32c_masked(&reader->sums, reader->unpacked.bytes, length) != wanted)
        return chunk_fault(reader, "is damaged: its checksum does not match its data");
    reader->at = 0;
    reader->end = length;
    reader->chunk = reader->next_chunk;
    return 0;
}

static int read_plain(struct s2_reader *reader, size_t size)
{
    uint8_t sum[S2_SUM_BYTES];
    if (size < S2_SUM_BYTES || size - S2_SUM_BYTES > reader->block_most)
        return chunk_fault(reader, "is damaged: it has a length that no chunk can have");
    size -= S2_SUM_BYTES;
    if (fill_whole(reader, sum, S2_SUM_BYTES) || fill_whole(reader, room_for(&reader->unpacked, size), size))
        return -1;
    return check(reader, crc32c_number(sum), size);
}

static int read_packed(struct s2_reader *reader, size_t size)
{
    size_t length;
    size_t start;
    if (size < S2_SUM_BYTES || size > PACKED_MOST)
        return chunk_fault(reader, "is damaged: it has a length that no chunk can have");
    uint8_t *packed = room_for(&reader->packed, size);
    if (fill_whole(reader, packed, size))
        return -1;
    const uint8_t *block = packed + S2_SUM_BYTES;
    size -= S2_SUM_BYTES;
    if (s2_block_length(block, size, &length, &start) || length > reader->block_most)
        return chunk_fault(reader, "is damaged: it claims to unpack to more than a block can have");
    if (s2_block_unpack(block + start, size - start, room_for(&reader->unpacked, length), length))
        return chunk_fault(reader, "is damaged: it cannot be unpacked");
    return check(reader, crc32c_number(packed), length);
}

static int begin_stream(struct s2_reader *reader, size_t size)
{
    uint8_t name[6];
    if (size != sizeof(name))
        return chunk_fault(reader, "is damaged: it has a length that no chunk of its kind can have");
    if (fill_whole(reader, name, sizeof(name)))
        return -1;
    bool is_s2 = memcmp(name, "S2sTwO", sizeof(name)) == 0;
    if (!is_s2 && memcmp(name, "sNaPpY", sizeof(name)) != 0)
        return chunk_fault(reader, "begins no stream of S2 or Snappy");
    reader->block_most = is_s2 ? S2_BLOCK_MOST : S2_SNAPPY_BLOCK_MOST;
    return 0;
}

static int pass_over(struct s2_reader *reader, size_t size)
{
    enum { PIECE = 64 * 1024 };
    reader->uncovered += size;
    uint8_t *bytes = room_for(&reader->packed, PIECE);
    for (size_t piece; size; size -= piece) {
        piece = size < PIECE ? size : PIECE;
        if (fill_whole(reader, bytes, piece))
            return -1;
    }
    return 0;
}

/*
 * Readers have to pass over chunks of kinds 0x80 to 0xfd, which somebody may define one day. Only one has been, the index; and a chunk of data
 * becomes such a one when a single bit turns, all its data lost without a word. So the others are refused here.
 */
static int read_chunk(struct s2_reader *reader, int kind, size_t size)
{
    if (kind == S2_CHUNK_STREAM)
        return begin_stream(reader, size);
    if (!reader->block_most)
        return scan_fault(reader->scan, "is no stream of S2 or Snappy: it does not begin like one");
    switch (kind) {
    case S2_CHUNK_PACKED:
        return read_packed(reader, size);
    case S2_CHUNK_PLAIN:
        return read_plain(reader, size);
    case S2_CHUNK_INDEX:
    case S2_CHUNK_PADDING:
        return pass_over(reader, size);
    default:
        return chunk_fault(reader, "is damaged: it is of a kind that there is not");
    }
}

/* Returns 1 when there is data, 0 at the end, -1 with a fault. */
static int next_data(struct s2_reader *reader)
{
    while (reader->at == reader->end) {
        uint8_t header[S2_HEADER_BYTES];
        reader->next_chunk = reader->offset;
        ssize_t got = fill(reader, header, sizeof(header));
        if (got == 0 && !reader->block_most)
            return scan_fault(reader->scan, "is empty");
        if (got <= 0)
            return (int)got;
        if (got < S2_HEADER_BYTES)
            return ends_early(reader);
        if (read_chunk(reader, header[0], crc32c_number(header) >> 8))
            return -1;
    }
    return 1;
}

/* ---- the reader ---- */

struct s2_reader *s2_open(struct scan *scan, struct s2_input input)
{
    struct s2_reader *reader = base_alloc(sizeof(*reader));
    *reader = (struct s2_reader){.scan = scan, .input = input};
    crc32c_init(&reader->sums);
    return reader;
}

void s2_close(struct s2_reader *reader)
{
    free(reader->packed.bytes);
    free(reader->unpacked.bytes);
    free(reader);
}

ssize_t s2_peek(struct s2_reader *reader, const uint8_t **ret_bytes)
{
    int found = reader->scan->fault ? -1 : next_data(reader);
    if (found <= 0)
        return found;
    *ret_bytes = reader->unpacked.bytes + reader->at;
    return (ssize_t)(reader->end - reader->at);
}

ssize_t s2_read(struct s2_reader *reader, void *buffer, size_t size)
{
    const uint8_t *bytes;
    ssize_t there = s2_peek(reader, &bytes);
    if (there <= 0)
        return there;
    size_t take = (size_t)there < size ? (size_t)there : size;
    if (buffer)
        memcpy(buffer, bytes, take);
    reader->at += take;
    return (ssize_t)take;
}

uint64_t s2_chunk_offset(const struct s2_reader *reader)
{
    return reader->chunk;
}

uint64_t s2_uncovered(const struct s2_reader *reader)
{
    return reader->uncovered;
}
