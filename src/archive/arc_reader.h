/*
 * Reads NATSARC1, the format of nats-server 2.15 and newer, entry by entry: each has a name, a time, a sequence and two sizes, and then so
 * many bytes. First comes the stream's state, then its consumers, then messages, whose name is their subject, and an entry of zeros.
 *
 *     struct arc_reader arc = {.scan = &scan, .input = s2};
 *     if (arc_begin(&arc) == 0)
 *         state = arc_take_json(&arc, arena);
 *     while (arc_next(&arc) == 0 && !arc_is_end(&arc.entry))
 *         arc_take(&arc, NULL, arc.entry.header_size + arc.entry.payload_size);
 *     arc_release(&arc);
 */
#ifndef ARCHIVE_ARC_READER_H
#define ARCHIVE_ARC_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/s2.h"
#include "archive/scan.h"
#include "base/strbuf.h"
#include "syntax/node.h"

#define ARC_MAGIC "NATSARC1"
#define ARC_STATE "state.json"
#define ARC_CONSUMER "consumers/"

/* What a message takes in a store beside its subject, headers and text. */
enum { ARC_STORED_BYTES = 22 + 8, ARC_STORED_HEADER_BYTES = 4, ARC_MEMORY_BYTES = 16 };

struct arc_entry {
    uint64_t name_length;
    uint64_t time; /* nanoseconds since 1970, in the zigzag way of Go's varints */
    uint64_t sequence;
    uint64_t header_size, payload_size;
};

struct arc_reader {
    struct scan *scan;
    struct s2_reader *input;
    /* of the entry: */
    uint64_t number; /* from 1 on */
    struct arc_entry entry;
    struct strbuf name;
    struct strbuf json;
};

/* The beginning, up to the header of the state. Returns 0, or -1 with the scan's fault, as all of these. */
int arc_begin(struct arc_reader *arc);
/* The next entry's header. What the one before has has to be taken first. */
int arc_next(struct arc_reader *arc);
bool arc_is_end(const struct arc_entry *entry);

/* So many bytes of the entry; NULL passes over them. */
int arc_take(struct arc_reader *arc, void *bytes, uint64_t size);
/* The same, as a text, which is overwritten; its size is bounded by the caller. */
int arc_take_text(struct arc_reader *arc, struct strbuf *text, uint64_t size);
/* The payload of an entry without headers, as JSON in that arena. NULL with a fault. */
struct node *arc_take_json(struct arc_reader *arc, struct arena *arena);

/* Says what is wrong with the entry. Returns -1. */
int arc_entry_fault(struct arc_reader *arc, const char *what);

void arc_release(struct arc_reader *arc);

#endif
