/*
 * Fuzzes the reading of backups: S2, the archive of nats-server 2.15, and the tar of those before with what is in it. The first byte says what
 * the others are: an archive as it is on the disk, or what one unpacks to, as hardly any bytes have the right checksums by chance.
 */
#include "archive/contents.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "fuzz/promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum kind { PACKED_ARC, PACKED_TAR, UNPACKED_ARC, UNPACKED_TAR, BLOCK, KINDS };

struct memory {
    const uint8_t *bytes;
    size_t left;
};

/* Short reads, as of a pipe. */
static ssize_t read_memory(void *context, void *buffer, size_t size)
{
    struct memory *memory = context;
    size_t take = memory->left < size ? memory->left : size;
    take = take > 1000 ? 1000 : take;
    if (take)
        memcpy(buffer, memory->bytes, take);
    memory->bytes += take;
    memory->left -= take;
    return (ssize_t)take;
}

static void add_number(struct strbuf *out, size_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        strbuf_addc(out, (char)(number >> (8 * i) & 0xff));
}

/* A stream with one chunk, which is not compressed. */
static void pack(struct strbuf *out, const uint8_t *data, size_t size)
{
    uint32_t sum = ~(uint32_t)0;
    for (size_t i = 0; i < size; i++) {
        sum ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x82f63b78 : sum >> 1;
    }
    sum = ~sum;
    sum = (sum >> 15 | sum << 17) + 0xa282ead8;
    strbuf_add(out, "\xff\x06\x00\x00S2sTwO\x01", 11);
    add_number(out, size + 4, 3);
    add_number(out, sum, 4);
    strbuf_add(out, (const char *)data, size);
}

static struct node *state_of_seeds(struct arena *arena)
{
    struct node *state = node_map(arena);
    node_put_number(arena, state, "messages", 56);
    node_put_number(arena, state, "first_seq", 3);
    node_put_number(arena, state, "last_seq", 60);
    return state;
}

static void verify(bool is_new_format, const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    struct memory memory = {data, size};
    struct scan scan = {.arena = &arena};
    struct backup_contents contents = {0};
    const struct backup backup = {
        .stream = "ORDERS",
        .is_new_format = is_new_format,
        .config = node_map(&arena),
        .state = state_of_seeds(&arena),
    };
    struct s2_reader *reader = s2_open(&scan, (struct s2_input){read_memory, &memory});
    int failed = is_new_format ? arc_verify(&scan, reader, &backup, NULL, &contents)
                               : tar_verify(&scan, reader, &backup, &contents);
    require((failed != 0) == (scan.fault != NULL), "a failure is reported");
    require(failed || memory.left == 0, "what is whole was read to its end");
    require(failed || (contents.messages + contents.missing >= 56), "totals are counted");
    require(contents.subjects.count <= 20, "subjects are bounded");
    s2_close(reader);
    arena_release(&arena);
}

static void unpack_block(const uint8_t *data, size_t size)
{
    size_t length = 0;
    size_t start = 0;
    if (s2_block_length(data, size, &length, &start) || length > S2_BLOCK_MOST)
        return;
    uint8_t *unpacked = malloc(length ? length : 1);
    s2_block_unpack(data + start, size - start, unpacked, length);
    free(unpacked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strbuf packed = {0};
    if (!size || size > 1024 * 1024)
        return 0;
    int kind = *data++ % KINDS;
    uint8_t *copy = malloc(size); /* no byte more than there are: one that is read too many is found */
    memcpy(copy, data, --size);
    if (kind == UNPACKED_ARC || kind == UNPACKED_TAR) {
        pack(&packed, copy, size);
        verify(kind == UNPACKED_ARC, (const uint8_t *)packed.text, packed.length);
    } else if (kind == BLOCK) {
        unpack_block(copy, size);
    } else {
        verify(kind == PACKED_ARC, copy, size);
    }
    free(copy);
    strbuf_release(&packed);
    return 0;
}
