/*
 * NATSARC1, the format of nats-server 2.15 and newer: entries of a header and a payload, one behind the other. First state.json, then as many
 * consumers as that says, then the messages in the order of their sequences, and an entry that is all zeros, without which the
 * backup was cut off. The rules are those by which nats-server 2.15.3 restores, and natsform's that nothing follows.
 */
#include "archive/contents.h"

#include <inttypes.h>
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"

#define CONSUMER_PREFIX "consumers/"

enum {
    NAME_MOST = 1024 * 1024,
    JSON_MOST =
        64 * 1024 * 1024, /* a consumer's state has an entry for each message that is not acknowledged */
    MESSAGE_MOST = 64 * 1024 * 1024, /* no server takes larger ones */
    VARINT_MOST = 10,
    STORED_BYTES = 22 + 8, /* that a message takes in a file store beside its subject, headers and text */
    STORED_HEADER_BYTES = 4,
    MEMORY_BYTES = 16, /* the same in memory */
};

struct entry {
    uint64_t name_length;
    uint64_t time; /* as it is written: the sign stands in the lowest bit */
    uint64_t sequence;
    uint64_t header_size, payload_size;
};

struct arc {
    struct scan *scan;
    struct s2_reader *reader;
    uint64_t number; /* of the entry, from 1 on */
    struct entry entry;
    struct strbuf name; /* of the entry */
    struct strbuf json;
    struct strbuf headers, data; /* of a message, for the taker */
    const struct backup_taker *taker;
    struct stream_state state;  /* inside */
    struct stream_state totals; /* what counts: the same, or of an edited backup, backup.json's */
    struct backup_contents *contents;
    struct subjects *subjects;
    bool is_edited;
    bool is_memory; /* the stream's storage */
};

/* ---- entries ---- */

static int entry_fault(struct arc *arc, const char *what)
{
    return scan_fault(arc->scan, "entry %" PRIu64 ", in the chunk at byte %" PRIu64 ", %s", arc->number,
                      s2_chunk_offset(arc->reader), what);
}

