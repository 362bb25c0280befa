/*
 * Backups as text and as JSON; see backup_text.h. Names come from archives that anybody may have made: all go through style_safe().
 */
#include "view/backup_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"

/* ---- text ---- */

static void print_size(const struct style *style, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    if (bytes < 1024) {
        fprintf(style->file, "%" PRIu64 " B", bytes);
        return;
    }
    /* In tenths, without doubles; what is left over is cut off. */
    uint64_t rest = bytes;
    for (; rest >= UINT64_C(1024) * 1024; rest /= 1024)
        unit++;
    fprintf(style->file, "%" PRIu64 ".%" PRIu64 " %s", rest / 1024, rest % 1024 * 10 / 1024, units[unit]);
}

static void print_count(const struct style *style, uint64_t count, const char *noun)
{
    fprintf(style->file, "%" PRIu64 " %s%s", count, noun, text_plural(count));
}

static void print_messages(const struct style *style, const struct backup_contents *contents)
{
    print_count(style, contents->messages, "message");
    if (contents->messages)
        fprintf(style->file, " (%" PRIu64 "..%" PRIu64 ")", contents->first_seq, contents->last_seq);
    else
        fprintf(style->file, " (the next is %" PRIu64 ")", contents->last_seq + 1);
    fputs(", ", style->file);
    print_size(style, contents->bytes);
}

static void print_server(const struct style *style, const struct backup *backup)
{
    if (backup->server_version) {
        fputs("nats-server ", style->file);
        style_safe(style, backup->server_version);
    } else {
        fputs(backup->is_new_format ? "a nats-server 2.15 or newer" : "a nats-server before 2.15",
              style->file);
    }
}

static size_t left_out(const struct backup_contents *contents)
{
    size_t count = 0;
    for (size_t i = 0; i < contents->consumers.count; i++)
        count += !contents->consumers.items[i].is_in_archive;
    return count;
}

/* What a restore makes anew, by name. */
static void print_left_out(const struct style *style, const struct backup_contents *contents)
{
    size_t count = 0;
    for (size_t i = 0; i < contents->consumers.count; i++) {
        if (contents->consumers.items[i].is_in_archive)
            continue;
        fputs(count++ ? ", " : "  not in the archive, a restore makes them anew: ", style->file);
        style_safe(style, contents->consumers.items[i].name);
    }
    if (count)
        fputc('\n', style->file);
}

void backup_print_verdict(const struct style *style, const struct backup *backup,
                          const struct backup_contents *contents)
{
    style_safe(style, backup->stream);
    if (!text_is(path_name(backup->folder), backup->stream)) {
        fputs(" in ", style->file);
        style_safe(style, backup->folder);
    }
    fputs(": whole: ", style->file);
    print_messages(style, contents);
    fputs(", ", style->file);
    print_count(style, contents->consumers.count, "consumer");
    fputs(", from ", style->file);
    print_server(style, backup);
    fputc('\n', style->file);
    print_left_out(style, contents);
    if (contents->uncovered && !backup->own)
        fprintf(style->file, "  %" PRIu64 " byte%s of padding ha%s no checksum; nothing is in %s\n",
                contents->uncovered, text_plural(contents->uncovered), contents->uncovered == 1 ? "s" : "ve",
                contents->uncovered == 1 ? "it" : "them");
}

static void begin_row(const struct style *style, const char *name)
{
    fprintf(style->file, "  %-10s ", name);
}

static void print_subjects(const struct style *style, const struct backup_contents *contents)
{
    if (!contents->subject_count)
        return;
    begin_row(style, "subjects");
    fprintf(style->file, "%s%" PRIu64 "\n", contents->subjects_are_all ? "" : "more than ",
            contents->subject_count);
    for (size_t i = 0; i < contents->subjects.count; i++) {
        fprintf(style->file, "    %10" PRIu64 "  ", contents->subjects.items[i].messages);
        style_safe(style, contents->subjects.items[i].name);
        fputc('\n', style->file);
    }
    uint64_t more = contents->subject_count - contents->subjects.count;
    if (more)
        fprintf(style->file, "    and %s%" PRIu64 " more\n", contents->subjects_are_all ? "" : "at least ",
                more);
}

