/*
 * Verifies a backup: one walk over its archive, through the digest that natsform.json has of it, S2, and what is inside. arc.c and tar.c know
 * the two formats.
 */
#include "archive/contents.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/read.h"
#include "base/scope.h"
#include "base/text.h"

static DIAG_CODE(
    code_backup_fewer, .name = "backup-fewer", CODE_WARNING,
    .doc = "A backup has fewer messages than the stream had when the backup began.",
    .why = "A limit removed them, or somebody, while the server sent the backup. All that came is whole.",
    .example = "natsform backup verify backups/EVENTS, of a stream that keeps messages for a minute",
    .remedy = "Nothing, if that is what the stream's limits are for. A backup is not a moment's picture.");

struct reading {
    struct file_pieces file;
    EVP_MD_CTX *digest; /* NULL: there is nothing to compare it with */
};

static void end_reading(const struct reading *reading)
{
    EVP_MD_CTX_free(reading->digest);
    file_pieces_close(&reading->file);
}

static void close_reader(struct s2_reader *const *reader)
{
    s2_close(*reader);
}

static ssize_t read_file(void *context, void *buffer, size_t size)
{
    struct reading *reading = context;
    ssize_t got = file_pieces_read(&reading->file, buffer, size);
    if (got > 0 && reading->digest)
        EVP_DigestUpdate(reading->digest, buffer, (size_t)got);
    return got;
}

/* ---- natsform.json ---- */

static int compare_digest(struct scan *scan, const struct backup *backup, struct reading *reading)
{
    const struct node *archive = node_get(backup->own, "archive");
    const char *wanted = node_get_text(archive, "sha256");
    unsigned char bytes[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned size = 0;
    if (!reading->digest)
        return 0;
    uint64_t length = node_get_number(archive, "bytes");
    if (length != reading->file.bytes)
        return scan_fault(scan, "has %" PRIu64 " bytes, and " BACKUP_OWN " says %" PRIu64,
                          reading->file.bytes, length);
    EVP_DigestFinal_ex(reading->digest, bytes, &size);
    for (unsigned i = 0; i < size; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", (unsigned)bytes[i]);
    if (!text_is(text, wanted))
        return scan_fault(scan,
                          "is not the file that " BACKUP_OWN " is about: its SHA-256 is another, though all "
                          "that it unpacks to is in order");
    return 0;
}

/* What the archive left out of consumers, as servers do with some: natsform.json has what they were. */
static void add_left_out(struct scan *scan, const struct backup *backup, struct backup_contents *contents)
{
    const struct node *consumers = node_get(backup->own, "consumers");
    for (size_t i = 0; consumers && i < consumers->count; i++) {
        const struct node *info = consumers->items[i];
        struct backup_consumer consumer = {
            .name = node_get_text(info, "name"),
            .delivered = node_get_number(node_get(info, "delivered"), "stream_seq"),
            .ack_floor = node_get_number(node_get(info, "ack_floor"), "stream_seq"),
            .pending = node_get_number(info, "num_ack_pending"),
        };
        struct backup_consumer *archived = contents_consumer(contents, consumer.name);
        if (archived)
            archived->goes_back = archived->delivered < consumer.delivered;
        else if (*consumer.name)
            VEC_PUSH(scan->arena, &contents->consumers, consumer);
    }
}

/* ---- the archive ---- */

static int begin_digest(struct scan *scan, const struct backup *backup, struct reading *reading)
{
    if (!backup->own)
        return 0;
    reading->digest = EVP_MD_CTX_new();
    if (!reading->digest || !EVP_DigestInit_ex(reading->digest, EVP_sha256(), NULL))
        return scan_fault(scan, "cannot be checked: OpenSSL has no SHA-256");
    return 0;
}

static int read_archive(struct scan *scan, const struct backup *backup, const struct backup_taker *taker,
                        struct reading *reading, struct backup_contents *contents)
{
    struct s2_reader *reader SCOPED(close_reader) = s2_open(scan, (struct s2_input){read_file, reading});
    int failed = backup->is_new_format ? arc_verify(scan, reader, backup, taker, contents)
                                       : tar_verify(scan, reader, backup, contents);
    contents->uncovered = s2_uncovered(reader);
    contents->archive_bytes = reading->file.bytes;
    return failed;
}

static int verify(struct scan *scan, const struct backup *backup, const struct backup_taker *taker,
                  struct backup_contents *contents)
{
    struct reading reading SCOPED(end_reading) = {0};
    const char *why;
    if (file_pieces_open(scan->arena, backup->archive, &reading.file, &why))
        return scan_fault(scan, "cannot be read: %s", why);
    if (begin_digest(scan, backup, &reading) || read_archive(scan, backup, taker, &reading, contents) ||
        compare_digest(scan, backup, &reading))
        return -1;
    add_left_out(scan, backup, contents);
    return 0;
}

static struct srcpos pos_of(struct arena *arena, const struct backup *backup)
{
    struct source *source = ARENA_NEW(arena, struct source);
    *source = (struct source){.name = backup->archive};
    return (struct srcpos){.source = source};
}

int backup_verify(struct arena *arena, const struct backup *backup, struct backup_contents *ret_contents,
                  struct diags *diags)
{
    struct scan scan = {.arena = arena};
    struct backup_contents contents = {.first_time = "", .last_time = ""};
    const struct srcpos pos = pos_of(arena, backup);
    if (verify(&scan, backup, NULL, &contents))
        return diag_error(diags, &code_backup_damaged, pos, "%s", scan.fault);
    if (contents.missing)
        diag_add(diags, &code_backup_fewer, pos,
                 "has %" PRIu64 " messages fewer than the stream had when the backup began",
                 contents.missing);
    *ret_contents = contents;
    return 0;
}

int backup_messages(struct arena *arena, const struct backup *backup, const struct backup_taker *taker,
                    struct diags *diags)
{
    struct scan scan = {.arena = arena};
    struct backup_contents contents = {.first_time = "", .last_time = ""};
    int failed = verify(&scan, backup, taker, &contents);
    if (scan.fault)
        diag_error(diags, &code_backup_damaged, pos_of(arena, backup), "%s", scan.fault);
    return failed;
}
