/*
 * Verifies a backup: one walk over its archive, through S2 and what is inside, with the digest that natsform.json has of it. arc.c and
 * tar.c know the two formats.
 */
#include "archive/verify.h"

#include <inttypes.h>
#include <string.h>

#include "archive/contents.h"
#include "archive/digest.h"
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
    const struct growing *growing; /* NULL: it has its end */
    uint64_t had, may_have;        /* bytes that were read, and that may be */
    struct digest *digest;         /* of these bytes; NULL: nobody wants it */
};

static void end_reading(const struct reading *reading)
{
    digest_free(&reading->digest);
    file_pieces_close(&reading->file);
}

static void close_reader(struct s2_reader *const *reader)
{
    s2_close(*reader);
}

static ssize_t read_file(void *context, void *buffer, size_t size)
{
    struct reading *reading = context;
    const struct growing *growing = reading->growing;
    if (growing && reading->had == reading->may_have)
        reading->may_have = growing->wait(growing->context, reading->had);
    if (growing && size > reading->may_have - reading->had)
        size = (size_t)(reading->may_have - reading->had);
    ssize_t got = size ? file_pieces_read(&reading->file, buffer, size) : 0;
    if (got > 0)
        reading->had += (uint64_t)got;
    if (got > 0 && reading->digest)
        digest_add(reading->digest, buffer, (size_t)got);
    return got;
}

/* ---- natsform.json ---- */

/* Of one that grows, who makes it wants to know. */
static int begin_digest(struct scan *scan, const struct backup *backup, struct reading *reading)
{
    if (!reading->growing && !backup->own)
        return 0;
    reading->digest = digest_begin(digest_kind_told(node_get(backup->own, "archive")));
    return reading->digest ? 0
                           : scan_fault(scan, "cannot be checked: there is no way to make its checksum here");
}

static int compare_digest(struct scan *scan, const struct backup *backup,
                          const struct backup_contents *contents)
{
    const struct node *archive = node_get(backup->own, "archive");
    uint64_t length = node_get_number(archive, "bytes");
    if (!backup->own)
        return 0;
    if (length != contents->archive_bytes)
        return scan_fault(scan, "has %" PRIu64 " byte%s, and " BACKUP_OWN " says %" PRIu64,
                          contents->archive_bytes, text_plural(contents->archive_bytes), length);
    if (!text_is(contents->digest, digest_told(archive)))
        return scan_fault(scan,
                          "is not the file that " BACKUP_OWN " is about: its checksum is another, though all "
                          "that it unpacks to is in order");
    return 0;
}

/* ---- the archive ---- */

/* What stands behind the end of what was unpacked counts for the digest all the same. */
static void read_rest(struct reading *reading)
{
    char piece[4096];
    while (read_file(reading, piece, sizeof(piece)) > 0)
        continue;
}

static int read_archive(struct scan *scan, const struct backup *backup, const struct backup_taker *taker,
                        struct reading *reading, struct backup_contents *contents)
{
    struct s2_reader *reader SCOPED(close_reader) = s2_open(scan, (struct s2_input){read_file, reading});
    int failed = backup->is_new_format ? arc_verify(scan, reader, backup, taker, contents)
                                       : tar_verify(scan, reader, backup, contents);
    contents->uncovered = s2_uncovered(reader);
    if (!failed && reading->digest)
        read_rest(reading);
    contents->archive_bytes = reading->growing ? reading->had : reading->file.bytes;
    contents->digest = reading->digest ? digest_end(scan->arena, reading->digest) : "";
    return failed;
}

static int walk(struct scan *scan, const struct backup *backup, const struct growing *growing,
                const struct backup_taker *taker, struct backup_contents *contents)
{
    struct reading reading SCOPED(end_reading) = {.growing = growing};
    const char *why;
    if (file_pieces_open(scan->arena, growing ? growing->path : backup->archive, &reading.file, &why))
        return scan_fault(scan, "cannot be read: %s", why);
    if (begin_digest(scan, backup, &reading) || read_archive(scan, backup, taker, &reading, contents) ||
        compare_digest(scan, backup, contents))
        return -1;
    backup_add_left_out(scan->arena, node_get(backup->own, "consumers"), contents);
    return 0;
}

int verify_walk(struct scan *scan, const struct backup *backup, const struct growing *growing,
                struct backup_contents *ret_contents)
{
    struct backup_contents contents = {.first_time = "", .last_time = ""};
    int failed = walk(scan, backup, growing, NULL, &contents);
    *ret_contents = contents;
    return failed;
}

int verify_tell(struct arena *arena, const struct backup *backup, const char *fault,
                const struct backup_contents *contents, struct diags *diags)
{
    struct source *source = ARENA_NEW(arena, struct source);
    *source = (struct source){.name = backup->archive};
    const struct srcpos pos = {.source = source};
    if (fault)
        return diag_error(diags, &code_backup_damaged, pos, "%s", fault);
    if (contents->missing)
        diag_add(diags, &code_backup_fewer, pos,
                 "has %" PRIu64 " message%s fewer than the stream had when the backup began",
                 contents->missing, text_plural(contents->missing));
    return 0;
}

int backup_verify(struct arena *arena, const struct backup *backup, struct backup_contents *ret_contents,
                  struct diags *diags)
{
    struct scan scan = {.arena = arena};
    struct backup_contents contents;
    verify_walk(&scan, backup, NULL, &contents);
    if (verify_tell(arena, backup, scan.fault, &contents, diags))
        return -1;
    *ret_contents = contents;
    return 0;
}

int backup_messages(struct arena *arena, const struct backup *backup, const struct backup_taker *taker,
                    struct diags *diags)
{
    struct scan scan = {.arena = arena};
    struct backup_contents contents = {.first_time = "", .last_time = ""};
    int failed = walk(&scan, backup, NULL, taker, &contents);
    return scan.fault ? verify_tell(arena, backup, scan.fault, &contents, diags) : failed;
}
