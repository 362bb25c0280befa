/* Archives made by hand; see archive_made.h. */
#include "unit/archive_made.h"

#include <string.h>

ssize_t memory_read(void *context, void *buffer, size_t size)
{
    struct memory *memory = context;
    size_t take = memory->left < size ? memory->left : size;
    memcpy(buffer, memory->text, take);
    memory->text += take;
    memory->left -= take;
    return (ssize_t)take;
}

static void add_number(struct strbuf *out, uint32_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        strbuf_addc(out, (char)(number >> (8 * i) & 0xff));
}

void made_chunk(struct strbuf *out, int kind, const char *bytes, size_t size)
{
    strbuf_addc(out, (char)kind);
    add_number(out, (uint32_t)size, 3);
    strbuf_add(out, bytes, size);
}

void made_stream(struct strbuf *out, const char *name)
{
    made_chunk(out, 0xff, name, strlen(name));
}

/* Bit by bit, as another way to the same. */
static uint32_t checksum(const char *bytes, size_t size)
{
    uint32_t sum = ~(uint32_t)0;
    for (size_t i = 0; i < size; i++) {
        sum ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x82f63b78 : sum >> 1;
    }
    sum = ~sum;
    return (sum >> 15 | sum << 17) + 0xa282ead8;
}

void made_plain(struct strbuf *out, const char *bytes, size_t size)
{
    strbuf_addc(out, 1);
    add_number(out, (uint32_t)size + 4, 3);
    add_number(out, checksum(bytes, size), 4);
    strbuf_add(out, bytes, size);
}

static void add_varint(struct strbuf *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        strbuf_addc(out, (char)((number & 0x7f) | 0x80));
    strbuf_addc(out, (char)number);
}

void made_entry(struct strbuf *out, const char *name, uint64_t sequence, const char *payload)
{
    add_varint(out, strlen(name));
    add_varint(out, *name || *payload);
    add_varint(out, sequence);
    add_varint(out, 0);
    add_varint(out, strlen(payload));
    strbuf_adds(out, name);
    strbuf_adds(out, payload);
}
