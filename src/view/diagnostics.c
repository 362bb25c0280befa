/*
 * Printing diagnostics; see diagnostics.h.
 *
 *     orders.yaml:14:12: error: 'storage' of stream ORDERS cannot change in place [immutable]
 *        14 |   storage: memory
 *           |            ^~~~~~
 *     note: the server has file
 *     hint: …
 */
#include "view/diagnostics.h"

#include <string.h>

#include "base/conceal.h"
#include "base/utf8.h"
#include "view/redact.h"

enum {
    SHOWN_MOST = 120, /* columns of a long line that are shown */
    LEAD = 40         /* of these, how many are before the caret */
};
enum { BEFORE_MOST = 4096 }; /* bytes before these where a key may say that they are secret */

/*
 * The place of the last diagnostic. Diagnostics are sorted by position, so the next search goes on from here and not
 * from the beginning.
 */
struct place {
    const struct source *source;
    uint32_t line;
    const char *start; /* of the line */
    size_t columns;    /* of the line, that are in the first `bytes` */
    size_t bytes;
};

static void print_position(const struct style *style, struct srcpos pos)
{
    if (!pos.source)
        return;
    style_begin(style, COLOUR_BOLD);
    /* Somebody may give the text of a file for its name. */
    style_safe(style, conceal_name(pos.source->name));
    if (pos.line)
        fprintf(style->file, ":%u:%u", pos.line, pos.column);
    fputs(": ", style->file);
    style_end(style);
}

/* How many bytes the first `columns` characters have. */
static size_t bytes_of(const char *text, size_t length, size_t columns)
{
    size_t at = 0;
    while (at < length && columns--) {
        size_t step = utf8_sequence(text + at, length - at);
        at += step ? step : 1;
    }
    return at;
}

/* Goes to a line. False if the text has fewer lines. */
static bool find_line(struct place *place, const struct source *source, uint32_t line)
{
    bool onward = place->source == source && place->line && place->line <= line;
    if (!source || !source->text || !line)
        return false;
    if (!onward)
        *place = (struct place){.source = source, .line = 1, .start = source->text};
    while (place->line < line) {
        size_t rest = source->length - (size_t)(place->start - source->text);
        const char *end = memchr(place->start, '\n', rest);
        if (!end)
            return false;
        *place = (struct place){.source = source, .line = place->line + 1, .start = end + 1};
    }
    return true;
}

static size_t line_length(const struct place *place)
{
    size_t rest = place->source->length - (size_t)(place->start - place->source->text);
    const char *end = memchr(place->start, '\n', rest);
    size_t length = end ? (size_t)(end - place->start) : rest;
    return length && place->start[length - 1] == '\r' ? length - 1 : length;
}

/* The byte at which the column begins. */
static size_t find_column(struct place *place, size_t length, size_t columns)
{
    if (columns < place->columns)
        place->columns = place->bytes = 0;
    place->bytes += bytes_of(place->start + place->bytes, length - place->bytes, columns - place->columns);
    place->columns = columns;
    return place->bytes;
}

/* Prints each character in one column, so that the caret stays below its place, and never a byte that controls the terminal. */
static void print_source(const struct style *style, const char *text, size_t length)
{
    for (size_t at = 0, step = 0; at < length; at += step) {
        step = utf8_sequence(text + at, length - at);
        if (step && !utf8_is_unseen(utf8_decode(text + at, step)))
            fwrite(text + at, 1, step, style->file);
        else
            fputc(text[at] == '\t' ? ' ' : '?', style->file);
        step = step ? step : 1;
    }
}

static void print_caret(const struct style *style, struct srcpos pos, size_t skipped, size_t room)
{
    size_t column = pos.column - 1 - skipped;
    size_t width = pos.width ? pos.width : 1;
    if (column + width > room)
        width = room > column ? room - column : 1;
    fprintf(style->file, "      | %*s", (int)column, "");
    style_begin(style, COLOUR_GREEN);
    fputc('^', style->file);
    for (size_t i = 1; i < width; i++)
        fputc('~', style->file);
    style_end(style);
    fputc('\n', style->file);
}

static void print_line(const struct style *style, struct place *place, struct srcpos pos)
{
    if (!pos.column || !find_line(place, pos.source, pos.line) ||
        redact_is_continued(pos.source->text, place->start))
        return;
    size_t length = line_length(place);
    size_t skipped = pos.column > SHOWN_MOST ? pos.column - LEAD : 0;
    size_t start = find_column(place, length, skipped);
    size_t shown = bytes_of(place->start + start, length - start, SHOWN_MOST);
    size_t before = start < BEFORE_MOST ? start : BEFORE_MOST;
    char text[BEFORE_MOST + SHOWN_MOST * 4];
    /* With what stands before the shown part: a key there may say that the value is secret. */
    memcpy(text, place->start + start - before, before + shown);
    redact_line(text, before + shown);
    fprintf(style->file, "%5u | ", pos.line);
    print_source(style, text + before, shown);
    fputc('\n', style->file);
    print_caret(style, pos, skipped, utf8_count(place->start + start, shown) + 1);
}

static void print_one(const struct style *style, struct place *place, const struct diag *diag)
{
    static const struct {
        const char *name;
        enum colour colour;
    } words[] = {
        [SEVERITY_ERROR] = {"error", COLOUR_RED},
        [SEVERITY_WARNING] = {"warning", COLOUR_YELLOW},
        [SEVERITY_NOTE] = {"note", COLOUR_CYAN},
    };
    const struct diag_code *code = diag->code;
    print_position(style, diag->pos);
    style_print(style, words[code->severity].colour, "%s: ", words[code->severity].name);
    style_safe(style, diag->message);
    style_print(style, COLOUR_DIM, " [%s]", code->name);
    fputc('\n', style->file);
    if (!diag->secret)
        print_line(style, place, diag->pos);
    for (size_t i = 0; i < diag->related.count; i++) {
        print_position(style, diag->related.items[i].pos);
        style_print(style, COLOUR_CYAN, "note: ");
        style_safe(style, diag->related.items[i].message);
        fputc('\n', style->file);
    }
    if (diag->hint) {
        style_print(style, COLOUR_CYAN, "hint: ");
        style_safe(style, diag->hint);
        fputc('\n', style->file);
    }
}

/* A file that is read twice, as for two accounts, has its faults twice. */
static bool is_same(const struct diag *a, const struct diag *b)
{
    return a->code == b->code && a->pos.line && srcpos_compare(a->pos, b->pos) == 0 &&
           strcmp(a->message, b->message) == 0;
}

void view_diagnostics(const struct style *style, struct diags *diags)
{
    struct place place = {0};
    diags_sort(diags);
    for (size_t i = 0; i < diags->list.count; i++)
        if (i == 0 || !is_same(diags->list.items[i - 1], diags->list.items[i]))
            print_one(style, &place, diags->list.items[i]);
    size_t all = diags->errors + diags->warnings;
    if (all > diags->list.count)
        fprintf(style->file, "and %zu more\n", all - diags->list.count);
}
