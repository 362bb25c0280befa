/*
 * Writes archives anew; see rewrite.h. A message passes through in pieces, so that memory does not grow with it.
 */
#include "archive/rewrite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/arc_reader.h"
#include "archive/arc_write.h"
#include "base/number.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/text.h"
#include "field/subject.h"
#include "syntax/json.h"

#define FILTER "filter_subject"
#define FILTERS "filter_subjects"

enum { PIECE_MOST = 64 * 1024, SECOND_NANOS = 1000000000 };

bool rewrite_is_wanted(const struct rewrite_terms *terms)
{
    return terms->subjects.count || terms->from_sequence || terms->has_time || terms->renames.count;
}

/* ---- a walk over the archive ---- */

struct walk {
    const struct rewrite *rewrite;
    struct diags *diags;
    struct scan scan;
    struct file_pieces file;
    struct arc_reader arc;
    struct strbuf renamed;
    uint64_t consumers; /* that are still to come */
    bool over;          /* the end was read */
};

static ssize_t read_file(void *context, void *buffer, size_t size)
{
    return file_pieces_read(context, buffer, size);
}

static int walk_fault(struct walk *walk)
{
    struct source *source = ARENA_NEW(&walk->diags->arena, struct source);
    *source = (struct source){.name = walk->rewrite->backup->archive};
    return diag_error(walk->diags, &code_backup_damaged, (struct srcpos){.source = source}, "%s",
                      walk->scan.fault);
}

static int walk_open(struct walk *walk, const struct rewrite *rewrite, struct diags *diags)
{
    const char *why;
    *walk = (struct walk){.rewrite = rewrite, .diags = diags, .scan = {.arena = rewrite->arena}};
    int failed = file_pieces_open(rewrite->arena, rewrite->backup->archive, &walk->file, &why);
    walk->arc.scan = &walk->scan;
    walk->arc.input = s2_open(&walk->scan, (struct s2_input){read_file, &walk->file});
    return failed ? scan_fault(&walk->scan, "cannot be read: %s", why) : arc_begin(&walk->arc);
}

static void walk_close(struct walk *walk)
{
    arc_release(&walk->arc);
    strbuf_release(&walk->renamed);
    s2_close(walk->arc.input);
    file_pieces_close(&walk->file);
}

static const struct node *walk_state(struct walk *walk, struct arena *arena)
{
    const struct node *state = arc_take_json(&walk->arc, arena);
    walk->consumers = node_get_number(state, "consumer_count");
    return state;
}

static struct node *walk_consumer(struct walk *walk, struct arena *arena)
{
    walk->consumers--;
    return arc_next(&walk->arc) ? NULL : arc_take_json(&walk->arc, arena);
}

static int64_t nanos_of(const struct arc_entry *entry)
{
    return (int64_t)(entry->time >> 1) ^ -(int64_t)(entry->time & 1);
}

static struct instant time_of(const struct arc_entry *entry)
{
    int64_t nanos = nanos_of(entry);
    int64_t rest = nanos % SECOND_NANOS;
    bool before = rest < 0;
    return (struct instant){.seconds = nanos / SECOND_NANOS - before,
                            .nanos = (int32_t)(rest + (before ? SECOND_NANOS : 0))};
}

static bool is_kept(const struct walk *walk)
{
    const struct rewrite_terms *terms = walk->rewrite->terms;
    const struct arc_entry *entry = &walk->arc.entry;
    bool matches = !terms->subjects.count;
    if (entry->sequence < terms->from_sequence ||
        (terms->has_time && instant_compare(time_of(entry), terms->from_time) < 0))
        return false;
    for (size_t i = 0; !matches && i < terms->subjects.count; i++)
        matches = subject_is_subset(strbuf_text(&walk->arc.name), terms->subjects.items[i]);
    return matches;
}

/* Goes to the next message that is kept. Returns 1, 0 at the end, or -1 with a fault. */
static int walk_message(struct walk *walk)
{
    while (!walk->over) {
        if (arc_next(&walk->arc))
            return -1;
        walk->over = arc_is_end(&walk->arc.entry);
        if (walk->over || is_kept(walk))
            return !walk->over;
        if (arc_take(&walk->arc, NULL, walk->arc.entry.header_size + walk->arc.entry.payload_size))
            return -1;
    }
    return 0;
}