static int take(struct arc *arc, void *bytes, uint64_t size)
{
    if (arc->scan->fault)
        return -1;
    while (size) {
        ssize_t got = s2_read(arc->reader, bytes, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
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

/* As Go's encoding/binary has it: seven bits a byte, the lowest first. */
static int take_number(struct arc *arc, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (int i = 0; i < VARINT_MOST; i++) {
        uint8_t byte;
        if (take(arc, &byte, 1))
            return -1;
        if (i == VARINT_MOST - 1 && byte > 1)
            break;
        number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte & 0x80)
            continue;
        *ret_number = number;
        return 0;
    }
    return entry_fault(arc, "has a number of more than 64 bits");
}

static int take_text(struct arc *arc, struct strbuf *text, uint64_t size)
{
    char piece[4096];
    strbuf_reset(text);
    for (uint64_t length; size; size -= length) {
        length = size < sizeof(piece) ? size : sizeof(piece);
        if (take(arc, piece, length))
            return -1;
        strbuf_add(text, piece, (size_t)length);
    }
    return 0;
}

static int next_entry(struct arc *arc)
{
    struct entry *entry = &arc->entry;
    arc->number++;
    if (take_number(arc, &entry->name_length) || take_number(arc, &entry->time) ||
        take_number(arc, &entry->sequence) || take_number(arc, &entry->header_size) ||
        take_number(arc, &entry->payload_size))
        return -1;
    if (entry->name_length > NAME_MOST)
        return entry_fault(arc, "has a name of more than 1 MiB");
    if (entry->header_size > INT64_MAX || entry->payload_size > INT64_MAX - entry->header_size)
        return entry_fault(arc, "claims a size that nothing has");
    if (take_text(arc, &arc->name, entry->name_length))
        return -1;
    if (strlen(strbuf_text(&arc->name)) != arc->name.length)
        return entry_fault(arc, "has a zero byte in its name");
    return 0;
}

/* The payload of an entry without headers, as JSON in that arena. */
static struct node *take_json(struct arc *arc, struct arena *arena)
{
    if (arc->entry.header_size || arc->entry.payload_size > JSON_MOST) {
        entry_fault(arc, "claims a size that no state has");
        return NULL;
    }
    if (take_text(arc, &arc->json, arc->entry.payload_size))
        return NULL;
    return contents_json(arc->scan, arena, strbuf_text(&arc->json), arc->json.length,
                         arena_printf(arc->scan->arena, "entry %" PRIu64, arc->number));
}

/* ---- in their order ---- */

static int read_state(struct arc *arc)
{
    char magic[sizeof(ARC_MAGIC) - 1];
    if (take(arc, magic, sizeof(magic)))
        return -1;
    if (memcmp(magic, ARC_MAGIC, sizeof(magic)) != 0)
        return scan_fault(arc->scan, "is no archive of a nats-server 2.15 or newer: it does not begin with "
                                     "'" ARC_MAGIC "'");
    if (next_entry(arc))
        return -1;
    if (!text_is(strbuf_text(&arc->name), ARC_STATE_ENTRY))
        return entry_fault(arc, "is not '" ARC_STATE_ENTRY "', with which an archive begins");
    const struct node *node = take_json(arc, arc->scan->arena);
    return node ? contents_state(arc->scan, node, ARC_STATE_ENTRY, &arc->state) : -1;
}

static int keep_consumer(struct arc *arc, const struct node *node, const char *name)
{
    const struct node *config = node_get(node, "config");
    const struct node *state = node_get(node, "state");
    const struct node *pending = node_get(state, "pending");
    const char *written = node_get_text(config, "name");
    if (!config || config->type != NODE_MAP || !state || state->type != NODE_MAP)
        return entry_fault(arc, "has no configuration, or no state, of its consumer");
    if (*written && !text_is(written, name))
        return entry_fault(arc, "is a consumer whose configuration has another name");
    const struct backup_consumer consumer = {
        .name = arena_strdup(arc->scan->arena, name),
        .is_in_archive = true,
        .delivered = node_get_number(node_get(state, "delivered"), "stream_seq"),
        .ack_floor = node_get_number(node_get(state, "ack_floor"), "stream_seq"),
        .pending = pending && pending->type == NODE_MAP ? pending->count : 0,
    };
    return contents_add_consumer(arc->scan, arc->contents, &consumer);
}

static int read_consumer(struct arc *arc)
{
    struct arena scratch SCOPED(arena_release);
    arena_init(&scratch);
    if (next_entry(arc))
        return -1;
    const char *name = strbuf_text(&arc->name);
    if (!text_begins(name, CONSUMER_PREFIX) || !name[strlen(CONSUMER_PREFIX)])
        return entry_fault(arc, "is no consumer, and '" ARC_STATE_ENTRY "' counts more of them");
    const struct node *node = take_json(arc, &scratch);
    return node ? keep_consumer(arc, node, name + strlen(CONSUMER_PREFIX)) : -1;
}

static bool is_end(const struct entry *entry)
{
    return !entry->name_length && !entry->time && !entry->sequence && !entry->header_size &&
           !entry->payload_size;
}

/* What the server counts for a message. */
static uint64_t stored_bytes(const struct arc *arc)
{
    const struct entry *entry = &arc->entry;
    uint64_t bytes = entry->name_length + entry->header_size + entry->payload_size;
    if (arc->is_memory)
        return bytes + MEMORY_BYTES;
    return bytes + STORED_BYTES + (entry->header_size ? STORED_HEADER_BYTES : 0);
}

static int hand_out(struct arc *arc)
{
    const struct entry *entry = &arc->entry;
    if (entry->header_size > MESSAGE_MOST || entry->payload_size > MESSAGE_MOST)
        return entry_fault(arc, "claims a size that no message has");
    if (take_text(arc, &arc->headers, entry->header_size) || take_text(arc, &arc->data, entry->payload_size))
        return -1;
    const struct backup_message message = {
        .subject = strbuf_text(&arc->name),
        .sequence = entry->sequence,
        .time = (int64_t)(entry->time >> 1 ^ (entry->time & 1 ? UINT64_MAX : 0)),
        .headers = strbuf_text(&arc->headers),
        .data = strbuf_text(&arc->data),
        .headers_length = arc->headers.length,
        .data_length = arc->data.length,
    };
    return arc->taker->take(arc->taker->context, &message);
}

static int read_message(struct arc *arc, uint64_t *last)
{
    const struct entry *entry = &arc->entry;
    struct backup_contents *contents = arc->contents;
    if (!entry->sequence)
        return entry_fault(arc, "is neither a message nor the end");
    if (entry->sequence < arc->totals.first_seq || entry->sequence > arc->totals.last_seq)
        return entry_fault(arc,
                           arena_printf(arc->scan->arena,
                                        "is message %" PRIu64 ", and the stream has %" PRIu64 " to %" PRIu64,
                                        entry->sequence, arc->totals.first_seq, arc->totals.last_seq));
    if (entry->sequence <= *last)
        return entry_fault(arc,
                           arena_printf(arc->scan->arena, "is message %" PRIu64 ", behind message %" PRIu64,
                                        entry->sequence, *last));
    *last = entry->sequence;
    contents->messages++;
    contents->bytes += stored_bytes(arc);
    subjects_count(arc->subjects, strbuf_text(&arc->name));
    return arc->taker ? hand_out(arc) : take(arc, NULL, entry->header_size + entry->payload_size);
}

static int read_messages(struct arc *arc)
{
    uint64_t last = 0;
    while (next_entry(arc) == 0 && !is_end(&arc->entry))
        if (read_message(arc, &last))
            return -1;
    if (arc->scan->fault)
        return -1;
    ssize_t more = s2_read(arc->reader, NULL, 1);
    return more > 0 ? scan_fault(arc->scan, "goes on behind its end, which is entry %" PRIu64, arc->number)
                    : (int)more;
}

/*
 * The state inside is what the answer to the request said, and what backup.json has of that. `nats backup edit` writes the state before it knows what
 * it keeps, and backup.json afterwards.
 */
static int compare(struct arc *arc, const struct backup *backup)
{
    const struct stream_state *inside = &arc->state;
    const struct stream_state *told = &arc->totals;
    if (contents_state(arc->scan, backup->state, BACKUP_META, &arc->totals))
        return -1;
    if (arc->is_edited || (told->first_seq == inside->first_seq && told->last_seq == inside->last_seq &&
                           told->messages == inside->messages))
        return 0;
    return scan_fault(arc->scan,
                      "is of another backup than " BACKUP_META ": it has %" PRIu64 " messages (%" PRIu64
                      "..%" PRIu64 "), and that says %" PRIu64 " (%" PRIu64 "..%" PRIu64 ")",
                      inside->messages, inside->first_seq, inside->last_seq, told->messages, told->first_seq,
                      told->last_seq);
}

static int count(struct arc *arc)
{
    struct backup_contents *contents = arc->contents;
    const struct stream_state *totals = &arc->totals;
    contents->first_seq = totals->first_seq;
    contents->last_seq = totals->last_seq;
    contents->first_time = totals->first_time;
    contents->last_time = totals->last_time;
    if (contents->messages > totals->messages)
        return scan_fault(arc->scan, "has %" PRIu64 " messages, and " BACKUP_META " counts %" PRIu64,
                          contents->messages, totals->messages);
    contents->missing = totals->messages - contents->messages;
    return 0;
}

static int read_all(struct arc *arc, const struct backup *backup)
{
    if (read_state(arc) || compare(arc, backup))
        return -1;
    for (uint64_t i = 0; i < arc->state.consumers; i++)
        if (read_consumer(arc))
            return -1;
    return read_messages(arc) || count(arc) ? -1 : 0;
}

int arc_verify(struct scan *scan, struct s2_reader *reader, const struct backup *backup,
               const struct backup_taker *taker, struct backup_contents *contents)
{
    struct subjects *subjects SCOPED(subjects_free) = subjects_new();
    struct arc arc = {
        .scan = scan,
        .reader = reader,
        .contents = contents,
        .subjects = subjects,
        .taker = taker,
        .is_edited = backup->is_edited,
        .is_memory = text_is(node_get_text(backup->config, "storage"), "memory"),
    };
    int failed = read_all(&arc, backup);
    if (!failed)
        subjects_tell(subjects, scan->arena, contents);
    strbuf_release(&arc.name);
    strbuf_release(&arc.json);
    strbuf_release(&arc.headers);
    strbuf_release(&arc.data);
    return failed;
}
