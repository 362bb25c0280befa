/*
 * Store: files as nats-server's file store writes them, with HighwayHash sums that are keyed by names.
 */
#ifndef ARCHIVE_STORE_H
#define ARCHIVE_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "archive/backup.h"
#include "archive/scan.h"

struct store_name {
    const char *stream;
    const char *consumer; /* NULL: it is about the stream */
};

/* What meta.sum has to say of a meta.inf: 16 hexadecimal digits. */
void store_meta_sum(const struct store_name *name, const char *text, size_t length, char ret_sum[17]);

/* Reads a consumer's position out of the beginning of its o.dat. Returns 0, or -1 when it is none. */
enum { STORE_POSITION_BYTES = 2 + 5 * 10 };
int store_position(const unsigned char *bytes, size_t size, struct backup_consumer *consumer);

/* A block of messages, which are read one by one. */
struct store_block {
    const char *stream;
    uint64_t index;
    uint64_t first, last; /* the stream's sequences: others were removed, or came too late to count */
    /* The bytes that come next, which stay until the next call. Returns how many; 0 at the end, -1 with a fault of the scan. */
    ssize_t (*next)(void *context, const uint8_t **ret_bytes);
    void *context;
};

/* Checks each message's sum, and adds to the number of those found. Returns 0, or -1 with the scan's fault. */
int store_block_check(struct scan *scan, const struct store_block *block, uint64_t *found);

#endif