/* The subject that the message gets. */
static const char *walk_subject(struct walk *walk, bool *ret_renamed)
{
    const struct rewrite_terms *terms = walk->rewrite->terms;
    *ret_renamed = false;
    for (size_t i = 0; i < terms->renames.count && !*ret_renamed; i++)
        *ret_renamed = rename_subject(&terms->renames.items[i], strbuf_text(&walk->arc.name), &walk->renamed);
    return strbuf_text(*ret_renamed ? &walk->renamed : &walk->arc.name);
}

/* ---- filters ---- */

const char *rewrite_filter(struct arena *arena, const struct rewrite_terms *terms, const char *filter)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    for (size_t i = 0; i < terms->renames.count; i++) {
        const struct rename *rename = &terms->renames.items[i];
        if (rename_subject(rename, filter, &text))
            return arena_strdup(arena, strbuf_text(&text));
        if (subjects_collide(rename->from, filter) &&
            !(subject_is_subset(rename->from, filter) && subject_is_subset(rename->to_pattern, filter)))
            return NULL;
    }
    return filter;
}

void rewrite_consumer(struct arena *arena, const struct rewrite_terms *terms, struct node *config)
{
    const char *filter = node_get_text(config, FILTER);
    const struct node *list = node_get(config, FILTERS);
    if (*filter && (filter = rewrite_filter(arena, terms, filter)))
        node_put_text(arena, config, FILTER, filter);
    if (!list || list->type != NODE_LIST)
        return;
    struct node *renamed = node_list(arena);
    for (size_t i = 0; i < list->count; i++) {
        filter =
            list->items[i]->type == NODE_SCALAR ? rewrite_filter(arena, terms, list->items[i]->text) : NULL;
        node_append(arena, renamed, filter ? node_scalar(arena, filter, true) : list->items[i]);
    }
    node_put(arena, config, FILTERS, renamed);
}

void rewrite_replicas(struct arena *arena, uint64_t most, struct node *config)
{
    if (most && node_get_number(config, "num_replicas") > most)
        node_put_number(arena, config, "num_replicas", most);
}

/* A filter of the consumer that no other one stands for; NULL: there is none. */
static const char *torn_filter(struct arena *arena, const struct rewrite_terms *terms,
                               const struct node *config)
{
    const char *filter = node_get_text(config, FILTER);
    const struct node *list = node_get(config, FILTERS);
    if (*filter && !rewrite_filter(arena, terms, filter))
        return filter;
    for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++)
        if (list->items[i]->type == NODE_SCALAR && !rewrite_filter(arena, terms, list->items[i]->text))
            return list->items[i]->text;
    return NULL;
}

static int look_at_consumer(struct walk *walk, struct rewrite *rewrite)
{
    struct arena scratch SCOPED(arena_release);
    arena_init(&scratch);
    const struct node *consumer = walk_consumer(walk, &scratch);
    if (!consumer)
        return -1;
    const char *torn = torn_filter(&scratch, rewrite->terms, node_get(consumer, "config"));
    if (torn && !rewrite->torn_consumer) {
        rewrite->torn_consumer =
            arena_strdup(rewrite->arena, strbuf_text(&walk->arc.name) + strlen(ARC_CONSUMER));
        rewrite->torn_filter = arena_strdup(rewrite->arena, torn);
    }
    return 0;
}

/* ---- counting ---- */

static uint64_t stored_bytes(const struct rewrite *rewrite, const struct arc_entry *entry,
                             const char *subject)
{
    uint64_t bytes = strlen(subject) + entry->header_size + entry->payload_size;
    if (rewrite->is_memory)
        return bytes + ARC_MEMORY_BYTES;
    return bytes + ARC_STORED_BYTES + (entry->header_size ? ARC_STORED_HEADER_BYTES : 0);
}

static int count(struct walk *walk, struct rewrite *rewrite)
{
    const struct arc_entry *entry = &walk->arc.entry;
    const struct node *state = walk_state(walk, rewrite->arena);
    int kept = 0;
    rewrite->last_seq = node_get_number(rewrite->backup->state, "last_seq");
    while (state && walk->consumers)
        if (look_at_consumer(walk, rewrite))
            return -1;
    while (state && (kept = walk_message(walk)) > 0) {
        bool renamed;
        const char *subject = walk_subject(walk, &renamed);
        if (!rewrite->messages++) {
            rewrite->first_seq = entry->sequence;
            rewrite->first_time = time_of(entry);
        }
        rewrite->renamed += renamed;
        rewrite->bytes += stored_bytes(rewrite, entry, subject);
        if (arc_take(&walk->arc, NULL, entry->header_size + entry->payload_size))
            return -1;
    }
    return state && kept == 0 ? 0 : -1;
}

