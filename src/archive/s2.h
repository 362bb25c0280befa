/*
 * S2: the compression of snapshots, which is Snappy's framing with larger blocks and more kinds of copies. No C library reads it.
 *
 * A stream is a row of chunks. Those with data have a checksum of what they unpack to, so a turned bit is found, but for two kinds: one
 * that unpacks to the same bytes, as inside a run of zeros, and one in padding or in an index, whose bytes mean nothing. What
 * somebody claims to be long is believed up to 4 MiB, the most that a block may have.
 *
 *     struct s2_reader *reader = s2_open(&scan, input);
 *     while ((got = s2_read(reader, buffer, sizeof(buffer))) > 0)
 *         use(buffer, got);
 *     s2_close(reader);
 */
#ifndef ARCHIVE_S2_H
#define ARCHIVE_S2_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "archive/scan.h"

enum { S2_BLOCK_MOST = 4 * 1024 * 1024 };

/* Where the packed bytes come from. As read(): fewer than asked for are fine, 0 is the end, -1 comes with an errno. */
struct s2_input {
    ssize_t (*read)(void *context, void *buffer, size_t size);
    void *context;
};

struct s2_reader;

/* The scan, and what the input needs, have to stay until s2_close(). */
struct s2_reader *s2_open(struct scan *scan, struct s2_input input);
void s2_close(struct s2_reader *reader);

/* Up to `size` unpacked bytes, at least one; 0 at the end of the input; -1 with a fault. Without a buffer they are passed over. */
ssize_t s2_read(struct s2_reader *reader, void *buffer, size_t size);
/*
 * The same, but nothing is read: where the next bytes lie, and how many of them there are. They stay until s2_peek() or s2_read() is called with all of
 * them read.
 */
ssize_t s2_peek(struct s2_reader *reader, const uint8_t **ret_bytes);

/* Where the chunk begins that the last byte came out of. */
uint64_t s2_chunk_offset(const struct s2_reader *reader);
/* Bytes of padding and indexes so far, which no checksum covers. */
uint64_t s2_uncovered(const struct s2_reader *reader);

/*
 * ---- writing ----
 * Frames that nothing was packed in, as each reader takes them: of Snappy's name, with chunks of 64 KiB.
 *
 *     struct s2_writer *writer = s2_write_begin((struct s2_output){write, context});
 *     failed = s2_write(writer, bytes, size) || s2_write_end(writer);
 *     s2_writer_free(writer);
 */

/* Where the frames go. Returns 0, or what s2_write() is to return. */
struct s2_output {
    int (*write)(void *context, const void *bytes, size_t size);
    void *context;
};

struct s2_writer;

struct s2_writer *s2_write_begin(struct s2_output output);
int s2_write(struct s2_writer *writer, const void *bytes, size_t size);
int s2_write_end(struct s2_writer *writer);
void s2_writer_free(struct s2_writer *writer); /* NULL is fine */

/*
 * ---- frames ----
 */

enum s2_chunk {
    S2_CHUNK_PACKED = 0x00,
    S2_CHUNK_PLAIN = 0x01,
    S2_CHUNK_INDEX = 0x99,
    S2_CHUNK_PADDING = 0xfe,
    S2_CHUNK_STREAM = 0xff,
};

enum {
    S2_HEADER_BYTES = 4, /* a chunk's kind, and its size in three bytes */
    S2_SUM_BYTES = 4,
    S2_SNAPPY_BLOCK_MOST = 64 * 1024,
};

/*
 * ---- blocks ----
 * What is inside a chunk: a length, then literals and copies.
 */

/* The length that the block says it has unpacked, and where it begins. Returns 0 or -1. */
int s2_block_length(const uint8_t *block, size_t size, size_t *ret_length, size_t *ret_start);
/* Unpacks what stands behind the length into exactly `length` bytes. Returns 0, or -1 when it does not make that. */
int s2_block_unpack(const uint8_t *block, size_t size, uint8_t *unpacked, size_t length);

#endif
