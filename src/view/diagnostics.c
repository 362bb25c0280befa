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
#include "view/page.h"
#include "view/redact.h"

enum {
    SHOWN_MOST = 120, /* columns of a long line that are shown, if the terminal has as many */
    MARGIN = 9,       /* columns beside them */
    LEAD_PART = 3     /* such a part of them is before the caret */
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

/* How many columns of a line are shown. */
static size_t room_of(const struct style *style)
{
    return style->columns && style->columns < SHOWN_MOST + MARGIN ? style->columns - MARGIN : SHOWN_MOST;
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

/* What stands for a character that is not seen, or NUL. */
static char stand_in(const char *text, size_t length)
{
    size_t step = utf8_sequence(text, length);
    bool seen = step && !utf8_is_unseen(utf8_decode(text, step));
    return seen ? '\0' : *text == '\t' ? ' ' : '?';
}

/* Never a byte that controls the terminal. */
static void print_source(const struct style *style, const char *text, size_t length)
{
    for (size_t at = 0, step = 0; at < length; at += step) {
        char instead = stand_in(text + at, length - at);
        utf8_step(text + at, length - at, &step);
        fwrite(instead ? &instead : text + at, 1, instead ? 1 : step, style->file);
    }
}

/* Columns that print_source() takes. Stops before they exceed `most`; *ret_bytes is how much of the text that is. */
static size_t columns_of(const char *text, size_t length, size_t most, size_t *ret_bytes)
{
    size_t columns = 0;
    size_t at = 0;
    for (size_t step = 0; at < length; at += step) {
        size_t wide = utf8_step(text + at, length - at, &step);
        wide = stand_in(text + at, length - at) ? 1 : wide;
        if (columns + wide > most)
            break;
        columns += wide;
    }
    *ret_bytes = at;
    return columns;
}

/* Below the shown part of a line; `at` is the character in it. */
static void print_caret(const struct style *style, const char *shown, size_t length, size_t at, size_t width)
{
    size_t ignored = 0;
    size_t start = bytes_of(shown, length, at);
    size_t marked = bytes_of(shown + start, length - start, width);
    size_t column = columns_of(shown, start, SIZE_MAX, &ignored);
    /* One more where the line was cut: what is marked goes on there. */
    size_t columns =
        columns_of(shown + start, marked, SIZE_MAX, &ignored) + (utf8_count(shown + start, marked) < width);
    fprintf(style->file, "      | %*s", (int)column, "");
    style_begin(style, COLOUR_GREEN);
    fputc('^', style->file);
    for (size_t i = 1; i < columns; i++)
        fputc('~', style->file);
    style_end(style);
    fputc('\n', style->file);
}

/* How much of the shown part is whole words, as far as that does not go back before what is marked. */
static size_t whole_words(const char *text, size_t shown, size_t least)
{
    size_t at = shown;
    while (at > least && text[at - 1] != ' ')
        at--;
    while (at > least && text[at - 1] == ' ')
        at--;
    return at > least ? at : shown;
}

static void print_line(const struct style *style, struct place *place, struct srcpos pos)
{
    if (!pos.column || !find_line(place, pos.source, pos.line) ||
        redact_is_continued(pos.source->text, place->start))
        return;
    size_t room = room_of(style);
    size_t length = line_length(place);
    size_t skipped = pos.column > room ? pos.column - room / LEAD_PART : 0;
    size_t start = find_column(place, length, skipped);
    size_t taken = bytes_of(place->start + start, length - start, SHOWN_MOST);
    size_t before = start < BEFORE_MOST ? start : BEFORE_MOST;
    size_t shown = 0;
    char text[BEFORE_MOST + SHOWN_MOST * 4];
    /* With what stands before the shown part: a key there may say that the value is secret. */
    memcpy(text, place->start + start - before, before + taken);
    redact_line(text, before + taken);
    columns_of(text + before, taken, room, &shown);
    if (shown < taken)
        shown = whole_words(text + before, shown, bytes_of(text + before, shown, pos.column - skipped));
    fprintf(style->file, "%5u | ", pos.line);
    print_source(style, text + before, shown);
    fputc('\n', style->file);
    print_caret(style, text + before, shown, pos.column - 1 - skipped, pos.width);
}

static void print_message(const struct style *style, const struct diag *diag)
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
}

static void print_rest(const struct style *style, const struct diag *diag)
{
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

/* The words are laid out within the terminal's width; the line of the file stands as it is. */
static void print_one(const struct style *style, struct place *place, const struct diag *diag)
{
    struct page page;
    page_begin(&page, style);
    print_message(&page.style, diag);
    page_end(&page);
    if (!diag->secret)
        print_line(style, place, diag->pos);
    page_begin(&page, style);
    print_rest(&page.style, diag);
    page_end(&page);
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
