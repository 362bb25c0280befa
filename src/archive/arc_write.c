/* Entries of NATSARC1; see arc_write.h. arc.c reads them, and says what they are. */
#include "archive/arc_write.h"

#include <stdlib.h>
#include <string.h>

#include "archive/arc_reader.h"

struct arc_writer {
    struct s2_writer *frames;
    int failed; /* of what was written before there could be an answer */
};

enum { NUMBERS = 5 };

size_t arc_put_number(uint8_t *bytes, uint64_t number)
{
    size_t length = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[length++] = (uint8_t)(number | 0x80);
    bytes[length++] = (uint8_t)number;
    return length;
}

/* The sign stands in the lowest bit. */
static uint64_t folded(int64_t number)
{
    return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

static int write_entry(struct arc_writer *writer, const struct backup_message *entry)
{
    uint8_t head[NUMBERS * ARC_NUMBER_MOST];
    size_t length = arc_put_number(head, strlen(entry->subject));
    length += arc_put_number(head + length, folded(entry->time));
    length += arc_put_number(head + length, entry->sequence);
    length += arc_put_number(head + length, entry->headers_length);
    length += arc_put_number(head + length, entry->data_length);
    int failed = s2_write(writer->frames, head, length);
    if (!failed)
        failed = s2_write(writer->frames, entry->subject, strlen(entry->subject));
    if (!failed)
        failed = s2_write(writer->frames, entry->headers, entry->headers_length);
    return failed ? failed : s2_write(writer->frames, entry->data, entry->data_length);
}

struct arc_writer *arc_write_begin(struct s2_output output, const char *state, int64_t time)
{
    struct arc_writer *writer = base_alloc(sizeof(*writer));
    const struct backup_message entry = {
        .subject = ARC_STATE, .time = time, .data = state, .data_length = strlen(state)};
    writer->frames = s2_write_begin(output);
    writer->failed = s2_write(writer->frames, ARC_MAGIC, strlen(ARC_MAGIC));
    if (!writer->failed)
        writer->failed = write_entry(writer, &entry);
    return writer;
}

int arc_write_message(struct arc_writer *writer, const struct backup_message *message)
{
    return writer->failed ? writer->failed : write_entry(writer, message);
}

int arc_write_end(struct arc_writer *writer)
{
    const struct backup_message end = {.subject = ""};
    int failed = arc_write_message(writer, &end);
    return failed ? failed : s2_write_end(writer->frames);
}

void arc_writer_free(struct arc_writer *writer)
{
    if (writer)
        s2_writer_free(writer->frames);
    free(writer);
}
