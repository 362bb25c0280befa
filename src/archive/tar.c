/*
 * The format of servers before 2.15: a tar of the stream's store, as the server has it on its disk. libarchive reads the tar; the only room
 * with <archive.h> is this one, and no name in it becomes a path.
 *
 *     meta.inf, meta.sum           the stream's configuration, and a checksum that is keyed by its name
 *     msgs/N.blk                   blocks of messages, each with a checksum; see store.c
 *     msgs/…                       indexes, which the server makes anew when they are wrong: not read here
 *     obs/NAME/meta.inf, meta.sum  a consumer's
 *     obs/NAME/o.dat               its position
 *     errors.txt                   why the server could not finish
 */
#include "archive/contents.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/libarchive.h"
#include "archive/store.h"
#include "base/number.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"

enum {
    META_MOST = 16 * 1024 * 1024,
    TAR_BLOCK = 512,
    END_BLOCKS = 2, /* of zeros, with which a tar ends */
    SUM_DIGITS = 16,
    NAME_MOST = 4096, /* that anything here has */
};

/* What has been read of the stream, or of a consumer. */
struct meta {
    const char *name; /* of the consumer; NULL: it is the stream's, or there is none */
    const char *text; /* of meta.inf; NULL: it was not there yet */
    size_t length;
    bool has_sum;
    bool has_position;
};

struct tar {
    struct scan *scan;
    struct s2_reader *reader;
    const struct backup *backup;
    struct backup_contents *contents;
    struct stream_state state;
    struct arena scratch; /* of the consumer that is being read */
    struct archive *archive;
    struct meta stream, consumer;
    uint64_t found;        /* messages in the blocks, which may be deleted or not */
    uint64_t total;        /* bytes that were unpacked */
    uint64_t last_written; /* behind the last of them that is not zero */
};

/* ---- libarchive ---- */

static ssize_t next_piece(struct tar *tar, const uint8_t **ret_piece)
{
    ssize_t got = s2_peek(tar->reader, ret_piece);
    for (ssize_t i = got; i > 0; i--) {
        if (!(*ret_piece)[i - 1])
            continue;
        tar->last_written = tar->total + (uint64_t)i;
        break;
    }
    if (got <= 0)
        return got;
    tar->total += (uint64_t)got;
    return s2_read(tar->reader, NULL, (size_t)got);
}

static la_ssize_t read_piece(struct archive *archive, void *context, const void **ret_piece)
{
    const uint8_t *piece = NULL;
    ssize_t got = next_piece(context, &piece);
    if (got < 0)
        libarchive()->set_error(archive, -1, "%s", "the S2 stream is damaged");
    *ret_piece = piece;
    return got;
}

static int tar_fault(struct tar *tar)
{
    const char *why = libarchive()->error_string(tar->archive);
    return scan_fault(tar->scan, "is no whole tar, in the chunk at byte %" PRIu64 ": %s",
                      s2_chunk_offset(tar->reader), why ? why : "it cannot be read");
}

static int open_archive(struct tar *tar)
{
    if (libarchive()->read_support_format_tar(tar->archive) != ARCHIVE_OK ||
        libarchive()->read_open(tar->archive, tar, NULL, read_piece, NULL) != ARCHIVE_OK)
        return tar_fault(tar);
    return 0;
}

static ssize_t read_data(struct tar *tar, void *buffer, size_t size)
{
    la_ssize_t got = libarchive()->read_data(tar->archive, buffer, size);
    return got < 0 ? tar_fault(tar) : got;
}

/* For store.c: the entry's data as it lies there, piece by piece, of which none is left out: there are no sparse files here. */
static ssize_t next_data(void *context, const uint8_t **ret_bytes)
{
    struct tar *tar = context;
    const void *bytes = NULL;
    size_t size = 0;
    la_int64_t offset;
    int got = libarchive()->read_data_block(tar->archive, &bytes, &size, &offset);
    *ret_bytes = bytes;
    if (got != ARCHIVE_OK && got != ARCHIVE_EOF)
        return tar_fault(tar);
    return got == ARCHIVE_OK ? (ssize_t)size : 0;
}