int rewrite_count(struct rewrite *rewrite, struct diags *diags)
{
    struct walk walk;
    int failed = walk_open(&walk, rewrite, diags) || count(&walk, rewrite) ? walk_fault(&walk) : 0;
    walk_close(&walk);
    return failed;
}

/* ---- positions ---- */

static uint64_t sequence_of(const struct member *member)
{
    uint64_t sequence = 0;
    return number_parse_u64(member->key, &sequence) ? sequence : 0;
}

/* Entries of a map by sequences, from there on. */
static struct node *entries_from(struct arena *arena, const struct node *map, uint64_t first)
{
    struct node *kept = node_map(arena);
    for (size_t i = 0; map && map->type == NODE_MAP && i < map->count; i++)
        if (sequence_of(&map->members[i]) >= first)
            node_add(arena, kept, map->members[i]);
    return kept;
}

/*
 * A server that finds a consumer's floor before the stream's first message sets it to that, and delivers again what the consumer has acknowledged
 * behind it (2.15.1). So the floor goes there with all that is known: what waits for its acknowledgement, and nothing else, comes again.
 */
static void move_floor(struct arena *arena, uint64_t first, struct node *state)
{
    static const char stream[] = "stream_seq", consumer[] = "consumer_seq";
    struct node *floor = node_get(state, "ack_floor"), *delivered = node_get(state, "delivered");
    struct node *pending = entries_from(arena, node_get(state, "pending"), first);
    const struct member *lowest = NULL;
    if (node_get_number(floor, stream) + 1 >= first || node_get_number(delivered, stream) < first)
        return;
    for (size_t i = 0; i < pending->count; i++)
        if (!lowest || sequence_of(&pending->members[i]) < sequence_of(lowest))
            lowest = &pending->members[i];
    uint64_t place = lowest ? node_get_number(lowest->value, "Sequence") : 0;
    node_put_number(arena, floor, stream,
                    lowest ? sequence_of(lowest) - 1 : node_get_number(delivered, stream));
    node_put_number(arena, floor, consumer,
                    lowest ? place - (place > 0) : node_get_number(delivered, consumer));
    node_put(arena, state, "pending", pending);
    if (node_get(state, "redelivered"))
        node_put(arena, state, "redelivered", entries_from(arena, node_get(state, "redelivered"), first));
}

/* ---- writing ---- */

enum stage { STAGE_STATE, STAGE_CONSUMERS, STAGE_MESSAGES, STAGE_OVER };

struct rewriter {
    struct walk walk;
    enum stage stage;
    uint64_t left;       /* bytes of the message that were not read yet */
    struct strbuf plain; /* what is not in a frame yet */
    struct s2_writer *frames;
    struct strbuf ready; /* what these have written */
    size_t given;        /* bytes of it */
};

static void put_number(struct strbuf *text, uint64_t number)
{
    uint8_t bytes[ARC_NUMBER_MOST];
    size_t length = arc_put_number(bytes, number);
    strbuf_add(text, (const char *)bytes, length);
}

static void put_header(struct strbuf *text, const struct arc_entry *entry, const char *name)
{
    put_number(text, strlen(name));
    put_number(text, entry->time);
    put_number(text, entry->sequence);
    put_number(text, entry->header_size);
    put_number(text, entry->payload_size);
    strbuf_adds(text, name);
}

/* An entry with JSON, in the place and with the time of the one that was read. */
static void put_json(struct rewriter *rewriter, const char *name, const struct node *node)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, node, false);
    struct arc_entry entry = rewriter->walk.arc.entry;
    entry.payload_size = text.length;
    put_header(&rewriter->plain, &entry, name);
    strbuf_add(&rewriter->plain, text.text, text.length);
}

