/*
 * NATSARC1, the format of nats-server 2.15 and newer: entries of a header and a payload, one behind the other. First state.json, then as many
 * consumers as that says, then the messages in the order of their sequences, and an entry that is all zeros, without which the
 * backup was cut off. The rules are those by which nats-server 2.15.3 restores, and natsform's that nothing follows.
 */
#include "archive/arc_reader.h"
#include "archive/contents.h"

#include <inttypes.h>
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"

enum { MESSAGE_MOST = 64 * 1024 * 1024 }; /* no server takes larger ones */

struct arc {
    struct scan *scan;
    struct arc_reader reader;
    struct strbuf headers, data; /* of a message, for the taker */
    const struct backup_taker *taker;
    struct stream_state state;  /* inside */
    struct stream_state totals; /* what counts: the same, or of an edited backup, backup.json's */
    struct backup_contents *contents;
    struct subjects *subjects;
    bool is_edited;
    bool is_memory; /* the stream's storage */
};

/* ---- in their order ---- */

static int read_state(struct arc *arc)
{
    if (arc_begin(&arc->reader))
        return -1;
    const struct node *node = arc_take_json(&arc->reader, arc->scan->arena);
    return node ? contents_state(arc->scan, node, ARC_STATE, &arc->state) : -1;
}

static int keep_consumer(struct arc *arc, const struct node *node, const char *name)
{
    const struct node *config = node_get(node, "config");
    const struct node *state = node_get(node, "state");
    const struct node *pending = node_get(state, "pending");
    const char *written = node_get_text(config, "name");
    if (!config || config->type != NODE_MAP || !state || state->type != NODE_MAP)
        return arc_entry_fault(&arc->reader, "has no configuration, or no state, of its consumer");
    if (*written && !text_is(written, name))
        return arc_entry_fault(&arc->reader, "is a consumer whose configuration has another name");
    const struct backup_consumer consumer = {
        .name = arena_strdup(arc->scan->arena, name),
        .is_in_archive = true,
        .delivered = node_get_number(node_get(state, "delivered"), "stream_seq"),
        .ack_floor = node_get_number(node_get(state, "ack_floor"), "stream_seq"),
        .replicas = node_get_number(config, "num_replicas"),
        .pending = pending && pending->type == NODE_MAP ? pending->count : 0,
    };
    return contents_add_consumer(arc->scan, arc->contents, &consumer);
}

static int read_consumer(struct arc *arc)
{
    struct arena scratch SCOPED(arena_release);
    arena_init(&scratch);
    if (arc_next(&arc->reader))
        return -1;
    const char *name = strbuf_text(&arc->reader.name);
    if (!text_begins(name, ARC_CONSUMER) || !name[strlen(ARC_CONSUMER)])
        return arc_entry_fault(&arc->reader, "is no consumer, and '" ARC_STATE "' counts more of them");
    const struct node *node = arc_take_json(&arc->reader, &scratch);
    return node ? keep_consumer(arc, node, name + strlen(ARC_CONSUMER)) : -1;
}

/* What the server counts for a message. */
static uint64_t stored_bytes(const struct arc *arc)
{
    const struct arc_entry *entry = &arc->reader.entry;
    uint64_t bytes = entry->name_length + entry->header_size + entry->payload_size;
    if (arc->is_memory)
        return bytes + ARC_MEMORY_BYTES;
    return bytes + ARC_STORED_BYTES + (entry->header_size ? ARC_STORED_HEADER_BYTES : 0);
}

static int hand_out(struct arc *arc)
{
    const struct arc_entry *entry = &arc->reader.entry;
    if (entry->header_size > MESSAGE_MOST || entry->payload_size > MESSAGE_MOST)
        return arc_entry_fault(&arc->reader, "claims a size that no message has");
    if (arc_take_text(&arc->reader, &arc->headers, entry->header_size) ||
        arc_take_text(&arc->reader, &arc->data, entry->payload_size))
        return -1;
    const struct backup_message message = {
        .subject = strbuf_text(&arc->reader.name),
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
    const struct arc_entry *entry = &arc->reader.entry;
    struct backup_contents *contents = arc->contents;
    if (!entry->sequence)
        return arc_entry_fault(&arc->reader, "is neither a message nor the end");
    if (entry->sequence < arc->totals.first_seq || entry->sequence > arc->totals.last_seq)
        return arc_entry_fault(
            &arc->reader, arena_printf(arc->scan->arena,
                                       "is message %" PRIu64 ", and the stream has %" PRIu64 " to %" PRIu64,
                                       entry->sequence, arc->totals.first_seq, arc->totals.last_seq));
    if (entry->sequence <= *last)
        return arc_entry_fault(&arc->reader, arena_printf(arc->scan->arena,
                                                          "is message %" PRIu64 ", behind message %" PRIu64,
                                                          entry->sequence, *last));
    *last = entry->sequence;
    contents->messages++;
    contents->bytes += stored_bytes(arc);
    subjects_count(arc->subjects, strbuf_text(&arc->reader.name));
    return arc->taker ? hand_out(arc)
                      : arc_take(&arc->reader, NULL, entry->header_size + entry->payload_size);
}

static int read_messages(struct arc *arc)
{
    uint64_t last = 0;
    while (arc_next(&arc->reader) == 0 && !arc_is_end(&arc->reader.entry))
        if (read_message(arc, &last))
            return -1;
    if (arc->scan->fault)
        return -1;
    ssize_t more = s2_read(arc->reader.input, NULL, 1);
    return more > 0
               ? scan_fault(arc->scan, "goes on behind its end, which is entry %" PRIu64, arc->reader.number)
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
                      "is of another backup than " BACKUP_META ": it has %" PRIu64 " message%s (%" PRIu64
                      "..%" PRIu64 "), and that says %" PRIu64 " (%" PRIu64 "..%" PRIu64 ")",
                      inside->messages, text_plural(inside->messages), inside->first_seq, inside->last_seq,
                      told->messages, told->first_seq, told->last_seq);
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
        return scan_fault(arc->scan, "has %" PRIu64 " message%s, and " BACKUP_META " counts %" PRIu64,
                          contents->messages, text_plural(contents->messages), totals->messages);
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
        .reader = {.scan = scan, .input = reader},
        .contents = contents,
        .subjects = subjects,
        .taker = taker,
        .is_edited = backup->is_edited,
        .is_memory = text_is(node_get_text(backup->config, "storage"), "memory"),
    };
    int failed = read_all(&arc, backup);
    if (!failed)
        subjects_tell(subjects, scan->arena, contents);
    arc_release(&arc.reader);
    strbuf_release(&arc.headers);
    strbuf_release(&arc.data);
    return failed;
}