/* Up to `most` bytes of the entry, in the arena; NULL with a fault. */
static char *take_text(struct tar *tar, struct arena *arena, size_t most, size_t *ret_length)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    char bytes[4096];
    ssize_t got;
    while (text.length < most && (got = read_data(tar, bytes, sizeof(bytes))) > 0)
        strbuf_add(&text, bytes, (size_t)got);
    *ret_length = text.length < most ? text.length : most;
    return tar->scan->fault ? NULL : arena_strndup(arena, strbuf_text(&text), *ret_length);
}

/* ---- metadata ---- */

static int take_meta(struct tar *tar, struct meta *meta, struct arena *arena, const char *where)
{
    if (meta->text)
        return scan_fault(tar->scan, "holds '%s' twice", where);
    meta->text = take_text(tar, arena, META_MOST + 1, &meta->length);
    if (meta->text && meta->length > META_MOST)
        return scan_fault(tar->scan, "'%s' is longer than any configuration", where);
    return meta->text ? 0 : -1;
}

/* The sum is of the bytes, with a key of the stream's name, or of the stream's and the consumer's. */
static int check_sum(struct tar *tar, struct meta *meta, const char *where)
{
    char written[SUM_DIGITS + 1];
    size_t length;
    const char *text = take_text(tar, &tar->scratch, sizeof(written), &length);
    if (!text)
        return -1;
    if (!meta->text)
        return scan_fault(tar->scan, "'%s' stands before what it is the sum of", where);
    store_meta_sum(&(struct store_name){tar->backup->stream, meta->name}, meta->text, meta->length, written);
    if (!text_is(text, written))
        return scan_fault(tar->scan, "'%s' is not the sum of its meta.inf", where);
    meta->has_sum = true;
    return 0;
}

static int check_stream(struct tar *tar)
{
    struct arena scratch SCOPED(arena_release);
    arena_init(&scratch);
    const struct node *config =
        contents_json(tar->scan, &scratch, tar->stream.text, tar->stream.length, "'meta.inf'");
    if (!config)
        return -1;
    const char *name = node_get_text(config, "name");
    if (!text_is(name, tar->backup->stream))
        return scan_fault(tar->scan, "is of stream '%s', and " BACKUP_META " is of '%s'", name,
                          tar->backup->stream);
    return 0;
}

/* ---- consumers ---- */

/* What the consumer before has to have, now that its files are over. */
static int end_consumer(struct tar *tar)
{
    const struct meta *meta = &tar->consumer;
    if (!meta->name)
        return 0;
    if (!meta->text || !meta->has_sum || !meta->has_position)
        return scan_fault(tar->scan, "consumer '%s' has no '%s'", meta->name,
                          !meta->text      ? "meta.inf"
                          : !meta->has_sum ? "meta.sum"
                                           : "o.dat");
    tar->consumer = (struct meta){0};
    arena_reset(&tar->scratch);
    return 0;
}

static int begin_consumer(struct tar *tar, const char *name)
{
    if (tar->consumer.name && text_is(tar->consumer.name, name))
        return 0;
    if (end_consumer(tar))
        return -1;
    const struct backup_consumer consumer = {.name = arena_strdup(tar->scan->arena, name),
                                             .is_in_archive = true};
    tar->consumer.name = consumer.name;
    return contents_add_consumer(tar->scan, tar->contents, &consumer);
}

static struct backup_consumer *last_consumer(const struct tar *tar)
{
    return &tar->contents->consumers.items[tar->contents->consumers.count - 1];
}