static void print_consumers(const struct style *style, const struct backup_contents *contents)
{
    size_t missing = left_out(contents);
    begin_row(style, "consumers");
    fprintf(style->file, "%zu", contents->consumers.count);
    if (missing)
        fprintf(style->file, ", %zu of them not in the archive", missing);
    fputc('\n', style->file);
    for (size_t i = 0; i < contents->consumers.count; i++) {
        const struct backup_consumer *consumer = &contents->consumers.items[i];
        fputs("    ", style->file);
        style_safe(style, consumer->name);
        fprintf(style->file,
                ": acknowledged up to %" PRIu64 ", delivered up to %" PRIu64 ", %" PRIu64
                " not acknowledged%s\n",
                consumer->ack_floor, consumer->delivered, consumer->pending,
                consumer->is_in_archive ? "" : "; not in the archive");
    }
}

static void print_origin(const struct style *style, const struct backup *backup,
                         const struct backup_contents *contents)
{
    const char *made = node_get_text(backup->own, "made");
    begin_row(style, "from");
    print_server(style, backup);
    if (*made) {
        fputs(", ", style->file);
        style_safe(style, made);
    }
    fputc('\n', style->file);
    begin_row(style, "archive");
    fprintf(style->file, "%s, ", path_name(backup->archive));
    print_size(style, contents->archive_bytes);
    fputs(backup->is_copy ? ", copied message by message\n" : "\n", style->file);
}

static void print_time(const struct style *style, const char *name, const char *time)
{
    begin_row(style, name);
    style_safe(style, time);
    fputc('\n', style->file);
}

void backup_print(const struct style *style, const struct backup *backup,
                  const struct backup_contents *contents)
{
    style_begin(style, COLOUR_BOLD);
    style_safe(style, backup->stream);
    style_end(style);
    fputs(" in ", style->file);
    style_safe(style, backup->folder);
    fputc('\n', style->file);
    print_origin(style, backup, contents);
    begin_row(style, "messages");
    print_messages(style, contents);
    fputc('\n', style->file);
    if (contents->messages) {
        print_time(style, "first at", contents->first_time);
        print_time(style, "last at", contents->last_time);
    }
    print_subjects(style, contents);
    print_consumers(style, contents);
}

/* ---- JSON ---- */

static struct node *subjects_json(struct arena *arena, const struct backup_contents *contents)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; i < contents->subjects.count; i++) {
        struct node *subject = node_map(arena);
        node_put_text(arena, subject, "subject", contents->subjects.items[i].name);
        node_put_number(arena, subject, "messages", contents->subjects.items[i].messages);
        node_append(arena, list, subject);
    }
    return list;
}

static struct node *consumers_json(struct arena *arena, const struct backup_contents *contents)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; i < contents->consumers.count; i++) {
        const struct backup_consumer *consumer = &contents->consumers.items[i];
        struct node *map = node_map(arena);
        node_put_text(arena, map, "name", consumer->name);
        node_put_flag(arena, map, "in_archive", consumer->is_in_archive);
        node_put_number(arena, map, "ack_floor", consumer->ack_floor);
        node_put_number(arena, map, "delivered", consumer->delivered);
        node_put_number(arena, map, "num_ack_pending", consumer->pending);
        node_append(arena, list, map);
    }
    return list;
}

struct node *backup_json(struct arena *arena, const struct backup *backup,
                         const struct backup_contents *contents)
{
    struct node *map = node_map(arena);
    const char *made = node_get_text(backup->own, "made");
    node_put_text(arena, map, "folder", backup->folder);
    node_put_flag(arena, map, "whole", true);
    node_put_text(arena, map, "stream", backup->stream);
    if (backup->server_version)
        node_put_text(arena, map, "server_version", backup->server_version);
    if (*made)
        node_put_text(arena, map, "made", made);
    node_put_text(arena, map, "archive", path_name(backup->archive));
    node_put_number(arena, map, "archive_bytes", contents->archive_bytes);
    if (backup->is_copy)
        node_put_flag(arena, map, "copied", true);
    node_put_number(arena, map, "messages", contents->messages);
    node_put_number(arena, map, "missing", contents->missing);
    node_put_number(arena, map, "bytes", contents->bytes);
    node_put_number(arena, map, "first_seq", contents->first_seq);
    node_put_number(arena, map, "last_seq", contents->last_seq);
    node_put_text(arena, map, "first_time", contents->first_time);
    node_put_text(arena, map, "last_time", contents->last_time);
    if (backup->is_new_format) {
        node_put_number(arena, map, "num_subjects", contents->subject_count);
        node_put_flag(arena, map, "num_subjects_exact", contents->subjects_are_all);
        node_put(arena, map, "subjects", subjects_json(arena, contents));
    }
    node_put(arena, map, "consumers", consumers_json(arena, contents));
    return map;
}