static int write_state(struct rewriter *rewriter)
{
    const struct rewrite *rewrite = rewriter->walk.rewrite;
    struct arena *arena = rewrite->arena;
    const struct node *read = walk_state(&rewriter->walk, arena);
    if (!read)
        return -1;
    struct node *state = node_copy(arena, read);
    node_put_number(arena, state, "messages", rewrite->messages);
    node_put_number(arena, state, "bytes", rewrite->bytes);
    node_put_number(arena, state, "first_seq", rewrite->first_seq);
    node_put_text(arena, state, "first_ts", instant_format(arena, rewrite->first_time));
    node_put_number(arena, state, "last_seq", rewrite->last_seq);
    node_remove(state, "num_subjects");
    strbuf_adds(&rewriter->plain, ARC_MAGIC);
    put_json(rewriter, ARC_STATE, state);
    rewriter->stage = STAGE_CONSUMERS;
    return 0;
}

static int write_consumer(struct rewriter *rewriter)
{
    struct walk *walk = &rewriter->walk;
    if (!walk->consumers) {
        rewriter->stage = STAGE_MESSAGES;
        return 0;
    }
    struct arena scratch SCOPED(arena_release);
    arena_init(&scratch);
    const struct node *consumer = walk_consumer(walk, &scratch);
    if (!consumer)
        return -1;
    rewrite_consumer(&scratch, walk->rewrite->terms, node_get(consumer, "config"));
    rewrite_replicas(&scratch, walk->rewrite->consumer_replicas, node_get(consumer, "config"));
    move_floor(&scratch, walk->rewrite->first_seq, node_get(consumer, "state"));
    put_json(rewriter, strbuf_text(&walk->arc.name), consumer);
    return 0;
}

static int write_message(struct rewriter *rewriter)
{
    char piece[PIECE_MOST];
    struct walk *walk = &rewriter->walk;
    bool renamed;
    if (rewriter->left) {
        uint64_t length = rewriter->left < sizeof(piece) ? rewriter->left : sizeof(piece);
        if (arc_take(&walk->arc, piece, length))
            return -1;
        strbuf_add(&rewriter->plain, piece, (size_t)length);
        rewriter->left -= length;
        return 0;
    }
    int kept = walk_message(walk);
    if (kept < 0)
        return -1;
    put_header(&rewriter->plain, &walk->arc.entry, kept ? walk_subject(walk, &renamed) : "");
    rewriter->left = walk->arc.entry.header_size + walk->arc.entry.payload_size;
    if (!kept)
        rewriter->stage = STAGE_OVER;
    return 0;
}

static int make_ready(void *context, const void *bytes, size_t size)
{
    struct rewriter *rewriter = context;
    strbuf_add(&rewriter->ready, bytes, size);
    return 0;
}

static int fill(struct rewriter *rewriter)
{
    static int (*const writers[])(struct rewriter *) = {write_state, write_consumer, write_message};
    strbuf_reset(&rewriter->ready);
    rewriter->given = 0;
    while (rewriter->stage != STAGE_OVER && !rewriter->ready.length) {
        strbuf_reset(&rewriter->plain);
        if (writers[rewriter->stage](rewriter))
            return walk_fault(&rewriter->walk);
        s2_write(rewriter->frames, strbuf_text(&rewriter->plain), rewriter->plain.length);
    }
    if (rewriter->stage == STAGE_OVER)
        s2_write_end(rewriter->frames);
    return 0;
}

int64_t rewriter_next(struct rewriter *rewriter, char *data, size_t most)
{
    if (rewriter->given == rewriter->ready.length && fill(rewriter))
        return -1;
    size_t size = rewriter->ready.length - rewriter->given;
    size = size < most ? size : most;
    if (size)
        memcpy(data, rewriter->ready.text + rewriter->given, size);
    rewriter->given += size;
    return (int64_t)size;
}

struct rewriter *rewriter_open(const struct rewrite *rewrite, struct diags *diags)
{
    struct rewriter *rewriter = base_alloc(sizeof(*rewriter));
    *rewriter = (struct rewriter){.stage = STAGE_STATE};
    rewriter->frames = s2_write_begin((struct s2_output){make_ready, rewriter});
    if (walk_open(&rewriter->walk, rewrite, diags) == 0)
        return rewriter;
    walk_fault(&rewriter->walk);
    rewriter_close(rewriter);
    return NULL;
}

void rewriter_close(struct rewriter *rewriter)
{
    if (!rewriter)
        return;
    walk_close(&rewriter->walk);
    s2_writer_free(rewriter->frames);
    strbuf_release(&rewriter->plain);
    strbuf_release(&rewriter->ready);
    free(rewriter);
}