static int check_consumer(struct tar *tar)
{
    const struct meta *meta = &tar->consumer;
    const char *where = arena_printf(&tar->scratch, "meta.inf of consumer '%s'", meta->name);
    const struct node *config = contents_json(tar->scan, &tar->scratch, meta->text, meta->length, where);
    if (!config)
        return -1;
    /* The first is the store's own, in Go's spelling. */
    const char *name = node_get_text(config, "Name");
    if (!text_is(name, meta->name))
        return scan_fault(tar->scan, "%s is that of '%s'", where, name);
    last_consumer(tar)->replicas = node_get_number(config, "num_replicas");
    return 0;
}

static int take_position(struct tar *tar)
{
    unsigned char bytes[STORE_POSITION_BYTES];
    size_t have = 0;
    ssize_t got;
    while (have < sizeof(bytes) && (got = read_data(tar, bytes + have, sizeof(bytes) - have)) > 0)
        have += (size_t)got;
    struct backup_consumer *consumer = last_consumer(tar);
    if (tar->scan->fault)
        return -1;
    if (store_position(bytes, have, consumer))
        return scan_fault(tar->scan, "o.dat of consumer '%s' is no position", consumer->name);
    tar->consumer.has_position = true;
    return 0;
}

/* ---- entries ---- */

static int take_consumer_file(struct tar *tar, const char *path)
{
    size_t length = strcspn(path, "/\\");
    const char *file = path + length + 1;
    if (!path[length] || !length)
        return 0;
    if (begin_consumer(tar, arena_strndup(tar->scan->arena, path, length)))
        return -1;
    const char *where = arena_printf(&tar->scratch, "obs/%s", path);
    if (text_is(file, "meta.inf"))
        return take_meta(tar, &tar->consumer, &tar->scratch, where) || check_consumer(tar) ? -1 : 0;
    if (text_is(file, "meta.sum"))
        return check_sum(tar, &tar->consumer, where);
    return text_is(file, "o.dat") ? take_position(tar) : 0;
}

static int take_block(struct tar *tar, const char *name)
{
    const char *end = name;
    uint64_t index;
    if (!number_scan_u64(&end, &index) || !text_is(end, ".blk"))
        return 0;
    const struct store_block block = {
        .stream = tar->backup->stream,
        .index = index,
        .first = tar->state.first_seq,
        .last = tar->state.last_seq,
        .next = next_data,
        .context = tar,
    };
    return store_block_check(tar->scan, &block, &tar->found);
}

static int take_errors(struct tar *tar)
{
    size_t length;
    const char *text = take_text(tar, tar->scan->arena, 1024, &length);
    return text ? scan_fault(tar->scan, "the server could not finish it: %s", text) : -1;
}

static int take_file(struct tar *tar, const char *path)
{
    if (text_is(path, "meta.inf"))
        return take_meta(tar, &tar->stream, tar->scan->arena, path) || check_stream(tar) ? -1 : 0;
    if (text_is(path, "meta.sum"))
        return check_sum(tar, &tar->stream, path);
    if (text_is(path, "errors.txt"))
        return take_errors(tar);
    if (text_begins(path, "msgs/"))
        return take_block(tar, path + strlen("msgs/"));
    /* A server on Windows joins the names of these by its own slash. */
    if (text_begins(path, "obs/") || text_begins(path, "obs\\"))
        return take_consumer_file(tar, path + strlen("obs/"));
    return 0;
}

static int take_entry(struct tar *tar, struct archive_entry *entry)
{
    const char *path = libarchive()->entry_pathname(entry);
    if (!path) /* the locale of the process has not all of its characters */
        path = libarchive()->entry_pathname_utf8(entry);
    if (!path || !*path || strlen(path) > NAME_MOST)
        return scan_fault(tar->scan, "has a file without a name, or with an endless one");
    /* A server writes plain files alone; a sparse one could claim to be of any size. */
    if (libarchive()->entry_filetype(entry) != AE_IFREG || libarchive()->entry_hardlink(entry) ||
        libarchive()->entry_sparse_count(entry))
        return scan_fault(tar->scan, "'%s' in it is no plain file", path);
    return take_file(tar, path);
}

