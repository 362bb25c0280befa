/*
 * Writes frames of S2, and has the checksum that both reading and writing need; see s2.h. Nothing is packed: what natsform writes itself are copies of
 * streams in memory, which are small, and a packer is much to get wrong.
 */
#include "archive/s2.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t identifier[] = {S2_CHUNK_STREAM, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};

/* What is written at once: a chunk with its header, and before the first one what the stream begins with. */
struct s2_writer {
    struct s2_output output;
    struct s2_sums sums;
    bool begun;
    size_t length; /* of the data that waits */
    uint8_t before[sizeof(identifier)];
    uint8_t head[S2_HEADER_BYTES + S2_SUM_BYTES];
    uint8_t data[S2_SNAPPY_BLOCK_MOST];
};

/* ---- checksum ---- */

/* By the polynomial of Castagnoli, of eight bytes at a time. */
void s2_sums_init(struct s2_sums *sums)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x82f63b78 : sum >> 1;
        sums->table[0][byte] = sum;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int i = 1; i < S2_SPAN; i++)
            sums->table[i][byte] =
                sums->table[i - 1][byte] >> 8 ^ sums->table[0][sums->table[i - 1][byte] & 0xff];
}

uint32_t s2_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* A checksum of data that holds checksums is weak, so it is rotated, with a constant on top. */
uint32_t s2_sum(const struct s2_sums *sums, const uint8_t *bytes, size_t size)
{
    uint32_t sum = ~(uint32_t)0;
    for (; size >= S2_SPAN; bytes += S2_SPAN, size -= S2_SPAN) {
        uint32_t low = sum ^ s2_number(bytes);
        sum = sums->table[7][low & 0xff] ^ sums->table[6][low >> 8 & 0xff] ^
              sums->table[5][low >> 16 & 0xff] ^ sums->table[4][low >> 24] ^ sums->table[3][bytes[4]] ^
              sums->table[2][bytes[5]] ^ sums->table[1][bytes[6]] ^ sums->table[0][bytes[7]];
    }
    for (; size; bytes++, size--)
        sum = sum >> 8 ^ sums->table[0][(sum ^ *bytes) & 0xff];
    sum = ~sum;
    return (sum >> 15 | sum << 17) + 0xa282ead8;
}

/* ---- frames ---- */

static void put_number(uint8_t *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
}

static int write_chunk(struct s2_writer *writer)
{
    const struct s2_output *output = &writer->output;
    size_t size = sizeof(writer->head) + writer->length;
    put_number(writer->head, (uint32_t)(writer->length + S2_SUM_BYTES) << 8 | S2_CHUNK_PLAIN);
    put_number(writer->head + S2_HEADER_BYTES, s2_sum(&writer->sums, writer->data, writer->length));
    memcpy(writer->before, identifier, sizeof(identifier));
    int failed = writer->begun ? output->write(output->context, writer->head, size)
                               : output->write(output->context, writer->before, sizeof(identifier) + size);
    writer->begun = true;
    writer->length = 0;
    return failed;
}

struct s2_writer *s2_write_begin(struct s2_output output)
{
    struct s2_writer *writer = base_alloc(sizeof(*writer));
    writer->output = output;
    writer->begun = false;
    writer->length = 0;
    s2_sums_init(&writer->sums);
    return writer;
}

int s2_write(struct s2_writer *writer, const void *bytes, size_t size)
{
    const uint8_t *rest = bytes;
    for (size_t take; size; rest += take, size -= take) {
        take = sizeof(writer->data) - writer->length;
        take = take < size ? take : size;
        memcpy(writer->data + writer->length, rest, take);
        writer->length += take;
        int failed = writer->length == sizeof(writer->data) ? write_chunk(writer) : 0;
        if (failed)
            return failed;
    }
    return 0;
}

int s2_write_end(struct s2_writer *writer)
{
    return writer->length ? write_chunk(writer) : 0;
}

void s2_writer_free(struct s2_writer *writer)
{
    free(writer);
}
