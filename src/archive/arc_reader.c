/*
 * Reads the entries of a NATSARC1; see arc_reader.h.
 */
#include "archive/arc_reader.h"

#include <inttypes.h>
#include <string.h>

#include "archive/contents.h"
#include "base/text.h"

enum {
    NAME_MOST = 1024 * 1024,
    JSON_MOST =
        64 * 1024 * 1024, /* a consumer's state has an entry for each message that is not acknowledged */
    VARINT_MOST = 10,
};

int arc_entry_fault(struct arc_reader *arc, const char *what)
{
    return scan_fault(arc->scan, "entry %" PRIu64 ", in the chunk at byte %" PRIu64 ", %s", arc->number,
                      s2_chunk_offset(arc->input), what);
}

int arc_take(struct arc_reader *arc, void *bytes, uint64_t size)
{
    if (arc->scan->fault)
        return -1;
    while (size) {
        ssize_t got = s2_read(arc->input, bytes, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
        if (got < 0)
            return -1;
        if (got == 0)
            return scan_fault(arc->scan, "ends inside entry %" PRIu64 ": the rest was cut off", arc->number);
        size -= (uint64_t)got;
        if (bytes)
            bytes = (char *)bytes + got;
    }
    return 0;
}

/*
 * As Go's encoding/binary has it: seven bits a byte, the lowest first. Returns how many bytes it has; 0: it does not end within those, or is none of 64
 * bits.
 */
static size_t number_in(const uint8_t *bytes, size_t size, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (i == VARINT_MOST - 1 && bytes[i] > 1)
            return 0;
        number |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] & 0x80)
            continue;
        *ret_number = number;
        return i + 1;
    }
    return 0;
}

/* One that may be spread over two blocks. */
static int take_spread_number(struct arc_reader *arc, uint64_t *ret_number)
{
    uint8_t bytes[VARINT_MOST];
    for (size_t i = 0; i < VARINT_MOST; i++) {
        if (arc_take(arc, &bytes[i], 1))
            return -1;
        if (!(bytes[i] & 0x80) && number_in(bytes, i + 1, ret_number))
            return 0;
    }
    return arc_entry_fault(arc, "has a number of more than 64 bits");
}

/* Each message has five, most of which lie there as a whole. */
static int take_number(struct arc_reader *arc, uint64_t *ret_number)
{
    const uint8_t *bytes;
    ssize_t there = s2_peek(arc->input, &bytes);
    size_t most = there > VARINT_MOST ? VARINT_MOST : (size_t)(there > 0 ? there : 0);
    size_t length = number_in(bytes, most, ret_number);
    return length ? arc_take(arc, NULL, length) : take_spread_number(arc, ret_number);
}

int arc_take_text(struct arc_reader *arc, struct strbuf *text, uint64_t size)
{
    char piece[4096];
    strbuf_reset(text);
    for (uint64_t length; size; size -= length) {
        length = size < sizeof(piece) ? size : sizeof(piece);
        if (arc_take(arc, piece, length))
            return -1;
        strbuf_add(text, piece, (size_t)length);
    }
    return 0;
}

int arc_next(struct arc_reader *arc)
{
    struct arc_entry *entry = &arc->entry;
    arc->number++;
    if (take_number(arc, &entry->name_length) || take_number(arc, &entry->time) ||
        take_number(arc, &entry->sequence) || take_number(arc, &entry->header_size) ||
        take_number(arc, &entry->payload_size))
        return -1;
    if (entry->name_length > NAME_MOST)
        return arc_entry_fault(arc, "has a name of more than 1 MiB");
    if (entry->header_size > INT64_MAX || entry->payload_size > INT64_MAX - entry->header_size)
        return arc_entry_fault(arc, "claims a size that nothing has");
    if (arc_take_text(arc, &arc->name, entry->name_length))
        return -1;
    if (strlen(strbuf_text(&arc->name)) != arc->name.length)
        return arc_entry_fault(arc, "has a zero byte in its name");
    return 0;
}

struct node *arc_take_json(struct arc_reader *arc, struct arena *arena)
{
    if (arc->entry.header_size || arc->entry.payload_size > JSON_MOST) {
        arc_entry_fault(arc, "claims a size that no state has");
        return NULL;
    }
    if (arc_take_text(arc, &arc->json, arc->entry.payload_size))
        return NULL;
    return contents_json(arc->scan, arena, strbuf_text(&arc->json), arc->json.length,
                         arena_printf(arc->scan->arena, "entry %" PRIu64, arc->number));
}

int arc_begin(struct arc_reader *arc)
{
    char magic[sizeof(ARC_MAGIC) - 1];
    if (arc_take(arc, magic, sizeof(magic)))
        return -1;
    if (memcmp(magic, ARC_MAGIC, sizeof(magic)) != 0)
        return scan_fault(arc->scan, "is no archive of a nats-server 2.15 or newer: it does not begin with "
                                     "'" ARC_MAGIC "'");
    if (arc_next(arc))
        return -1;
    if (!text_is(strbuf_text(&arc->name), ARC_STATE))
        return arc_entry_fault(arc, "is not '" ARC_STATE "', with which an archive begins");
    return 0;
}

bool arc_is_end(const struct arc_entry *entry)
{
    return !entry->name_length && !entry->time && !entry->sequence && !entry->header_size &&
           !entry->payload_size;
}

void arc_release(struct arc_reader *arc)
{
    strbuf_release(&arc->name);
    strbuf_release(&arc->json);
}