/* Behind the last entry, which ends at that byte: two blocks of zeros, and only zeros then. */
static int check_end(struct tar *tar, uint64_t end)
{
    const uint8_t *piece;
    ssize_t got;
    while ((got = next_piece(tar, &piece)) > 0)
        continue;
    if (got < 0)
        return -1;
    if (tar->last_written > end)
        return scan_fault(tar->scan, "goes on behind the end of its tar");
    if (tar->total < end + (uint64_t)END_BLOCKS * TAR_BLOCK || tar->total % TAR_BLOCK)
        return scan_fault(tar->scan, "ends before its tar does: the rest was cut off");
    return 0;
}

static int read_entries(struct tar *tar)
{
    struct archive_entry *entry;
    uint64_t end = 0;
    int got;
    while ((got = libarchive()->read_next_header(tar->archive, &entry)) == ARCHIVE_OK ||
           got == ARCHIVE_WARN) {
        if (take_entry(tar, entry))
            return -1;
        if (libarchive()->read_data_skip(tar->archive) != ARCHIVE_OK)
            return tar_fault(tar);
        end = (uint64_t)libarchive()->filter_bytes(tar->archive, 0);
    }
    return got == ARCHIVE_EOF ? check_end(tar, end) : tar_fault(tar);
}

/* ---- totals ---- */

/* May messages have gone while the server made the backup? It refuses to delete any then, but limits go on to hold. */
static bool has_limits(const struct node *config)
{
    static const char *const limits[] = {"max_msgs", "max_bytes", "max_age", "max_msgs_per_subject"};
    bool found = !text_is(node_get_text(config, "retention"), "limits");
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        int64_t limit;
        found |= !number_parse_i64(node_get_text(config, limits[i]), &limit) || limit > 0;
    }
    return found;
}

static int check_totals(struct tar *tar)
{
    struct backup_contents *contents = tar->contents;
    if (!tar->stream.text || !tar->stream.has_sum)
        return scan_fault(tar->scan, "has no '%s'", tar->stream.text ? "meta.sum" : "meta.inf");
    if (end_consumer(tar))
        return -1;
    contents->messages = tar->state.messages;
    contents->bytes = tar->state.bytes;
    contents->first_seq = tar->state.first_seq;
    contents->last_seq = tar->state.last_seq;
    contents->first_time = tar->state.first_time;
    contents->last_time = tar->state.last_time;
    if (tar->found >= contents->messages)
        return 0;
    contents->missing = contents->messages - tar->found;
    contents->messages = tar->found;
    if (has_limits(tar->backup->config))
        return 0;
    return scan_fault(tar->scan, "has blocks with %" PRIu64 " message%s, and " BACKUP_META " counts %" PRIu64,
                      tar->found, text_plural(tar->found), tar->state.messages);
}

static void end_tar(struct tar *const *tar)
{
    libarchive()->read_free((*tar)->archive);
    arena_release(&(*tar)->scratch);
    free(*tar);
}

int tar_verify(struct scan *scan, struct s2_reader *reader, const struct backup *backup,
               struct backup_contents *contents)
{
    const char *reason;
    if (libarchive_load(&reason))
        return scan_fault(scan, "cannot be read: libarchive cannot be loaded: %s", reason);
    struct tar *tar SCOPED(end_tar) = base_alloc(sizeof(*tar));
    *tar = (struct tar){.scan = scan, .reader = reader, .backup = backup, .contents = contents};
    arena_init(&tar->scratch);
    tar->archive = libarchive()->read_new();
    if (!tar->archive)
        return scan_fault(scan, "cannot be read: there is no memory for libarchive");
    if (contents_state(scan, backup->state, BACKUP_META, &tar->state) || open_archive(tar) ||
        read_entries(tar))
        return -1;
    return check_totals(tar);
}
