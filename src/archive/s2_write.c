/*
 * Writes frames of S2; see s2.h. Nothing is packed: what natsform writes itself are copies of
 * streams in memory, which are small, and a packer is much to get wrong.
 */
#include "archive/s2.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "archive/crc32c.h"

static const uint8_t identifier[] = {S2_CHUNK_STREAM, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};

/* What is written at once: a chunk with its header, and before the first one what the stream begins with. */
struct s2_writer {
    struct s2_output output;
    struct crc32c sums;
    bool begun;
    size_t length; /* of the data that waits */
    uint8_t before[sizeof(identifier)];
    uint8_t head[S2_HEADER_BYTES + S2_SUM_BYTES];
    uint8_t data[S2_SNAPPY_BLOCK_MOST];
};

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
    put_number(writer->head + S2_HEADER_BYTES, crc32c_masked(&writer->sums, writer->data, writer->length));
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
    crc32c_init(&writer->sums);
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
