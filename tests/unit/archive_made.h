/*
 * Archives made by hand: S2 streams of chunks that are not compressed, and entries of NATSARC1.
 */
#ifndef UNIT_ARCHIVE_MADE_H
#define UNIT_ARCHIVE_MADE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"

/* An input for s2_open(). */
struct memory {
    const char *text;
    size_t left;
};
ssize_t memory_read(void *context, void *buffer, size_t size);

void made_stream(struct strbuf *out, const char *name);
void made_chunk(struct strbuf *out, int kind, const char *bytes, size_t size);
/* With its checksum. */
void made_plain(struct strbuf *out, const char *bytes, size_t size);

/* An entry whose payload is that text; a time of 1 unless all is nothing. */
void made_entry(struct strbuf *out, const char *name, uint64_t sequence, const char *payload);

#endif
